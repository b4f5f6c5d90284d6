"""Every gate between approval and the last payment holds when somebody tries to pass it wrongly, in each city.

Each closed gate names the rule behind it. What a city's law does not ask passes there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from cases import services as cases
from cases.errors import DoorClosed
from cases.models import Case, Clock
from organizations.errors import BadInput, Conflict
from organizations.models import Organization
from projects.models import Contract, LedgerEntry, Procurement, Project
from projects.services import contracting, firms, paying
from projects.standing import money_of
from tests.cast import Place
from tests.projects import building_scene as scene
from tests.projects.contract_scene import papers
from tests.scenes import act

pytestmark = pytest.mark.django_db
CENT, LOCAL = Decimal("0.01"), ZoneInfo("Asia/Shanghai")
every_city = pytest.mark.parametrize("name", scene.CITIES)


@contextmanager
def closed_by(*rules: str) -> Iterator[None]:
    """The door is closed, and these are the rules that close it."""
    with pytest.raises(DoorClosed) as refused:
        yield
    assert {reason.rule for reason in refused.value.reasons} == set(rules)


# --- procurement

BUDGET_RULE = {
    "xianyang": "fund.no_diversion",
    "enshi": "project.build_as_approved",
    "jiaocheng": "budget.approved_only",
    "panjin": "change.not_at_will",
}
AUTHOR_RULE = dict.fromkeys(scene.CITIES, "procurement.winner") | {"panjin": "plan.author_barred"}


@every_city
def test_nothing_is_procured_before_approval(name: str) -> None:
    place = scene.city(name)
    project = scene.filed(place)
    with pytest.raises(DoorClosed) as refused:
        scene.procurement(place, project)
    unmet = {
        "xianyang": {"tender.after_review", "fund.no_diversion"},
        "enshi": {"project.approval_first", "project.build_as_approved"},
        "jiaocheng": {"project.no_early_start", "budget.approved_only"},
        "panjin": {"procure.in_plan_only", "plan.no_splitting", "change.not_at_will"},
    }
    assert {reason.rule for reason in refused.value.reasons} == unmet[name]
    assert not Procurement.objects.exists()


@every_city
def test_a_procurement_lies_within_what_was_approved(name: str) -> None:
    place, project = scene.begun(name)
    with closed_by(BUDGET_RULE[name]):
        scene.procurement(place, project, budget=project.total + CENT)
    assert scene.procurement(place, project, budget=project.total).pk


def test_jiaocheng_has_the_budget_reviewed_before_a_tender() -> None:
    place, project = scene.begun("jiaocheng")
    with closed_by("budget.review_first"):
        scene.procurement(place, project, budget_reviewer="")


def test_panjin_procures_what_stands_in_the_plan() -> None:
    place, project = scene.begun("panjin")
    project.plan_items.all().delete()
    with closed_by("procure.in_plan_only"):
        scene.procurement(place, project)


def county_project(total: Decimal) -> tuple[Place, Project]:
    """A project of Xianyang whose owner belongs to a county; a major one, with what the law asks of those."""
    place = scene.city("xianyang")
    Organization.objects.filter(pk=place.applicant.pk).update(region="610425")
    place.applicant.refresh_from_db()
    years = {2026: total}
    return place, scene.approved(
        place, total=total, years=years, responsible_is_head=True, working_group="业务科、信息中心"
    )


def test_a_county_project_of_exactly_a_million_needs_no_tender() -> None:
    place, project = county_project(Decimal(1_000_000))
    assert scene.procurement(place, project, method="inquiry").pk


def test_a_county_project_above_a_million_is_tendered() -> None:
    place, project = county_project(Decimal("1000000.01"))
    with closed_by("county.tender"):
        scene.procurement(place, project, method="inquiry")
    assert scene.procurement(place, project, method="open_tender").pk


def test_a_city_project_above_a_million_needs_no_tender() -> None:
    place = scene.city("xianyang")
    total = Decimal(2_000_000)
    project = scene.approved(
        place, total=total, years={2026: total}, responsible_is_head=True, working_group="业务科、信息中心"
    )
    assert scene.procurement(place, project, method="inquiry").pk


# --- awards


@every_city
def test_without_an_offer_nothing_is_awarded(name: str) -> None:
    place, project = scene.begun(name)
    case = scene.procurement(place, project).case
    with pytest.raises(BadInput) as refused:
        act(place.buyer_leader, case, "award", opinion="无")
    assert set(refused.value.fields) == {"winner"}


@every_city
def test_a_barred_firm_wins_nothing(name: str) -> None:
    """Barred from today to today: both days count."""
    place, project = scene.begun(name)
    firm, today = scene.firm(place), timezone.localdate()
    firms.bar_firm(place.bureau_approver, firm=firm, since=today, until=today, reason="串通投标")
    bidder = scene.offer(place, scene.procurement(place, project), firm)
    with closed_by("procurement.winner"):
        scene.award(place, bidder)
    bidder.refresh_from_db()
    assert not bidder.won


@every_city
def test_a_firm_whose_ban_is_over_or_yet_to_come_may_win(name: str) -> None:
    place, project = scene.begun(name)
    firm, today = scene.firm(place), timezone.localdate()
    day = timedelta(days=1)
    firms.bar_firm(place.bureau_approver, firm=firm, since=today - 9 * day, until=today - day, reason="串通投标")
    firms.bar_firm(place.bureau_approver, firm=firm, since=today + day, until=None, reason="串通投标")
    assert scene.award(place, scene.offer(place, scene.procurement(place, project), firm)).firm == firm


@every_city
def test_the_author_of_the_plan_does_not_build_it(name: str) -> None:
    """By name, whatever spaces were typed."""
    place = scene.city(name)
    project = scene.approved(place, design_firm=" 某软件公司7001 ", design_qualification="甲级")
    bidder = scene.offer(place, scene.procurement(place, project), scene.firm(place))
    with closed_by(AUTHOR_RULE[name]):
        scene.award(place, bidder)


@every_city
@pytest.mark.parametrize("lapsed", [False, True])
def test_an_unqualified_firm_wins_only_where_the_law_does_not_ask(name: str, lapsed: bool) -> None:
    """A qualification that ended yesterday is none; one that ends today is one."""
    place, project = scene.begun(name)
    today = timezone.localdate()
    about: dict[str, Any] = {"qualified_until": today - timedelta(days=1)} if lapsed else {"qualification": ""}
    procurement = scene.procurement(place, project)
    bidder = scene.offer(place, procurement, scene.firm(place, **about))
    if name != "xianyang":
        assert scene.award(place, bidder).pk
        return
    with closed_by("builder.qualified", "builder.unqualified_not_hired"):
        scene.award(place, bidder)
    good = scene.offer(place, procurement, scene.firm(place, 7002, qualified_until=today))
    assert scene.award(place, good).pk


@every_city
def test_an_offer_above_the_budget_does_not_win(name: str) -> None:
    place, project = scene.begun(name)
    procurement = scene.procurement(place, project, budget=Decimal(700_000))
    over = scene.offer(place, procurement, scene.firm(place), Decimal("700000.01"))
    with closed_by(BUDGET_RULE[name]):
        scene.award(place, over)
    exact = scene.offer(place, procurement, scene.firm(place, 7002), Decimal(700_000))
    assert scene.award(place, exact).amount == Decimal(700_000)


@every_city
def test_an_offer_of_another_procurement_does_not_win(name: str) -> None:
    place, project = scene.begun(name)
    here, there = scene.procurement(place, project), scene.procurement(place, project)
    other = scene.offer(place, there, scene.firm(place))
    scene.offer(place, here, scene.firm(place, 7002))
    with pytest.raises(BadInput):
        act(place.buyer_leader, here.case, "award", winner=[str(other.pk)], opinion="报价最低")
    assert not Contract.objects.exists()


@every_city
def test_bidders_of_a_tender_have_twenty_days(name: str) -> None:
    """Documents issued on 4 March: the award is closed up to the end of 24 March, and open on the 25th."""
    with time_machine.travel(datetime(2026, 3, 4, 10, 0, tzinfo=LOCAL), tick=False) as traveller:
        place, project = scene.begun(name)
        procurement = scene.procurement(place, project, method="open_tender")
        bidder = scene.offer(place, procurement, scene.firm(place))
        for day in (4, 24):
            traveller.move_to(datetime(2026, 3, day, 23, 59, tzinfo=LOCAL))
            cases.sweep()
            with closed_by("tender.preparation"):
                scene.award(place, bidder)
        traveller.move_to(datetime(2026, 3, 25, 0, 1, tzinfo=LOCAL))
        cases.sweep()
        assert scene.award(place, bidder).pk


# --- contracts


def supervised(name: str, **terms: Any) -> tuple[Place, Contract]:
    """A contract awarded and written, to be signed next, the supervisor's before it where one is asked for."""
    place, project = scene.begun(name)
    if name == "xianyang":
        scene.supervision(place, project)
    contract = scene.award(place, scene.offer(place, scene.procurement(place, project), scene.firm(place)))
    return place, scene.write(place, contract, **terms)


