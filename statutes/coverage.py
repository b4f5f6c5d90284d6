"""How much of the law a pack holds, and what the portal does with each rule. Pure: packs in, counts out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, get_args

from statutes.definitions import CompiledPack, Instrument, Kind, Pack, Rule, Treatment
from statutes.validation.citations import cited_by

KINDS: tuple[str, ...] = (*get_args(Kind), "")
"""Kinds of rules in the order of the table; "" is a rule that stands for no row of the source."""
TREATMENTS: tuple[str, ...] = get_args(Treatment)


@dataclass(frozen=True, slots=True)
class Covered:
    """A rule with all that handles it: what it names itself, then the procedures that cite it or stand on it."""

    rule: Rule
    handled_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of the source and where it is stated: in a rule, or as the day an instrument comes into force."""

    id: str
    stated_in: Rule | Instrument


@dataclass(frozen=True)
class Coverage:
    """What one pack states itself; its ancestors have coverages of their own."""

    pack: Pack
    rules: tuple[Covered, ...]

    @cached_property
    def counts(self) -> Mapping[tuple[str, str], int]:
        """Rules by kind and treatment; a rule stated for two periods counts once, as it is treated last."""
        latest = {covered.rule.id: covered.rule for covered in self.rules}
        return Counter((rule.kind or "", rule.treatment) for rule in latest.values())

    @property
    def table(self) -> list[tuple[str, list[int], int]]:
        """A line for each kind that occurs: the kind, its number by treatment, their sum."""
        lines = [(kind, [self.counts.get((kind, each), 0) for each in TREATMENTS]) for kind in KINDS]
        return [(kind, numbers, sum(numbers)) for kind, numbers in lines if any(numbers)]

    @property
    def totals(self) -> list[int]:
        return [sum(self.counts.get((kind, each), 0) for kind in KINDS) for each in TREATMENTS]

    @property
    def planned(self) -> dict[str, list[Rule]]:
        """Rules that wait for a room, by the room; "" where none is named."""
        found: dict[str, list[Rule]] = {}
        for covered in self.rules:
            rule = covered.rule
            if rule.treatment == "planned":
                for room in [handler.name for handler in rule.handled_by] or [""]:
                    found.setdefault(room, []).append(rule)
        return dict(sorted(found.items()))

    @property
    def readings(self) -> list[Rule]:
        return [covered.rule for covered in self.rules if covered.rule.reading is not None]

    @property
    def practice(self) -> list[Rule]:
        return [covered.rule for covered in self.rules if covered.rule.practice]

    @property
    def soft(self) -> list[Rule]:
        return [covered.rule for covered in self.rules if covered.rule.soft]

    @property
    def outside(self) -> list[Rule]:
        return [covered.rule for covered in self.rules if covered.rule.treatment == "outside"]

    @property
    def unhandled(self) -> list[Rule]:
        """Rules said to be enforced, monitored, informed or planned of which nothing says by what."""
        return [c.rule for c in self.rules if not c.handled_by and c.rule.treatment != "outside"]

    @property
    def figures(self) -> list[Figure]:
        stated: list[Rule | Instrument] = [*self.pack.instruments.values(), *(covered.rule for covered in self.rules)]
        return [Figure(figure, each) for each in stated for figure in each.figure]


def coverage(law: CompiledPack, below: Iterable[Pack] = ()) -> Coverage:
    """The coverage of a pack's own rules. `below`: the packs that stand on it, whose procedures may cite them."""
    cited = _cited([*below, *law.chain])
    return Coverage(law.own, tuple(Covered(rule, tuple(_handled_by(rule, cited))) for rule in law.own.rules))


def coverages(laws: Sequence[CompiledPack]) -> list[Coverage]:
    """The coverage of each of these packs, seen together."""
    return [
        coverage(law, [other.own for other in laws if law.own.id in {pack.id for pack in other.chain[1:]}])
        for law in laws
    ]


def _cited(packs: Sequence[Pack]) -> dict[str, set[str]]:
    """By rule, the procedures that cite it or a rule standing on it."""
    found: dict[str, set[str]] = {}
    stands_on: dict[str, set[str]] = {}
    for pack in packs:
        for rule in pack.rules:
            stands_on.setdefault(rule.id, set()).update(rule.floor)
    for pack in packs:
        for procedure in pack.procedures:
            for rule_id in _with_floors(cited_by(procedure), stands_on):
                found.setdefault(rule_id, set()).add(procedure.id)
    return found


def _with_floors(cited: set[str], stands_on: Mapping[str, set[str]]) -> set[str]:
    waiting, reached = list(cited), set(cited)
    while waiting:
        under = stands_on.get(waiting.pop(), set()) - reached
        reached |= under
        waiting += under
    return reached


def _handled_by(rule: Rule, cited: Mapping[str, set[str]]) -> Iterator[str]:
    named = [str(handler) for handler in rule.handled_by]
    yield from named
    if rule.treatment in ("enforced", "monitored"):
        yield from (f"procedure:{name}" for name in sorted(cited.get(rule.id, ())) if f"procedure:{name}" not in named)
        yield from (f"family:{family}" for family in rule.clocked_in)


def as_data(found: Coverage) -> dict[str, Any]:
    """A coverage for machines: plain values, every rule with its source, treatment and handlers."""
    return {
        "pack": found.pack.id,
        "version": found.pack.version,
        "counts": {kind or "none": dict(zip(TREATMENTS, numbers, strict=True)) for kind, numbers, _sum in found.table},
        "planned": {room or "none": [rule.id for rule in rules] for room, rules in found.planned.items()},
        "readings": [rule.id for rule in found.readings],
        "practice": [rule.id for rule in found.practice],
        "soft": [rule.id for rule in found.soft],
        "unhandled": [rule.id for rule in found.unhandled],
        "figures": {figure.id: figure.stated_in.id for figure in found.figures},
        "rules": [_rule_data(covered) for covered in found.rules],
    }


def _rule_data(covered: Covered) -> dict[str, Any]:
    rule = covered.rule
    return {
        "id": rule.id,
        "ref": rule.ref,
        "kind": rule.kind or "",
        "instrument": rule.instrument,
        "article": rule.article,
        "treatment": rule.treatment,
        "handled_by": list(covered.handled_by),
        "figure": list(rule.figure),
        "practice": rule.practice,
        "soft": rule.soft,
        "reading": rule.reading is not None,
        "in_force_to": rule.in_force_to.isoformat() if rule.in_force_to else "",
    }
