"""What people see and type of procurements, contracts, payments and changes: nothing wrong passes, nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.errors import DoorClosed
from cases.models import Case
from organizations.actors import Actor
from projects.models import Bidder, Change, Contract, Payment, Procurement, Rectification, Supplement
from projects.services import firms
from tests.cast import Place
from tests.projects import contract_scene as scene
from tests.projects.scene import filed, organ
from tests.scenes import act

pytestmark = pytest.mark.django_db
Browser = Callable[[Actor], Client]
ENGLISH = {"accept-language": "en"}


def text(answer: Any) -> str:
    return str(answer.content.decode())


def post(client: Client, name: str, arg: object, values: dict[str, Any], status: int = 302) -> Any:
    answer = client.post(reverse(f"projects:{name}", args=[arg]), values, headers=ENGLISH)
    assert answer.status_code == status, text(answer)[:3000]
    return answer


def purchase(**changes: Any) -> dict[str, Any]:
    values = {"title": "平台建设", "kind": "build", "method": "inquiry", "unit": "ten_thousand", "budget": "70"}
    return {**values, "asked_papers": scene.paper(), **changes}


def terms(**changes: Any) -> dict[str, Any]:
    """A contract as it is typed, in ten thousands of yuan."""
    values = {
        "number": "HT-2026-01",
        "title": "平台建设合同",
        "unit": "ten_thousand",
        "amount": "60",
        "bond": "3",
        "begins_on": "2026-12-01",
        "ends_on": "2027-09-01",
        "deliverables": "软件和文档",
        "ownership": "归建设单位所有",
        "source_code": "on",
        "warranty_months": "36",
        "stages-TOTAL_FORMS": 2,
        "stages-INITIAL_FORMS": 0,
        "stages-0-title": "到货安装",
        "stages-0-percent": "40",
        "stages-0-planned_on": "2027-03-01",
        "stages-1-title": "试运行合格",
        "stages-1-percent": "60",
        "stages-1-planned_on": "2027-09-01",
    }
    return {**values, **changes}


# --- procurement


def test_a_procurement_is_begun_in_ten_thousands_and_stored_in_yuan(enshi: Place, client_for: Browser) -> None:
    project = scene.approved(enshi)
    client = client_for(enshi.applicant_handler)
    assert reverse("projects:new-procurement", args=[project.pk]) in text(
        client.get(reverse("projects:project", args=[project.pk]))
    )
    assert client.get(reverse("projects:new-procurement", args=[project.pk])).status_code == 200
    answer = post(client, "new-procurement", project.pk, purchase())
    procurement = Procurement.objects.get()
    assert procurement.budget == Decimal("700000.00")
    shown = text(client.get(answer["Location"], headers=ENGLISH))
    assert "700,000.00" in shown
    assert "No offer has been entered." in shown


def test_a_budget_in_the_wrong_unit_is_shown_the_gate_and_keeps_what_was_typed(
    enshi: Place, client_for: Browser
) -> None:
    """700,000 under the unit of ten thousands is seven billion yuan: more than was approved."""
    project = scene.approved(enshi)
    client = client_for(enshi.applicant_handler)
    answer = post(client, "new-procurement", project.pk, purchase(budget="700000"), DoorClosed.status)
    assert "more than what was approved" in text(answer)
    assert 'value="700000"' in text(answer)
    assert "平台建设" in text(answer)
    assert not Procurement.objects.exists()


def test_before_approval_the_page_names_the_gate_and_offers_no_form(enshi: Place, client_for: Browser) -> None:
    organ(enshi, "development")
    project = filed(enshi)
    page = text(
        client_for(enshi.applicant_handler).get(reverse("projects:new-procurement", args=[project.pk]), headers=ENGLISH)
    )
    assert "The project is not approved yet." in page
    assert "sh-law" in page
    assert 'name="budget"' not in page


def test_a_step_that_is_not_mine_says_whose_it_is(enshi: Place, client_for: Browser) -> None:
    project = scene.approved(enshi)
    address = reverse("projects:new-procurement", args=[project.pk])
    client = client_for(enshi.applicant_leader)
    page = text(client.get(address, headers=ENGLISH))
    assert "This is for:" in page
    assert address not in text(client.get(reverse("projects:project", args=[project.pk])))
    assert client.post(address, purchase()).status_code == 403


# --- offers


def test_offers_are_entered_marked_and_taken_out(enshi: Place, client_for: Browser) -> None:
    project = scene.approved(enshi, design_firm="某软件公司7003")
    procurement = scene.tendering(enshi, project)
    good, barred, author = (scene.firm(enshi, number) for number in (7001, 7002, 7003))
    bare = scene.firm(enshi, 7004, qualification="")
    today = timezone.localdate()
    firms.bar_firm(enshi.bureau_approver, firm=barred, since=today, until=today + timedelta(days=9), reason="串通投标")
    client, number = client_for(enshi.applicant_handler), procurement.case.number
    for each, price in ((good, "60"), (barred, "58"), (author, "59"), (bare, "71")):
        post(client, "add-offer", number, {"firm": each.pk, "unit": "ten_thousand", "price": price})
    assert procurement.bidders.get(firm=good).price == Decimal("600000.00")
    page = text(client.get(reverse("cases:case", args=[number]), headers=ENGLISH))
    for mark in ("barred until", "wrote the plan", "no qualification that holds", "above the budget", "qualified"):
        assert mark in page
    offer = procurement.bidders.get(firm=bare)
    assert client.post(reverse("projects:remove-offer", args=[number, offer.pk])).status_code == 302
    assert not Bidder.objects.filter(pk=offer.pk).exists()


def test_an_offer_twice_is_a_conflict_that_keeps_what_was_typed(enshi: Place, client_for: Browser) -> None:
    procurement = scene.tendering(enshi, scene.approved(enshi))
    good = scene.firm(enshi)
    scene.offer(enshi, procurement, good)
    client = client_for(enshi.applicant_handler)
    answer = post(
        client, "add-offer", procurement.case.number, {"firm": good.pk, "unit": "yuan", "price": "599000"}, 409
    )
    assert "entered already" in text(answer)
    assert 'value="599000"' in text(answer)
    assert procurement.bidders.count() == 1


def test_a_barred_firm_does_not_win(enshi: Place, client_for: Browser) -> None:
    """The award names the ban; the offer stays an offer."""
    procurement = scene.tendering(enshi, scene.approved(enshi))
    barred = scene.firm(enshi)
    bidder = scene.offer(enshi, procurement, barred)
    today = timezone.localdate()
    firms.bar_firm(enshi.bureau_approver, firm=barred, since=today, until=None, reason="串通投标")
    client = client_for(enshi.applicant_leader)
    page = text(client.get(reverse("cases:case", args=[procurement.case.number]), headers=ENGLISH))
    assert "barred until further notice" in page
    values = {"award-version": procurement.case.events.count(), "award-winner": bidder.pk, "award-opinion": "价低"}
    answer = client.post(reverse("cases:act", args=[procurement.case.number, "award"]), values, headers=ENGLISH)
    assert answer.status_code == 409
    assert "This firm is barred today" in text(answer)
    bidder.refresh_from_db()
    assert not bidder.won


def test_offers_are_entered_by_whom_the_procurement_awaits(enshi: Place, client_for: Browser) -> None:
    procurement = scene.tendering(enshi, scene.approved(enshi))
    address = reverse("projects:add-offer", args=[procurement.case.number])
    assert client_for(enshi.bureau_reviewer).get(address).status_code == 403
    assert client_for(enshi.outsider).get(address).status_code == 404


# --- contracts


def test_a_contract_is_written_with_its_stages(enshi: Place, client_for: Browser) -> None:
    contract = scene.awarded(enshi, scene.approved(enshi))
    client, number = client_for(enshi.applicant_handler), contract.case.number
    page = text(client.get(reverse("projects:contract-terms", args=[number]), headers=ENGLISH))
    assert "won with 600,000.00 yuan" in page
    post(client, "contract-terms", number, terms(version=1))
    contract.refresh_from_db()
    assert (contract.amount, contract.bond) == (Decimal("600000.00"), Decimal("30000.00"))
    assert [stage.amount for stage in contract.milestones.all()] == [Decimal("240000.00"), Decimal("360000.00")]
    shown = text(client.get(reverse("cases:case", args=[number]), headers=ENGLISH))
    for part in ("240,000.00", "360,000.00", "HT-2026-01", "36 months"):
        assert part in shown


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"amount": "600000"}, "The offer that won is 600,000.00 yuan"),
        ({"unit": "yuan"}, "The offer that won is 600,000.00 yuan"),
        ({"stages-1-percent": "59.99"}, "come to 99.99 percent and have to come to 100"),
        ({"stages-1-percent": "60.01"}, "come to 100.01 percent"),
        ({"begins_on": "2027-10-01"}, "The work ends before it begins."),
        ({"stages-0-planned_on": "2027-10-01"}, "A stage is planned before the one that it follows."),
        ({"bond": "61"}, "The bond lies between"),
        ({"stages-TOTAL_FORMS": 0}, "Name at least one stage"),
        ({"stages-1-percent": "0"}, "greater than or equal to 0.01"),
        ({"amount": "sechzig"}, "Enter a number"),
    ],
)
def test_a_contract_that_does_not_fit_is_refused_and_keeps_what_was_typed(
    enshi: Place, client_for: Browser, changes: dict[str, Any], sentence: str
) -> None:
    contract = scene.awarded(enshi, scene.approved(enshi))
    answer = post(
        client_for(enshi.applicant_handler), "contract-terms", contract.case.number, terms(version=1, **changes), 400
    )
    assert sentence in text(answer)
    assert "软件和文档" in text(answer)
    assert not contract.milestones.exists()


def test_stages_are_added_and_removed_without_losing_what_was_typed(enshi: Place, client_for: Browser) -> None:
    contract = scene.awarded(enshi, scene.approved(enshi))
    client, number = client_for(enshi.applicant_handler), contract.case.number
    more = text(post(client, "contract-terms", number, terms(add="1"), 200))
    assert 'name="stages-2-title"' in more
    assert "到货安装" in more
    fewer = text(post(client, "contract-terms", number, terms(remove="0"), 200))
    assert "到货安装" not in fewer
    assert "试运行合格" in fewer
    assert not contract.milestones.exists()


def test_a_contract_saved_elsewhere_is_a_conflict(enshi: Place, client_for: Browser) -> None:
    contract = scene.written(enshi, scene.awarded(enshi, scene.approved(enshi)))
    client = client_for(enshi.applicant_handler)
    answer = post(client, "contract-terms", contract.case.number, terms(version=1, number="HT-晚"), 409)
    assert "HT-晚" in text(answer)


def test_a_signed_contract_is_not_written_again_but_added_to(enshi: Place, client_for: Browser) -> None:
    """Supplements come to ten percent at the most, in sum."""
    contract = scene.signed(enshi, scene.approved(enshi))
    client, number = client_for(enshi.applicant_handler), contract.case.number
    assert client.get(reverse("projects:contract-terms", args=[number])).status_code == 403
    page = text(client.get(reverse("cases:case", args=[number]), headers=ENGLISH))
    assert reverse("projects:new-supplement", args=[number]) in page
    added = {"title": "增加接口", "unit": "ten_thousand", "amount": "6.01", "asked_papers": scene.paper()}
    refused = text(post(client, "new-supplement", number, added, DoorClosed.status))
    assert "增加接口" in refused
    assert not Supplement.objects.exists()
    answer = post(client, "new-supplement", number, {**added, "amount": "6", "asked_papers": scene.paper()})
    assert Supplement.objects.get().amount == Decimal("60000.00")
    assert "60,000.00" in text(client.get(answer["Location"], headers=ENGLISH))


# --- payments


def test_a_payment_is_preset_with_what_is_left_of_its_stage(enshi: Place, client_for: Browser) -> None:
    contract = scene.signed(enshi, scene.approved(enshi))
    stage = contract.milestones.first()
    client, project = client_for(enshi.applicant_handler), contract.project
    case_page = text(client.get(reverse("cases:case", args=[contract.case.number])))
    address = f"{reverse('projects:new-payment', args=[project.pk])}?stage={stage.pk}"
    assert address in case_page
    assert 'value="240000.00"' in text(client.get(address))
    values = {"what": f"s{stage.pk}", "unit": "yuan", "amount": "", "asked_papers": scene.paper()}
    answer = post(client, "new-payment", project.pk, values)
    assert Payment.objects.get().amount == stage.amount
    shown = text(client.get(answer["Location"], headers=ENGLISH))
    for part in ("240,000.00", "到货安装", "600,000.00 yuan left"):
        assert part in shown


@pytest.mark.parametrize(
    ("stage", "amount", "unit", "status", "sentence"),
    [
        (True, "240000.01", "yuan", DoorClosed.status, "more than what is left of the share of its stage"),
        (False, "600000.01", "yuan", 400, "At most 600,000.00 yuan are left"),
        (False, "240000", "ten_thousand", 400, "At most 600,000.00 yuan are left"),
        (False, "", "yuan", 400, "Say how much"),
        (False, "0", "yuan", 400, "more than nothing"),
        (False, "0.001", "yuan", 400, "two decimals"),
    ],
)
def test_more_than_is_left_is_not_paid(
    enshi: Place, client_for: Browser, stage: bool, amount: str, unit: str, status: int, sentence: str
) -> None:
    contract = scene.signed(enshi, scene.approved(enshi))
    what = f"s{contract.milestones.first().pk}" if stage else f"c{contract.pk}"
    values = {"what": what, "unit": unit, "amount": amount, "asked_papers": scene.paper()}
    answer = post(client_for(enshi.applicant_handler), "new-payment", contract.project_id, values, status)
    assert sentence in text(answer)
    assert not Payment.objects.exists()


def test_without_a_signed_contract_nothing_is_asked_for(enshi: Place, client_for: Browser) -> None:
    project = scene.approved(enshi)
    scene.awarded(enshi, project)
    client = client_for(enshi.applicant_handler)
    page = client.get(reverse("projects:new-payment", args=[project.pk]), headers=ENGLISH)
    assert "No signed contract has anything left to pay." in text(page)
    assert client.post(reverse("projects:new-payment", args=[project.pk]), {}).status_code == 400


def test_the_ledger_shows_each_line_with_its_case(enshi: Place, client_for: Browser) -> None:
    project = scene.approved(enshi)
    contract = scene.signed(enshi, project)
    payment = scene.paid(enshi, contract)
    client = client_for(enshi.applicant_handler)
    page = text(client.get(reverse("projects:ledger", args=[project.pk]), headers=ENGLISH))
    for part in ("860,000.00", "600,000.00", "240,000.00", "360,000.00", contract.case.number, payment.number):
        assert part in page
    sheet = client.get(reverse("projects:ledger-sheet", args=[project.pk]))
    assert sheet["Content-Type"].endswith("sheet")
    shown = text(client.get(reverse("projects:project", args=[project.pk]), headers=ENGLISH))
    assert "240,000.00" in shown
    assert contract.firm.name in shown


def test_finance_sees_the_project_whose_payment_came_to_it_and_calls_money_back(
    enshi: Place, client_for: Browser
) -> None:
    project = scene.approved(enshi)
    scene.paid(enshi, scene.signed(enshi, project))
    client = client_for(enshi.finance_reviewer)
    assert client.get(reverse("projects:project", args=[project.pk])).status_code == 200
    contract = Contract.objects.get()
    values = {"contract": contract.pk, "unit": "yuan", "amount": "240000.01", "asked_reason": "重复拨付"}
    assert "At most 240,000.00 yuan" in text(post(client, "new-recall", project.pk, values, 400))
    post(client, "new-recall", project.pk, {**values, "amount": "1000"})
    recall = Payment.objects.get(kind="recall")
    assert recall.amount == Decimal("1000.00")
    act(enshi.finance_approver, recall.case, "order", opinion="收回")
    act(enshi.finance_reviewer, recall.case, "receive", papers=scene.papers(enshi.finance_reviewer))
    assert "-1,000.00" in text(client.get(reverse("projects:ledger", args=[project.pk])))
    assert (
        client_for(enshi.applicant_handler).post(reverse("projects:new-recall", args=[project.pk]), values).status_code
        == 403
    )


# --- changes, and what is to be put right


def test_a_change_says_what_all_changes_come_to(enshi: Place, client_for: Browser) -> None:
    project = scene.approved(enshi)
    client = client_for(enshi.applicant_handler)
    values = {
        "kind": "estimate",
        "description": "增加两个乡镇",
        "reason": "行政区划调整",
        "unit": "ten_thousand",
        "delta": "-4.3",
        "moved": "",
        "asked_papers": scene.paper(),
    }
    gone = {**values, "delta": "-86"}
    assert "Nothing would be left of the investment." in text(post(client, "new-change", project.pk, gone, 400))
    answer = post(client, "new-change", project.pk, {**values, "asked_papers": scene.paper()})
    assert Change.objects.get().delta == Decimal("-43000.00")
    shown = text(client.get(answer["Location"], headers=ENGLISH))
    assert "5.00% of what was approved" in shown
    again = post(client, "new-change", project.pk, {**values, "asked_papers": scene.paper()}, 409)
    assert "applied for already" in text(again)
    assert "增加两个乡镇" in text(again)


def test_the_authority_orders_to_put_something_right(enshi: Place, client_for: Browser) -> None:
    project = scene.approved(enshi)
    client = client_for(enshi.bureau_reviewer)
    values = {"kind": "against_approval", "findings": "机房建设超出批准范围"}
    answer = post(client, "new-rectification", project.pk, values)
    assert Rectification.objects.get().project == project
    assert "机房建设超出批准范围" in text(client.get(answer["Location"]))
    owner = client_for(enshi.applicant_handler)
    assert owner.post(reverse("projects:new-rectification", args=[project.pk]), values).status_code == 403


# --- late payment


def test_a_late_payment_to_a_small_firm_shows_its_interest(
    enshi: Place, client_for: Browser, django_assert_max_num_queries: Callable
) -> None:
    """0.05 percent a day of 240,000 yuan is 120 yuan."""
    contract = scene.signed(enshi, scene.approved(enshi), scene.firm(enshi, small=True))
    case = scene.asked(enshi, contract)
    act(enshi.applicant_leader, case, "sign_stage", accepted_on=timezone.localdate().isoformat())
    clock = case.clocks.get(name="small_firm")
    assert clock.due_on == timezone.localdate() + timedelta(days=30)
    client = client_for(enshi.applicant_handler)
    address = reverse("cases:case", args=[case.number])
    assert "interest a day" not in text(client.get(address, headers=ENGLISH))
    type(clock).objects.filter(pk=clock.pk).update(due_on=timezone.localdate() - timedelta(days=3))
    page = text(client.get(address, headers=ENGLISH))
    assert "120.00 yuan interest a day" in page
    assert "3 days after the due date: 360.00 yuan" in page


# --- who sees what


def test_strangers_see_nothing_of_contracts_and_money(enshi: Place, xianyang: Place, client_for: Browser) -> None:
    contract = scene.signed(enshi, scene.approved(enshi))
    number, project = contract.case.number, contract.project_id
    addresses = [reverse(f"projects:{name}", args=[number]) for name in ("contract-terms", "new-supplement")]
    steps = ("procurement", "payment", "recall", "change", "rectification")
    addresses += [reverse(f"projects:new-{step}", args=[project]) for step in steps]
    addresses += [reverse(f"projects:{name}", args=[project]) for name in ("ledger", "ledger-sheet")]
    for stranger in (enshi.outsider, enshi.administrator, xianyang.applicant_handler):
        client = client_for(stranger)
        assert {client.get(address).status_code for address in addresses} == {404}
    assert Case.objects.filter(family="contract").count() == 1
