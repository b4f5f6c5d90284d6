"""Which number binds on a day: the pack's own, or the floor that an ancestor sets under it. No database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from statutes.definitions import CompiledPack, Every, Limit, Range, ResolvedLimit, Rule, Threshold

Reason = Literal[
    "alone", "stricter", "same", "laxer", "superseded", "incomparable", "ended", "not_yet", "silent", "neither"
]
"""Why a number binds; see `Standing`."""

TIMES_A_YEAR = {
    "year": 1,
    "half_year": 2,
    "quarter": 4,
    "month": 12,
    "week": 52,
    "working_day": 250,
    "day": 365,
    "hour": 8760,
}


class NotInForceError(KeyError):
    """No rule of that id with a limit is in force on that day."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A local number beside the one above it on a day: both, which binds, since when, and why.

    `why`: alone (nothing stands above), stricter, same, laxer (so the floor binds), superseded (laxer on purpose, and
    binds), incomparable, ended or not_yet (the local one, so the floor binds), silent (there is no local number),
    neither (nothing binds on that day). `since` None: from the beginning, or nothing binds.
    """

    local: Rule | None
    floor: Rule | None
    binding: Rule | None
    since: date | None
    why: Reason

    @property
    def both(self) -> bool:
        return self.local is not None and self.floor is not None


def standing(compiled: CompiledPack, rule_id: str, on: date) -> Standing:
    """How the pack's own number for a rule stands to the law above it. KeyError if no pack of the chain has it."""
    local = _own(compiled, rule_id, on)
    if local is None:
        rule = _latest([r for pack in compiled.chain[1:] for r in pack.rules if r.id == rule_id], on)
        if rule is None:
            raise KeyError(rule_id)
        binds = rule if rule.in_force(on) else None
        return Standing(None, rule, binds, binds.in_force_from if binds else None, "silent" if binds else "neither")
    floor = _floor_of(compiled, local, on)
    if not local.in_force(on):
        return _outside_its_days(local, floor, on)
    if floor is None:
        return Standing(local, None, local, local.in_force_from, "alone")
    return _compared(local, floor)


def _own(compiled: CompiledPack, rule_id: str, on: date) -> Rule | None:
    return _latest([rule for rule in compiled.own.rules if rule.id == rule_id], on)


def _latest(rules: list[Rule], on: date) -> Rule | None:
    """The rule in force on the day; else the last to have been; else the first to come."""
    past = [rule for rule in rules if rule.in_force_to is not None and rule.in_force_to < on]
    ended = sorted(past, key=lambda rule: rule.in_force_to or date.min, reverse=True)
    coming = sorted(rules, key=lambda rule: rule.in_force_from or date.min)
    return next(iter([rule for rule in rules if rule.in_force(on)] or ended or coming), None)


def _floor_of(compiled: CompiledPack, rule: Rule, on: date) -> Rule | None:
    """The number above a rule that matters on the day: the strictest that it is laxer than, else the first."""
    above = list(_under(compiled, rule, on))
    binding: Rule | None = None
    for floor in above:
        if allows_more(binding or rule, floor):
            binding = floor
    return binding or next(iter(above), None)


def ground_of(compiled: CompiledPack, rule: Rule, on: date) -> Rule | None:
    """The number above a rule that no article states: the law by which such a number binds. None for other rules."""
    return None if rule.article or not states_number(rule) else _floor_of(compiled, rule, on)


def _under(compiled: CompiledPack, rule: Rule, on: date) -> Iterator[Rule]:
    """The numbered rules of ancestors in force on a day under a rule, nearest first, `superseded` or not."""
    above = ancestors_of(compiled, rule.pack)
    for floor_id in rule.floor:
        try:
            floor = above.rule(floor_id, on)
        except KeyError:
            continue
        if states_number(floor):
            yield floor
        yield from _under(compiled, floor, on)


def _outside_its_days(local: Rule, floor: Rule | None, on: date) -> Standing:
    ended = local.in_force_to is not None and local.in_force_to < on
    if floor is None:
        return Standing(local, None, None, None, "neither")
    after = local.in_force_to + timedelta(days=1) if ended and local.in_force_to else None
    return Standing(local, floor, floor, _later(floor.in_force_from, after), "ended" if ended else "not_yet")


