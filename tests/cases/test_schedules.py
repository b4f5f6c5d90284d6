"""Schedules open their cases on their day, once, however often or late beat comes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from cases import services as cases
from cases.models import Case, ScheduleCursor
from statutes.calendars import calendar_for
from statutes.definitions import Every, Schedule
from statutes.schedules import next_opening
from tests.cast import Place
from tests.laboratory.place import clock, lab

__all__ = ["lab"]
pytestmark = pytest.mark.django_db
LOCAL = ZoneInfo("Asia/Shanghai")
FRIDAY = datetime(2026, 5, 29, 8, 0, tzinfo=LOCAL)


@pytest.fixture(autouse=True)
def now() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(FRIDAY, tick=False) as traveller:
        yield traveller


def opened_of(procedure: str) -> list[date]:
    cases_of = Case.objects.filter(procedure=procedure, parent=None).order_by("opened_at", "pk")
    return [case.opened_at.astimezone(LOCAL).date() for case in cases_of]


def test_nothing_is_opened_for_days_before_a_schedule_was_first_seen(lab: Place) -> None:
    cases.open_scheduled()
    assert opened_of("round") == []
    assert opened_of("check") == [date(2026, 5, 29)]


def test_the_same_day_opens_once_however_often_it_is_asked(lab: Place) -> None:
    assert cases.open_scheduled() == 1
    assert cases.open_scheduled() == 0


def test_days_that_beat_missed_are_opened_as_of_their_day(lab: Place, now: time_machine.Coordinates) -> None:
    cases.open_scheduled()
    late = datetime(2026, 7, 2, 10, 0, tzinfo=LOCAL)
    now.move_to(late)
    cases.open_scheduled()
    assert opened_of("round") == [date(2026, 6, 1)]
    case = Case.objects.get(procedure="round")
    first = case.events.get(seq=1)
    assert (first.at, first.detected_at) == (datetime(2026, 6, 1, 0, 0, tzinfo=LOCAL), late)
    assert first.recorded_at == late
    calendar = calendar_for("lab")
    expected = [date(2026, 5, 29) + timedelta(days=n) for n in range(35)]
    assert opened_of("check") == [day for day in expected if calendar.is_working(day)]


def test_a_quarter_lays_its_duty_on_every_department_that_is_bound(lab: Place, now: time_machine.Coordinates) -> None:
    cases.open_scheduled()
    now.move_to(datetime(2026, 7, 1, 0, 5, tzinfo=LOCAL))
    cases.open_scheduled()
    quarter = Case.objects.filter(procedure="report", parent=None)
    assert {case.opener_id for case in quarter} == {lab.applicant.pk, lab.provider.pk, lab.outside.pk}
    assert {clock(case, "file_by").due_on for case in quarter} == {date(2026, 8, 31)}
    assert {case.opened_by for case in quarter} == {None}


def test_a_day_that_cannot_be_opened_is_kept_with_its_reason_and_opened_later(
    lab: Place, now: time_machine.Coordinates
) -> None:
    cases.open_scheduled()
    lab.jurisdiction.organ_roles.filter(role="department").delete()
    now.move_to(datetime(2026, 7, 1, 9, 0, tzinfo=LOCAL))
    cases.open_scheduled()
    cursor = ScheduleCursor.objects.get(schedule="quarterly")
    assert cursor.next_on == date(2026, 7, 1)
    assert cursor.error
    assert opened_of("check")[-1] == date(2026, 7, 1), "other schedules are not held up"


@pytest.mark.parametrize(
    ("period", "opens_on", "on", "expected"),
    [
        ("year", "06-01", date(2026, 6, 1), date(2026, 6, 1)),
        ("year", "06-01", date(2026, 6, 2), date(2027, 6, 1)),
        ("half_year", "01-31", date(2026, 2, 1), date(2026, 7, 31)),
        ("quarter", "01-31", date(2026, 2, 1), date(2026, 4, 30)),
        ("month", "01-31", date(2026, 2, 1), date(2026, 2, 28)),
        ("month", "01-31", date(2026, 2, 28), date(2026, 2, 28)),
        ("month", "01-31", date(2026, 3, 1), date(2026, 3, 31)),
        ("week", "", date(2026, 3, 3), date(2026, 3, 9)),
        ("working_day", "", date(2026, 10, 1), date(2026, 10, 8)),
        ("day", "", date(2026, 10, 1), date(2026, 10, 1)),
    ],
)
def test_the_next_opening_is_the_first_day_on_or_after(
    db: None, period: str, opens_on: str, on: date, expected: date
) -> None:
    schedule = Schedule("s", "r", Every(period), "p", opens_on)  # type: ignore[arg-type]
    assert next_opening(schedule, on, calendar_for("")) == expected