@every_city
@pytest.mark.parametrize(
    "terms", [{"number": ""}, {"deliverables": ""}, {"ownership": ""}, {"ends_on": None}, {"warranty_months": None}]
)
def test_an_incomplete_contract_is_not_signed(name: str, terms: dict[str, Any]) -> None:
    place, contract = supervised(name, **terms)
    more = {"warranty.period"} if name == "xianyang" and "warranty_months" in terms else set()
    with closed_by("contract.milestones", *more):
        scene.sign(place, contract)
    assert not LedgerEntry.objects.filter(contract=contract).exists()


@every_city
def test_a_contract_without_stages_is_not_signed(name: str) -> None:
    place, contract = supervised(name)
    contract.milestones.all().delete()
    with closed_by("contract.milestones"):
        scene.sign(place, contract)


@every_city
@pytest.mark.parametrize("percents", [(), ("99.99",), ("40", "60.01"), ("100", "0"), ("150", "-50")])
def test_stages_come_to_a_hundred_percent(name: str, percents: tuple[str, ...]) -> None:
    place, contract = supervised(name)
    day = timezone.localdate()
    stages = [contracting.Stage("阶段", Decimal(percent), day) for percent in percents]
    with pytest.raises(BadInput) as refused:
        scene.write(place, contract, stages=stages)
    assert set(refused.value.fields) == {"stages"}


