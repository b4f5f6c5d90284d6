"""A year's money: goal before budget, publication and issuing in time, carry-over, recall, and the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.db.models import Sum

from cases.engine import sweeping
from cases.errors import DoorClosed
from cases.models import Case, Clock
from funds.models import AllocationLine, Fund, FundEntry, FundTransfer, FundYear, Publication
from funds.services import allocating, years
from funds.services.ledger import SUMS
from organizations.errors import BadInput, Conflict, NotKnown, NotPermitted
from tests.funds.scene import (
    Province,
    budgeted,
    by_factors,
    case_of,
    decided,
    established,
    guide,
    passed,
    province,
    ruled,
)
from tests.scenes import act

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(datetime(2026, 2, 10, 2, tzinfo=UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def place(clock: Any, db: None) -> Province:
    return province()


@pytest.fixture
def fund(place: Province) -> Fund:
    fund = established(place)
    ruled(place, fund)
    return fund


def go(clock: Any, *when: int) -> None:
    clock.move_to(datetime(*when, 2, tzinfo=UTC))  # type: ignore[misc,arg-type]
    sweeping.sweep()


def fresh(year: FundYear) -> FundYear:
    year.refresh_from_db()
    return year


def clock_of(case: Case, name: str) -> Clock:
    return case.clocks.get(name=name)


def issued(place: Province, line: AllocationLine, on: str = "2026-02-10") -> FundTransfer:
    allocating.issue_transfer(place.finance_handler, line=line, issued_on=date.fromisoformat(on))
    return FundTransfer.objects.get(line=line)


def balances(year: FundYear) -> None:
    """Each sum of the year is the sum of its lines, and each line names an event that there is."""
    for name in set(SUMS.values()):
        kinds = [kind for kind, sum_name in SUMS.items() if sum_name == name]
        total = FundEntry.objects.filter(year=year, kind__in=kinds).aggregate(sum=Sum("amount"))["sum"]
        assert (total or Decimal(0)) == getattr(fresh(year), name)
    for entry in year.ledger.all():
        assert entry.case.events.filter(seq=entry.seq).exists()


def test_without_a_goal_that_passed_there_is_no_budget(place: Province, fund: Fund) -> None:
    with pytest.raises(DoorClosed) as closed:
        years.open_year(place.manager_handler, fund=fund, year=2026, goal=" ", asked=Decimal(1))
    assert [reason.rule for reason in closed.value.reasons] == ["performance.goal_first"]
    case = years.open_year(place.manager_handler, fund=fund, year=2026, goal="目标", asked=Decimal(1))
    with pytest.raises(Conflict):
        act(place.finance_handler, case, "enter_budget", amount="1", approved_on="2026-02-01")
    act(place.finance_leader, case, "reject_goal", reason="无法衡量")
    case.refresh_from_db()
    assert (case.outcome, FundYear.objects.get().budgeted) == ("no_budget", 0)
    with pytest.raises(Conflict):
        years.open_year(place.manager_handler, fund=fund, year=2026, goal="又一目标", asked=Decimal(1))


def test_a_goal_sent_back_is_stated_anew(place: Province, fund: Fund) -> None:
    case = years.open_year(place.manager_handler, fund=fund, year=2026, goal="目标", asked=Decimal(1))
    act(place.finance_handler, case, "return_goal", reason="须量化")
    act(place.manager_handler, case, "restate_goal", goal="提高百分之三")
    act(place.finance_handler, case, "pass_goal")
    assert FundYear.objects.get().goal == "提高百分之三"


@pytest.mark.parametrize("year", [2025, 2029])
def test_a_year_outside_the_term_gets_no_budget(place: Province, fund: Fund, year: int) -> None:
    with pytest.raises(DoorClosed) as closed:
        years.open_year(place.manager_handler, fund=fund, year=year, goal="目标", asked=Decimal(1))
    assert [reason.rule for reason in closed.value.reasons] == ["fund.renewal"]


def test_only_the_department_in_charge_sets_the_goal_and_only_finance_enters_the_budget(
    place: Province, fund: Fund
) -> None:
    with pytest.raises(NotPermitted):
        years.open_year(place.second_handler, fund=fund, year=2026, goal="目标", asked=Decimal(1))
    case = years.open_year(place.manager_handler, fund=fund, year=2026, goal="目标", asked=Decimal(1))
    act(place.finance_handler, case, "pass_goal")
    with pytest.raises(NotPermitted):
        act(place.manager_handler, case, "enter_budget", amount="1", approved_on="2026-02-01")
    for wrong in ("0", "-5"):
        with pytest.raises(BadInput):
            act(place.finance_handler, case, "enter_budget", amount=wrong, approved_on="2026-02-01")


def test_the_limits_count_from_the_day_of_the_congress(place: Province, fund: Fund) -> None:
    """Budget approved on 1 February 2026: published by the 21st day (rolled off a Saturday), issued by 2 April."""
    case = case_of(budgeted(place, fund))
    assert clock_of(case, "publication").due_on == date(2026, 2, 24)
    assert clock_of(case, "issuing").due_on == date(2026, 4, 2)


def test_a_budget_published_late_is_late(place: Province, fund: Fund, clock: Any) -> None:
    case = case_of(budgeted(place, fund))
    go(clock, 2026, 3, 2)
    act(place.finance_handler, case, "publish_budget", published_on="2026-03-02", text="https://example.org/1")
    assert clock_of(case, "publication").status == "late"
    assert Publication.objects.get().kind == "budget"


def test_shares_are_exact_and_every_figure_names_its_act(place: Province, fund: Fund) -> None:
    year = budgeted(place, fund)
    row = decided(place, year, by_factors(place))
    assert sorted(line.amount for line in row.lines.all()) == [
        Decimal("333333.33"),
        Decimal("333333.33"),
        Decimal("333333.34"),
    ]
    assert (fresh(year).allocated, fresh(year).left) == (Decimal("1000000.00"), 0)
    balances(year)
    assert Publication.objects.filter(kind="allocation").count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"weights": {"企业数": Decimal("60"), "产值": Decimal("39.99")}}, "weights"),
        ({"weights": {"企业数": Decimal("60"), "产值": Decimal("40.01")}}, "weights"),
        ({"values": {}}, "values"),
        ({"amount": Decimal("0.001")}, "amount"),
        ({"amount": Decimal("-1")}, "amount"),
    ],
)
def test_an_allocation_that_does_not_add_up_is_refused(
    place: Province, fund: Fund, changes: dict[str, Any], field: str
) -> None:
    year = budgeted(place, fund)
    with pytest.raises(BadInput) as refused:
        allocating.open_allocation(place.manager_handler, year=year, plan=by_factors(place, **changes))
    assert list(refused.value.fields) == [field]


def test_nothing_is_allocated_beyond_the_budget(place: Province, fund: Fund) -> None:
    """One cent too much is refused when it is proposed; of two that were proposed together the second at decision."""
    year = budgeted(place, fund)
    with pytest.raises(DoorClosed) as closed:
        allocating.open_allocation(place.manager_handler, year=year, plan=by_factors(place, "1000000.01"))
    assert [reason.rule for reason in closed.value.reasons] == ["fund.earmarked"]
    second = allocating.open_allocation(place.manager_handler, year=year, plan=by_factors(place, "0.01"))
    act(place.manager_leader, second, "sign")
    act(place.finance_handler, second, "find_in_order")
    decided(place, year, by_factors(place))
    with pytest.raises(DoorClosed):
        act(place.finance_leader, second, "approve")
    for wrong in ({"allocated": Decimal("1000000.01")}, {"issued": Decimal("-0.01")}, {"paid": Decimal("1000000.01")}):
        with pytest.raises(IntegrityError), transaction.atomic():
            FundYear.objects.filter(pk=year.pk).update(**wrong)
    balances(year)


def test_money_is_allocated_by_rules_that_are_in_force(place: Province) -> None:
    fund = established(place)
    year = budgeted(place, fund)
    with pytest.raises(DoorClosed) as closed:
        allocating.open_allocation(place.manager_handler, year=year, plan=by_factors(place))
    assert [reason.rule for reason in closed.value.reasons] == ["fund.rules"]


def test_a_line_is_issued_once_and_only_when_it_is_decided(place: Province, fund: Fund) -> None:
    year = budgeted(place, fund)
    waiting = allocating.open_allocation(place.manager_handler, year=year, plan=by_factors(place, "300.00"))
    line = AllocationLine.objects.filter(allocation__case=waiting).first()
    with pytest.raises(Conflict):
        issued(place, line)
    row = decided(place, year, by_factors(place, "600.00"))
    first = row.lines.get(receiver=place.city)
    issued(place, first)
    with pytest.raises(Conflict):
        issued(place, first)
    with pytest.raises(NotPermitted):
        allocating.issue_transfer(place.manager_handler, line=row.lines.last(), issued_on=date(2026, 2, 10))


def test_everything_is_issued_before_the_limit_counts_as_kept(place: Province, fund: Fund, clock: Any) -> None:
    year = budgeted(place, fund)
    with pytest.raises(DoorClosed):
        act(place.finance_handler, case_of(year), "finish_issuing", issued_by="2026-02-10")
    row = decided(place, year, by_factors(place, "300.00"))
    go(clock, 2026, 3, 20)
    for line in row.lines.all():
        with pytest.raises(DoorClosed):
            act(place.finance_handler, case_of(year), "finish_issuing", issued_by="2026-03-20")
        issued(place, line, "2026-03-18")
    with pytest.raises(BadInput):
        act(place.finance_handler, case_of(year), "finish_issuing", issued_by="2026-03-17")
    act(place.finance_handler, case_of(year), "finish_issuing", issued_by="2026-03-18")
    assert clock_of(case_of(year), "issuing").status == "met"


def test_a_city_passes_on_in_thirty_days_in_parts_and_never_more_than_it_has(
    place: Province, fund: Fund, clock: Any
) -> None:
    year = budgeted(place, fund)
    transfer = issued(place, decided(place, year, by_factors(place, "300.00")).lines.get(receiver=place.city))
    case = case_of(transfer)
    with pytest.raises((NotPermitted, NotKnown)):
        act(place.county_handler, case, "receive", received_on="2026-02-10")
    act(place.city_handler, case, "receive", received_on="2026-02-10")
    assert clock_of(case, "passing_on").due_on == date(2026, 3, 12)
    act(place.city_handler, case, "pass_on", amount="60", passed_day="2026-02-10")
    with pytest.raises(Conflict):
        act(place.city_handler, case, "pass_on", amount="40.01", passed_day="2026-02-10")
    with pytest.raises(DoorClosed):
        act(place.finance_handler, case, "recall_late", reason="早")
    go(clock, 2026, 3, 12)
    act(place.city_handler, case, "pass_on", amount="40", passed_day="2026-03-12")
    case.refresh_from_db()
    assert (case.state, clock_of(case, "passing_on").status) == ("passed", "met")
    balances(year)


def test_what_a_city_does_not_pass_on_in_time_may_be_recalled(place: Province, fund: Fund, clock: Any) -> None:
    year = budgeted(place, fund)
    transfer = issued(place, decided(place, year, by_factors(place, "300.00")).lines.get(receiver=place.city))
    case = case_of(transfer)
    act(place.city_handler, case, "receive", received_on="2026-02-10")
    act(place.city_handler, case, "pass_on", amount="30.50", passed_day="2026-02-10")
    go(clock, 2026, 3, 13)
    act(place.finance_handler, case, "recall_late", reason="逾期")
    transfer.refresh_from_db()
    assert (transfer.passed_on, transfer.returned, transfer.left) == (Decimal("30.50"), Decimal("69.50"), 0)
    balances(year)
    with pytest.raises(Conflict):
        act(place.city_handler, case, "pass_on", amount="1", passed_day="2026-03-13")


def test_what_finance_does_not_issue_in_time_may_be_recalled(place: Province, fund: Fund, clock: Any) -> None:
    year = budgeted(place, fund)
    with pytest.raises(DoorClosed):
        act(place.finance_handler, case_of(year), "recall_late", amount="1", reason="早")
    go(clock, 2026, 4, 3)
    with pytest.raises(DoorClosed):
        act(place.finance_handler, case_of(year), "recall_late", amount="1000000.01", reason="太多")
    act(place.finance_handler, case_of(year), "recall_late", amount="400000.00", reason="逾期")
    assert fresh(year).left == Decimal("600000.00")
    with pytest.raises(DoorClosed):
        allocating.open_allocation(place.manager_handler, year=year, plan=by_factors(place, "600000.01"))
    balances(year)


def closed_year(place: Province, year: FundYear, clock: Any) -> Case:
    go(clock, 2027, 1, 5)
    case = case_of(year)
    with pytest.raises(BadInput):
        act(place.finance_handler, case, "close_year", closed_on="2026-12-30")
    act(place.finance_handler, case, "close_year", closed_on="2026-12-31")
    act(place.manager_handler, case, "evaluate", score=88, opinion="良好")
    act(place.finance_handler, case, "accept_evaluation", score=85)
    act(place.finance_handler, case, "publish_results", published_on="2027-01-05", text="绩效公开")
    case.refresh_from_db()
    return case


def test_what_is_carried_over_for_a_year_goes_back(place: Province, fund: Fund, clock: Any) -> None:
    """Not on the last day of the year after, but from the next day on."""
    year = budgeted(place, fund)
    decided(place, year, by_factors(place, "900000.00"))
    case = closed_year(place, year, clock)
    assert (fresh(year).carried_over, case.state) == (Decimal("100000.00"), "clearing")
    assert (fresh(year).self_score, fresh(year).checked_score) == (88, 85)
    go(clock, 2027, 12, 31)
    with pytest.raises(DoorClosed) as closed:
        act(place.finance_handler, case, "recall", reason="满一年")
    assert [reason.rule for reason in closed.value.reasons] == ["carryover.province"]
    go(clock, 2028, 1, 1)
    act(place.finance_handler, case, "recall", reason="满一年")
    case.refresh_from_db()
    assert (fresh(year).recalled, case.state) == (Decimal("100000.00"), "closed")
    balances(year)


def test_a_year_with_nothing_left_closes_by_itself(place: Province, fund: Fund, clock: Any) -> None:
    year = budgeted(place, fund)
    decided(place, year, by_factors(place))
    assert closed_year(place, year, clock).state == "closed"
    assert fresh(year).carried_over == 0


def test_what_a_city_carries_over_for_two_years_goes_back(place: Province, fund: Fund, clock: Any) -> None:
    year = budgeted(place, fund)
    transfer = issued(place, decided(place, year, by_factors(place, "300.00")).lines.get(receiver=place.city))
    case = case_of(transfer)
    act(place.city_handler, case, "receive", received_on="2026-02-10")
    with pytest.raises(DoorClosed):
        act(place.city_handler, case, "carry_over", carried_on="2026-02-10")
    go(clock, 2027, 1, 4)
    act(place.city_handler, case, "carry_over", carried_on="2026-12-31")
    act(place.city_handler, case, "pass_on_carried", amount="20", passed_day="2027-01-04")
    go(clock, 2028, 12, 31)
    with pytest.raises(DoorClosed) as closed:
        act(place.finance_handler, case, "recall", reason="满两年")
    assert [reason.rule for reason in closed.value.reasons] == ["carryover.city"]
    go(clock, 2029, 1, 1)
    act(place.finance_handler, case, "recall", reason="满两年")
    transfer.refresh_from_db()
    assert (transfer.passed_on, transfer.returned) == (Decimal(20), Decimal(80))
    balances(year)


def test_the_ledger_is_only_ever_added_to(place: Province, fund: Fund) -> None:
    year = budgeted(place, fund)
    for change in (lambda: year.ledger.update(amount=1), lambda: year.ledger.all().delete()):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_a_project_gets_no_more_than_it_asked_for_and_only_after_review(place: Province, fund: Fund) -> None:
    year = budgeted(place, fund)
    guide(place, fund)
    row = passed(place, year)
    plan = allocating.AllocationPlan("project", Decimal("300000.01"), projects={row.pk: Decimal("300000.01")})
    with pytest.raises(BadInput):
        allocating.open_allocation(place.manager_handler, year=year, plan=plan)
    split = allocating.AllocationPlan("project", Decimal("200000.00"), projects={row.pk: Decimal("199999.99")})
    with pytest.raises(BadInput) as refused:
        allocating.open_allocation(place.manager_handler, year=year, plan=split)
    assert list(refused.value.fields) == ["amount"]
