"""Cases that open cases: one for each department, countersigned, a panel with sealed scores and a quorum."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils.translation import override
from rest_framework.test import APIClient

from cases import services as cases
from cases.conditions import Look, holds
from cases.engine.context import load
from cases.errors import DoorClosed
from cases.models import Case, Signal
from cases.selectors import can_see
from cases.wording import case_title
from organizations.actors import Actor
from organizations.errors import Conflict, NotKnown, NotPermitted
from organizations.models import Position
from statutes.definitions import CasesAre
from statutes.selectors import compiled
from tests.cast import Place, new_actor, token_client
from tests.laboratory.place import lab, opened
from tests.scenes import act

__all__ = ["lab"]
pytestmark = pytest.mark.django_db
JUNE = datetime(2026, 6, 2, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(autouse=True)
def now() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(JUNE, tick=False) as traveller:
        yield traveller


@pytest.fixture
def whole_round(lab: Place) -> Case:
    return opened(lab, "round", lab.bureau_reviewer)


def report_of(case: Case, owner: str, place: Place) -> Case:
    return Case.objects.get(parent=case, opener=case.opener, parties__organization=place.organizations[owner])


def file_report(place: Place, report: Case, owner: str, leader: Actor) -> None:
    act(place.actors[owner], report, "file")
    act(leader, report, "countersign")
    act(place.bureau_reviewer, report, "countersign")


def test_each_department_gets_a_child_of_its_own(lab: Place, whole_round: Case) -> None:
    children = Case.objects.filter(parent=whole_round)
    assert {party.organization.pk for child in children for party in child.parties.filter(party="owner")} == {
        lab.applicant.pk,
        lab.provider.pk,
        lab.outside.pk,
    }
    assert {child.state for child in children} == {"owed"}
    assert {child.pack_version_id for child in children} == {whole_round.pack_version_id}


def test_a_child_is_called_what_the_law_calls_it_in_both_languages(lab: Place, whole_round: Case) -> None:
    report = report_of(whole_round, "applicant", lab)
    law = compiled(report.pack_version).procedure(report.procedure, report.law_day)
    with override("zh-hans"):
        assert case_title(report) == f"{law.label.zh} · {case_title(whole_round)}"
    with override("en"):
        assert case_title(report) == f"{law.label.en} · {case_title(whole_round)}"


def test_a_department_sees_its_own_child_only(lab: Place, whole_round: Case) -> None:
    own, other = report_of(whole_round, "applicant", lab), report_of(whole_round, "provider", lab)
    assert can_see(lab.applicant_handler, own)
    assert not can_see(lab.applicant_handler, other)
    with pytest.raises(NotKnown):
        act(lab.applicant_handler, other, "file")


def test_countersigning_waits_for_every_hand_and_each_signs_once(lab: Place, whole_round: Case) -> None:
    report = report_of(whole_round, "applicant", lab)
    act(lab.applicant_handler, report, "file")
    act(lab.bureau_reviewer, report, "countersign")
    report.refresh_from_db()
    assert report.state == "countersigned"
    act(lab.applicant_leader, report, "countersign")
    report.refresh_from_db()
    assert report.outcome == "filed"


def test_a_parent_moves_when_all_its_children_are_closed_silence_included(
    lab: Place, whole_round: Case, now: time_machine.Coordinates
) -> None:
    file_report(lab, report_of(whole_round, "applicant", lab), "applicant_handler", lab.applicant_leader)
    cases.sweep()
    whole_round.refresh_from_db()
    assert whole_round.state == "gathering"
    now.move_to(datetime(2026, 9, 1, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai")))
    cases.sweep()
    whole_round.refresh_from_db()
    assert sorted(Case.objects.filter(parent=whole_round, procedure="report").values_list("outcome", flat=True)) == [
        "filed",
        "lapsed",
        "lapsed",
    ]
    assert whole_round.state == "review"
    assert Case.objects.get(parent=whole_round, procedure="panel").state == "drawing"


@pytest.fixture
def experts(lab: Place) -> list[Actor]:
    return [new_actor(lab.outside, Position.Kind.EXPERT, f"expert{number}") for number in range(3)]


@pytest.fixture
def panel(lab: Place, experts: list[Actor]) -> Case:
    case = opened(lab, "panel", lab.bureau_reviewer)
    act(lab.bureau_reviewer, case, "draw", experts=[expert.user.pk for expert in experts])
    return case


def shown_score(client: APIClient, case: Case, seq: int) -> object:
    events = client.get(f"/api/v1/cases/{case.number}/").json()["events"]
    return next(event for event in events if event["seq"] == seq)["inputs"].get("score")


def test_scores_are_sealed_from_everybody_until_the_state_is_left(
    lab: Place, panel: Case, experts: list[Actor]
) -> None:
    event = act(experts[0], panel, "score", score=90)
    office = token_client(lab.bureau_reviewer)
    assert shown_score(office, panel, event.seq) is None
    act(experts[1], panel, "score", score=80)
    act(experts[2], panel, "score", score=70)
    panel.refresh_from_db()
    assert panel.state == "result"
    assert shown_score(office, panel, event.seq) == 90


def test_each_panellist_scores_once_and_nobody_else_does(lab: Place, panel: Case, experts: list[Actor]) -> None:
    act(experts[0], panel, "score", score=90)
    with pytest.raises(Conflict):
        act(experts[0], panel, "score", score=10)
    with pytest.raises(NotPermitted):
        act(lab.bureau_reviewer, panel, "score", score=10)


def test_a_quorum_closes_scoring_only_when_the_time_is_over(
    lab: Place, panel: Case, experts: list[Actor], now: time_machine.Coordinates
) -> None:
    act(experts[0], panel, "score", score=50)
    with pytest.raises(DoorClosed):
        act(lab.bureau_reviewer, panel, "close_scoring")
    now.move_to(datetime(2026, 6, 9, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai")))
    cases.sweep()
    with pytest.raises(DoorClosed) as closed:
        act(lab.bureau_reviewer, panel, "close_scoring")
    assert closed.value.reasons[0].rule == "lab.quorum"
    act(experts[1], panel, "score", score=60)
    act(lab.bureau_reviewer, panel, "close_scoring")
    with pytest.raises(DoorClosed):
        act(lab.bureau_reviewer, panel, "pass")
    act(lab.bureau_reviewer, panel, "fail", reason="平均不足六十分")
    panel.refresh_from_db()
    assert panel.outcome == "failed"


def test_a_panellist_who_left_the_panel_counts_no_more(lab: Place, panel: Case, experts: list[Actor]) -> None:
    act(experts[0], panel, "score", score=10)
    panel.parties.filter(person=experts[0].user).delete()
    act(experts[1], panel, "score", score=80)
    act(experts[2], panel, "score", score=80)
    panel.refresh_from_db()
    assert panel.state == "result"
    act(lab.bureau_reviewer, panel, "pass")
    panel.refresh_from_db()
    assert panel.outcome == "passed"


# --- opened within another by hand


def test_a_case_opened_by_hand_within_another_wakes_it_when_it_closes(lab: Place, whole_round: Case) -> None:
    inside = opened(lab, "panel", lab.bureau_reviewer, whole_round)
    assert inside.parent == whole_round
    act(lab.bureau_reviewer, inside, "draw", experts=[new_actor(lab.outside, Position.Kind.EXPERT, "one").user.pk])
    assert not Signal.objects.filter(case=whole_round).exists()
    Case.objects.filter(pk=inside.pk).update(state="result")
    act(lab.bureau_reviewer, inside, "fail", reason="方案不可行")
    assert Signal.objects.filter(case=whole_round, reason="child_closed").exists()


def test_a_case_is_opened_only_within_what_its_procedure_names_and_while_that_is_open(
    lab: Place, whole_round: Case, panel: Case
) -> None:
    with pytest.raises(Conflict, match=whole_round.number):
        opened(lab, "clocks", lab.bureau_reviewer, whole_round)
    Case.objects.filter(pk=whole_round.pk).update(closed_at=JUNE, outcome="issued", next_fire_at=None)
    whole_round.refresh_from_db()
    with pytest.raises(Conflict, match=whole_round.number):
        opened(lab, "panel", lab.bureau_reviewer, whole_round)
    assert not Case.objects.filter(parent=whole_round, procedure="panel").exists()


@pytest.mark.parametrize(("outcomes", "passed"), [(("failed", "passed"), True), (("passed", "failed"), False)])
def test_the_last_of_several_children_decides_where_the_law_asks_for_the_last(
    lab: Place, whole_round: Case, outcomes: tuple[str, ...], passed: bool
) -> None:
    cond = CasesAre("panel", "passed", count="last")
    look = Look(load(whole_round), load(whole_round).context(lab.bureau_reviewer, JUNE, {}))
    assert not holds(cond, look)
    for outcome in outcomes:
        child = opened(lab, "panel", lab.bureau_reviewer, whole_round)
        assert not holds(cond, look)
        Case.objects.filter(pk=child.pk).update(state=outcome, outcome=outcome, closed_at=JUNE, next_fire_at=None)
    assert holds(cond, look) is passed
