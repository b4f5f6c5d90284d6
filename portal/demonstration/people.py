"""Organizations, people and positions of one place, made through the services."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date

from organizations import services
from organizations.actors import Actor, SystemActor
from organizations.identifiers import inner_check_digit, uscc_check_digit
from organizations.models import Jurisdiction, Organization, Position
from portal.demonstration.material import CITIES, DEPARTMENTS, GIVEN, ORGANS, SURNAMES, City

LOADER = SystemActor("demonstration")
IN_OFFICE_SINCE = date(2024, 1, 1)

ACCOUNTS = {
    "applicant": ("civil", Position.Kind.HANDLER),
    "applicant_leader": ("civil", Position.Kind.LEADER),
    "provider": ("statistics", Position.Kind.HANDLER),
    "provider_leader": ("statistics", Position.Kind.LEADER),
    "reviewer": ("bureau", Position.Kind.REVIEWER),
    "approver": ("bureau", Position.Kind.APPROVER),
    "coordinator": ("coordinator", Position.Kind.HANDLER),
    "arbiter": ("arbiter", Position.Kind.APPROVER),
    "auditor": ("audit", Position.Kind.AUDITOR),
    "outsider": ("weather", Position.Kind.HANDLER),
    "development": ("development", Position.Kind.APPROVER),
    "it_reviewer": ("it_office", Position.Kind.REVIEWER),
    "it_approver": ("it_office", Position.Kind.APPROVER),
    "finance": ("finance", Position.Kind.APPROVER),
    "finance_reviewer": ("finance", Position.Kind.REVIEWER),
}

NOWHERE = "example.invalid"
"""A domain that RFC 2606 keeps from existing: mail can be seen and reaches nobody."""


@dataclass
class Place:
    """One city of the demonstration: organizations by key, actors by account or by `department.position`."""

    city: City
    jurisdiction: Jurisdiction
    password: str
    rng: random.Random
    organizations: dict[str, Organization] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)

    def actor(self, department: str, kind: str) -> Actor:
        return self.actors[f"{department}.{kind}"]


def made_up_code(number: int) -> str:
    """A unified credit code with right check digits, in a region that does not exist."""
    inner = f"{number:08d}"
    body = f"11000000{inner}{inner_check_digit(inner)}"
    return body + uscc_check_digit(body)


def settle(city: City, password: str, seed: int) -> Place:
    """Found a place: its jurisdiction, organs, departments with functions, and everybody who works there."""
    jurisdiction = services.register_jurisdiction(
        LOADER, jurisdiction_id=city.id, name_zh=city.name, name_en=city.name_en, region=city.region, pack=city.id
    )
    place = Place(city, jurisdiction, password, random.Random(seed))  # noqa: S311
    _found(place)
    _staff(place)
    return place


def _found(place: Place) -> None:
    city, first = place.city, int(place.city.region) * 100
    for number, role in enumerate(city.roles, start=first):
        name, short, name_en = ORGANS[role]
        place.organizations[role] = _organization(place, number, name, short, name_en)
        if role != "audit":
            services.assign_organ_role(
                LOADER, jurisdiction=place.jurisdiction, organization=place.organizations[role], role=role
            )
    for number, department in enumerate(DEPARTMENTS, start=first + 20):
        organization = _organization(place, number, department.name, department.short, department.name_en)
        place.organizations[department.key] = organization
        services.assign_organ_role(
            LOADER, jurisdiction=place.jurisdiction, organization=organization, role="department"
        )
        for title, basis in department.functions:
            services.add_function(LOADER, organization=organization, title=title, basis=basis)


def _organization(place: Place, number: int, name: str, short: str, name_en: str) -> Organization:
    return services.register_organization(
        LOADER,
        jurisdiction=place.jurisdiction,
        code=made_up_code(number),
        name=f"{place.city.name}{name}",
        short_name=short,
        name_en=f"{name_en}, {place.city.name_en}",
    )


def _staff(place: Place) -> None:
    for account, (key, kind) in ACCOUNTS.items():
        if key not in place.organizations:
            continue
        actor = employ(place, f"{place.city.id}.{account}", key, kind, place.password)
        place.actors[account] = place.actors[f"{key}.{kind}"] = actor
    for department in DEPARTMENTS:
        for kind in (Position.Kind.HANDLER, Position.Kind.LEADER, Position.Kind.DATA_STEWARD):
            if f"{department.key}.{kind}" not in place.actors:
                username = f"{place.city.id}-{department.key}-{kind}".replace("_", "-")
                place.actors[f"{department.key}.{kind}"] = employ(place, username, department.key, kind)


def employ(place: Place, username: str, key: str, kind: str, password: str | None = None) -> Actor:
    """Somebody with a position. Without a password nobody signs in as them: they only act in the stories."""
    name = place.rng.choice(SURNAMES) + place.rng.choice(GIVEN)
    opened = services.open_account(
        LOADER,
        username=username,
        full_name=name,
        email=f"{username}@{NOWHERE}" if password else "",
        password=password,
        must_change_password=False,
    )
    position = services.give_position(
        LOADER, user=opened.user, organization=place.organizations[key], kind=kind, active_from=IN_OFFICE_SINCE
    )
    return Actor(opened.user, position, demonstration=True)


def appoint_administrator(places: list[Place], password: str) -> None:
    """One administrator, of the first place's bureau."""
    opened = services.open_account(
        LOADER,
        username="administrator",
        full_name="系统管理员",
        email=f"administrator@{NOWHERE}",
        password=password,
        must_change_password=False,
    )
    services.give_position(
        LOADER,
        user=opened.user,
        organization=places[0].organizations["bureau"],
        kind=Position.Kind.ADMINISTRATOR,
        active_from=IN_OFFICE_SINCE,
    )


def cities() -> tuple[City, ...]:
    return CITIES
