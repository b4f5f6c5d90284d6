"""A change of the calendar: stale clocks are counted again, each with its reason, and nothing happens twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

import pytest
import time_machine

from audit.models import AuditEntry
from cases import services as cases
from cases.conditions import status_at
from cases.engine import recount
from cases.engine.recount import independent_due
from cases.models import Alert, Case, CaseEvent, Clock, ClockEntry, Notification, Recount, UrgingTask
from organizations.actors import SystemActor
from statutes.calendars import current_version
from statutes.notice_checks import Asked, judge
from statutes.selectors.calendar import working_calendar
from statutes.selectors.notices import written_days
from statutes.services import record_local_day, record_year
from statutes.timelimits import TZ
from tests.cast import Place
from tests.laboratory.place import clock, lab, opened
from tests.scenes import act
from tests.statutes.notices import NOTICE_2027

__all__ = ["lab"]
pytestmark = pytest.mark.django_db
SYSTEM = SystemActor("test")
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=TZ)
YEAR_END = datetime(2026, 12, 28, 9, 0, tzinfo=TZ)


@pytest.fixture(autouse=True)
def now() -> Iterator[time_machine.Coordinates]:
    """Time ticks here: a calendar is known by the moment at which it was made."""
    with time_machine.travel(MONDAY, tick=True) as traveller:
        yield traveller


def announce_2027() -> None:
    """Enter the invented notice for 2027 as the portal itself would."""
    asked = Asked(2027, NOTICE_2027)
    days = judge(asked, working_calendar(SYSTEM), written_days(""), date(2026, 12, 28)).days
    named = {day: value for day, value in days.items() if day.year == 2027}
    record_year(actor=SYSTEM, year=2027, notice="国办发明电〔2026〕99号", announced_on=date(2026, 12, 20), days=named)


def local_day(day: date, *, works: bool, name: str = "州政发〔2026〕8号") -> None:
    record_local_day(actor=SYSTEM, jurisdiction="lab", day=day, is_working=works, name=name)


def recounted() -> Recount:
    cases.recount_pending()
    return Recount.objects.get(version=current_version())


def lines(kept: Clock) -> list[ClockEntry]:
    return list(kept.ledger.filter(kind="recalculate").order_by("id"))


def sound(case: Case) -> bool:
    """Every open clock equals its independent recount, and the case knows the next rung."""
    open_clocks = list(case.clocks.filter(status="open"))
    case.refresh_from_db()
    next_fire = min((kept.fire_at for kept in open_clocks if kept.fire_at), default=None)
    assert {kept.name: kept.due_on for kept in open_clocks} == {k.name: independent_due(k) for k in open_clocks}
    assert case.next_fire_at == next_fire
    assert [e.seq for e in case.events.order_by("seq")] == list(range(1, case.seq + 1))
    return not recount.stale_clocks().filter(case=case).exists()


# --- becoming firm ---------------------------------------------------------------------------------------


def test_the_notice_of_a_year_makes_due_dates_firm_with_the_reason_in_ledger_record_and_page(
    lab: Place, now: time_machine.Coordinates, client_for: object
) -> None:
    now.move_to(YEAR_END)
    case = opened(lab, "clocks")
    assert clock(case, "umbrella").provisional
    announce_2027()
    recounted()
    kept = clock(case, "umbrella")
    assert not kept.provisional
    (line,) = lines(kept)
    assert (line.note, line.version_before, line.version_after) == ("国办发明电〔2026〕99号", 1, 2)
    event = CaseEvent.objects.get(case=case, kind="recalculate", clock="umbrella")
    assert (event.rule, event.seen["notice"], event.seq) == (kept.rule, line.note, line.event)
    page = client_for(lab.applicant_handler).get(f"/cases/{case.number}/").content.decode()  # type: ignore[operator]
    assert "国办发明电〔2026〕99号" in page
    assert sound(case)


def test_a_year_of_its_own_stays_provisional_where_the_limit_reaches_past_the_notice(
    lab: Place, now: time_machine.Coordinates
) -> None:
    now.move_to(datetime(2027, 12, 20, 9, tzinfo=TZ))
    case = opened(lab, "clocks")
    announce_2027()
    recounted()
    assert clock(case, "year").provisional
    assert lines(clock(case, "year")) == []
    assert sound(case)


def test_clocks_that_do_not_meet_a_changed_day_are_left_alone(lab: Place) -> None:
    case = opened(lab, "clocks")
    local_day(date(2026, 3, 18), works=False)
    recounted()
    assert clock(case, "umbrella").calendar_version == 1
    assert clock(case, "thirty").calendar_version == 2
    assert lines(clock(case, "thirty")) == []
    assert not CaseEvent.objects.filter(case=case, kind="recalculate").exists()
    assert sound(case)


# --- moving ----------------------------------------------------------------------------------------------


def test_a_due_date_moves_with_its_reason_and_each_person_is_told_once_for_the_case(lab: Place) -> None:
    case, other = opened(lab, "clocks"), opened(lab, "clocks")
    act(lab.bureau_approver, other, "answer")
    Notification.objects.all().delete()
    local_day(date(2026, 3, 4), works=False)
    done = recounted()
    moved = {kept.name: kept.due_on for kept in case.clocks.all() if lines(kept)}
    assert moved == {"reply": date(2026, 3, 10), "umbrella": date(2026, 3, 17), "round": date(2026, 3, 6)}
    assert (done.total, done.done, done.moved, done.finished_at is not None) == (2, 2, 3, True)
    told = Notification.objects.filter(kind="recounted")
    assert sorted(told.values_list("user__username", flat=True)) == ["lab.applicant_handler", "lab.bureau_reviewer"]
    assert set(told.values_list("case", flat=True)) == {case.pk}
    entries = AuditEntry.objects.filter(verb="standing_duty.recalculate")
    assert {(entry.subject_id, entry.data["clock"]) for entry in entries} == {(str(case.pk), name) for name in moved}
    assert sound(case)


def test_own_days_of_one_jurisdiction_leave_the_clocks_of_others_alone(lab: Place, enshi: Place) -> None:
    case = opened(lab, "clocks")
    record_local_day(actor=SYSTEM, jurisdiction="enshi", day=date(2026, 3, 4), is_working=False, name="x")
    assert not recount.stale_clocks().filter(case=case).exists()


def test_the_next_touch_counts_again_before_anything_else(lab: Place) -> None:
    """Nobody ran the job: the answer on the sixth working day of the old calendar is in time by the new one."""
    case = opened(lab, "clocks")
    local_day(date(2026, 3, 4), works=False)
    act(lab.bureau_reviewer, case, "visit")
    assert clock(case, "reply").due_on == date(2026, 3, 10)
    assert [e.kind for e in case.events.order_by("seq")] == ["action", *["recalculate"] * 3, "action"]
    assert sound(case)


def test_the_sweep_counts_again_before_it_finds_a_breach(lab: Place, now: time_machine.Coordinates) -> None:
    case = opened(lab, "clocks")
    local_day(date(2026, 3, 5), works=False)
    now.move_to(datetime(2026, 3, 6, 9, tzinfo=TZ))
    cases.sweep()
    assert not CaseEvent.objects.filter(case=case, kind="due", clock="round").exists()
    assert sound(case)


def test_a_recount_bears_the_moment_of_the_change_however_late_it_is_made(
    lab: Place, now: time_machine.Coordinates
) -> None:
    case = opened(lab, "clocks")
    local_day(date(2026, 3, 10), works=False)
    now.shift(timedelta(hours=2))
    recounted()
    event = CaseEvent.objects.filter(case=case, kind="recalculate").first()
    assert event is not None
    assert event.at < MONDAY + timedelta(minutes=5)
    assert event.detected_at >= MONDAY + timedelta(hours=2)


def test_a_paused_clock_only_takes_the_version(lab: Place, now: time_machine.Coordinates) -> None:
    case = opened(lab, "clocks")
    act(lab.bureau_reviewer, case, "ask")
    local_day(date(2026, 3, 9), works=False)
    recounted()
    kept = clock(case, "reply")
    assert (kept.due_on, kept.calendar_version, lines(kept)) == (None, 2, [])
    now.move_to(datetime(2026, 3, 4, 9, tzinfo=TZ))
    cases.sweep()
    act(lab.applicant_handler, case, "supply")
    assert clock(case, "reply").due_on == independent_due(clock(case, "reply")) == date(2026, 3, 12)


# --- the past --------------------------------------------------------------------------------------------


def test_a_due_date_that_would_lie_in_the_past_becomes_the_next_working_day(
    lab: Place, now: time_machine.Coordinates
) -> None:
    """Saturday and Sunday turn out to have been worked: what was due on Monday would have been due on Saturday."""
    case = opened(lab, "clocks")
    now.move_to(datetime(2026, 3, 9, 10, tzinfo=TZ))
    local_day(date(2026, 3, 7), works=True)
    local_day(date(2026, 3, 8), works=True)
    recounted()
    kept = clock(case, "reply")
    assert kept.due_on == date(2026, 3, 10)
    (line,) = lines(kept)
    assert (line.rule, line.due_before, line.due_after) == (
        "calendar.recount_practice",
        date(2026, 3, 9),
        date(2026, 3, 10),
    )
    assert status_at(kept, datetime(2026, 3, 10, 23, tzinfo=TZ)) == "running"
    assert sound(case)
    cases.sweep()
    act(lab.bureau_approver, case, "prolong", days=3)
    assert clock(case, "reply").due_on == date(2026, 3, 13)
    act(lab.bureau_reviewer, case, "ask")
    now.move_to(datetime(2026, 3, 11, 10, tzinfo=TZ))
    cases.sweep()
    act(lab.applicant_handler, case, "supply")
    assert clock(case, "reply").due_on == independent_due(clock(case, "reply")) == date(2026, 3, 17)


def test_a_minimum_period_that_turns_out_to_be_over_is_over(lab: Place, now: time_machine.Coordinates) -> None:
    """It ended on 2 June, a day off by then; with that day worked after all it needs no further working day."""
    case = opened(lab, "clocks")
    local_day(date(2026, 6, 2), works=False)
    recounted()
    assert clock(case, "trial").due_on == date(2026, 6, 3)
    now.move_to(datetime(2026, 6, 3, 9, tzinfo=TZ))
    local_day(date(2026, 6, 2), works=True)
    recounted()
    cases.sweep()
    kept = clock(case, "trial")
    assert (kept.status, kept.due_on) == ("elapsed", date(2026, 6, 2))


def test_a_later_due_date_annuls_the_breach_withdraws_the_urging_and_voids_what_it_began(
    lab: Place, now: time_machine.Coordinates
) -> None:
    case = opened(lab, "clocks")
    act(lab.bureau_approver, case, "order", by_date="2026-03-07")
    now.move_to(datetime(2026, 3, 10, 1, tzinfo=TZ))
    cases.sweep()
    assert clock(case, "reply").breached_at is not None
    assert UrgingTask.objects.filter(clock=clock(case, "reply")).exists()
    local_day(date(2026, 3, 4), works=False)
    recounted()
    kept = clock(case, "reply")
    assert (kept.due_on, kept.breached_at) == (date(2026, 3, 10), None)
    assert not UrgingTask.objects.filter(clock=kept).exists()
    assert [e.kind for e in kept.ledger.order_by("id")] == ["start", "breach", "recalculate", "annul"]
    assert CaseEvent.objects.filter(case=case, kind="annul", clock="reply").count() == 1
    assert sound(case)
    now.move_to(datetime(2026, 3, 11, 1, tzinfo=TZ))
    cases.sweep()
    assert clock(case, "reply").breached_at is not None
    assert UrgingTask.objects.filter(clock=kept).count() == 1


def test_what_the_passing_of_the_old_date_began_is_void(lab: Place, now: time_machine.Coordinates) -> None:
    """`after_order` starts when `ordered` runs out; with that day off the order runs out a day later."""
    case = opened(lab, "clocks")
    act(lab.bureau_approver, case, "order", by_date="2026-03-05")
    now.move_to(datetime(2026, 3, 6, 1, tzinfo=TZ))
    cases.sweep()
    assert clock(case, "after_order").status == "open"
    rolls = Clock.objects.get(case=case, name="ordered").roll
    local_day(date(2026, 3, 5), works=False)
    recounted()
    ordered = clock(case, "ordered")
    assert (ordered.due_on, ordered.breached_at is None) == (
        (date(2026, 3, 6), True) if rolls else (date(2026, 3, 5), False)
    )
    assert clock(case, "after_order").status == ("void" if rolls else "open")
    assert sound(case)


def test_an_answer_that_was_late_by_the_old_calendar_was_in_time_by_the_new(
    lab: Place, now: time_machine.Coordinates
) -> None:
    case = opened(lab, "clocks")
    now.move_to(datetime(2026, 3, 10, 15, tzinfo=TZ))
    cases.sweep()
    act(lab.bureau_approver, case, "answer")
    assert clock(case, "reply").status == "late"
    local_day(date(2026, 3, 4), works=False)
    done = recounted()
    kept = clock(case, "reply")
    assert (kept.status, kept.due_on, kept.breached_at) == ("met", date(2026, 3, 10), None)
    assert CaseEvent.objects.filter(case=case, kind="annul", clock="reply").exists()
    assert done.annulled >= 1
    assert CaseEvent.objects.get(case=case, action="answer").late


def test_a_breach_stays_one_when_it_would_have_come_earlier(lab: Place, now: time_machine.Coordinates) -> None:
    case = opened(lab, "clocks")
    now.move_to(datetime(2026, 3, 10, 1, tzinfo=TZ))
    cases.sweep()
    local_day(date(2026, 3, 7), works=True)
    recounted()
    cases.sweep()
    kept = clock(case, "reply")
    assert (kept.due_on, kept.breached_at) == (date(2026, 3, 7), datetime(2026, 3, 8, tzinfo=TZ))
    assert CaseEvent.objects.filter(case=case, kind="due", clock="reply").count() == 1
    assert sound(case)


def test_a_pending_act_is_dropped_with_its_breach(lab: Place, now: time_machine.Coordinates) -> None:
    """Recorded in one transaction, taken in the next: between the two the calendar changes."""
    case = opened(lab, "clocks")
    act(lab.bureau_reviewer, case, "ask")
    now.move_to(datetime(2026, 3, 6, 1, tzinfo=TZ))
    Clock.objects.filter(case=case, name="patience").update(
        breached_at=datetime(2026, 3, 6, tzinfo=TZ), act_pending=True, error="x"
    )
    Case.objects.filter(pk=case.pk).update(error="x")
    local_day(date(2026, 3, 4), works=False)
    recounted()
    cases.sweep()
    case.refresh_from_db()
    kept = clock(case, "patience")
    assert (case.state, case.error, kept.act_pending, kept.due_on) == ("waiting", "", False, date(2026, 3, 6))


# --- rungs -----------------------------------------------------------------------------------------------


def test_a_rung_fires_again_only_where_its_due_date_moved(lab: Place, now: time_machine.Coordinates) -> None:
    """Of two cases reminded on the 5th, one is due a day later after the notice, one is not: it started after it."""
    first = opened(lab, "clocks")
    now.move_to(datetime(2026, 3, 5, 10, tzinfo=TZ))
    later = opened(lab, "clocks")
    cases.sweep()
    reply = clock(first, "reply")
    assert list(Alert.objects.filter(clock=reply).values_list("rung", flat=True)) == ["-2wd"]
    local_day(date(2026, 3, 4), works=False)
    recounted()
    now.move_to(datetime(2026, 3, 6, 10, tzinfo=TZ))
    cases.sweep()
    cases.sweep()
    alerts = Alert.objects.filter(clock=reply, rung="-2wd").order_by("due_at").values_list("due_at", flat=True)
    assert [due.astimezone(TZ).date() for due in alerts] == [date(2026, 3, 10), date(2026, 3, 11)]
    assert Alert.objects.filter(clock=clock(later, "reply"), rung="-2wd").count() <= 1
    assert sound(first)
    assert sound(later)


def test_a_rung_does_not_fire_again_where_the_due_date_stayed(lab: Place, now: time_machine.Coordinates) -> None:
    case = opened(lab, "clocks")
    now.move_to(datetime(2026, 3, 5, 10, tzinfo=TZ))
    cases.sweep()
    before = Alert.objects.filter(clock__case=case).count()
    local_day(date(2026, 3, 4), works=False)
    local_day(date(2026, 3, 8), works=True)
    recounted()
    cases.sweep()
    assert clock(case, "reply").due_on == date(2026, 3, 9)
    assert Alert.objects.filter(clock=clock(case, "reply"), rung="-2wd").count() == 1
    assert before == 1 + Alert.objects.filter(clock__case=case).exclude(clock__name="reply").count()


# --- the job ---------------------------------------------------------------------------------------------


def test_doing_it_again_changes_nothing(lab: Place) -> None:
    case = opened(lab, "clocks")
    local_day(date(2026, 3, 4), works=False)
    recounted()
    case.refresh_from_db()
    before = (case.seq, ClockEntry.objects.count(), AuditEntry.objects.count())
    cases.recount(current_version())
    cases.recount_pending()
    case.refresh_from_db()
    assert (case.seq, ClockEntry.objects.count(), AuditEntry.objects.count()) == before


def test_two_notices_before_one_recount_are_both_named(lab: Place) -> None:
    case = opened(lab, "clocks")
    local_day(date(2026, 3, 4), works=False, name="first")
    local_day(date(2026, 3, 5), works=False, name="second")
    recounted()
    (line,) = lines(clock(case, "reply"))
    assert (line.note, line.version_before, line.version_after) == ("first; second", 1, 3)
    assert Recount.objects.filter(finished_at__isnull=True).count() == 0


def test_a_case_that_cannot_be_counted_is_named_and_does_not_stop_the_others(lab: Place) -> None:
    broken, whole = opened(lab, "clocks"), opened(lab, "clocks")
    Clock.objects.filter(case=broken, name="reply").update(amount="99999")
    local_day(date(2026, 3, 4), works=False)
    done = recounted()
    assert done.failed == 1
    assert done.finished_at is not None
    assert clock(whole, "reply").due_on == date(2026, 3, 10)
    assert lines(clock(broken, "reply")) == []


def test_the_first_moment_of_the_year_belongs_to_its_first_day(lab: Place, now: time_machine.Coordinates) -> None:
    """Signed on 1 January at 00:00 here, which is still the old year in Greenwich: that day is not counted."""
    now.move_to(datetime.combine(date(2027, 1, 1), time(0), TZ))
    case = opened(lab, "clocks")
    now.shift(timedelta(seconds=1))
    announce_2027()
    recounted()
    kept = clock(case, "round")
    assert kept.started_at.astimezone(TZ).date() == date(2027, 1, 1)
    assert (kept.due_on, kept.provisional) == (date(2027, 1, 6), False)
    assert sound(case)
