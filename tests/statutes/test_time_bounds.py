"""Whatever is asked at the edge of the dates that there are is answered, or is outside the calendar: nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from django.test import Client
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from organizations.actors import Actor
from statutes.definitions import Unit
from statutes.forms import MOST
from statutes.timelimits import TZ, Pause, derive, latest_start
from statutes.workdays import OutOfCalendarError
from tests.statutes.test_time_vectors import CALENDAR

UNITS: list[Unit] = ["working_day", "day", "month", "year", "hour"]
BACKWARDS: list[Unit] = ["working_day", "day", "month", "year"]
steady = settings(deadline=None, derandomize=True)
ZONES = st.sampled_from([TZ, UTC])
NEAR = [
    datetime(year, month, day, hour, tzinfo=UTC)
    for year, month, day, hour in (
        (1, 1, 1, 0),
        (2004, 1, 1, 0),
        (2026, 12, 31, 0),
        (9990, 1, 1, 0),
        (9999, 12, 31, 23),
    )
]
instants = st.one_of(
    st.datetimes(timezones=ZONES), st.builds(lambda at, tz: at.replace(tzinfo=tz), st.sampled_from(NEAR), ZONES)
)
END = datetime(9999, 12, 30, 10, tzinfo=TZ)


@steady
@given(instants, st.sampled_from(UNITS), st.integers(0, MOST), st.booleans(), st.none() | instants)
@example(END, "year", 50, True, None)
@example(END, "month", 1, False, None)
@example(NEAR[-1], "hour", 1, False, None)
def test_a_limit_ends_or_leaves_the_calendar(
    start: datetime, unit: Unit, amount: int, roll: bool, until: datetime | None
) -> None:
    pauses = (Pause(start, until),) if until else ()
    try:
        found = derive(start=start, unit=unit, amounts=[amount], roll=roll, pauses=pauses, calendar=CALENDAR)
    except OutOfCalendarError:
        return
    assert found.due_on is not None


@steady
@given(instants, st.integers(0, 9999))
def test_a_date_of_the_year_ends_or_leaves_the_calendar(start: datetime, years: int) -> None:
    try:
        found = derive(start=start, unit="on", amounts=["02-29"], years=years, roll=True, calendar=CALENDAR)
    except OutOfCalendarError:
        return
    assert found.due_on is not None


@steady
@given(st.dates(), st.sampled_from(BACKWARDS), st.integers(0, MOST), st.booleans())
@example(date.max, "working_day", 1, False)
@example(date.min, "year", 1, True)
def test_a_last_day_to_start_is_found_or_outside(by: date, unit: Unit, amount: int, roll: bool) -> None:
    try:
        found = latest_start(by, unit=unit, amounts=[amount], roll=roll, calendar=CALENDAR)
    except OutOfCalendarError:
        return
    assert found <= by


@pytest.mark.django_db
@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("start", ["9999-12-30T10:00", "9999-12-31T23:59", "0001-01-01T00:00", "2026-01-01T00:00"])
def test_the_calculator_and_the_api_say_that_the_count_leaves_the_calendar(
    client_for: Callable[[Actor], Client], api_for: Callable[[Actor], APIClient], outsider: Actor, unit: str, start: str
) -> None:
    page = client_for(outsider).get("/law/calculator/", {"start": start, "amount": "3650", "unit": unit})
    assert page.status_code == 200
    question = {"start": f"{start}:00Z", "amount": 3650, "unit": unit}
    answer = api_for(outsider).post("/api/v1/limits/derive/", question, format="json")
    assert answer.status_code in (200, 400), answer.content
    if answer.status_code == 400:
        assert answer.json()["error"]["fields"]