def test_the_shares_of_stages_add_up_to_the_cent() -> None:
    place, contract = supervised("enshi")
    thirds = [Decimal("33.33"), Decimal("33.33"), Decimal("33.34")]
    stages = [contracting.Stage("阶段", percent, timezone.localdate()) for percent in thirds]
    scene.write(place, contract, stages=stages)
    assert sum(stage.amount for stage in contract.milestones.all()) == contract.amount


def test_no_stage_is_paid_nothing() -> None:
    """Of one cent two stages cannot both be paid: that is said, and nothing is stored."""
    place, project = scene.begun("enshi")
    bidder = scene.offer(place, scene.procurement(place, project), scene.firm(place), CENT)
    contract = scene.award(place, bidder)
    with pytest.raises(BadInput) as refused:
        scene.write(place, contract)
    assert set(refused.value.fields) == {"stages"}


@every_city
def test_contracts_together_lie_within_what_was_approved(name: str) -> None:
    """860,000 are approved and 600,000 contracted; in Xianyang 50,000 more for supervision."""
    place, contract = scene.built(name)
    project = contract.project
    left = money_of(project).approved - money_of(project).contracted
    assert left == Decimal(210_000 if name == "xianyang" else 260_000)
    over = scene.procurement(place, project, budget=left + CENT)
    second = scene.write(place, scene.award(place, scene.offer(place, over, scene.firm(place, 7002), left + CENT)))
    with closed_by("contract.within_approved"):
        scene.sign(place, second)
    exact = scene.procurement(place, project, budget=left)
    third = scene.write(place, scene.award(place, scene.offer(place, exact, scene.firm(place, 7003), left)))
    scene.sign(place, third)
    assert money_of(project).contracted == money_of(project).approved


