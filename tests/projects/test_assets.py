"""The register of assets that projects left: kept by their owner, looked for, shown to who oversees."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook
from rest_framework.test import APIClient

from organizations.actors import Actor
from organizations.errors import BadInput, Conflict, NotKnown, NotPermitted
from projects import asset_register
from projects.models import Acceptance, Asset, Project, StockTake
from projects.procedures.afterlife import ASSETS_REGISTERED
from projects.services import assets
from tests.cast import Place
from tests.projects.accept_scene import begun, building, city, entry, fill
from tests.projects.scene import filed

pytestmark = pytest.mark.django_db
Browser = Callable[[Actor], Client]


@pytest.fixture
def place(db: None) -> Place:
    return city("enshi")


def entry_of(**changes: object) -> assets.AssetEntry:
    values = {
        "number": "ZC-001",
        "name": "机架服务器",
        "custodian": "赵甲",
        "place": "二楼机房",
        "acquired_on": timezone.localdate() - timedelta(days=3),
        "value": Decimal("35000.00"),
    }
    return assets.AssetEntry(**{**values, **changes})


def asset_of(place: Place, **changes: object) -> Asset:
    project = Project.objects.first() or filed(place)
    return assets.add_asset(place.applicant_handler, project=project, entry=entry_of(**changes))


def test_only_the_owner_registers_assets_each_number_once(place: Place) -> None:
    asset = asset_of(place)
    for stranger in (place.provider_handler, place.bureau_reviewer, place.administrator):
        with pytest.raises(NotPermitted):
            assets.add_asset(stranger, project=asset.project, entry=entry_of(number="ZC-002"))
        with pytest.raises(NotPermitted):
            assets.take_stock(stranger, asset=asset, found=True)
    with pytest.raises(BadInput) as twice:
        asset_of(place)
    assert list(twice.value.fields) == ["number"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"custodian": " "}, "custodian"),
        ({"name": ""}, "name"),
        ({"value": Decimal("-1")}, "value"),
        ({"value": Decimal("1.005")}, "value"),
        ({"value": Decimal("NaN")}, "value"),
        ({"standing": "lost"}, "standing"),
        ({"ownership": "mine"}, "ownership"),
        ({"acquired_on": date(2999, 1, 1)}, "acquired_on"),
        ({"number": "x" * 61}, "number"),
    ],
)
def test_an_asset_that_cannot_be_is_refused(place: Place, changes: dict[str, object], field: str) -> None:
    with pytest.raises(BadInput) as wrong:
        asset_of(place, **changes)
    assert field in wrong.value.fields


def test_what_was_changed_meanwhile_is_not_overwritten(place: Place) -> None:
    asset = asset_of(place)
    assets.change_asset(place.applicant_handler, asset=asset, entry=entry_of(custodian="钱乙"), version=1)
    with pytest.raises(Conflict):
        assets.change_asset(place.applicant_handler, asset=asset, entry=entry_of(custodian="孙丙"), version=1)
    asset.refresh_from_db()
    assert (asset.custodian, asset.version) == ("钱乙", 2)


def test_a_stock_take_says_what_is_missing_and_stays(place: Place) -> None:
    asset = asset_of(place)
    with pytest.raises(BadInput):
        assets.take_stock(place.applicant_handler, asset=asset, found=False)
    for day in (timezone.localdate() + timedelta(days=1), asset.acquired_on - timedelta(days=1)):
        with pytest.raises(BadInput):
            assets.take_stock(place.applicant_handler, asset=asset, found=True, on=day)
    taken = assets.take_stock(place.applicant_handler, asset=asset, found=False, note="搬迁后未找到")
    with pytest.raises(IntegrityError), transaction.atomic():
        StockTake.objects.filter(pk=taken.pk).update(found=True)
    found = {
        stock: asset_register.found_assets(place.auditor, {"stock": stock}).count() for stock in ("missing", "never")
    }
    assert found == {"missing": 1, "never": 0}
    assert not asset_register.found_assets(place.auditor, {"stock": "nonsense"}).exists()


def test_assets_are_seen_by_their_owner_and_by_who_oversees(place: Place) -> None:
    asset = asset_of(place)
    for reader in (place.applicant_leader, place.bureau_reviewer, place.auditor):
        assert asset_register.asset_for(reader, asset.pk) == asset
    for stranger in (place.outsider, place.provider_handler, place.administrator):
        with pytest.raises(NotKnown):
            asset_register.asset_for(stranger, asset.pk)


def test_a_project_that_buys_things_registers_them_and_a_service_has_none(place: Place) -> None:
    class Asked:
        def __init__(self, project: Project) -> None:
            self.subject = project

    built = filed(place)
    assert not ASSETS_REGISTERED.test(Asked(built))
    asset_of(place)
    assert ASSETS_REGISTERED.test(Asked(built))
    assert ASSETS_REGISTERED.test(Asked(filed(place, name="购买服务", kind="service")))


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_register_is_kept_on_pages_and_handed_out_as_a_workbook(
    place: Place, client_for: Browser, language: str
) -> None:
    project, spoken = filed(place), {"accept-language": language}
    client = client_for(place.applicant_handler)
    typed = {
        "number": "ZC-9", "name": "交换机", "model": "S5700", "value": "1200.50", "ownership": "state",
        "custodian": "钱乙", "place": "一楼", "acquired_on": timezone.localdate().isoformat(), "standing": "in_use",
    }  # fmt: skip
    address = reverse("projects:add-asset", args=[project.pk])
    assert client.get(address, headers=spoken).status_code == 200
    assert client.post(address, {**typed, "custodian": ""}, headers=spoken).status_code == 400
    saved = client.post(address, typed, headers=spoken)
    asset = Asset.objects.get()
    assert saved["Location"] == reverse("projects:asset", args=[asset.pk])
    stock = reverse("projects:take-stock", args=[asset.pk])
    today = timezone.localdate().isoformat()
    assert client.post(stock, {"on": today, "found": "no", "note": ""}, headers=spoken).status_code == 400
    page = client.post(stock, {"on": today, "found": "yes"}, headers=spoken, follow=True).content.decode()
    assert today in page
    changed = {**typed, "place": "三楼", "version": 1}
    client.post(reverse("projects:change-asset", args=[asset.pk]), changed, headers=spoken)
    listed = client.get(reverse("projects:assets"), {"q": "三楼"}, headers=spoken).content.decode()
    assert "ZC-9" in listed
    book = load_workbook(BytesIO(client.get(reverse("projects:asset-sheet"), headers=spoken).content))
    cells = [cell for row in book.active.iter_rows(values_only=True) for cell in row]
    assert {"ZC-9", "交换机", "1200.50", today} <= set(cells)
    assert client_for(place.outsider).get(reverse("projects:asset", args=[asset.pk])).status_code == 404


# --- acceptances over the API


def test_an_acceptance_is_begun_and_its_gate_read_over_the_api(
    place: Place, api_for: Callable[[Actor], APIClient]
) -> None:
    project = building(place)
    client = api_for(place.applicant_handler)
    key = {"HTTP_IDEMPOTENCY_KEY": "once"}
    begun_at = client.post("/api/v1/acceptances/", {"project": project.pk}, format="json", **key)
    assert begun_at.status_code == 201, begun_at.content
    assert client.post("/api/v1/acceptances/", {"project": project.pk}, format="json", **key).json() == begun_at.json()
    again = client.post("/api/v1/acceptances/", {"project": project.pk}, format="json")
    assert again.status_code == 409
    row = Acceptance.objects.get()
    resource = entry(place)
    fill(resource)
    project.promises.update(resource=resource)
    one = client.get(f"/api/v1/acceptances/{row.pk}/").json()
    assert [light["state"] for light in one["promises"][0]["lights"]] == ["on"] * 4
    assert client.get("/api/v1/acceptances/", {"accepted": "no"}).json()["count"] == 1
    assert client.get("/api/v1/acceptances/", {"accepted": "yes"}).json()["count"] == 0
    assert client.get("/api/v1/acceptances/", {"accepted": "perhaps"}).status_code == 400
    stranger = api_for(place.outsider)
    assert stranger.get(f"/api/v1/acceptances/{row.pk}/").status_code == 404
    assert stranger.get("/api/v1/acceptances/").json()["count"] == 0


def test_a_closed_gate_is_a_conflict_with_rule_and_sentence(
    place: Place, api_for: Callable[[Actor], APIClient]
) -> None:
    case = begun(place, building(place))
    client = api_for(place.applicant_leader)
    body = {"version": case.seq, "opinion": "合格"}
    answer = client.post(f"/api/v1/cases/{case.number}/actions/accept/", body, format="json")
    assert answer.status_code in (403, 409)
    assert "project.sharing_plan_review" in answer.content.decode()
