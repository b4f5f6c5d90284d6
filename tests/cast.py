"""One obvious cast by role, in two test jurisdictions, made through the services.

`cast.enshi` and `cast.xianyang` are built when first asked for. Each has people (`Actor`s, named as in ROLES) and
organizations (`applicant`, `provider`, `bureau`, `coordinator_office`, `arbiter_office`, `audit_office`, `outside`).
The plain fixtures (`applicant_handler`, `outsider` …) are those of `cast.enshi`. `client_for(actor)` is a browser that
is signed in with that position, `api_for(actor)` an API client with a token of it. No name here is a real person's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from organizations import services
from organizations.actors import Actor, SystemActor
from organizations.identifiers import inner_check_digit, uscc_check_digit
from organizations.middleware import POSITION_KEY
from organizations.models import Jurisdiction, Organization, Position
from organizations.services.positions import ADMINISTRATORS_GROUP
from tests.recording import once

SYSTEM = SystemActor("test cast")
PASSWORD = "correct-horse-7-battery"  # noqa: S105

PLACES = {
    "enshi": ("恩施测试州", "Enshi (test)", "422800"),
    "xianyang": ("咸阳测试市", "Xianyang (test)", "610400"),
    "jiaocheng": ("交城测试县", "Jiaocheng (test)", "141122"),
    "panjin": ("盘锦测试市", "Panjin (test)", "211100"),
    "jiangsu": ("江苏测试省", "Jiangsu (test)", "320000"),
}
ORGANIZATIONS = {
    "applicant": ("民政局", "Civil Affairs Bureau"),
    "provider": ("统计局", "Statistics Bureau"),
    "bureau": ("大数据管理局", "Big Data Bureau"),
    "coordinator_office": ("数据领导小组办公室", "Leading Group Office"),
    "arbiter_office": ("数据领导小组", "Leading Group"),
    "audit_office": ("审计局", "Audit Office"),
    "outside": ("气象局", "Meteorological Bureau"),
}
ORGAN_ROLES = {"bureau": "bureau", "coordinator": "coordinator_office", "arbiter": "arbiter_office"}
ROLES = {
    "applicant_handler": ("applicant", Position.Kind.HANDLER),
    "applicant_leader": ("applicant", Position.Kind.LEADER),
    "provider_handler": ("provider", Position.Kind.HANDLER),
    "provider_leader": ("provider", Position.Kind.LEADER),
    "provider_steward": ("provider", Position.Kind.DATA_STEWARD),
    "bureau_reviewer": ("bureau", Position.Kind.REVIEWER),
    "bureau_approver": ("bureau", Position.Kind.APPROVER),
    "coordinator": ("coordinator_office", Position.Kind.HANDLER),
    "arbiter": ("arbiter_office", Position.Kind.APPROVER),
    "auditor": ("audit_office", Position.Kind.AUDITOR),
    "outsider": ("outside", Position.Kind.HANDLER),
    "administrator": ("bureau", Position.Kind.ADMINISTRATOR),
}


def made_up_code(number: int) -> str:
    """A credit code with right check digits for an organization that does not exist (region 000000)."""
    inner = f"{number:08d}"
    body = f"11000000{inner}{inner_check_digit(inner)}"
    return body + uscc_check_digit(body)


def new_organization(jurisdiction: Jurisdiction, name: str = "某单位", *, number: int | None = None) -> Organization:
    """One more organization with a code of its own."""
    number = number if number is not None else 90_000_000 + Organization.objects.count()
    return services.register_organization(SYSTEM, jurisdiction=jurisdiction, code=made_up_code(number), name=name)


def new_actor(organization: Organization, kind: str, username: str, full_name: str = "") -> Actor:
    """One more person with one position in an organization."""
    user = services.open_account(SYSTEM, username=username, full_name=full_name or username, password=PASSWORD).user
    user.must_change_password = False
    user.save(update_fields=["must_change_password"])
    return Actor(user, services.give_position(SYSTEM, user=user, organization=organization, kind=kind))


@dataclass
class Place:
    """The people and organizations of one jurisdiction."""

    jurisdiction: Jurisdiction
    organizations: dict[str, Organization] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)

    def parts(self) -> tuple[Jurisdiction, dict[str, Organization], dict[str, Actor]]:
        return self.jurisdiction, self.organizations, self.actors

    def __getattr__(self, name: str) -> Any:
        found = self.__dict__["actors"].get(name) or self.__dict__["organizations"].get(name)
        if found is None:
            raise AttributeError(name)
        return found


def build_place(jurisdiction_id: str) -> Place:
    """Both the organizations and the people of one test jurisdiction."""
    name_zh, name_en, region = PLACES[jurisdiction_id]
    place = Place(
        services.register_jurisdiction(
            SYSTEM,
            jurisdiction_id=jurisdiction_id,
            name_zh=name_zh,
            name_en=name_en,
            region=region,
            pack=jurisdiction_id,
        )
    )
    first = int(region) * 100
    for number, (key, (zh, en)) in enumerate(ORGANIZATIONS.items(), start=first):
        place.organizations[key] = services.register_organization(
            SYSTEM,
            jurisdiction=place.jurisdiction,
            code=made_up_code(number),
            name=f"{name_zh}{zh}",
            short_name=zh,
            name_en=f"{en}, {name_en}",
        )
    for role, key in ORGAN_ROLES.items():
        organization = place.organizations[key]
        services.assign_organ_role(SYSTEM, jurisdiction=place.jurisdiction, organization=organization, role=role)
    services.add_function(
        SYSTEM, organization=place.organizations["applicant"], title="救助对象核对", basis="社会救助暂行办法第五十八条"
    )
    for role, (key, kind) in ROLES.items():
        username = f"{jurisdiction_id}.{role}"
        place.actors[role] = new_actor(place.organizations[key], kind, username, f"{zh_role(role)}甲")
    return place


def zh_role(role: str) -> str:
    """A made-up surname for a role, so that pages have Chinese to show."""
    return "赵钱孙李周吴郑王冯陈褚卫"[list(ROLES).index(role)]


class Cast:
    @cached_property
    def enshi(self) -> Place:
        return place_of("enshi")

    @cached_property
    def xianyang(self) -> Place:
        return place_of("xianyang")


def place_of(jurisdiction_id: str) -> Place:
    """One of the cities as its services made it on this day, for the first test that asked.

    Cities share the group of administrators: whether it is there, and which one it is, is part of the beginning.
    """
    shared = Group.objects.filter(name=ADMINISTRATORS_GROUP).values_list("pk", flat=True).first()
    beginning = ("place", jurisdiction_id, timezone.localdate(), shared)
    return Place(*once(beginning, lambda: build_place(jurisdiction_id).parts()))


@pytest.fixture
def cast(db: None) -> Cast:
    return Cast()


def _fixture_of(role: str) -> Callable[[Cast], Actor]:
    @pytest.fixture(name=role)
    def person(cast: Cast) -> Actor:
        return cast.enshi.actors[role]

    return person


applicant_handler = _fixture_of("applicant_handler")
applicant_leader = _fixture_of("applicant_leader")
provider_handler = _fixture_of("provider_handler")
provider_leader = _fixture_of("provider_leader")
provider_steward = _fixture_of("provider_steward")
bureau_reviewer = _fixture_of("bureau_reviewer")
bureau_approver = _fixture_of("bureau_approver")
coordinator = _fixture_of("coordinator")
arbiter = _fixture_of("arbiter")
auditor = _fixture_of("auditor")
outsider = _fixture_of("outsider")
administrator = _fixture_of("administrator")


def signed_in_client(actor: Actor) -> Client:
    """A browser signed in as that person, acting in that position."""
    client = Client()
    client.force_login(actor.user)
    if actor.position is not None:
        session = client.session
        session[POSITION_KEY] = actor.position.pk
        session.save()
    return client


def token_client(actor: Actor) -> APIClient:
    """An API client with a token of that position."""
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {services.issue_token(actor).token}")
    return client


@pytest.fixture
def client_for(db: None) -> Callable[[Actor], Client]:
    return signed_in_client


@pytest.fixture
def api_for(db: None) -> Callable[[Actor], APIClient]:
    return token_client