@every_city
def test_a_bond_is_ten_percent_at_the_most(name: str) -> None:
    place, contract = supervised(name, bond=Decimal("60000.01"))
    with closed_by("tender.performance_bond"):
        scene.sign(place, contract)
    scene.write(place, contract, bond=Decimal(60_000))
    assert scene.sign(place, contract).signed_on == timezone.localdate()


@every_city
@pytest.mark.parametrize(("small", "days", "lawful"), [(True, 60, True), (True, 61, False), (False, 90, True)])
def test_a_small_firm_is_not_made_to_wait_longer_than_sixty_days(
    name: str, small: bool, days: int, lawful: bool
) -> None:
    place, project = scene.begun(name)
    if name == "xianyang":
        scene.supervision(place, project)
    by = scene.firm(place, 7003, small=small)
    contract = scene.write(
        place, scene.award(place, scene.offer(place, scene.procurement(place, project), by)), payment_days=days
    )
    if lawful:
        assert scene.sign(place, contract).signed_on is not None
        return
    with closed_by("payment.sme_agreed"):
        scene.sign(place, contract)


@pytest.mark.parametrize(("days", "runs"), [(None, "30"), (45, "45")])
def test_a_small_firm_is_paid_in_thirty_days_or_in_those_agreed(days: int | None, runs: str) -> None:
    place, project = scene.begun("enshi")
    contract = scene.contracted(place, project, scene.firm(place, 7003, small=True), terms={"payment_days": days})
    payment = scene.to_the_cashier(place, scene.ask(place, contract))
    clock = Clock.objects.get(case=payment.case, name="small_firm")
    assert (clock.amount, clock.unit) == (runs, "day")


def test_a_large_firm_has_no_term_of_the_law(db: None) -> None:
    """No branch of the limit holds, so the clock does not start."""
    place, project = scene.begun("enshi")
    contract = scene.contracted(place, project, scene.firm(place, 7003, small=False))
    payment = scene.to_the_cashier(place, scene.ask(place, contract))
    assert not Clock.objects.filter(case=payment.case).exists()


def test_xianyang_asks_for_a_supervisor_first() -> None:
    place, project = scene.begun("xianyang")
    contract = scene.write(
        place, scene.award(place, scene.offer(place, scene.procurement(place, project), scene.firm(place)))
    )
    with closed_by("supervisor.required"):
        scene.sign(place, contract)
    scene.supervision(place, project)
    assert scene.sign(place, contract).signed_on


def test_panjin_asks_for_a_supervisor_of_major_projects() -> None:
    place, contract = supervised("panjin")
    Project.objects.filter(pk=contract.project_id).update(major=True)
    with closed_by("supervisor.major"):
        scene.sign(place, contract)


def test_jiaocheng_has_the_source_code_handed_over() -> None:
    place, contract = supervised("jiaocheng", source_code=False)
    with closed_by("contract.contents"):
        scene.sign(place, contract)


@every_city
def test_a_signed_contract_is_not_rewritten(name: str) -> None:
    place, contract = scene.built(name)
    with pytest.raises(Conflict):
        scene.write(place, contract, ownership="归承建单位所有")


# --- supplements


