"""A due date found a second way: day by day from the ledger, without the bisection and the stored columns.

It holds the engine's figures against a computation that shares nothing with it but the calendar's days.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from cases.engine.clocks import is_grace
from cases.models import Clock, ClockEntry
from statutes.calendars import calendar_for
from statutes.timelimits import TZ
from statutes.workdays import Calendar

ONE_DAY = timedelta(days=1)
Kind = ClockEntry.Kind


def independent_due(clock: Clock, calendar: Calendar | None = None) -> date | None:
    """The day on which a clock falls due by its ledger and the calendar of now; None while it is suspended."""
    calendar = calendar or calendar_for(clock.case.jurisdiction_id)
    ledger = sorted(clock.ledger.all(), key=lambda entry: entry.pk)
    due = _walk(clock, clock.started_at, clock.unit, _base(clock), ledger, calendar)
    graces = [place for place, entry in enumerate(ledger) if is_grace(entry)]
    if not graces or due is None:
        return due
    since = ledger[graces[-1] + 1 :]
    graced = _walk(
        clock, ledger[graces[-1]].at, "working_day", 1, [e for e in since if e.kind != Kind.EXTEND], calendar
    )
    if graced is None:
        return None
    if any(entry.kind == Kind.EXTEND for entry in since):
        graced = _walk(
            clock, datetime(graced.year, graced.month, graced.day, tzinfo=TZ), clock.unit, 0, since, calendar
        )
    return None if graced is None else max(due, graced)


def _base(clock: Clock) -> int:
    return int(clock.amount) if clock.amount.isdigit() else 0


def _walk(
    clock: Clock, start: datetime, unit: str, base: int, ledger: Sequence[ClockEntry], calendar: Calendar
) -> date | None:
    amount = base + sum(entry.amount or 0 for entry in ledger if entry.kind == Kind.EXTEND)
    first = start.astimezone(TZ).date()
    if unit == "hour":
        return _hours(start, amount, ledger)
    if unit == "set":
        return _onto_work(clock.set_on, set(), clock, calendar) if clock.set_on else None
    if unit == "on":
        month, day = (int(part) for part in clock.amount.split("-"))
        year = first.year + clock.years
        return _onto_work(date(year, month, min(day, monthrange(year, month)[1])), set(), clock, calendar)
    stops = _stops(first, ledger)
    paused = {day for stop in stops if stop[1] for day in _days(*stop)}
    due = _count(clock, first, unit, amount, paused, stops, calendar)
    return None if any(until is None and since <= due for since, until in stops) else due


def _count(
    clock: Clock,
    first: date,
    unit: str,
    amount: int,
    paused: set[date],
    stops: list[tuple[date, date | None]],
    calendar: Calendar,
) -> date:
    """The last day of a count of days, or a landing moved on by the suspended days that began before it."""
    if unit in ("working_day", "day"):
        day, left = first, amount
        while left:
            day += ONE_DAY
            left -= day not in paused and (unit == "day" or calendar.is_working(day))
        return day if unit == "working_day" else _onto_work(day, paused, clock, calendar)
    months = first.month - 1 + amount * (12 if unit == "year" else 1)
    year, month = first.year + months // 12, months % 12 + 1
    landing = date(year, month, min(first.day, monthrange(year, month)[1]))
    counted: set[date] = set()
    for since, until in sorted((stop for stop in stops if stop[1]), key=lambda stop: stop[0]):
        if until and since <= _onto_work(landing + len(counted) * ONE_DAY, paused, clock, calendar):
            counted.update(_days(since, until))
    return _onto_work(landing + len(counted) * ONE_DAY, paused, clock, calendar)


def _onto_work(day: date, paused: set[date], clock: Clock, calendar: Calendar) -> date:
    if not clock.roll or calendar.is_working(day):
        return day
    while not calendar.is_working(day) or day in paused:
        day += ONE_DAY
    return day


def _stops(first: date, ledger: Sequence[ClockEntry]) -> list[tuple[date, date | None]]:
    """Suspensions as dates after the start day, both ends included; without an end while one lasts."""
    stops: list[tuple[date, date | None]] = []
    for entry in ledger:
        day = entry.at.astimezone(TZ).date()
        if entry.kind == Kind.PAUSE:
            stops.append((max(day, first + ONE_DAY), None))
        elif entry.kind == Kind.RESUME and stops:
            stops[-1] = (stops[-1][0], day)
    return [stop for stop in stops if stop[1] is None or stop[0] <= stop[1]]


def _days(since: date, until: date | None) -> list[date]:
    return [since + step * ONE_DAY for step in range(((until or since) - since).days + 1)]


def _hours(start: datetime, amount: int, ledger: Sequence[ClockEntry]) -> date | None:
    due, since = start + timedelta(hours=amount), None
    for entry in ledger:
        if entry.kind == Kind.PAUSE:
            since = entry.at
        elif entry.kind == Kind.RESUME and since is not None:
            due, since = due + (entry.at - since), None
    return None if since is not None else due.astimezone(TZ).date()
