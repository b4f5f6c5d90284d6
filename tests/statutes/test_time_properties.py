"""The arithmetic against a plain count of days, and what must hold for every limit."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statutes.calendar_source import announced_days, announced_years
from statutes.definitions import Reminder, Unit
from statutes.timelimits import (
    TZ,
    Derivation,
    Pause,
    days_left,
    derive,
    end_of,
    in_time,
    latest_start,
    local_date,
    never_past,
    rung_at,
    start_of,
)
from statutes.workdays import OutOfCalendarError, build_calendar
from tests.statutes.test_time_vectors import CALENDAR

DAY = timedelta(days=1)
FIRST = date(2004, 1, 1)
LAST = date(2026, 12, 31)
steady = settings(deadline=None, derandomize=True)
PERIODS: list[Unit] = ["working_day", "day", "month", "year"]

days_of_work = st.dates(date(2005, 1, 1), date(2025, 6, 30))
clock_times = st.times(max_value=time(23, 59, 59))
moments = st.builds(lambda day, at: datetime.combine(day, at, TZ), days_of_work, clock_times)


def due(start: datetime, unit: Unit, *amounts: int, pauses: tuple[Pause, ...] = ()) -> date:
    found = derive(
        start=start, unit=unit, amounts=amounts, roll=unit != "working_day", pauses=pauses, calendar=CALENDAR
    )
    assert found.due_on is not None
    return found.due_on


@st.composite
def pauses_after(draw: st.DrawFn, start: datetime) -> tuple[Pause, ...]:
    """Up to four closed pauses in order, within some weeks of the start."""
    edges = sorted(draw(st.lists(st.integers(0, 40 * 24 * 60), max_size=8, unique=True)))
    at = [start + timedelta(minutes=minutes) for minutes in edges]
    return tuple(Pause(since, until) for since, until in zip(at[::2], at[1::2], strict=False))


def test_working_days_agree_with_a_day_by_day_count_for_every_start_and_1_to_60() -> None:
    """Walks the days once, without bisection: for each start the dates of the next sixty worked days."""
    named = announced_days()
    days = [date.fromordinal(number) for number in range(FIRST.toordinal(), LAST.toordinal() + 1)]
    upcoming: list[date] = []
    compared = 0
    for day in reversed(days):
        for n, expected in enumerate(upcoming, start=1):
            assert CALENDAR.nth_working_day(day, n) == expected
        compared += len(upcoming)
        works, _name = named.get(day, (day.weekday() < 5, ""))
        if works:
            upcoming = [day, *upcoming[:59]]
    assert compared > 60 * 8000


@pytest.mark.parametrize("n", [1, 5, 30, 60])
def test_derive_counts_like_the_day_by_day_count_for_every_start(n: int) -> None:
    for number in range(FIRST.toordinal(), date(2026, 9, 1).toordinal()):
        day = date.fromordinal(number)
        assert due(start_of(day), "working_day", n) == CALENDAR.nth_working_day(day, n)


@steady
@given(moments, st.integers(0, 90), st.data())
def test_paused_dates_are_not_consumed(start: datetime, n: int, data: st.DataObject) -> None:
    """The plain count: walk the days after the start, skip days off and every date from pause to resumption."""
    pauses = data.draw(pauses_after(start))
    paused = {
        day
        for pause in pauses
        if pause.until
        for number in range(local_date(pause.since).toordinal(), local_date(pause.until).toordinal() + 1)
        if (day := date.fromordinal(number))
    }
    day, left = local_date(start), n
    while left:
        day += DAY
        left -= CALENDAR.is_working(day) and day not in paused
    assert due(start, "working_day", n, pauses=pauses) == day

    day, left = local_date(start), n
    while left:
        day += DAY
        left -= day not in paused
    ends = day
    while not CALENDAR.is_working(day) or (day > ends and day in paused):
        day += DAY
    assert due(start, "day", n, pauses=pauses) == day


@steady
@given(moments, st.booleans())
def test_at_once_ends_with_the_day_itself_and_rolls_only_where_told(start: datetime, roll: bool) -> None:
    """立即: 24:00 of the start day, a day off or not; in hours the instant itself."""
    day = local_date(start)
    found = derive(start=start, unit="day", amounts=[0], roll=roll, calendar=CALENDAR, explain=True)
    expected = CALENDAR.next_working_day(day) if roll else day
    assert (found.due_on, found.due_at) == (expected, end_of(expected))
    assert in_time(start, end_of(day))
    assert found.days[0].why == "start"
    assert derive(start=start, unit="hour", amounts=[0], calendar=CALENDAR).due_at == start
    assert latest_start(day, unit="day", amounts=[0], calendar=CALENDAR) == day


@steady
@given(moments, st.sampled_from(PERIODS), st.integers(1, 20), st.integers(0, 20), st.data())
def test_extension_and_base_are_one_budget_in_any_order(
    start: datetime, unit: Unit, base: int, extension: int, data: st.DataObject
) -> None:
    if unit == "year":
        base, extension = 1, 0
    pauses = data.draw(pauses_after(start))
    whole = due(start, unit, base + extension, pauses=pauses)
    assert due(start, unit, base, extension, pauses=pauses) == whole == due(start, unit, extension, base, pauses=pauses)
    assert whole >= due(start, unit, base, pauses=pauses)


@steady
@given(moments, st.sampled_from(PERIODS[:3]), st.integers(1, 20), st.data())
def test_a_pause_never_makes_a_limit_end_earlier(start: datetime, unit: Unit, n: int, data: st.DataObject) -> None:
    pauses = data.draw(pauses_after(start))
    for count in range(len(pauses)):
        assert due(start, unit, n, pauses=pauses[:count]) <= due(start, unit, n, pauses=pauses[: count + 1])


@steady
@given(moments, st.sampled_from(PERIODS[:3]), st.integers(1, 20), st.integers(0, 60 * 24 * 60))
def test_while_paused_there_is_no_due_date_and_afterwards_it_lies_after_the_pause(
    start: datetime, unit: Unit, n: int, minutes: int
) -> None:
    since = start + timedelta(minutes=minutes)
    open_pause = derive(
        start=start, unit=unit, amounts=[n], roll=True, pauses=[Pause(since)], calendar=CALENDAR, explain=True
    )
    plain = due(start, unit, n)
    if local_date(since) <= plain:
        assert open_pause.due_on is open_pause.due_at is None
        assert local_date(since) in {step.date for step in open_pause.days}
        until = since + 3 * DAY
        assert due(start, unit, n, pauses=(Pause(since, until),)) > local_date(until)
    else:
        assert open_pause.due_on == plain


@steady
@given(moments, st.integers(0, 200), st.data())
def test_hours_run_on_the_clock_and_a_pause_gives_back_exactly_its_time(
    start: datetime, n: int, data: st.DataObject
) -> None:
    pauses = data.draw(pauses_after(start))
    found = derive(start=start, unit="hour", amounts=[n], pauses=pauses, calendar=CALENDAR)
    assert found.due_at is not None
    paused = sum(
        ((pause.until - pause.since) for pause in pauses if pause.until and pause.since < found.due_at), timedelta()
    )
    assert found.due_at == start + timedelta(hours=n) + paused
    assert found.due_on == local_date(found.due_at)
    assert not found.provisional


@steady
@given(days_of_work, st.sampled_from(PERIODS), st.integers(0, 36))
def test_the_latest_start_is_the_inverse(by: date, unit: Unit, n: int) -> None:
    if unit == "year":
        n %= 2
    try:
        start = latest_start(by, unit=unit, amounts=[n], roll=True, calendar=CALENDAR)
    except OutOfCalendarError:
        return
    assert due(start_of(start), unit, n) <= by or (start == by and n == 0)
    assert due(start_of(start + DAY), unit, n) > by


@steady
@given(moments, st.sampled_from(PERIODS), st.integers(1, 40), st.data())
def test_the_derivation_ends_on_the_due_date_and_counts_each_day_once(
    start: datetime, unit: Unit, n: int, data: st.DataObject
) -> None:
    if unit == "year":
        n = 1
    pauses = data.draw(pauses_after(start))
    found = derive(
        start=start, unit=unit, amounts=[n], roll=unit != "working_day", pauses=pauses, calendar=CALENDAR, explain=True
    )
    dates = [step.date for step in found.days]
    assert dates[0] == local_date(start)
    assert dates[-1] == found.due_on
    assert dates == sorted(set(dates))
    if unit in {"working_day", "day"}:
        assert [step.number for step in found.days if step.counted] == list(range(1, n + 1))
        assert len(dates) == (dates[-1] - dates[0]).days + 1
    assert (found.rolled_from is not None) == any(step.why == "rolled" for step in found.days)


@steady
@given(moments, st.sampled_from(["Europe/Berlin", "America/New_York", "UTC"]), st.integers(1, 30))
def test_the_zone_in_which_a_moment_is_written_does_not_matter(start: datetime, zone: str, n: int) -> None:
    assert due(start, "working_day", n) == due(start.astimezone(UTC), "working_day", n)


def test_a_fact_at_the_very_end_is_in_time() -> None:
    limit = end_of(date(2026, 3, 9))
    assert limit == datetime(2026, 3, 10, tzinfo=TZ)
    assert in_time(limit, limit)
    assert not in_time(limit + timedelta(microseconds=1), limit)


@pytest.mark.parametrize(
    ("text", "amount", "unit", "due_on", "expected"),
    [
        ("-2wd", -2, "wd", date(2026, 2, 25), datetime(2026, 2, 14, 9, tzinfo=TZ)),
        ("0wd", 0, "wd", date(2026, 2, 25), datetime(2026, 2, 25, 9, tzinfo=TZ)),
        ("0wd", 0, "wd", date(2026, 2, 20), datetime(2026, 2, 14, 9, tzinfo=TZ)),
        ("+1wd", 1, "wd", date(2026, 2, 14), datetime(2026, 2, 24, 9, tzinfo=TZ)),
        ("-20min", -20, "min", date(2026, 2, 25), datetime(2026, 2, 25, 23, 40, tzinfo=TZ)),
        ("+2h", 2, "h", date(2026, 2, 25), datetime(2026, 2, 26, 2, tzinfo=TZ)),
    ],
)
def test_reminders_fall_on_working_days_at_nine_and_to_the_minute(
    text: str, amount: int, unit: str, due_on: date, expected: datetime
) -> None:
    """2026: 15 to 23 February off, Saturday 14 worked."""
    reminder = Reminder(text, amount, unit)  # type: ignore[arg-type]
    assert rung_at(reminder, due_on=due_on, due_at=end_of(due_on), calendar=CALENDAR) == expected


def test_days_left_count_down_to_zero_on_the_last_day_and_on_below() -> None:
    due_on = date(2026, 2, 24)
    left = [days_left(datetime(2026, 2, day, 12, tzinfo=TZ), due_on, CALENDAR) for day in (13, 14, 20, 24, 25, 28)]
    assert left == [2, 1, 1, 0, -1, -4]


def test_a_recount_into_the_past_gives_the_next_working_day() -> None:
    now = datetime(2026, 2, 14, 12, tzinfo=TZ)
    assert never_past(date(2026, 2, 13), now=now, calendar=CALENDAR) == date(2026, 2, 24)
    assert never_past(date(2026, 2, 14), now=now, calendar=CALENDAR) == date(2026, 2, 14)


@pytest.mark.parametrize(
    ("unit", "amounts"),
    [("working_day", []), ("day", ["5"]), ("month", [-1]), ("on", [5]), ("set", []), ("hour", ["08-31"])],
)
def test_amounts_that_do_not_fit_the_unit_are_refused(unit: Unit, amounts: list[int | str | date]) -> None:
    with pytest.raises(ValueError, match="a limit"):
        derive(start=start_of(date(2026, 3, 2)), unit=unit, amounts=amounts, calendar=CALENDAR)


def test_the_calendar_refuses_to_guess_beyond_its_years() -> None:
    with pytest.raises(OutOfCalendarError):
        CALENDAR.nth_working_day(date(2060, 12, 30), 5)
    with pytest.raises(OutOfCalendarError):
        CALENDAR.is_working(date(2003, 12, 31))
    with pytest.raises(ValueError, match="consecutive"):
        build_calendar({2004: True, 2006: True}, {})


def test_every_year_of_the_notices_is_announced_and_no_other() -> None:
    assert set(announced_years()) == CALENDAR.announced
    assert CALENDAR.is_projected(date(2027, 1, 1))


def test_a_derivation_compares_by_value() -> None:
    def once() -> Derivation:
        return derive(start=start_of(date(2026, 3, 2)), unit="day", amounts=[3], calendar=CALENDAR, explain=True)

    assert once() == once()