@every_city
def test_supplements_come_to_ten_percent_in_sum(name: str) -> None:
    place, contract = scene.built(name)
    scene.sign_supplement(place, scene.supplement(place, contract, Decimal(45_000)))
    with closed_by("procurement.supplement"):
        scene.supplement(place, contract, Decimal("15000.01"))
    scene.sign_supplement(place, scene.supplement(place, contract, Decimal(15_000)))
    contract.refresh_from_db()
    assert contract.due == Decimal(660_000)
    with closed_by("procurement.supplement"):
        scene.supplement(place, contract, CENT)


@every_city
def test_two_supplements_on_their_way_do_not_pass_ten_percent_together(name: str) -> None:
    """Each is within ten percent when it is proposed; the one signed second would not be."""
    place, contract = scene.built(name)
    first = scene.supplement(place, contract, Decimal(40_000))
    second = scene.supplement(place, contract, Decimal(40_000))
    scene.sign_supplement(place, first)
    with closed_by("procurement.supplement"):
        scene.sign_supplement(place, second)


@every_city
def test_a_supplement_lies_within_what_was_approved(name: str) -> None:
    """Ten percent of the contract may be more than what is left of the approval."""
    place, contract = scene.built(name)
    money = money_of(contract.project)
    rest = money.approved - money.contracted - 10_000
    other = scene.procurement(place, contract.project, budget=rest)
    scene.sign(place, scene.write(place, scene.award(place, scene.offer(place, other, scene.firm(place, 7002), rest))))
    with closed_by("contract.within_approved"):
        scene.supplement(place, contract, Decimal("10000.01"))
    scene.sign_supplement(place, scene.supplement(place, contract, Decimal(10_000)))
    assert money_of(contract.project).contracted == money.approved


# --- payments


@every_city
def test_nothing_is_paid_before_the_contract_is_filed(name: str) -> None:
    place, contract = supervised(name)
    scene.sign(place, contract)
    with closed_by("payment.contract_filed"):
        scene.ask(place, contract)
    scene.file(place, contract)
    assert scene.ask(place, contract).amount == Decimal(240_000)


@every_city
def test_a_stage_is_paid_its_share_and_no_cent_more(name: str) -> None:
    """What is asked for counts, whether it was paid already or not."""
    place, contract = scene.built(name)
    with closed_by("payment.within_contract"):
        scene.ask(place, contract, Decimal("240000.01"))
    scene.pay(place, scene.ask(place, contract, Decimal(200_000)))
    with closed_by("payment.within_contract"):
        scene.ask(place, contract, Decimal("40000.01"))
    scene.ask(place, contract, Decimal(40_000))
    with closed_by("payment.within_contract"):
        scene.ask(place, contract, CENT)


@every_city
def test_no_more_is_asked_for_than_is_left_of_the_contract(name: str) -> None:
    place, contract = scene.built(name)
    with pytest.raises(BadInput):
        scene.ask(place, contract, Decimal("600000.01"), stage=None)
    scene.pay(place, scene.ask(place, contract, stage=1))
    scene.ask(place, contract, stage=2)
    with pytest.raises(BadInput):
        scene.ask(place, contract, CENT, stage=None)


@every_city
def test_a_payment_asked_for_before_the_stage_was_full_is_stopped_at_the_cashier(name: str) -> None:
    """Whatever was true when it was asked for: what counts is what is left when it is paid."""
    place, contract = scene.built(name)
    payment = scene.to_the_cashier(place, scene.ask(place, contract))
    Contract.objects.filter(pk=contract.pk).update(paid=Decimal("360000.01"))
    with closed_by("payment.within_contract"):
        act(place.finance_approver, payment.case, "pay")
    contract.refresh_from_db()
    assert contract.paid == Decimal("360000.01")


MONEY_STOPS = {"xianyang": "sanction.owner", "jiaocheng": "sanction.suspend_money"}


