"""What people who are not concerned see of funds: nothing of an application, of an established fund only the fund."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.models import Case
from funds.models import AllocationLine, Fund
from funds.services import ruling
from funds.urls import urlpatterns
from tests.cast import Place, signed_in_client
from tests.funds.scene import (
    FIRM,
    POINTS,
    Province,
    applied,
    asked_for,
    budgeted,
    by_factors,
    decided,
    drafted,
    established,
    guide,
    province,
    ruled,
)
from tests.scenes import act

pytestmark = pytest.mark.django_db
PLAIN = {"funds", "bans", "new"}
PROJECT = "机密机床更新"


@pytest.fixture
def place(db: None) -> Province:
    return province()


def addresses(ids: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(name, address) of every page that is about somebody's fund."""
    for pattern in urlpatterns:
        if pattern.name not in PLAIN:
            given = {name: ids[name] for name in pattern.pattern.converters}
            yield pattern.name, reverse(f"funds:{pattern.name}", kwargs=given)


def ids_of(place: Province) -> dict[str, Any]:
    """A fund with rules sent back, a year, an allocation that was decided, and an application."""
    fund = established(place)
    ruled(place, fund)
    year = budgeted(place, fund, on=timezone.localdate().isoformat())
    guide(place, fund)
    decided(place, year, by_factors(place, "600.00"))
    asked_for(place, year, name=PROJECT)
    again = ruling.open_rules(place.finance_handler, fund=fund, texts=POINTS)
    act(place.manager_leader, again, "return_draft", reason="须修改")
    return {
        "fund_id": fund.pk,
        "year_id": year.pk,
        "line_id": AllocationLine.objects.first().pk,
        "rules_id": fund.rules.get(case=again).pk,
        "method": "factor",
    }


def test_strangers_of_another_place_and_administrators_meet_no_page_of_a_fund(place: Province, enshi: Place) -> None:
    ids = ids_of(place)
    strangers = (enshi.applicant_handler, enshi.auditor, enshi.administrator, place.administrator)
    for stranger in strangers:
        client = signed_in_client(stranger)
        for _name, address in addresses(ids):
            for answer in (client.get(address), client.post(address, {"version": 1})):
                assert answer.status_code in (403, 404, 405), address
                assert PROJECT not in answer.content.decode()
        for name in ("funds", "bans"):
            assert "企业技术改造" not in client.get(reverse(f"funds:{name}")).content.decode()


def test_each_page_is_read_by_somebody(place: Province) -> None:
    """Otherwise the strangers' refusals would prove nothing."""
    ids = ids_of(place)
    draft = drafted(place, name="草稿", purpose="其他", goal="其他")
    sent_back = applied(place, name="退回", purpose="培训", goal="培训技工")
    act(place.manager_leader, Case.objects.get(fund=sent_back), "return_draft", reason="须修改")
    own = {"draft": draft.pk, "amend": sent_back.pk}
    clients = [
        signed_in_client(actor) for actor in (place.manager_handler, place.finance_handler, place.office_handler)
    ]
    for name, _address in addresses(ids):
        if name == "discard":
            continue
        given = {**ids, "fund_id": own.get(name, ids["fund_id"])}
        address = dict(addresses(given))[name]
        assert 200 in {client.get(address).status_code for client in clients}, address


def test_an_application_is_its_own_even_in_the_province(place: Province) -> None:
    """The page of the fund tells nobody of applications whose cases they do not see."""
    ids = ids_of(place)
    page = reverse("funds:fund", args=[ids["fund_id"]])
    for actor, sees in ((place.office_handler, True), (place.manager_leader, True), (place.city_handler, False)):
        text = signed_in_client(actor).get(page).content.decode()
        assert (PROJECT in text) is sees
    for name in ("open-year", "write-rules", "change-scope", "end", "charge", "publish", "complain"):
        address = reverse(f"funds:{name}", args=[ids["fund_id"]])
        assert signed_in_client(place.city_handler).get(address).status_code == 403
    allocate = reverse("funds:allocate", args=[ids["year_id"], "project"])
    assert signed_in_client(place.city_handler).get(allocate).status_code == 403
    assert (
        signed_in_client(place.city_handler).get(reverse("funds:amend-rules", args=[ids["rules_id"]])).status_code
        == 404
    )


def test_the_code_of_who_applies_is_not_on_the_page_of_the_fund(place: Province) -> None:
    ids = ids_of(place)
    assert Fund.objects.filter(pk=ids["fund_id"]).exists()
    text = signed_in_client(place.city_handler).get(reverse("funds:fund", args=[ids["fund_id"]])).content.decode()
    assert FIRM not in text
