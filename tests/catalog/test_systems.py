"""The register of information systems: who keeps it, what it refuses, what pages and API show, what is alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook
from rest_framework.test import APIClient

from audit.models import AuditEntry
from catalog import hooks, services, systems
from catalog.models import InformationSystem
from catalog.services import SystemEntry
from organizations.actors import Actor
from organizations.errors import BadInput, Conflict, NotKnown, NotPermitted
from portal.demonstration import people
from portal.demonstration import systems as demonstration
from portal.demonstration.material import CITIES
from tests.cast import PASSWORD, Cast, Place
from tests.scenes import published_resource

Opens = Callable[[Actor], Client]
OpensApi = Callable[[Actor], APIClient]
ENTRY = SystemEntry(name="社会救助管理系统", purpose="受理、审核、发放社会救助金")
FORM = {"name": "婚姻登记系统", "purpose": "婚姻登记", "status": "in_use", "hosting": "cloud", "network": "extranet"}


@pytest.fixture
def system(enshi: Place) -> InformationSystem:
    return services.register_system(enshi.applicant_handler, organization=enshi.applicant, entry=ENTRY)


def test_the_portal_gives_codes_one_after_the_other_in_each_jurisdiction(enshi: Place, cast: Cast) -> None:
    made = [
        services.register_system(place.applicant_handler, organization=place.applicant, entry=replace(ENTRY, name=name))
        for place, name in ((enshi, "甲系统"), (enshi, "乙系统"), (cast.xianyang, "甲系统"))
    ]
    assert [one.code for one in made] == ["S000001", "S000002", "S000001"]
    assert AuditEntry.objects.filter(verb="system.register", subject_id=str(made[0].pk)).exists()


@pytest.mark.parametrize("who", ["applicant_handler", "applicant_leader", "bureau_reviewer", "bureau_approver"])
def test_people_of_the_owner_and_of_the_bureau_keep_a_system(enshi: Place, who: str) -> None:
    actor = enshi.actors[who]
    made = services.register_system(actor, organization=enshi.applicant, entry=ENTRY)
    changed = services.change_system(actor, system=made, entry=replace(ENTRY, contact="信息科"), version=1)
    retired = services.retire_system(actor, system=changed, reason="并入省级平台", version=2)
    assert (retired.status, retired.version) == ("retired", 3)
    verbs = AuditEntry.objects.filter(subject="system", subject_id=str(made.pk)).order_by("pk")
    assert list(verbs.values_list("verb", flat=True)) == ["system.register", "system.change", "system.retire"]


@pytest.mark.parametrize("who", ["provider_handler", "outsider", "auditor", "administrator", "xianyang"])
def test_nobody_else_writes_anything(enshi: Place, cast: Cast, system: InformationSystem, who: str) -> None:
    actor = cast.xianyang.bureau_approver if who == "xianyang" else enshi.actors[who]
    with pytest.raises(NotPermitted):
        services.register_system(actor, organization=enshi.applicant, entry=replace(ENTRY, name="另一系统"))
    with pytest.raises(NotPermitted):
        services.change_system(actor, system=system, entry=ENTRY, version=1)
    with pytest.raises(NotPermitted):
        services.retire_system(actor, system=system, reason="无", version=1)


def test_a_stale_version_and_a_retired_system_are_conflicts(enshi: Place, system: InformationSystem) -> None:
    actor = enshi.applicant_handler
    services.change_system(actor, system=system, entry=ENTRY, version=1)
    with pytest.raises(Conflict):
        services.change_system(actor, system=system, entry=ENTRY, version=1)
    services.retire_system(actor, system=system, reason="停用", version=2)
    with pytest.raises(Conflict):
        services.change_system(actor, system=system, entry=ENTRY, version=3)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "),
        ("name", "长" * 201),
        ("purpose", ""),
        ("status", "retired"),
        ("status", "none"),
        ("hosting", "moon"),
        ("network", ""),
        ("security_grade", 5),
        ("yearly_cost", Decimal(-1)),
        ("yearly_cost", Decimal("NaN")),
        ("taken_into_use", date(2999, 1, 1)),
    ],
)
def test_what_is_wrong_is_named_by_its_field(enshi: Place, field: str, value: Any) -> None:
    entry = replace(ENTRY, **{field: value})
    with pytest.raises(BadInput) as refused:
        services.register_system(enshi.applicant_handler, organization=enshi.applicant, entry=entry)
    assert set(refused.value.fields) == {field}


def test_a_name_is_given_once_by_an_owner(enshi: Place, system: InformationSystem) -> None:
    with pytest.raises(BadInput) as refused:
        services.register_system(enshi.applicant_handler, organization=enshi.applicant, entry=ENTRY)
    assert "name" in refused.value.fields
    services.register_system(enshi.provider_handler, organization=enshi.provider, entry=ENTRY)


def test_only_the_owners_published_entries_come_from_its_system(enshi: Place) -> None:
    resource = published_resource(enshi)
    entry = replace(ENTRY, resources=[resource])
    with pytest.raises(BadInput) as refused:
        services.register_system(enshi.applicant_handler, organization=enshi.applicant, entry=entry)
    assert "resources" in refused.value.fields
    made = services.register_system(enshi.provider_handler, organization=enshi.provider, entry=entry)
    assert list(made.resources.all()) == [resource]


def test_retiring_asks_for_a_reason_and_a_day_in_order(enshi: Place) -> None:
    today = timezone.localdate()
    entry = replace(ENTRY, taken_into_use=today - timedelta(days=5))
    made = services.register_system(enshi.applicant_handler, organization=enshi.applicant, entry=entry)
    for reason, days, field in ((" ", 0, "reason"), ("停用", 1, "retired_on"), ("停用", -6, "retired_on")):
        day = today + timedelta(days=days)
        with pytest.raises(BadInput) as refused:
            services.retire_system(enshi.applicant_handler, system=made, reason=reason, retired_on=day)
        assert set(refused.value.fields) == {field}


@pytest.mark.parametrize(
    "values",
    [
        {"status": "retired"},
        {"retired_on": date(2026, 1, 1)},
        {"status": "retired", "retired_on": date(2026, 1, 1), "taken_into_use": date(2026, 1, 2)},
        {"yearly_cost": -1},
        {"code": "S000009"},
    ],
)
def test_the_database_keeps_the_rules_by_itself(
    enshi: Place, system: InformationSystem, values: dict[str, Any]
) -> None:
    other = services.register_system(
        enshi.applicant_handler, organization=enshi.applicant, entry=replace(ENTRY, name="另一系统")
    )
    InformationSystem.objects.filter(pk=other.pk).update(code="S000009")
    with pytest.raises(IntegrityError), transaction.atomic():
        InformationSystem.objects.filter(pk=system.pk).update(**values)


def test_everybody_of_the_city_sees_a_system_and_nobody_of_another(
    enshi: Place, cast: Cast, system: InformationSystem, client_for: Opens, api_for: OpensApi
) -> None:
    assert systems.system_for(enshi.outsider, system.pk) == system
    stranger = cast.xianyang.applicant_handler
    with pytest.raises(NotKnown):
        systems.system_for(stranger, system.pk)
    assert not systems.visible_systems(None).exists()
    pages, api = client_for(stranger), api_for(stranger)
    for address in ("", "edit/", "retire/"):
        assert pages.get(f"/catalog/systems/{system.pk}/{address}").status_code == 404
        assert client_for(enshi.outsider).get(f"/catalog/systems/{system.pk}/{address}").status_code == (
            403 if address else 200
        )
    assert ENTRY.name not in pages.get("/catalog/systems/").content.decode()
    assert api.get(f"/api/v1/information-systems/{system.pk}/").status_code == 404
    assert api.get("/api/v1/information-systems/").json()["results"] == []


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_system_is_registered_changed_and_retired_on_its_pages(
    enshi: Place, client_for: Opens, language: str
) -> None:
    client = client_for(enshi.applicant_handler)
    headers = {"Accept-Language": language}
    assert client.get("/catalog/systems/new/", headers=headers).status_code == 200
    assert client.post("/catalog/systems/new/", {**FORM, "name": ""}, headers=headers).status_code == 400
    answer = client.post("/catalog/systems/new/", FORM, headers=headers)
    made = InformationSystem.objects.get(name=FORM["name"])
    assert answer["Location"] == f"/catalog/systems/{made.pk}/"
    assert FORM["name"] in client.get(answer["Location"], headers=headers).content.decode()
    edit, retire = f"/catalog/systems/{made.pk}/edit/", f"/catalog/systems/{made.pk}/retire/"
    assert client.get(edit, headers=headers).status_code == 200
    assert client.post(edit, {**FORM, "contact": "信息科", "version": 1}, headers=headers).status_code == 302
    assert client.post(edit, {**FORM, "version": 1}, headers=headers).status_code == 409
    given = {"reason": "停用", "retired_on": timezone.localdate().isoformat(), "version": 2}
    assert client.get(retire, headers=headers).status_code == 200
    assert client.post(retire, given, headers=headers).status_code == 400
    assert client.post(retire, {**given, "sure": "on"}, headers=headers).status_code == 302
    made.refresh_from_db()
    assert (made.status, made.contact) == ("retired", "信息科")


def test_the_bureau_says_first_whose_system_it_registers(enshi: Place, client_for: Opens) -> None:
    client = client_for(enshi.bureau_reviewer)
    assert client.get("/catalog/systems/new/").status_code == 200
    address = f"/catalog/systems/new/?organization={enshi.applicant.pk}"
    assert client.post(address, FORM).status_code == 302
    assert InformationSystem.objects.get(name=FORM["name"]).organization == enshi.applicant
    assert client_for(enshi.auditor).get("/catalog/systems/new/").status_code == 403


def test_the_list_is_searched_filtered_and_handed_out(
    enshi: Place, system: InformationSystem, client_for: Opens
) -> None:
    other = replace(ENTRY, name="=档案系统", purpose="档案", status="planned", hosting="own_room")
    services.register_system(enshi.provider_handler, organization=enshi.provider, entry=other)
    client = client_for(enshi.outsider)
    for query in ("q=救助", "status=in_use", "hosting=cloud", f"organization={enshi.applicant.pk}", "q=S000001"):
        text = client.get(f"/catalog/systems/?{query}").content.decode()
        assert ENTRY.name in text, query
        assert "=档案系统" not in text, query
    assert client.get("/catalog/systems/?status=nosuch&organization=x").status_code == 200
    assert client.get("/catalog/systems/?cursor=bad").status_code == 400
    lines = client.get("/catalog/systems/?export=csv&status=planned").content.decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert "'=档案系统" in lines[1]
    book = load_workbook(BytesIO(client.get("/catalog/systems/?export=xlsx").content))
    assert {row[1] for row in book.active.iter_rows(min_row=4, values_only=True)} == {ENTRY.name, "=档案系统"}


def test_a_room_above_adds_its_part_to_the_page(
    enshi: Place, system: InformationSystem, client_for: Opens, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = hooks.SystemPanel("portal/components/empty.html", lambda _actor, one: {"title": f"项目：{one.code}"})
    monkeypatch.setattr(hooks, "system_panels", [part])
    assert f"项目：{system.code}" in client_for(enshi.outsider).get(f"/catalog/systems/{system.pk}/").content.decode()


def test_the_api_registers_reads_and_changes(enshi: Place, api_for: OpensApi) -> None:
    api = api_for(enshi.applicant_handler)
    body = {"name": "殡葬系统", "purpose": "殡葬服务", "yearly_cost": "120000.00"}
    made = api.post("/api/v1/information-systems/", body, format="json")
    assert made.status_code == 201, made.json()
    address = f"/api/v1/information-systems/{made.json()['id']}/"
    assert api.post("/api/v1/information-systems/", body, format="json").status_code == 400
    assert api.patch(address, {"contact": "办公室"}, format="json").status_code == 400
    assert api.patch(address, {"contact": "办公室", "version": 1}, format="json").json()["version"] == 2
    assert api.patch(address, {"contact": "甲", "version": 1}, format="json").status_code == 409
    assert api.get(address).json()["yearly_cost"] == "120000.00"
    listed = api.get("/api/v1/information-systems/?q=殡葬&status=in_use").json()
    assert (listed["count"], listed["next"]) == (1, None)
    stranger = api_for(enshi.outsider)
    assert stranger.patch(address, {"contact": "乙", "version": 2}, format="json").status_code == 403
    named = {**body, "organization": enshi.applicant.pk}
    assert stranger.post("/api/v1/information-systems/", named, format="json").status_code == 400


def test_the_nearest_systems_come_first_and_unlike_ones_not_at_all(enshi: Place, system: InformationSystem) -> None:
    for name, purpose in (("社会救助核对系统", "救助对象经济状况核对"), ("地震台网", "监测地震")):
        entry = SystemEntry(name=name, purpose=purpose)
        services.register_system(enshi.provider_handler, organization=enshi.provider, entry=entry)
    asked = ("社會救助管理系統", "受理、审核、发放社会救助金", enshi.applicant)
    found = systems.similar_systems(enshi.applicant_handler, *asked)
    assert found[0].system == system
    assert found[0].score == 1.0
    assert "地震台网" not in {one.system.name for one in found}
    services.retire_system(enshi.applicant_handler, system=system, reason="停用")
    assert system not in [one.system for one in systems.similar_systems(enshi.applicant_handler, *asked)]


def test_every_organization_of_the_demonstration_has_two_to_four_systems(law: None) -> None:
    place = people.settle(CITIES[0], PASSWORD, seed=7)
    demonstration.tell(place, {})
    for organization in place.organizations.values():
        assert 2 <= organization.information_systems.count() <= 4
