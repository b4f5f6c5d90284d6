"""What a limit comes to: forwards to its end, backwards to the last day to start, by a rule or by a bare number.

By a rule the number is the one that binds on the day of the start, the local one or the one above it; both are
counted, and on wish the longest extension. Pure: no database.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from statutes.definitions import CompiledPack, Limit, Rule, Unit
from statutes.resolution import NotInForceError, Standing, resolve_limit, standing
from statutes.timelimits import ROLLING, Derivation, Pause, derive, latest_start, local_date, start_of
from statutes.workdays import Calendar

FORWARDS: frozenset[Unit] = frozenset({"working_day", "day", "month", "year", "hour", "on"})
BACKWARDS: frozenset[Unit] = frozenset({"working_day", "day", "month", "year"})


class NotCountableError(ValueError):
    """The rule states no limit that can be counted in this direction."""


@dataclass(frozen=True, slots=True)
class Basis:
    """The limit that is counted. Without a rule: a bare number. `standing`: the rule's number beside the one above."""

    limit: Limit
    rule: Rule | None = None
    standing: Standing | None = None
    extension: Rule | None = None
    longest: int = 0


@dataclass(frozen=True, slots=True)
class Count:
    """A limit counted. `last`, `last_working`: counting backwards, the last day and the last working day to start."""

    limit: Limit
    rule: Rule | None
    derivation: Derivation
    last: date | None = None
    last_working: date | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One of the numbers of a rule: the local one or the one above it. `count` None: it is not counted that day."""

    rule: Rule
    count: Count | None
    binds: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """`lines`: both numbers where a local one and one above it are there. `extended`: with the longest extension."""

    basis: Basis
    main: Count
    lines: tuple[Line, ...] = ()
    extended: Count | None = None


def bare(unit: Unit, amount: int, *, roll: bool | None = None) -> Basis:
    """A number that no rule states. `roll` None: as the unit does."""
    return Basis(Limit(unit, amount, roll=unit in ROLLING if roll is None else roll))


def basis_on(law: CompiledPack, rule_id: str, on: date) -> Basis:
    """The number of a rule that binds on a day. NotInForceError, or NotCountableError for a rule without a limit."""
    try:
        found = standing(law, rule_id, on)
    except KeyError as error:
        raise NotInForceError(rule_id) from error
    if found.binding is None:
        raise NotInForceError(rule_id)
    limit = found.binding.limit
    if limit is None or limit.unit not in FORWARDS:
        raise NotCountableError(rule_id)
    extension = _extension(law, rule_id, limit.unit, on)
    if extension is None:
        return Basis(limit, found.binding, found)
    return Basis(limit, found.binding, found, extension[0], extension[1])


def forwards(
    basis: Basis, start: datetime, calendar: Calendar, pauses: Sequence[Pause] = (), *, extended: bool = False
) -> Answer:
    """From a start to the due date. Raises OutOfCalendarError."""

    def count(limit: Limit, rule: Rule | None, more: int = 0) -> Count:
        return Count(limit, rule, _derive(limit, start, calendar, pauses, more))

    return _answered(basis, count, local_date(start), FORWARDS, extended=extended)


def backwards(
    basis: Basis, by: date, calendar: Calendar, *, upto: date | None = None, extended: bool = False
) -> Answer:
    """From the day by which a limit must be over to the last day to start, which is not after `upto`.

    Raises OutOfCalendarError, NotCountableError.
    """
    if basis.limit.unit not in BACKWARDS:
        raise NotCountableError(basis.limit.unit)

    def count(limit: Limit, rule: Rule | None, more: int = 0) -> Count:
        last = latest_start(by, unit=limit.unit, amounts=_amounts(limit, more), roll=limit.roll, calendar=calendar)
        last = min(last, upto or by)
        derivation = _derive(limit, start_of(last), calendar, (), more)
        return Count(limit, rule, derivation, last, calendar.last_working_day(last))

    return _answered(basis, count, upto or by, BACKWARDS, extended=extended)


def _answered(basis: Basis, count: Callable[..., Count], on: date, units: frozenset[Unit], *, extended: bool) -> Answer:
    main = count(basis.limit, basis.rule)
    lines = []
    for rule in _both(basis):
        binds = rule == basis.rule
        countable = rule.in_force(on) and rule.limit is not None and rule.limit.unit in units
        lines.append(Line(rule, main if binds else count(rule.limit, rule) if countable else None, binds))
    more = count(basis.limit, basis.extension, basis.longest) if extended and basis.longest else None
    return Answer(basis, main, tuple(lines), more)


def basis_by(law: CompiledPack, rule_id: str, by: date, calendar: Calendar) -> tuple[Basis, date]:
    """The number that binds on the last day to start so that the limit is over by a day, and how late it binds.

    The law may change before `by`: older law is tried until it governs its own answer. Raises as `basis_on` and
    `backwards`.
    """
    upto = by
    while True:
        basis = basis_on(law, rule_id, upto)
        last = backwards(basis, by, calendar, upto=upto).main.last
        since = basis.standing.since if basis.standing else None
        if since is None or last is None or last >= since:
            return basis, upto
        upto = since - timedelta(days=1)


def _both(basis: Basis) -> tuple[Rule, ...]:
    found = basis.standing
    return (found.local, found.floor) if found and found.local and found.floor else ()


def _derive(limit: Limit, start: datetime, calendar: Calendar, pauses: Sequence[Pause], more: int = 0) -> Derivation:
    return derive(
        start=start,
        unit=limit.unit,
        amounts=_amounts(limit, more),
        roll=limit.roll,
        years=limit.years,
        pauses=pauses,
        calendar=calendar,
        explain=True,
    )


def _amounts(limit: Limit, more: int) -> list[int | str]:
    base = limit.amount or 0
    return [base, more] if more else [base]


def _extension(law: CompiledPack, rule_id: str, unit: Unit, on: date) -> tuple[Rule, int] | None:
    """The rule by which a procedure extends a clock on this limit, and the most that it allows."""
    for procedure in law.procedures(on):
        timed = {clock.id for clock in procedure.clocks.values() for option in clock.limit if option.value == rule_id}
        for action in procedure.actions.values():
            if action.extends is None or action.extends.clock not in timed:
                continue
            try:
                resolved = resolve_limit(law, action.extends.by, on)
            except NotInForceError:
                continue
            if resolved.limit.unit == unit and isinstance(resolved.limit.amount, int):
                return resolved.floor or resolved.rule, resolved.limit.amount
    return None