@every_city
def test_an_open_order_to_put_something_right_stops_money_where_the_law_says_so(name: str) -> None:
    place, contract = scene.built(name)
    payment = scene.ask(place, contract)
    order = scene.order_rectification(place, contract.project)
    if name not in MONEY_STOPS:
        assert scene.pay(place, payment).posted_on
        return
    with closed_by(MONEY_STOPS[name]):
        scene.to_the_cashier(place, payment)
    scene.put_right(place, order)
    act(place.finance_reviewer, payment.case, "clear")
    again = scene.order_rectification(place, contract.project)
    with closed_by(MONEY_STOPS[name]):
        act(place.finance_approver, payment.case, "pay")
    scene.put_right(place, again)
    act(place.finance_approver, payment.case, "pay")
    contract.refresh_from_db()
    assert contract.paid == payment.amount


@pytest.mark.parametrize("name", ["xianyang", "jiaocheng"])
def test_operation_is_not_paid_while_promised_data_is_not_shared(name: str) -> None:
    """The sharing plan promised data that nobody finds in the catalogue."""
    place, contract = scene.built(name)
    payment = scene.ask(place, contract, Decimal(1_000), stage=None)
    with closed_by("payment.sharing"):
        scene.to_the_cashier(place, payment)


@every_city
def test_no_more_is_called_back_than_was_paid(name: str) -> None:
    place, contract = scene.built(name)
    with pytest.raises(BadInput):
        scene.recall(place, contract, CENT)
    scene.pay(place, scene.ask(place, contract))
    with pytest.raises(BadInput):
        scene.recall(place, contract, Decimal("240000.01"))
    scene.recall(place, contract, Decimal(240_000))
    assert money_of(contract.project).paid == 0


def test_what_another_contract_was_paid_does_not_come_back_for_this_one() -> None:
    """Two recalls on their way: the second is closed once the first has left less, whatever else the project paid."""
    place, contract = scene.built("xianyang")
    other = contract.project.contracts.get(kind="supervision")
    for each in (contract, other):
        scene.pay(place, scene.ask(place, each))
    late = paying.begin_recall(
        place.finance_reviewer,
        contract=Contract.objects.get(pk=contract.pk),
        amount=Decimal(15),
        given={"reason": "多付"},
    )
    act(place.finance_approver, late, "order", opinion="应予收回")
    scene.recall(place, contract, Decimal(239_990))
    with closed_by("payment.recall"):
        act(place.finance_reviewer, late, "receive", papers=papers(place.finance_reviewer))
    assert money_of(contract.project).paid == 10 + 20_000


# --- changes


def test_xianyang_approves_changes_of_exactly_ten_percent_in_sum() -> None:
    """43,000 and 43,000 of 860,000; a cent more starts approval afresh, and then the measure begins anew."""
    place, project = scene.begun("xianyang")
    scene.decide_change(place, scene.propose_change(place, project, delta=Decimal(43_000)))
    scene.decide_change(place, scene.propose_change(place, project, delta=Decimal(43_000)))
    project.refresh_from_db()
    assert project.total == Decimal(946_000)
    third = scene.propose_change(place, project, delta=CENT)
    with closed_by("change.reapproval"):
        act(place.authority_approver, third.case, "approve")
    act(place.authority_approver, third.case, "start_afresh", opinion="累计超过百分之十")
    with closed_by("change.reapproval"):
        act(place.authority_approver, third.case, "approve_afresh", opinion="同意")
    scene.pass_review(place, project)
    act(place.authority_approver, third.case, "approve_afresh", opinion="重新评审通过")
    scene.decide_change(place, scene.propose_change(place, project, delta=Decimal(94_600)))
    assert money_of(project).approved == Decimal("1040600.01")


