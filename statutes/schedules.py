"""When a schedule of a pack opens its cases: dates only, pure, like statutes.timelimits."""

from __future__ import annotations

from calendar import monthrange
from datetime import date

from statutes.definitions import Every, Schedule
from statutes.workdays import Calendar

MONTHS = {"year": 12, "half_year": 6, "quarter": 3, "month": 1}
FIRST_DAY = "01-01"
LAST_WEEKDAY = 6


def months_between(every: Every) -> int | None:
    """Whole months from one opening to the next; None for weeks and days, and where they do not come out even."""
    months = MONTHS.get(every.period, 0)
    return months // every.times if months and months % every.times == 0 else None


def next_opening(schedule: Schedule, on: date, calendar: Calendar) -> date:
    """The first day on or after `on` on which the schedule opens.

    Months count from `opens_on` (a day that a month lacks is its last); a week opens on its Monday.
    """
    period = schedule.every.period
    if period == "working_day":
        return calendar.next_working_day(on)
    if period == "day":
        return on
    if period == "week":
        return date.fromordinal(on.toordinal() + (LAST_WEEKDAY + 1 - on.weekday()) % (LAST_WEEKDAY + 1))
    step = months_between(schedule.every)
    if step is None:
        raise ValueError(f"a schedule cannot open {schedule.every.times} times a {period}")
    month, day = (int(part) for part in (schedule.opens_on or FIRST_DAY).split("-"))
    index = on.year * 12 + on.month - 1
    index -= (index - (month - 1)) % step
    while _day_of(index, day) < on:
        index += step
    return _day_of(index, day)


def _day_of(index: int, day: int) -> date:
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day, monthrange(year, month + 1)[1]))
