"""Every kind of clock of the format, run by the engine under a pack made for it (tests/laboratory)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from cases import services as cases
from cases.conditions import status_at
from cases.engine import clocks
from cases.errors import DoorClosed
from cases.models import Alert, Case, CaseEvent, Clock, ClockEntry
from organizations.errors import Conflict
from tests.cast import Place
from tests.laboratory.place import clock, lab, opened
from tests.scenes import act

__all__ = ["lab"]
pytestmark = pytest.mark.django_db
LOCAL = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=LOCAL)


@pytest.fixture(autouse=True)
def now() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


def equals_its_recount(kept: Clock) -> bool:
    derivation = clocks.derivation_of(kept, kept.ledger.order_by("id"), kept.case.jurisdiction_id)
    return (kept.due_on, kept.due_at) == (derivation.due_on, derivation.due_at)


def test_one_event_starts_clocks_of_every_unit(lab: Place) -> None:
    case = opened(lab, "clocks")
    due = {kept.name: kept.due_on for kept in case.clocks.all()}
    assert due == {
        "reply": date(2026, 3, 9),
        "umbrella": date(2026, 3, 16),
        "round": date(2026, 3, 5),
        "hours": date(2026, 3, 2),
        "today": date(2026, 3, 2),
        "thirty": date(2026, 4, 1),
        "month": date(2026, 4, 2),
        "year": date(2027, 3, 2),
        "trial": date(2026, 6, 2),
        "by_august": date(2026, 8, 31),
        "by_march": date(2027, 3, 31),
    }
    assert clock(case, "hours").due_at == MONDAY + timedelta(hours=3)
    assert all(equals_its_recount(kept) for kept in case.clocks.all())


def test_on_the_day_itself_ends_at_its_midnight(lab: Place) -> None:
    assert clock(opened(lab, "clocks"), "today").due_at == datetime(2026, 3, 3, 0, 0, tzinfo=LOCAL)


def test_the_first_instant_of_a_day_belongs_to_that_day(lab: Place, now: time_machine.Coordinates) -> None:
    now.move_to(datetime(2026, 3, 3, 0, 0, tzinfo=LOCAL))
    assert clock(opened(lab, "clocks"), "reply").due_on == date(2026, 3, 10)
    now.move_to(datetime(2026, 3, 2, 23, 59, 59, tzinfo=LOCAL))
    assert clock(opened(lab, "clocks"), "reply").due_on == date(2026, 3, 9)


def test_a_pause_stops_only_the_clocks_that_name_it(lab: Place, now: time_machine.Coordinates) -> None:
    case = opened(lab, "clocks")
    act(lab.bureau_reviewer, case, "ask")
    assert (clock(case, "reply").due_on, clock(case, "thirty").due_on) == (None, None)
    assert clock(case, "umbrella").due_on == date(2026, 3, 16)
    now.move_to(MONDAY + timedelta(days=2))
    cases.sweep()
    act(lab.applicant_handler, case, "supply")
    assert clock(case, "reply").due_on == date(2026, 3, 11)
    assert clock(case, "thirty").due_on == date(2026, 4, 3)
    assert all(equals_its_recount(kept) for kept in case.clocks.all())


def test_a_clock_begun_anew_is_a_new_round_without_the_old_extension(lab: Place) -> None:
    case = opened(lab, "clocks")
    act(lab.bureau_reviewer, case, "again")
    rounds = Clock.objects.filter(case=case, name="round").order_by("round")
    assert [(kept.round, kept.status) for kept in rounds] == [(1, "void"), (2, "open")]


def test_an_extension_is_taken_once_and_only_before_the_due_date(lab: Place, now: time_machine.Coordinates) -> None:
    case = opened(lab, "clocks")
    act(lab.bureau_approver, case, "prolong", days=3)
    assert clock(case, "reply").due_on == date(2026, 3, 12)
    with pytest.raises(Conflict):
        act(lab.bureau_approver, case, "prolong", days=3)
    other = opened(lab, "clocks")
    now.move_to(datetime(2026, 3, 10, 9, 0, tzinfo=LOCAL))
    cases.sweep()
    with pytest.raises(Conflict):
        act(lab.bureau_approver, other, "prolong", days=3)
    assert clock(other, "reply").due_on == date(2026, 3, 9)


def test_a_minimum_period_elapses_and_only_then_opens_the_door(lab: Place, now: time_machine.Coordinates) -> None:
    case = opened(lab, "clocks")
    with pytest.raises(DoorClosed) as closed:
        act(lab.applicant_handler, case, "report")
    assert closed.value.reasons[0].rule == "lab.thirty"
    now.move_to(datetime(2026, 6, 3, 0, 0, tzinfo=LOCAL))
    cases.sweep()
    trial = clock(case, "trial")
    assert (trial.status, trial.breached_at) == ("elapsed", None)
    act(lab.applicant_handler, case, "report")
    assert clock(case, "month").status == "late"


def test_a_day_set_by_an_order_binds_and_starts_the_next_clock(lab: Place, now: time_machine.Coordinates) -> None:
    case = opened(lab, "clocks")
    act(lab.bureau_approver, case, "order", by_date="2026-03-06")
    assert clock(case, "ordered").due_on == date(2026, 3, 6)
    now.move_to(datetime(2026, 3, 8, 12, 0, tzinfo=LOCAL))
    cases.sweep()
    chained = clock(case, "after_order")
    assert chained.due_on == date(2026, 3, 11), "three working days after the due day, which is not counted"
    act(lab.applicant_handler, case, "comply")
    assert clock(case, "ordered").status == "late"
    assert clock(case, "after_order").due_on == chained.due_on


def test_a_fact_in_time_entered_late_annuls_the_breach_and_erases_nothing(
    lab: Place, now: time_machine.Coordinates
) -> None:
    case = opened(lab, "clocks")
    now.move_to(datetime(2026, 3, 12, 9, 0, tzinfo=LOCAL))
    cases.sweep()
    assert clock(case, "reply").breached_at is not None
    act(lab.bureau_approver, case, "answer", signed_on="2026-03-06")
    reply = clock(case, "reply")
    assert (reply.status, reply.breached_at) == ("met", None)
    kinds = list(reply.ledger.order_by("id").values_list("kind", flat=True))
    assert kinds == ["start", "breach", "annul", "end"]
    assert CaseEvent.objects.filter(case=case, kind=CaseEvent.Kind.ANNUL, clock="reply").count() == 1
    assert CaseEvent.objects.filter(case=case, kind=CaseEvent.Kind.DUE, clock="reply").count() == 1


def test_a_clock_born_past_its_due_date_is_overdue_at_once(lab: Place) -> None:
    case = opened(lab, "clocks", signed_on="2026-01-05")
    reply = clock(case, "reply")
    assert reply.due_on == date(2026, 1, 12)
    assert status_at(reply, MONDAY) == "overdue"
    cases.sweep()
    event = CaseEvent.objects.get(case=case, kind=CaseEvent.Kind.DUE, clock="reply")
    assert event.at >= reply.due_at
    assert event.detected_at == MONDAY


def test_silence_has_a_result_only_where_the_pack_says_so_and_it_is_marked(
    lab: Place, now: time_machine.Coordinates
) -> None:
    case = opened(lab, "clocks")
    act(lab.bureau_reviewer, case, "ask")
    now.move_to(datetime(2026, 3, 20, 9, 0, tzinfo=LOCAL))
    cases.sweep()
    case.refresh_from_db()
    assert (case.state, case.outcome) == ("lapsed", "lapsed")
    deemed = CaseEvent.objects.get(case=case, action="lapse")
    assert (deemed.deemed, deemed.rule) == (True, "lab.three")
    assert deemed.at == clock(case, "patience").due_at
    assert not Clock.objects.filter(case=case, status="open").exists()


def test_an_overdue_duty_stays_open_and_nothing_moves(lab: Place, now: time_machine.Coordinates) -> None:
    case = opened(lab, "clocks")
    now.move_to(datetime(2026, 3, 20, 9, 0, tzinfo=LOCAL))
    cases.sweep()
    case.refresh_from_db()
    assert case.state == "open"
    act(lab.bureau_approver, case, "answer")
    assert (clock(case, "reply").status, clock(case, "umbrella").status) == ("late", "late")


def test_reminders_missed_are_kept_as_skipped(lab: Place, now: time_machine.Coordinates) -> None:
    case = opened(lab, "clocks")
    now.move_to(datetime(2026, 3, 20, 9, 0, tzinfo=LOCAL))
    cases.sweep()
    rungs = Alert.objects.filter(clock=clock(case, "reply")).values_list("rung", "skipped")
    assert dict(rungs) == {"-2wd": True, "0wd": True, "due": False, "+1wd": False}


def test_the_record_is_the_same_however_late_the_sweep(lab: Place, now: time_machine.Coordinates) -> None:
    punctual, tardy = opened(lab, "clocks"), opened(lab, "clocks")
    for day in range(1, 20):
        now.move_to(MONDAY + timedelta(days=day))
        cases.settle_case(punctual.pk)
    cases.sweep()
    assert told(punctual) == told(tardy)


def told(case: Case) -> list[tuple[object, ...]]:
    """What the record says of a case, but for the moment of detection."""
    return list(case.events.order_by("seq").values_list("seq", "kind", "clock", "action", "to_state", "at"))


def test_a_paused_or_ended_clock_never_outlives_its_case(lab: Place) -> None:
    case = opened(lab, "clocks")
    act(lab.bureau_reviewer, case, "ask")
    act(lab.bureau_approver, case, "close")
    assert set(case.clocks.values_list("status", flat=True)) <= {"void", "met"}
    assert ClockEntry.objects.filter(clock__case=case, kind="end").count() == case.clocks.count()
