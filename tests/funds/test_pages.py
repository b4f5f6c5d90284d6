"""What people see of special funds, in both languages, with every form sent; and the API."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
import time_machine
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from cases.models import Case
from funds.models import AllocationLine, Fund, FundBan, FundTransfer, FundYear
from funds.services import applying
from organizations.actors import Actor
from tests.cast import Place, signed_in_client, token_client
from tests.funds.scene import (
    FIRM,
    POINTS,
    Province,
    applied,
    before_government,
    budgeted,
    by_factors,
    case_of,
    decided,
    drafted,
    established,
    guide,
    passed,
    province,
    ruled,
)
from tests.funds.test_applying import CHARGE
from tests.scenes import act

pytestmark = pytest.mark.django_db
LANGUAGES = pytest.mark.parametrize("language", ["zh-hans", "en"])
PDF = b"%PDF-1.7\n%%EOF\n"


@pytest.fixture(autouse=True)
def _february() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 2, 10, 2, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def place(_february: None, db: None) -> Province:
    return province()


@pytest.fixture
def fund(place: Province) -> Fund:
    fund = established(place)
    ruled(place, fund)
    return fund


@pytest.fixture
def year(place: Province, fund: Fund) -> FundYear:
    row = budgeted(place, fund)
    guide(place, fund)
    return row


def typed(**changes: Any) -> dict[str, Any]:
    """The form of a fund as a handler sends it, in ten thousands of yuan."""
    values = {
        "name": "企业技术改造专项资金",
        "basis": "《中小企业促进法》",
        "purpose": "支持设备更新",
        "scope": "规模以上企业",
        "goal": "数控化率提高十个百分点",
        "unit": "ten_thousand",
        "size": "100.5",
        "term_from": "2026-01-01",
        "term_until": "2028-12-31",
        "paper_kind": "feasibility",
        "paper": SimpleUploadedFile("可行性研究报告.pdf", PDF),
    }
    return {**values, **changes}


def seen(client: Client, address: str, language: str) -> str:
    answer = client.get(address, headers={"accept-language": language})
    assert answer.status_code == 200, address
    return answer.content.decode()


def sent(client: Client, address: str, given: dict[str, Any]) -> Case:
    """Send a form that opens a case; the case."""
    answer = client.post(address, given, headers={"accept-language": "en"})
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    return Case.objects.get(number=answer["Location"].rstrip("/").rpartition("/")[2])


@LANGUAGES
def test_a_fund_is_drafted_applied_for_and_read(place: Province, language: str) -> None:
    client = signed_in_client(place.manager_handler)
    assert reverse("funds:new") in seen(client, reverse("funds:funds"), language)
    seen(client, reverse("funds:new"), language)
    saved = client.post(reverse("funds:new"), typed(), headers={"accept-language": language})
    draft = Fund.objects.get()
    assert saved["Location"] == reverse("funds:draft", args=[draft.pk])
    assert "可行性研究报告.pdf" in seen(client, saved["Location"], language)
    again = typed(file="1", version=draft.version, unit="yuan", size="1005000.00")
    again.pop("paper")
    again["paper_kind"] = ""
    case = sent(client, saved["Location"], again)
    draft.refresh_from_db()
    for address in (reverse("funds:fund", args=[draft.pk]), reverse("cases:case", args=[case.number])):
        text = seen(client, address, language)
        for part in (draft.code, draft.name, "1,005,000.00", "可行性研究报告.pdf"):
            assert part in text


def test_what_the_form_lacks_is_said_on_it(place: Province) -> None:
    client = signed_in_client(place.manager_handler)
    english = {"accept-language": "en"}
    wrong = client.post(reverse("funds:new"), typed(term_until="2025-01-01", paper_kind=""), headers=english)
    assert wrong.status_code == 400
    assert "Say which paper this is." in wrong.content.decode()
    wrong = client.post(reverse("funds:new"), typed(term_until="2025-01-01"), headers=english)
    assert "The term ends before it begins." in wrong.content.decode()
    assert not Fund.objects.exists()
    refused = client.post(reverse("funds:new"), typed(file="1", running_costs="on"), headers=english, follow=True)
    assert "A special fund does not pay for the running costs of a department." in refused.content.decode()
    assert signed_in_client(place.city_handler).get(reverse("funds:new")).status_code == 403


def test_finance_chooses_the_department_in_charge(place: Province) -> None:
    client = signed_in_client(place.finance_handler)
    given = typed(file="1", department=place.second.pk)
    sent(client, reverse("funds:new"), given)
    assert Fund.objects.get().department == place.second


@LANGUAGES
def test_similar_funds_are_shown_to_whoever_decides(place: Province, language: str) -> None:
    first = established(place)
    second = before_government(
        place,
        name="小微企业上云补助",
        purpose="支持小微企业购买云服务",
        goal="三年内小微企业关键设备联网率提高二十个百分点，形成示范",
        difference="只补助云服务",
    )
    client = signed_in_client(place.government_approver)
    text = seen(client, reverse("cases:case", args=[case_of(second).number]), language)
    assert reverse("funds:fund", args=[first.pk]) in text


def test_an_application_sent_back_is_amended_on_its_page(place: Province) -> None:
    fund = applied(place)
    client = signed_in_client(place.manager_handler)
    address = reverse("funds:amend", args=[fund.pk])
    assert client.get(address).status_code == 403
    act(place.manager_leader, case_of(fund), "return_draft", reason="目标不清")
    assert address in seen(client, reverse("cases:case", args=[case_of(fund).number]), "en")
    given = typed(goal="提高十二个百分点", version=fund.version)
    assert client.post(address, given)["Location"] == reverse("funds:fund", args=[fund.pk])
    fund.refresh_from_db()
    assert fund.goal == "提高十二个百分点"
    stale = client.post(address, typed(goal="后到", version=1))
    assert (stale.status_code, "后到" in stale.content.decode()) == (409, True)


def test_a_draft_is_thrown_away_on_its_page(place: Province) -> None:
    draft = drafted(place)
    assert signed_in_client(place.second_handler).get(reverse("funds:draft", args=[draft.pk])).status_code == 404
    client = signed_in_client(place.manager_handler)
    client.post(reverse("funds:discard", args=[draft.pk]))
    assert not Fund.objects.exists()


@LANGUAGES
def test_steps_are_opened_from_the_page_of_the_fund(place: Province, language: str) -> None:
    fund = established(place)
    manager, finance = signed_in_client(place.manager_handler), signed_in_client(place.finance_handler)
    page = reverse("funds:fund", args=[fund.pk])
    for client, names in (
        (manager, ("write-rules", "publish", "complain", "open-year", "change-scope")),
        (finance, ("write-rules", "publish", "complain", "charge", "end")),
    ):
        text = seen(client, page, language)
        for name in names:
            address = reverse(f"funds:{name}", args=[fund.pk])
            assert address in text
            seen(client, address, language)
    assert "write-rules" not in seen(signed_in_client(place.city_handler), page, language)
    rules = sent(finance, reverse("funds:write-rules", args=[fund.pk]), POINTS)
    assert "basis：已写明" in seen(manager, reverse("cases:case", args=[rules.number]), language)
    act(place.manager_leader, rules, "return_draft", reason="须修改")
    amend = reverse("funds:amend-rules", args=[fund.rules.get().pk])
    assert amend in seen(manager, reverse("cases:case", args=[rules.number]), language)
    sent(manager, amend, POINTS | {"duties": "各司其职"})
    assert fund.rules.get().duties == "各司其职"
    assert signed_in_client(place.city_handler).get(amend).status_code == 404


@LANGUAGES
def test_changes_complaints_and_sanctions_are_opened_with_forms(place: Province, fund: Fund, language: str) -> None:
    manager, finance = signed_in_client(place.manager_handler), signed_in_client(place.finance_handler)

    def at(name: str) -> str:
        return reverse(f"funds:{name}", args=[fund.pk])

    scope = sent(manager, at("change-scope"), POINTS | {"new_scope": "含小微企业", "reason": "产业调整"})
    assert "含小微企业" in seen(manager, reverse("cases:case", args=[scope.number]), language)
    act(place.manager_handler, scope, "withdraw", reason="不再需要")
    given = {"kind": "adjust", "ground": "slow", "reason": "结转较大", "unit": "ten_thousand", "new_size": "60"}
    ending = sent(finance, at("end"), given)
    assert "600,000.00" in seen(finance, reverse("cases:case", args=[ending.number]), language)
    said = {"received_on": "2026-02-09", "text": "分配不公", "anonymous": "on"}
    complaint = sent(manager, at("complain"), said)
    assert "分配不公" in seen(finance, reverse("cases:case", args=[complaint.number]), language)
    held = {"target": "applicant", "name": "甲公司", "code": FIRM, "ground": "fraud", "facts": "虚报", "is_grave": "on"}
    charge = sent(finance, at("charge"), held)
    act(place.finance_leader, charge, "impose", measures="禁止申报")
    assert FIRM in seen(finance, reverse("cases:case", args=[charge.number]), language)
    listed = seen(manager, reverse("funds:bans"), language)
    assert FIRM in listed
    assert FIRM in seen(manager, reverse("funds:fund", args=[fund.pk]), language)
    wrong = finance.post(at("charge"), held | {"code": "123"}, headers={"accept-language": "en"})
    assert wrong.status_code == 400


@LANGUAGES
def test_a_year_is_opened_allocated_and_issued_on_pages(place: Province, fund: Fund, language: str) -> None:
    manager, finance = signed_in_client(place.manager_handler), signed_in_client(place.finance_handler)
    given = {"year": "2026", "goal": "完成三成", "unit": "ten_thousand", "asked": "100"}
    case = sent(manager, reverse("funds:open-year", args=[fund.pk]), given)
    act(place.finance_handler, case, "pass_goal")
    act(place.finance_handler, case, "enter_budget", amount="1000000", approved_on="2026-02-01")
    year = FundYear.objects.get()
    address = reverse("funds:allocate", args=[year.pk, "factor"])
    assert address in seen(manager, reverse("cases:case", args=[case.number]), language)
    assert "place16" in seen(manager, address, language)
    assert "place32" in seen(manager, f"{address}?rows=32", language)
    assert "place161" not in seen(manager, f"{address}?rows=999", language)
    shares = {"unit": "ten_thousand", "amount": "100", "factor1": "企业数", "weight1": "60", "factor2": "产值"}
    shares |= {"weight2": "40", "place1": place.city.pk, "value1_1": "10", "value1_2": "30", "place2": place.county.pk}
    shares |= {"value2_1": "30", "value2_2": "10"}
    wrong = manager.post(address, shares | {"weight2": "39"}, headers={"accept-language": "en"})
    assert "The weights total 99.00 percent, not 100." in wrong.content.decode()
    allocation = sent(manager, address, shares)
    text = seen(manager, reverse("cases:case", args=[allocation.number]), language)
    assert "450,000.00" in text
    assert "550,000.00" in text
    act(place.manager_leader, allocation, "sign")
    act(place.finance_handler, allocation, "find_in_order")
    act(place.finance_leader, allocation, "approve")
    line = AllocationLine.objects.get(receiver=place.city)
    issue = reverse("funds:issue", args=[line.pk])
    assert issue in seen(finance, reverse("cases:case", args=[allocation.number]), language)
    seen(finance, issue, language)
    transfer = sent(finance, issue, {"issued_on": "2026-02-10", "mode": "urgent"})
    assert FundTransfer.objects.get().mode == "urgent"
    city = signed_in_client(place.city_handler)
    assert "450,000.00" in seen(city, reverse("cases:case", args=[transfer.number]), language)
    page = seen(city, reverse("funds:fund", args=[fund.pk]), language)
    assert "<svg" in page
    assert "450,000.00" in page
    assert "style=" not in page


@LANGUAGES
def test_an_application_is_handed_in_and_allocated_on_pages(
    place: Province, fund: Fund, year: FundYear, language: str
) -> None:
    office = signed_in_client(place.office_handler)
    address = reverse("funds:apply", args=[year.pk])
    seen(office, address, language)
    given = {"applicant": "甲公司", "code": FIRM, "name": "机床更新", "content": "十台", "unit": "ten_thousand"}
    given |= {"requested": "30", "pledge": "on", "paper": SimpleUploadedFile("申报书.pdf", PDF)}
    assert office.post(address, given | {"pledge": ""}).status_code in (400, 403, 409)
    given["paper"] = SimpleUploadedFile("申报书.pdf", PDF)
    case = sent(office, address, given)
    text = seen(office, reverse("cases:case", args=[case.number]), language)
    assert "申报书.pdf" in text
    assert "300,000.00" in text
    row = passed(place, year, code=FIRM, name="另一项目")
    manager = signed_in_client(place.manager_handler)
    allocate = reverse("funds:allocate", args=[year.pk, "project"])
    assert "另一项目" in seen(manager, allocate, language)
    shares = {"unit": "yuan", "amount": "250000.01", f"project{row.pk}": "250000.01"}
    allocation = sent(manager, allocate, shares)
    assert "250,000.01" in seen(manager, reverse("cases:case", args=[allocation.number]), language)
    assert manager.get(reverse("funds:allocate", args=[year.pk, "lottery"])).status_code == 404


def test_publications_are_entered_on_a_page(place: Province, fund: Fund) -> None:
    client = signed_in_client(place.manager_handler)
    address = reverse("funds:publish", args=[fund.pk])
    given = {"kind": "guide", "title": "申报指南", "text": "条件", "published_on": "2026-02-10"}
    assert client.post(address, given)["Location"] == reverse("funds:fund", args=[fund.pk])
    assert "申报指南" in seen(client, reverse("funds:fund", args=[fund.pk]), "en")
    assert client.post(address, given | {"published_on": "2026-02-11"}).status_code == 400
    assert signed_in_client(place.city_handler).post(address, given).status_code == 403


def sheet_text(content: bytes) -> str:
    with ZipFile(BytesIO(content)) as book:
        return book.read("xl/sharedStrings.xml").decode()


def test_lists_are_handed_out_as_workbooks(place: Province, fund: Fund, year: FundYear) -> None:
    decided(place, year, by_factors(place))
    case = applying.charge(place.finance_handler, fund=fund, charge=CHARGE)
    act(place.finance_leader, case, "impose", measures="禁止申报")
    client = signed_in_client(place.auditor)
    for address, part in (
        (reverse("funds:funds"), fund.code),
        (reverse("funds:fund", args=[fund.pk]), "333333.34"),
        (reverse("funds:bans"), "2029-02-10"),
    ):
        answer = client.get(address, {"export": "xlsx"})
        assert answer["Content-Type"].endswith("spreadsheetml.sheet")
        assert part in sheet_text(answer.content)


def test_filters_find_what_they_name_and_an_empty_list_says_so(place: Province, fund: Fund) -> None:
    applied(place, name="职业培训资金", purpose="培训技工", goal="培训十万人")
    client = signed_in_client(place.manager_handler)

    def found(**given: str) -> tuple[bool, bool]:
        text = client.get(reverse("funds:funds"), given).content.decode()
        return "企业技术改造专项资金</a>" in text, "职业培训资金</a>" in text

    assert found() == (True, True)
    assert found(q="培训") == (False, True)
    assert found(state="living") == (True, False)
    assert found(state="applying") == (False, True)
    assert found(state="over") == (False, False)
    assert found(year="2027") == (True, False)
    assert found(year="2031") == (False, False)
    assert found(year="abc") == (False, False)
    bans = client.get(reverse("funds:bans"), {"state": "running"}, headers={"accept-language": "en"})
    assert "Nobody is barred" in bans.content.decode()


def test_the_list_asks_as_many_questions_for_ten_funds_as_for_one(
    place: Province, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    client = signed_in_client(place.manager_handler)
    for number in range(10):
        applied(place, name=f"资金{number}")
    client.get(reverse("funds:funds"))
    with django_assert_max_num_queries(18):
        assert client.get(reverse("funds:funds")).status_code == 200


def test_the_navigation_names_funds_where_the_law_knows_them(place: Province, enshi: Place) -> None:
    address = f'href="{reverse("funds:funds")}"'
    assert address in signed_in_client(place.city_handler).get("/").content.decode()
    cache.clear()
    assert address not in signed_in_client(enshi.applicant_handler).get("/").content.decode()


def api(actor: Actor) -> APIClient:
    return token_client(actor)


def test_the_api_tells_the_fund_its_ledger_applications_and_bans(place: Province, fund: Fund, year: FundYear) -> None:
    decided(place, year, by_factors(place, "600000.00"))
    row = passed(place, year)
    case = applying.charge(place.finance_handler, fund=fund, charge=CHARGE)
    act(place.finance_leader, case, "impose", measures="禁止申报")
    client = api(place.manager_handler)
    (listed,) = client.get("/api/v1/funds/").json()["results"]
    assert (listed["code"], listed["size"], listed["stage"]) == (fund.code, "1000000.00", "established")
    one = client.get(f"/api/v1/funds/{fund.pk}/").json()
    assert (one["years"][0]["allocated"], one["years"][0]["left"], one["rules"]) == ("600000.00", "400000.00", 1)
    ledger = client.get(f"/api/v1/funds/{fund.pk}/ledger/").json()
    assert [line["kind"] for line in ledger["results"]] == ["budgeted", "allocated", "allocated", "allocated"]
    assert all(line["case"] and line["event"] for line in ledger["results"])
    (application,) = client.get(f"/api/v1/funds/{fund.pk}/applications/").json()["results"]
    assert (application["case"], application["stage"]) == (case_of(row).number, "approved")
    (ban,) = client.get("/api/v1/funds/bans/", {"state": "running"}).json()["results"]
    assert (ban["code"], ban["last_on"]) == (FIRM, FundBan.objects.get().last_on.isoformat())
    assert client.get("/api/v1/funds/", {"state": "miracle"}).status_code == 400


def test_the_api_shows_strangers_nothing(place: Province, enshi: Place) -> None:
    fund = applied(place)
    for stranger in (place.second_handler, place.administrator, enshi.applicant_handler):
        client = api(stranger)
        assert client.get("/api/v1/funds/").json()["count"] == 0
        for part in ("", "ledger/", "applications/"):
            assert client.get(f"/api/v1/funds/{fund.pk}/{part}").status_code == 404
