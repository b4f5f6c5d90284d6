"""Which number binds on a day: the pack's own, or the floor that an ancestor sets under it. No database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from statutes.definitions import CompiledPack, Limit, ResolvedLimit, Rule


class NotInForceError(KeyError):
    """No rule of that id with a limit is in force on that day."""


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