def test_xianyang_counts_a_decrease_and_money_put_to_another_use() -> None:
    """A decrease of 40,000 and 40,000 put to another use are 80,000: with 6,000.01 more it is above ten percent."""
    place, project = scene.begun("xianyang")
    scene.decide_change(place, scene.propose_change(place, project, delta=Decimal(-40_000)))
    scene.decide_change(place, scene.propose_change(place, project, kind="use", moved=Decimal(40_000)))
    last = scene.propose_change(place, project, delta=Decimal("-6000.01"))
    with closed_by("change.reapproval"):
        act(place.authority_approver, last.case, "approve")


def test_xianyang_does_not_start_afresh_within_ten_percent() -> None:
    place, project = scene.begun("xianyang")
    change = scene.propose_change(place, project, delta=Decimal(86_000))
    with closed_by("change.reapproval"):
        act(place.authority_approver, change.case, "start_afresh", opinion="转重新审批")


@pytest.mark.parametrize("name", ["enshi", "jiaocheng", "panjin"])
def test_where_the_law_names_no_share_a_large_change_is_decided_as_any_other(name: str) -> None:
    place, project = scene.begun(name)
    change = scene.decide_change(place, scene.propose_change(place, project, delta=Decimal(172_000)))
    assert change.approved_on == timezone.localdate()
    assert money_of(project).approved == Decimal(1_032_000)


@every_city
def test_a_change_does_not_take_what_contracts_need(name: str) -> None:
    place, contract = scene.built(name)
    left = money_of(contract.project).approved - money_of(contract.project).contracted
    with closed_by("contract.within_approved"):
        scene.propose_change(place, contract.project, delta=-left - CENT)
    assert scene.propose_change(place, contract.project, delta=-left).pk


@every_city
def test_a_contract_signed_meanwhile_stops_a_change_that_takes_its_money(name: str) -> None:
    place, contract = scene.built(name)
    left = money_of(contract.project).approved - money_of(contract.project).contracted
    change = scene.propose_change(place, contract.project, delta=-min(left, Decimal(80_000)))
    scene.sign_supplement(place, scene.supplement(place, contract, Decimal(60_000)))
    other = scene.procurement(place, contract.project, budget=left - 60_000)
    price = left - 60_000
    scene.sign(place, scene.write(place, scene.award(place, scene.offer(place, other, scene.firm(place, 7002), price))))
    with closed_by("contract.within_approved"):
        act(place.authority_approver, change.case, "approve", opinion="同意")


@every_city
def test_the_years_go_on_adding_up_when_less_is_invested(name: str) -> None:
    """The last year has 360,000; a change within ten percent lessens it, and a second one after it."""
    place, project = scene.begun(name)
    scene.decide_change(place, scene.propose_change(place, project, delta=Decimal(-80_000)))
    project.refresh_from_db()
    assert sum(year.amount for year in project.years.all()) == project.total == Decimal(780_000)


# --- several gates by hand


Attempt = Callable[[Place, Contract], object]


@every_city
@pytest.mark.parametrize(
    "attempt",
    [
        lambda place, contract: scene.procurement(place, contract.project),
        scene.ask,
        lambda place, contract: scene.propose_change(place, contract.project),
        lambda place, contract: scene.supplement(place, contract, Decimal(1)),
    ],
    ids=["procurement", "payment", "change", "supplement"],
)
def test_a_project_given_up_begins_no_step(name: str, attempt: Attempt) -> None:
    place, contract = scene.built(name)
    life = Case.objects.get(pk=contract.project.case_id)
    act(place.applicant_leader, life, "abandon", reason="机构调整")
    with pytest.raises(Conflict):
        attempt(place, contract)


@every_city
def test_papers_of_another_house_do_not_open_a_step(name: str) -> None:
    """The papers that a procurement asks for are the owner's own."""
    place, project = scene.begun(name)
    purchase = contracting.Purchase("平台建设", "build", "inquiry", Decimal(1_000), "", "某造价咨询公司")
    foreign = {"papers": papers(place.outsider)}
    with pytest.raises(BadInput):
        contracting.begin_procurement(place.applicant_handler, project=project, purchase=purchase, given=foreign)
