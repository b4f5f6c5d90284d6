"""Projects under a fund: guide, pledge, credit, review, payment, monitoring; bans, sanctions and complaints."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from cases.engine import schedules, sweeping
from cases.errors import DoorClosed
from cases.models import Case
from cases.selectors import visible_cases
from funds.models import Fund, FundApplication, FundBan, FundYear
from funds.services import applying
from funds.services.allocating import AllocationPlan
from funds.services.applying import Charge
from organizations.errors import BadInput, Conflict, NotKnown, NotPermitted
from tests.funds.scene import (
    ASSESSOR,
    FIRM,
    OTHER_FIRM,
    Province,
    asked_for,
    budgeted,
    case_of,
    decided,
    established,
    guide,
    paper,
    passed,
    province,
    request,
    ruled,
)
from tests.funds.test_money import balances
from tests.scenes import act

pytestmark = pytest.mark.django_db
CHARGE = Charge("applicant", "甲机械有限公司", "fraud", "虚报设备数量", code=FIRM, is_grave=True)


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


@pytest.fixture
def year(place: Province, fund: Fund) -> FundYear:
    row = budgeted(place, fund)
    guide(place, fund)
    return row


def carried_out(place: Province, year: FundYear, amount: str = "300000.00") -> FundApplication:
    """A project to which money is allocated."""
    row = passed(place, year)
    decided(place, year, AllocationPlan("project", Decimal(amount), projects={row.pk: Decimal(amount)}))
    sweeping.sweep()
    row.refresh_from_db()
    assert case_of(row).state == "carrying_out"
    return row


def imposed(place: Province, fund: Fund, charge: Charge = CHARGE) -> Case:
    case = applying.charge(place.finance_handler, fund=fund, charge=charge)
    act(place.finance_leader, case, "impose", measures="责令改正并追回")
    case.refresh_from_db()
    return case


def rules_of(closed: pytest.ExceptionInfo[DoorClosed]) -> list[str]:
    return [reason.rule for reason in closed.value.reasons]


def test_nobody_applies_before_the_guide_is_published(place: Province, fund: Fund) -> None:
    year = budgeted(place, fund)
    with pytest.raises(DoorClosed) as closed:
        asked_for(place, year)
    assert rules_of(closed) == ["fund.disclosure"]
    assert not FundApplication.objects.exists()
    guide(place, fund)
    assert case_of(asked_for(place, year)).state == "credit"


def test_a_guide_of_another_year_is_none_for_this_one(place: Province, fund: Fund) -> None:
    first, second = budgeted(place, fund), budgeted(place, fund, 2027)
    actor, on = place.manager_handler, date(2026, 2, 10)
    applying.publish(actor, fund=fund, kind="guide", title="指南", text="条件", published_on=on, year=second)
    with pytest.raises(DoorClosed):
        asked_for(place, first)
    asked_for(place, second)


def test_nobody_applies_without_a_pledge_or_when_the_year_is_over(place: Province, year: FundYear, clock: Any) -> None:
    with pytest.raises(DoorClosed) as closed:
        asked_for(place, year, pledge=False)
    assert rules_of(closed) == ["user.duties"]
    clock.move_to(datetime(2027, 1, 5, 2, tzinfo=UTC))
    sweeping.sweep()
    act(place.finance_handler, case_of(year), "close_year", closed_on="2026-12-31")
    with pytest.raises(DoorClosed) as closed:
        asked_for(place, year)
    assert rules_of(closed) == ["application.organized"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"code": "123"}, "code"),
        ({"code": FIRM[:-1] + ("0" if FIRM[-1] != "0" else "1")}, "code"),
        ({"requested": Decimal("0")}, "requested"),
        ({"requested": Decimal("0.001")}, "requested"),
        ({"intermediary": "某事务所"}, "intermediary_code"),
        ({"name": " "}, "name"),
        ({"paper": 987654}, "paper"),
    ],
)
def test_what_is_wrong_with_an_application_is_named(
    place: Province, year: FundYear, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(BadInput) as refused:
        asked_for(place, year, **changes)
    assert list(refused.value.fields) == [field]


def test_credit_is_checked_before_the_review_and_the_review_before_the_decision(
    place: Province, year: FundYear
) -> None:
    row = asked_for(place, year)
    for actor, action in ((place.manager_handler, "review"), (place.manager_leader, "approve")):
        with pytest.raises(Conflict):
            act(actor, case_of(row), action, opinion="可行")
    with pytest.raises(BadInput):
        act(place.manager_handler, case_of(row), "credit_good", checked_on="2026-02-10")
    with pytest.raises((NotPermitted, NotKnown)):
        act(place.second_handler, case_of(row), "credit_good", checked_on="2026-02-10", credit_source="良好")
    act(place.manager_leader, case_of(row), "credit_bad", checked_on="2026-02-10", credit_source="失信", reason="失信")
    assert case_of(row).outcome == "refused"


def test_a_department_does_not_apply_to_itself(place: Province, year: FundYear) -> None:
    with pytest.raises(BadInput):
        applying.apply_for(place.manager_handler, year=year, request=request())


def test_a_project_is_paid_by_progress_and_never_beyond_what_is_allocated(place: Province, year: FundYear) -> None:
    row = carried_out(place, year)
    case = case_of(row)
    given = {"progress": "完成安装", "spending": "project"}
    with pytest.raises(DoorClosed) as closed:
        act(place.manager_handler, case, "ask_payment", amount="300000.01", **given)
    assert rules_of(closed) == ["payment.by_progress"]
    act(place.manager_handler, case, "ask_payment", amount="300000.00", **given)
    act(place.finance_handler, case, "pay", paid_on="2026-02-10")
    row.refresh_from_db()
    assert (row.paid, row.left) == (Decimal("300000.00"), 0)
    with pytest.raises(DoorClosed):
        act(place.manager_handler, case, "ask_payment", amount="0.01", **given)
    balances(year)
    with pytest.raises(IntegrityError), transaction.atomic():
        FundApplication.objects.filter(pk=row.pk).update(paid=Decimal("300000.01"))


def test_the_money_is_not_spent_on_pay_and_office_costs(place: Province, year: FundYear) -> None:
    case = case_of(carried_out(place, year))
    with pytest.raises(DoorClosed) as closed:
        act(place.manager_handler, case, "ask_payment", amount="1", progress="工资", spending="general")
    assert rules_of(closed) == ["payment.no_delay"]


def test_a_serious_deviation_stops_the_project_and_frees_its_money(place: Province, year: FundYear) -> None:
    row = carried_out(place, year)
    case = case_of(row)
    act(place.manager_handler, case, "ask_payment", amount="100000.00", progress="首付", spending="project")
    act(place.finance_handler, case, "pay", paid_on="2026-02-10")
    watched = {"goal_progress": 10, "budget_progress": 33}
    act(place.manager_handler, case, "monitor", **watched, deviation="slight")
    act(place.office_handler, case, "correct", measures="加快进度")
    act(place.manager_handler, case, "monitor", **watched, deviation="serious")
    for actor, action in ((place.manager_handler, "ask_payment"), (place.office_handler, "finish")):
        with pytest.raises((Conflict, BadInput)):
            act(actor, case, action)
    act(place.manager_leader, case, "suspend", measures="暂缓")
    act(place.manager_leader, case, "stop", reason="无法完成")
    row.refresh_from_db()
    year.refresh_from_db()
    assert (case_of(row).outcome, row.allocated, row.paid) == ("stopped", Decimal("100000.00"), Decimal("100000.00"))
    assert year.left == Decimal("900000.00")
    balances(year)


def test_a_change_needs_the_leave_of_whoever_approved(place: Province, year: FundYear) -> None:
    case = case_of(carried_out(place, year))
    act(place.office_handler, case, "ask_change", change="改购五轴机床")
    with pytest.raises(NotPermitted):
        act(place.office_handler, case, "approve_change")
    act(place.manager_leader, case, "refuse_change", reason="偏离目标")
    act(place.office_handler, case, "finish", report=[paper(place.office_handler)])
    act(place.manager_leader, case, "accept")
    case.refresh_from_db()
    assert case.outcome == "finished"


def test_a_grave_fraud_bars_for_three_years_from_the_day_of_the_decision(
    place: Province, fund: Fund, year: FundYear, clock: Any
) -> None:
    waiting = asked_for(place, year)
    case = imposed(place, fund)
    ban = FundBan.objects.get()
    assert (case.state, ban.decided_on, ban.last_on) == ("barred", date(2026, 2, 10), date(2029, 2, 10))
    with pytest.raises(DoorClosed) as closed:
        asked_for(place, year)
    assert rules_of(closed) == ["sanction.fraud"]
    given = {"checked_on": "2026-02-10", "credit_source": "良好"}
    with pytest.raises(DoorClosed):
        act(place.manager_handler, case_of(waiting), "credit_good", **given)
    asked_for(place, year, code=OTHER_FIRM, applicant="乙机械有限公司")
    for day, bars in ((datetime(2029, 2, 10, 14, tzinfo=UTC), True), (datetime(2029, 2, 10, 17, tzinfo=UTC), False)):
        clock.move_to(day)
        assert (applying.barred(place.jurisdiction.pk, "applicant", FIRM.lower(), _today(day)) is not None) is bars
    sweeping.sweep()
    case.refresh_from_db()
    assert case.outcome == "served"


def _today(moment: datetime) -> date:
    return timezone.localdate(moment)


def test_a_false_report_shuts_the_intermediary_out_wherever_it_reports(
    place: Province, fund: Fund, year: FundYear
) -> None:
    false = Charge("intermediary", "某会计师事务所", "false_report", "审计数据不实", code=ASSESSOR)
    imposed(place, fund, false)
    with pytest.raises(DoorClosed) as closed:
        asked_for(place, year, code=OTHER_FIRM, intermediary="某会计师事务所", intermediary_code=ASSESSOR)
    assert rules_of(closed) == ["sanction.intermediary"]
    asked_for(place, year, code=OTHER_FIRM)


def test_what_is_not_grave_is_put_right_without_a_ban(place: Province, fund: Fund, year: FundYear) -> None:
    light = Charge("applicant", "甲机械有限公司", "unapproved", "擅自调整设备型号", code=FIRM)
    case = imposed(place, fund, light)
    assert (case.state, FundBan.objects.count()) == ("correcting", 0)
    act(place.finance_handler, case, "confirm", opinion="已改正", recovered="1200.50")
    asked_for(place, year)
    office = Charge("office", "丁市工业局", "general", "用于公用经费")
    assert imposed(place, fund, office).state == "correcting"


@pytest.mark.parametrize(
    ("charge", "field"),
    [
        (Charge("applicant", "甲", "false_report", "事实", code=FIRM), "ground"),
        (Charge("intermediary", "乙", "fraud", "事实", code=ASSESSOR), "ground"),
        (Charge("applicant", "甲", "fraud", "事实"), "code"),
        (Charge("nobody", "甲", "fraud", "事实", code=FIRM), "target"),
        (Charge("office", "甲", "scope", " "), "facts"),
        (Charge("office", "甲", "scope", "事实", application=987654), "application"),
    ],
)
def test_a_charge_names_whom_what_and_why(place: Province, fund: Fund, charge: Charge, field: str) -> None:
    with pytest.raises(BadInput) as refused:
        applying.charge(place.finance_handler, fund=fund, charge=charge)
    assert list(refused.value.fields) == [field]


def test_only_the_head_of_finance_bars(place: Province, fund: Fund) -> None:
    with pytest.raises(NotPermitted):
        applying.charge(place.manager_handler, fund=fund, charge=CHARGE)
    case = applying.charge(place.finance_handler, fund=fund, charge=CHARGE)
    with pytest.raises(NotPermitted):
        act(place.finance_handler, case, "impose", measures="禁止申报")
    act(place.finance_leader, case, "drop", reason="证据不足")
    assert not FundBan.objects.exists()


def test_what_the_public_says_is_looked_into_and_answered(place: Province, fund: Fund) -> None:
    with pytest.raises(BadInput):
        applying.complain(place.finance_handler, fund=fund, received_on=date(2026, 2, 11), text="未来")
    case = applying.complain(
        place.manager_handler,
        fund=fund,
        received_on=date(2026, 2, 9),
        text="分配不公",
        complainant="某人",
        anonymous=True,
    )
    assert not visible_cases(place.city_handler).filter(pk=case.pk).exists()
    assert fund.complaints.get().complainant == ""
    act(place.finance_handler, case, "ask_department")
    act(place.manager_handler, case, "explain", opinion="按因素法分配")
    act(place.finance_handler, case, "find", findings="分配合规", reply="已核查")
    with pytest.raises(NotPermitted):
        act(place.finance_handler, case, "answer", reply="x")
    act(place.finance_leader, case, "answer", reply="经核查分配合规")
    case.refresh_from_db()
    assert case.outcome == "answered"


def test_what_is_published_is_dated_and_by_those_in_charge(place: Province, fund: Fund) -> None:
    given = {"fund": fund, "kind": "policy", "title": "政策", "text": "内容"}
    for actor in (place.second_handler, place.city_handler, place.administrator):
        with pytest.raises(NotPermitted):
            applying.publish(actor, **given, published_on=date(2026, 2, 10))
    with pytest.raises(BadInput):
        applying.publish(place.manager_handler, **given, published_on=date(2026, 2, 11))
    with pytest.raises(BadInput):
        applying.publish(place.manager_handler, **(given | {"text": ""}), published_on=date(2026, 2, 10))
    row = applying.publish(place.finance_handler, **given, published_on=date(2026, 2, 10))
    with pytest.raises(IntegrityError), transaction.atomic():
        type(row).objects.filter(pk=row.pk).update(title="改")


def test_finance_owes_the_list_of_funds_every_year(place: Province, clock: Any) -> None:
    schedules.open_scheduled()
    clock.move_to(datetime(2027, 1, 1, 2, tzinfo=UTC))
    schedules.open_scheduled()
    case = Case.objects.get(procedure="fund_list")
    assert (case.opener, case.state, case.clocks.get().due_on) == (place.finance, "owed", date(2027, 12, 31))
    act(place.finance_handler, case, "publish", published_on="2027-01-01", address="https://example.org/list")
    case.refresh_from_db()
    assert case.outcome == "published"
