"""The arithmetic of time limits: pure, without database or Django. Everything about due dates is here.

A limit is derived from its start, unit and amounts (base and extensions), the roll switch, the pauses and a
`Calendar`. The start day is not counted (民法典 201), a period ends at 24:00 of its last day (203), hours run on
the clock. P below is every local date from a pausing event to the resuming event, both included, after the
start day: such a date is not consumed. Where the text is silent this module reads: a period that rolls off a
day off does not come to rest on a paused date either.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from statutes.definitions import Reminder, Unit
from statutes.workdays import Calendar, OutOfCalendarError

TZ = ZoneInfo("Asia/Shanghai")
REMINDER_HOUR = time(9)
ONE_DAY = timedelta(days=1)
ROLLING: frozenset[Unit] = frozenset({"day", "month", "year"})
"""Units whose periods roll off a day off unless the rule says otherwise."""
DATED: frozenset[Unit] = frozenset({"on", "set"})
"""Units that name their date, so that no pause moves it."""

Amount = int | str | date


@dataclass(frozen=True, slots=True)
class Pause:
    """From the pausing to the resuming event; `until` None: still paused."""

    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class DayStep:
    """One day of a derivation.

    `number`: which counted day it is. `why`: start, working, make_up, weekend, holiday:NAME, calendar (a counted
    calendar day), paused, landing (where a period of months, years or a fixed date ends), rolled, or instant.
    """

    date: date
    number: int | None
    counted: bool
    why: str
    provisional: bool


@dataclass(frozen=True, slots=True)
class Derivation:
    """What a limit comes to. No due date while paused. `rolled_from`: the day off that the period first ended on.

    `days` is filled on request: every day for working and calendar days, else start, landing and roll.
    """

    due_on: date | None
    due_at: datetime | None
    provisional: bool = False
    rolled_from: date | None = None
    days: tuple[DayStep, ...] = ()


@dataclass(frozen=True, slots=True)
class _Budget:
    """The question put to the arithmetic, with the paused dates as merged ordinal ranges after the start day."""

    day: date
    unit: Unit
    amounts: Sequence[Amount]
    roll: bool
    years: int
    calendar: Calendar
    paused: tuple[tuple[int, int], ...] = ()


def local_date(at: datetime) -> date:
    """The date of an instant where the portal's law applies; 00:00 belongs to the new day.

    Raises OutOfCalendarError for an instant whose date there is none for here.
    """
    try:
        return at.astimezone(TZ).date()
    except OverflowError as error:
        raise OutOfCalendarError(f"{at} has no date here") from error


def start_of(day: date) -> datetime:
    """00:00 of a day: the instant at which a limit starts that starts on a date."""
    return datetime.combine(day, time(), TZ)


def end_of(day: date) -> datetime:
    """24:00 of a day, written as the next day's 00:00."""
    return datetime.combine(day + ONE_DAY, time(), TZ)


def derive(
    *,
    start: datetime,
    unit: Unit,
    amounts: Sequence[Amount],
    roll: bool = False,
    years: int = 0,
    pauses: Sequence[Pause] = (),
    calendar: Calendar,
    explain: bool = False,
) -> Derivation:
    """When a limit ends. `amounts`: base and extensions; for `on` one "MM-DD", for `set` one date.

    Open pauses that began before the limit ended leave it without a due date. With `explain` the derivation lists
    its days. Raises ValueError for amounts that do not fit the unit, OutOfCalendarError beyond the calendar's years
    and beyond the last date that there is.
    """
    try:
        if unit == "hour":
            return _derive_hours(start, amounts, pauses, calendar, explain)
        day = local_date(start)
        closed = () if unit in DATED else _paused_dates(day, [pause for pause in pauses if pause.until])
        return _derive_days(_Budget(day, unit, amounts, roll, years, calendar, closed), pauses, explain)
    except OverflowError as error:
        raise OutOfCalendarError("the count leaves the dates that there are") from error


def _derive_days(budget: _Budget, pauses: Sequence[Pause], explain: bool) -> Derivation:
    ends = _end(budget)
    due = _rolled(budget, ends)
    if budget.unit not in DATED and any(pause.until is None and local_date(pause.since) <= due for pause in pauses):
        return Derivation(None, None, days=_steps_while_paused(budget, pauses) if explain else ())
    rolled_from = ends if due != ends else None
    days = _steps(budget, ends, due) if explain else ()
    return Derivation(due, end_of(due), _provisional(budget, ends, due), rolled_from, days)


def in_time(fact_at: datetime, due_at: datetime) -> bool:
    """Whether a fact is in time: the very instant at which a limit ends still is."""
    return fact_at <= due_at