def _compared(local: Rule, floor: Rule) -> Standing:
    since = local.in_force_from
    if not states_number(local):
        return Standing(local, floor, floor, _later(since, floor.in_force_from), "silent")
    verdict = allows_more(local, floor)
    if verdict is None:
        return Standing(local, floor, local, since, "superseded" if local.superseded else "incomparable")
    if verdict:
        if local.superseded:
            return Standing(local, floor, local, since, "superseded")
        return Standing(local, floor, floor, _later(since, floor.in_force_from), "laxer")
    return Standing(local, floor, local, since, "stricter" if allows_more(floor, local) else "same")


def _later(one: date | None, other: date | None) -> date | None:
    return max((day for day in (one, other) if day is not None), default=None)


def states_number(rule: Rule) -> bool:
    return any(number is not None for number in (rule.limit, rule.threshold, rule.range, rule.every))


def resolve_limit(compiled: CompiledPack, rule_id: str, on: date) -> ResolvedLimit:
    """The limit of a rule as it binds on `on`, with the floor that took its place if the rule is laxer.

    A floor in another unit is not compared (the checks refuse such a rule unless it says `superseded`).
    Raises NotInForceError.
    """
    try:
        rule = compiled.rule(rule_id, on)
    except KeyError as error:
        raise NotInForceError(rule_id) from error
    if rule.limit is None:
        raise NotInForceError(rule_id)
    resolved = ResolvedLimit(rule, rule.limit)
    for floor in floors(compiled, rule, on):
        if floor.limit is not None and laxer(resolved.limit, floor.limit):
            resolved = replace(resolved, limit=floor.limit, floor=floor)
    return resolved


def floors(compiled: CompiledPack, rule: Rule, on: date | None = None) -> Iterator[Rule]:
    """The rules of ancestors that stand under a rule, and those under them. None under a `superseded` rule."""
    if rule.superseded:
        return
    above = ancestors_of(compiled, rule.pack)
    for floor_id in rule.floor:
        try:
            floor = above.rule(floor_id, on)
        except KeyError:
            continue
        yield floor
        yield from floors(compiled, floor, on)


def ancestors_of(compiled: CompiledPack, pack_id: str) -> CompiledPack:
    """The chain above a pack, as a compiled pack of its own (empty above the last)."""
    index = next(i for i, pack in enumerate(compiled.chain) if pack.id == pack_id)
    return replace(compiled, chain=compiled.chain[index + 1 :])


def laxer(limit: Limit, floor: Limit) -> bool | None:
    """Whether a limit allows more than its floor. None where the two cannot be compared."""
    if limit.unit != floor.unit or limit.bound != floor.bound:
        return None
    if limit.unit == "set":
        return False
    if limit.unit == "on":
        mine, least = (limit.years, str(limit.amount)), (floor.years, str(floor.amount))
        return mine > least if limit.bound == "latest" else mine < least
    more = int(limit.amount or 0) - int(floor.amount or 0)
    return more > 0 if limit.bound == "latest" else more < 0


def allows_more(rule: Rule, floor: Rule) -> bool | None:
    """Whether a rule allows more than its floor; None where numbers of two kinds cannot be compared."""
    if rule.limit is not None and floor.limit is not None:
        return laxer(rule.limit, floor.limit)
    if rule.threshold is not None and floor.threshold is not None:
        return _laxer_threshold(rule.threshold, floor.threshold)
    if rule.range is not None and floor.range is not None:
        return _wider(rule.range, floor.range)
    if rule.every is not None and floor.every is not None:
        return _laxer_every(rule.every, floor.every)
    return None if states_number(rule) and states_number(floor) else False


def _laxer_threshold(mine: Threshold, floor: Threshold) -> bool | None:
    if (mine.field, mine.unit, mine.comparator[0]) != (floor.field, floor.unit, floor.comparator[0]):
        return None
    if mine.comparator == "=":
        return mine.amount != floor.amount
    includes_more = len(mine.comparator) > len(floor.comparator) and mine.amount == floor.amount
    past = mine.amount > floor.amount if mine.comparator[0] == "<" else mine.amount < floor.amount
    return past or includes_more


def _wider(mine: Range, floor: Range) -> bool | None:
    return None if mine.unit != floor.unit else mine.min < floor.min or mine.max > floor.max


def _laxer_every(mine: Every, floor: Every) -> bool | None:
    if mine.bound != floor.bound:
        return None
    more = _a_year(mine) - _a_year(floor)
    return more < 0 if mine.bound == "least" else more > 0


def _a_year(every: Every) -> int:
    return TIMES_A_YEAR[every.period] * every.times
