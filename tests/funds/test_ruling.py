"""Rules of a fund, changes of its scope, its adjustment and end (arts. 11, 13, 14)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine
from django.db import IntegrityError, transaction

from cases.engine import sweeping
from cases.errors import DoorClosed
from cases.models import Case
from funds.models import CONTENTS, Fund, FundRules
from funds.services import ruling
from funds.services.establishing import wake_expired
from funds.services.ruling import ChangePlan
from organizations.errors import BadInput, Conflict, NotPermitted
from tests.funds.scene import POINTS, Province, applied, case_of, established, ruled
from tests.scenes import act

pytestmark = pytest.mark.django_db


def in_force(fund: Fund) -> FundRules:
    return fund.rules.get(in_force_on__isnull=False, replaced_on__isnull=True)


def test_both_heads_sign_the_rules(place: Province) -> None:
    fund = established(place)
    case = ruling.open_rules(place.finance_handler, fund=fund, texts=POINTS)
    act(place.finance_leader, case, "sign")
    assert not fund.rules.filter(in_force_on__isnull=False).exists()
    act(place.manager_leader, case, "sign")
    case.refresh_from_db()
    assert (case.state, in_force(fund).number) == ("issued", 1)


@pytest.mark.parametrize("point", CONTENTS)
def test_rules_that_leave_a_point_out_are_not_sent(place: Province, point: str) -> None:
    """Each of the eleven points is required, blanks do not count, and the database holds it too."""
    fund = established(place)
    with pytest.raises(DoorClosed) as closed:
        ruling.open_rules(place.manager_handler, fund=fund, texts=POINTS | {point: "  "})
    assert [reason.rule for reason in closed.value.reasons] == ["fund.rules"]
    assert not fund.rules.exists()
    ruled(place, fund)
    with pytest.raises(IntegrityError), transaction.atomic():
        fund.rules.update(**{point: ""})


def test_rules_sent_back_are_changed_and_signed_again(place: Province) -> None:
    fund = established(place)
    case = ruling.open_rules(place.manager_handler, fund=fund, texts=POINTS)
    rules = fund.rules.get()
    with pytest.raises(NotPermitted):
        ruling.amend_rules(place.manager_handler, rules=rules, texts=POINTS)
    act(place.finance_leader, case, "return_draft", reason="职责不清")
    rules.refresh_from_db()
    ruling.amend_rules(place.manager_handler, rules=rules, texts=POINTS | {"duties": ""})
    with pytest.raises(DoorClosed):
        act(place.manager_handler, case, "draft_again")
    ruling.amend_rules(place.manager_handler, rules=rules, texts=POINTS | {"duties": "各负其责"})
    act(place.manager_handler, case, "draft_again")
    case.refresh_from_db()
    assert case.state == "signing"


def test_rules_are_for_a_fund_that_is_established(place: Province) -> None:
    with pytest.raises(Conflict):
        ruling.open_rules(place.manager_handler, fund=applied(place), texts=POINTS)


def scope_change(place: Province, fund: Fund, **changes: object) -> Case:
    values = {"kind": "scope", "reason": "产业调整", "new_scope": "扩大到小微企业", "rules": POINTS}
    return ruling.ask_change(place.manager_handler, fund=fund, plan=ChangePlan(**{**values, **changes}))


def test_a_scope_changes_by_government_with_the_rules_revised(place: Province) -> None:
    fund = established(place)
    ruled(place, fund)
    case = scope_change(place, fund, rules=POINTS | {"scope": "含小微企业"})
    act(place.manager_leader, case, "sign")
    act(place.finance_handler, case, "find_in_order", opinion="可行")
    act(place.finance_leader, case, "report")
    fund.refresh_from_db()
    assert fund.scope == "规模以上工业企业的设备更新"
    act(place.government_approver, case, "approve", document_number="2")
    fund.refresh_from_db()
    assert (fund.scope, in_force(fund).number, in_force(fund).scope) == ("扩大到小微企业", 2, "含小微企业")


def test_a_scope_does_not_change_without_rules_or_by_finance_alone(place: Province) -> None:
    fund = established(place)
    with pytest.raises(DoorClosed) as closed:
        scope_change(place, fund, rules=POINTS | {"scope": ""})
    assert [reason.rule for reason in closed.value.reasons] == ["fund.scope_change"]
    with pytest.raises(BadInput):
        scope_change(place, fund, new_scope="")
    with pytest.raises(NotPermitted):
        ruling.ask_change(
            place.finance_handler, fund=fund, plan=ChangePlan("scope", "理由", new_scope="新", rules=POINTS)
        )
    assert not fund.changes.exists()


@pytest.mark.parametrize("ground", ["purpose_gone", "goal_missed", "slow", "breach"])
def test_a_fund_is_cancelled_on_one_of_four_grounds(place: Province, ground: str) -> None:
    fund = established(place)
    case = ruling.ask_change(place.finance_handler, fund=fund, plan=ChangePlan("cancel", "任务完成", ground=ground))
    with pytest.raises(Conflict):
        scope_change(place, fund)
    act(place.finance_leader, case, "report")
    act(place.government_approver, case, "approve", document_number="3")
    sweeping.sweep()
    fund.refresh_from_db()
    assert (case_of(fund).state, fund.ended_on is not None) == ("cancelled", True)
    with pytest.raises(Conflict):
        scope_change(place, fund)


def test_a_fund_is_not_ended_without_ground_or_by_its_department(place: Province) -> None:
    fund = established(place)
    with pytest.raises(BadInput) as refused:
        ruling.ask_change(place.finance_handler, fund=fund, plan=ChangePlan("cancel", "不想要了"))
    assert list(refused.value.fields) == ["ground"]
    with pytest.raises(NotPermitted):
        ruling.ask_change(place.manager_handler, fund=fund, plan=ChangePlan("cancel", "理由", ground="slow"))


def test_an_adjustment_changes_the_size_and_the_department_is_heard(place: Province) -> None:
    fund = established(place)
    plan = ChangePlan("adjust", "结转较大", ground="slow", new_size=Decimal("600000.00"))
    case = ruling.ask_change(place.finance_handler, fund=fund, plan=plan)
    act(place.finance_leader, case, "consult")
    act(place.manager_handler, case, "agree", opinion="同意压减")
    act(place.finance_leader, case, "report")
    act(place.government_approver, case, "approve", document_number="3")
    fund.refresh_from_db()
    assert (fund.size, case_of(fund).state) == (Decimal("600000.00"), "established")


def test_a_fund_is_over_when_its_term_is(place: Province) -> None:
    """On the last day of the term it lives, on the day after it is over."""
    fund = established(place, term_from=date(2026, 1, 1), term_until=date(2026, 12, 31))
    for day, state in (
        (datetime(2026, 12, 31, 12, tzinfo=UTC), "established"),
        (datetime(2027, 1, 1, 4, tzinfo=UTC), "expired"),
    ):
        with time_machine.travel(day):
            wake_expired()
            sweeping.sweep()
            assert case_of(fund).state == state