def rung_at(reminder: Reminder, *, due_on: date, due_at: datetime, calendar: Calendar) -> datetime:
    """When a reminder falls: working days at 09:00 counted from the due date, hours and minutes from the instant.

    0 working days is the due date, or the last working day before it when that is off.
    """
    if reminder.unit == "h":
        return due_at + timedelta(hours=reminder.amount)
    if reminder.unit == "min":
        return due_at + timedelta(minutes=reminder.amount)
    if reminder.amount == 0:
        day = calendar.last_working_day(due_on)
    elif reminder.amount < 0:
        day = calendar.nth_working_day_before(due_on, -reminder.amount)
    else:
        day = calendar.nth_working_day(due_on, reminder.amount)
    return datetime.combine(day, REMINDER_HOUR, TZ)


def days_left(now: datetime, due_on: date, calendar: Calendar) -> int:
    """Working days after today up to the due date: 0 on the last day, below 0 by the working days since it."""
    today = local_date(now)
    if today <= due_on:
        return calendar.working_days_between(today, due_on)
    return -calendar.working_days_between(due_on, today)


def never_past(due_on: date, *, now: datetime, calendar: Calendar) -> date:
    """A due date that a recount moved into the past becomes the next working day (practice)."""
    return due_on if now <= end_of(due_on) else calendar.nth_working_day(local_date(now), 1)


