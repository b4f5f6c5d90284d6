"""How a fund comes about (arts. 6-12): every gate holds against whoever tries to pass it wrongly."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from cases.errors import DoorClosed
from funds import selectors, services
from funds.likeness import similar_funds
from funds.models import Fund
from organizations.errors import BadInput, Conflict, NotKnown, NotPermitted
from tests.funds.scene import (
    Province,
    applied,
    before_government,
    case_of,
    drafted,
    established,
    paper,
    plan,
)
from tests.scenes import act

pytestmark = pytest.mark.django_db


def test_a_department_applies_finance_argues_the_government_approves(place: Province) -> None:
    fund = established(place)
    assert fund.established_on == timezone.localdate()
    assert case_of(fund).state == "established"
    acts = [event.action for event in case_of(fund).events.order_by("seq")]
    assert acts == ["apply", "sign", "argue", "report", "approve"]


def test_finance_proposes_by_itself_and_only_the_government_decides(place: Province) -> None:
    actor = place.finance_handler
    fund = services.save_draft(actor, plan=plan(actor, department=place.manager.pk))
    assert (fund.department, fund.proposer) == (place.manager, place.finance)
    services.file_fund(actor, draft=fund)
    assert case_of(fund).state == "finance_head"
    act(place.finance_leader, case_of(fund), "propose", argument="必要、可行")
    with pytest.raises((NotKnown, NotPermitted)):
        act(place.finance_leader, case_of(fund), "approve", document_number="1")
    act(place.government_approver, case_of(fund), "approve", document_number="1")
    assert case_of(fund).state == "established"


def test_nobody_decides_what_they_submitted_and_no_stage_is_left_out(place: Province) -> None:
    fund = applied(place)
    for actor, action in ((place.government_approver, "approve"), (place.finance_handler, "argue")):
        with pytest.raises((Conflict, NotKnown, NotPermitted)):
            act(actor, case_of(fund), action, argument="x")
    with pytest.raises(NotPermitted):
        act(place.manager_handler, case_of(fund), "sign")


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"basis": ""}, "fund.basis"),
        ({"goal": ""}, "fund.goal_and_feasibility"),
        ({"papers": []}, "fund.goal_and_feasibility"),
        ({"is_major": True}, "fund.goal_and_feasibility"),
        ({"running_costs": True}, "fund.no_running_costs"),
        ({"local_match": True}, "fund.no_local_match"),
        ({"central_match": True}, "fund.central_match"),
    ],
)
def test_an_application_that_lacks_what_the_law_asks_is_not_accepted(
    place: Province, changes: dict[str, object], rule: str
) -> None:
    fund = drafted(place, **changes)
    with pytest.raises(DoorClosed) as closed:
        services.file_fund(place.manager_handler, draft=fund)
    assert [reason.rule for reason in closed.value.reasons] == [rule]
    fund.refresh_from_db()
    assert (fund.case, fund.code) == (None, None)


@pytest.mark.parametrize(("missing", "value"), [("size", Decimal(0)), ("term_from", None), ("term_until", None)])
def test_a_fund_without_size_or_term_is_not_applied_for(place: Province, missing: str, value: object) -> None:
    fund = drafted(place, **{missing: value})
    with pytest.raises(BadInput) as refused:
        services.file_fund(place.manager_handler, draft=fund)
    assert list(refused.value.fields) == [missing]


def test_local_matching_money_is_for_shared_duties_alone(place: Province) -> None:
    fund = applied(place, local_match=True, shared_duty=True)
    assert case_of(fund).state == "own_head"
    with pytest.raises(IntegrityError), transaction.atomic():
        Fund.objects.filter(pk=fund.pk).update(established_on=date(2026, 1, 1), shared_duty=False)


def test_a_major_fund_and_one_that_matches_the_centre_bring_their_papers(place: Province) -> None:
    kinds = ("feasibility", "evaluation", "central")
    papers = [services.Paper(kind, paper(place.manager_handler, f"{kind}.pdf")) for kind in kinds]
    fund = applied(place, is_major=True, central_match=True, papers=papers)
    assert fund.papers.count() == 3


@pytest.mark.parametrize(("until", "needs_reason"), [(date(2030, 12, 31), False), (date(2031, 1, 1), True)])
def test_a_term_beyond_the_limit_needs_a_reason(place: Province, until: date, needs_reason: bool) -> None:
    """Five years to the day pass; one day more only with a reason, for the text says: as a rule."""
    fund = drafted(place, term_until=until)
    if needs_reason:
        with pytest.raises(BadInput) as refused:
            services.file_fund(place.manager_handler, draft=fund)
        assert list(refused.value.fields) == ["opinion"]
        services.file_fund(place.manager_handler, draft=fund, opinion="法规另有规定")
        assert case_of(fund).events.get().seen["departed_from"] == ["fund.term"]
    else:
        services.file_fund(place.manager_handler, draft=fund)


def test_the_same_fund_is_not_set_up_twice(place: Province) -> None:
    first = established(place)
    twin = drafted(place, place.second_handler, name="工业技术改造资金", difference="由另一部门管理")
    assert [one.fund for one in similar_funds(twin, timezone.localdate())] == [first]
    with pytest.raises(DoorClosed) as closed:
        services.file_fund(place.second_handler, draft=twin)
    assert [reason.rule for reason in closed.value.reasons] == ["fund.no_duplicate"]


def test_what_is_merely_similar_has_to_be_told_apart(place: Province) -> None:
    established(place)
    goal = "三年内小微企业关键设备联网率提高二十个百分点，形成示范"
    other = {"name": "小微企业上云补助", "purpose": "支持小微企业购买云服务", "goal": goal}
    draft = drafted(place, place.second_handler, **other)
    (similar,) = similar_funds(draft, timezone.localdate())
    assert 0.35 <= similar.score < 0.6
    with pytest.raises(DoorClosed):
        services.file_fund(place.second_handler, draft=draft)
    again = replace(plan(place.second_handler, **other), difference="只补助云服务，不补助设备")
    services.save_draft(place.second_handler, plan=again, draft=draft)
    services.file_fund(place.second_handler, draft=draft)


def test_two_applications_at_once_do_not_both_pass(place: Province) -> None:
    """The gate is asked again at the decision: the second fund of two that were applied for together is refused."""
    first = before_government(place)
    second = before_government(place, name="设备更新专项资金")
    act(place.government_approver, case_of(first), "approve", document_number="1")
    with pytest.raises(DoorClosed):
        act(place.government_approver, case_of(second), "approve", document_number="2")


def test_a_fund_goes_on_after_its_term_only_by_a_new_application(place: Province) -> None:
    first = established(place)
    early = drafted(place, renews=first.pk, term_from=date(2028, 12, 31), term_until=date(2030, 12, 31))
    with pytest.raises(DoorClosed) as closed:
        services.file_fund(place.manager_handler, draft=early)
    assert {reason.rule for reason in closed.value.reasons} == {"fund.no_duplicate", "fund.renewal"}
    later = applied(place, renews=first.pk, term_from=date(2029, 1, 1), term_until=date(2031, 12, 31))
    assert case_of(later).state == "own_head"
    assert [event.action for event in case_of(later).events.all()] == ["apply"]


def test_an_application_sent_back_is_changed_by_its_department_alone(place: Province) -> None:
    fund = applied(place)
    act(place.manager_leader, case_of(fund), "sign")
    assert not services.may_amend(place.manager_handler, fund)
    act(place.finance_handler, case_of(fund), "return_application", reason="目标不清")
    case_of(fund)
    better = replace(plan(place.manager_handler), goal="三年提高十二个百分点", papers=())
    with pytest.raises(NotPermitted):
        services.amend_fund(place.second_handler, fund=fund, plan=better)
    services.amend_fund(place.manager_handler, fund=fund, plan=better)
    act(place.manager_handler, case_of(fund), "apply_again")
    fund.refresh_from_db()
    assert (fund.goal, fund.case.state) == ("三年提高十二个百分点", "own_head")


def test_only_departments_in_charge_and_finance_propose(place: Province) -> None:
    with pytest.raises(NotPermitted):
        services.save_draft(place.city_handler, plan=services.FundPlan(name="无权"))
    with pytest.raises(NotPermitted):
        services.save_draft(place.manager_leader, plan=services.FundPlan(name="无权"))
    with pytest.raises(BadInput) as refused:
        services.save_draft(place.manager_handler, plan=services.FundPlan(name="越权", department=place.second.pk))
    assert list(refused.value.fields) == ["department"]


def test_an_application_is_seen_by_those_concerned_an_established_fund_by_everybody(place: Province) -> None:
    fund = applied(place)
    for actor in (place.second_handler, place.finance_handler, place.city_handler, place.administrator):
        assert not selectors.visible_funds(actor).exists()
    assert selectors.visible_funds(place.manager_leader).get() == fund
    established(place, name="另一资金", purpose="职业培训补贴", goal="培训十万名技工")
    assert selectors.visible_funds(place.city_handler).count() == 1
    assert not selectors.visible_funds(place.administrator).exists()


def test_amounts_are_exact_and_in_order(place: Province) -> None:
    for wrong, field in (
        ({"size": Decimal("0.001")}, "size"),
        ({"size": Decimal("-1")}, "size"),
        ({"size": Decimal("NaN")}, "size"),
        ({"term_until": date(2025, 12, 31)}, "term_until"),
        ({"name": " "}, "name"),
        ({"renews": 987654}, "renews"),
        ({"papers": [services.Paper("feasibility", 987654)]}, "papers"),
    ):
        with pytest.raises(BadInput) as refused:
            drafted(place, **wrong)
        assert list(refused.value.fields) == [field]
    assert not Fund.objects.exists()


def test_a_draft_is_thrown_away_an_application_is_not(place: Province) -> None:
    services.discard_draft(place.manager_handler, draft=drafted(place))
    assert not Fund.objects.exists()
    with pytest.raises(Conflict):
        services.discard_draft(place.manager_handler, draft=applied(place))
