"""Rules name their source, and no number allows more than the law above it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import TypeVar

from statutes import vocabulary
from statutes.definitions import CompiledPack, Pack, Procedure, Rule
from statutes.loader import LoadedPack, Place, Report, join, nearest
from statutes.resolution import allows_more, ancestors_of
from statutes.validation.citations import enforced_ids

Stated = TypeVar("Stated", Rule, Procedure)


def check_rules(chain: Sequence[LoadedPack], report: Report) -> None:
    """The rules, inputs and transitions that a pack states itself; its ancestors are checked as packs of their own."""
    own, compiled = chain[0], join(chain)
    for rule in own.pack.rules:
        place = own.place_of_rule(rule)
        _source(own, rule, place, report)
        _families(rule, place, report)
        _floors(compiled, rule, place, report)
    _twice(own, report)
    for definition in own.pack.inputs.values():
        _range_of_input(compiled, definition.rule, own.place("pack.toml", f"input.{definition.id}.rule"), report)
    _transitions(own, compiled, report)


def check_enforced(pack: LoadedPack, related: Iterable[Pack], report: Report) -> None:
    """A rule that a pack claims to enforce says by what, or is cited by a procedure of the pack or of one below it.

    `related`: the pack, its ancestors, and every pack that stands on it.
    """
    cited = enforced_ids(related)
    for rule in pack.pack.rules:
        if rule.treatment == "enforced" and not rule.handled_by and rule.id not in cited:
            message = "It is said to be enforced, but no procedure cites it."
            mend = "Cite it, say what does it in `handled_by`, or change the treatment."
            report.add(pack.place_of_rule(rule).at("treatment"), message, mend)


def _source(pack: LoadedPack, rule: Rule, place: Place, report: Report) -> None:
    if rule.instrument and rule.instrument not in pack.pack.instruments:
        mend = nearest(rule.instrument, pack.pack.instruments)
        report.add(place.at("instrument"), f"There is no instrument “{rule.instrument}”.", mend)
    if rule.article and not rule.instrument:
        report.add(place.at("article"), "An article of which instrument?", "Name the `instrument`.")
    if not rule.article and not rule.practice:
        report.add(place, "The rule cites no article.", "Give `instrument` and `article`, or say `practice = true`.")


def _families(rule: Rule, place: Place, report: Report) -> None:
    for family in rule.clocked_in:
        if vocabulary.family(family) is None:
            mend = nearest(family, vocabulary.families())
            report.add(place.at("clocked_in"), f"No app of the portal handles the family “{family}”.", mend)
    if rule.clocked_in and rule.limit is None:
        report.add(place.at("clocked_in"), "Only a limit can be measured.", "Give the rule a `limit`.")


def _floors(compiled: CompiledPack, rule: Rule, place: Place, report: Report) -> None:
    above = ancestors_of(compiled, rule.pack)
    for floor_id in rule.floor:
        known = [floor for pack in above.chain for floor in pack.rules if floor.id == floor_id]
        if not known and floor_id != rule.id:
            names = {floor.id for pack in above.chain for floor in pack.rules}
            report.add(place.at("floor"), f"No ancestor states a rule “{floor_id}”.", nearest(floor_id, names))
        for floor in known:
            if not rule.superseded and _meet(rule, floor):
                _compare(rule, floor, place, report)


def _compare(rule: Rule, floor: Rule, place: Place, report: Report) -> None:
    verdict = allows_more(rule, floor)
    mend = "Use the floor's number, or say `superseded = true` if a later law allows it."
    if verdict is None:
        report.add(place, f"Its number cannot be compared with its floor “{floor.id}” ({floor.pack}).", mend)
    elif verdict:
        report.add(place, f"Its number is laxer than its floor “{floor.id}” ({floor.pack}).", mend)


def _meet(one: Rule | Procedure, other: Rule | Procedure) -> bool:
    """Whether both are in force on some day."""
    first = max(one.in_force_from or date.min, other.in_force_from or date.min)
    last = min(one.in_force_to or date.max, other.in_force_to or date.max)
    return first <= last


def _twice(pack: LoadedPack, report: Report) -> None:
    for rule in _meeting(pack.pack.rules):
        message = f"The rule “{rule.id}” is stated twice for the same days."
        report.add(pack.place_of_rule(rule), message, "Rename one, or part their dates.")
    for procedure in _meeting(pack.pack.procedures):
        message = f"The procedure “{procedure.id}” is defined twice for the same days."
        report.add(pack.place_of(procedure), message, "Rename one, or part their dates.")


def _meeting(stated: Iterable[Stated]) -> Iterator[Stated]:
    """Those of one id with an earlier one that is in force on some day on which they are."""
    earlier: dict[str, list[Stated]] = {}
    for one in stated:
        before = earlier.setdefault(one.id, [])
        if one.id and any(_meet(other, one) for other in before):
            yield one
        before.append(one)


def _range_of_input(compiled: CompiledPack, rule_id: str | None, place: Place, report: Report) -> None:
    if rule_id is None:
        return
    rules = {rule.id: rule for pack in reversed(compiled.chain) for rule in pack.rules}
    if rule_id not in rules:
        report.add(place, f"There is no rule “{rule_id}”.", nearest(rule_id, rules))
    elif rules[rule_id].range is None:
        report.add(place, f"“{rule_id}” states no range.", "Name a rule with a range.")


def _transitions(pack: LoadedPack, compiled: CompiledPack, report: Report) -> None:
    procedures = {p.id: p for link in reversed(compiled.chain) for p in link.procedures}
    for transition in pack.pack.transitions:
        place = pack.place("pack.toml", "transition", transition.procedure)
        procedure = procedures.get(transition.procedure)
        if procedure is None:
            report.add(
                place, f"There is no procedure “{transition.procedure}”.", nearest(transition.procedure, procedures)
            )
            continue
        for state in transition.states.values():
            if state not in procedure.states:
                report.add(place, f"There is no state “{state}”.", nearest(state, procedure.states))