def latest_start(by: date, *, unit: Unit, amounts: Sequence[Amount], roll: bool = False, calendar: Calendar) -> date:
    """The last day on which a limit can start and still end on `by` or before it.

    For working_day, day, month and year; it may be a day off. Raises ValueError for other units, OutOfCalendarError.
    """
    if unit not in {"working_day", "day", "month", "year"}:
        raise ValueError(f"no latest start for a limit in {unit}")
    if by > calendar.last:
        raise OutOfCalendarError(f"{by} is outside the calendar ({calendar.first} to {calendar.last})")

    if unit == "working_day" and (total := _total(unit, amounts)):
        return calendar.nth_working_day_before(by + ONE_DAY, total) - ONE_DAY

    def ends_by(start: date) -> bool:
        budget = _Budget(start, unit, amounts, roll, 0, calendar)
        try:
            return _rolled(budget, _end(budget)) <= by
        except (OutOfCalendarError, OverflowError):
            return False

    low, high = calendar.first, by
    if not ends_by(low):
        raise OutOfCalendarError(f"no start from {low} on ends by {by} inside the calendar")
    while low < high:
        middle = date.fromordinal((low.toordinal() + high.toordinal() + 1) // 2)
        low, high = (middle, high) if ends_by(middle) else (low, middle - ONE_DAY)
    return low


# --- the end of a period ---------------------------------------------------------------------------------


def _total(unit: Unit, amounts: Sequence[Amount]) -> int:
    whole = [amount for amount in amounts if isinstance(amount, int) and amount >= 0]
    if not amounts or len(whole) != len(amounts):
        raise ValueError(f"a limit in {unit} needs whole amounts, not {list(amounts)}")
    return sum(whole)


def _paused_dates(start: date, pauses: Sequence[Pause]) -> tuple[tuple[int, int], ...]:
    """P as merged ranges of ordinals, both ends included, ascending."""
    ranges = sorted(
        (max(local_date(pause.since).toordinal(), start.toordinal() + 1), local_date(pause.until).toordinal())
        for pause in pauses
        if pause.until is not None
    )
    merged: list[tuple[int, int]] = []
    for first, last in ranges:
        if last < first:
            continue
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return tuple(merged)


def _end(budget: _Budget) -> date:
    """The last day of the period before any roll."""
    if budget.unit == "on":
        return _yearly_date(budget)
    if budget.unit == "set":
        return _given_date(budget.amounts)
    total = _total(budget.unit, budget.amounts)
    if budget.unit == "working_day":
        return _nth_unpaused_working_day(budget, total)
    if budget.unit == "day":
        return _moved_on(budget.day + total * ONE_DAY, budget, past_roll=False)
    months = total * 12 if budget.unit == "year" else total
    return _moved_on(_months_later(budget.day, months), budget, past_roll=True)


def _nth_unpaused_working_day(budget: _Budget, n: int) -> date:
    due = budget.calendar.nth_working_day(budget.day, n)
    for first, last in budget.paused:
        if first > due.toordinal():
            break
        n += budget.calendar.working_days_between(date.fromordinal(first - 1), date.fromordinal(last))
        due = budget.calendar.nth_working_day(budget.day, n)
    return due


def _moved_on(end: date, budget: _Budget, *, past_roll: bool) -> date:
    """`end` moved on by the paused dates; those of a pause that begins after the limit ended do not count."""
    for first, last in budget.paused:
        reach = _rolled(budget, end) if past_roll else end
        if first > reach.toordinal():
            break
        end += (last - first + 1) * ONE_DAY
    return end


def _months_later(day: date, months: int) -> date:
    """The day of the same number, or the month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    _check_year(year)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _check_year(year: int) -> None:
    if not MINYEAR <= year <= MAXYEAR:
        raise OutOfCalendarError(f"the count leaves the dates that there are ({MINYEAR} to {MAXYEAR})")


def _yearly_date(budget: _Budget) -> date:
    text = budget.amounts[0] if budget.amounts else None
    if not isinstance(text, str):
        raise ValueError(f'a limit "on" a date needs one "MM-DD", not {list(budget.amounts)}')
    month, day = (int(part) for part in text.split("-"))
    year = budget.day.year + budget.years
    _check_year(year)
    return date(year, month, min(day, monthrange(year, month)[1]))


def _given_date(amounts: Sequence[Amount]) -> date:
    given = amounts[0] if amounts else None
    if isinstance(given, datetime):
        return local_date(given)
    if not isinstance(given, date):
        raise ValueError(f'a limit "set" by an input needs its date, not {list(amounts)}')
    return given


def _rolled(budget: _Budget, end: date) -> date:
    """`end`, or the next working day that is not paused if `end` is a day off and the limit rolls."""
    if not budget.roll or budget.unit == "working_day" or budget.calendar.is_working(end):
        return end
    due = budget.calendar.next_working_day(end)
    for first, last in budget.paused:
        if first <= due.toordinal() <= last:
            due = budget.calendar.nth_working_day(date.fromordinal(last), 1)
    return due


def _provisional(budget: _Budget, end: date, due: date) -> bool:
    """Whether the calendar was asked about a day of a projected year."""
    calendar = budget.calendar
    if budget.unit == "working_day":
        first = budget.day + ONE_DAY
        return due >= first and any(year not in calendar.announced for year in range(first.year, due.year + 1))
    return budget.roll and any(year not in calendar.announced for year in range(end.year, due.year + 1))


# --- hours -----------------------------------------------------------------------------------------------


def _derive_hours(
    start: datetime, amounts: Sequence[Amount], pauses: Sequence[Pause], calendar: Calendar, explain: bool
) -> Derivation:
    """start + N hours + the time paused, to the second; a pause that begins at or after the end does not count."""
    due = start.astimezone(UTC) + timedelta(hours=_total("hour", amounts))
    reached = start.astimezone(UTC)
    for pause in sorted(pauses, key=lambda each: each.since):
        since = max(pause.since.astimezone(UTC), reached)
        if since >= due:
            break
        if pause.until is None:
            return Derivation(None, None)
        until = pause.until.astimezone(UTC)
        if until > since:
            due += until - since
            reached = until
    at = due.astimezone(TZ)
    days = (_step(calendar, local_date(start), "start"), _step(calendar, at.date(), "instant")) if explain else ()
    return Derivation(at.date(), at, days=days)


# --- the derivation, day by day --------------------------------------------------------------------------


def _step(calendar: Calendar, day: date, why: str, number: int | None = None) -> DayStep:
    return DayStep(day, number, number is not None, why, calendar.is_projected(day))


def _steps(budget: _Budget, end: date, due: date) -> tuple[DayStep, ...]:
    start = _step(budget.calendar, budget.day, "start")
    if budget.unit in {"working_day", "day"}:
        return (start, *_each_day(budget, end), *_roll_steps(budget, end, due))
    landing = () if end == budget.day else (_step(budget.calendar, end, "landing"),)
    paused = (_step(budget.calendar, day, "paused") for day in _each_paused(budget, end))
    return (start, *paused, *landing, *_roll_steps(budget, end, due))


def _each_day(budget: _Budget, end: date) -> Iterator[DayStep]:
    paused = set(_each_paused(budget, end))
    number = 0
    for day in _days(budget.day + ONE_DAY, end):
        if day in paused:
            yield _step(budget.calendar, day, "paused")
            continue
        why = budget.calendar.why(day) if budget.unit == "working_day" else "calendar"
        if budget.unit == "day" or budget.calendar.is_working(day):
            number += 1
            yield _step(budget.calendar, day, why, number)
        else:
            yield _step(budget.calendar, day, why)


def _each_paused(budget: _Budget, until: date) -> list[date]:
    return [
        day
        for first, last in budget.paused
        for day in _days(date.fromordinal(first), min(date.fromordinal(last), until))
    ]


def _roll_steps(budget: _Budget, end: date, due: date) -> Iterator[DayStep]:
    """The days off between the end of the period and the working day that it rolls to."""
    if due == end:
        return
    for day in _days(end + ONE_DAY, due - ONE_DAY):
        off = not budget.calendar.is_working(day)
        yield _step(budget.calendar, day, budget.calendar.why(day) if off else "paused")
    yield _step(budget.calendar, due, "rolled")


def _steps_while_paused(budget: _Budget, pauses: Sequence[Pause]) -> tuple[DayStep, ...]:
    """The days used up before the open pause, and the day on which it began."""
    since = min(local_date(pause.since) for pause in pauses if pause.until is None)
    start = _step(budget.calendar, budget.day, "start")
    if since <= budget.day:
        return (start,)
    before = tuple(_each_day(budget, since - ONE_DAY)) if budget.unit in {"working_day", "day"} else ()
    return (start, *before, _step(budget.calendar, since, "paused"))


def _days(first: date, last: date) -> Iterator[date]:
    return (date.fromordinal(number) for number in range(first.toordinal(), last.toordinal() + 1))
