"""Which rules a procedure cites, wherever in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from statutes.definitions import All, Any, CasesAre, Cond, Not, OverThreshold, Pack, Procedure, Taken


def cited_by(procedure: Procedure) -> set[str]:
    """Ids of every rule that the procedure names."""
    cited = {procedure.rule}
    cited |= {schedule.rule for schedule in procedure.schedules.values()}
    cited |= {definition.rule for definition in procedure.inputs.values() if definition.rule}
    for clock in procedure.clocks.values():
        cited |= {option.value for option in clock.limit}
    for action in procedure.actions.values():
        cited.add(action.rule)
        if action.extends is not None:
            cited.add(action.extends.by)
    for cond in _conditions(procedure):
        cited |= set(_in(cond))
    return cited


def enforced_ids(packs: Iterable[Pack]) -> set[str]:
    """Ids of the rules that these packs hold to: those cited, the floors under them, and the umbrellas."""
    packs = list(packs)
    cited = {definition.rule for pack in packs for definition in pack.inputs.values() if definition.rule}
    cited |= {rule_id for pack in packs for procedure in pack.procedures for rule_id in cited_by(procedure)}
    rules = [rule for pack in packs for rule in pack.rules]
    cited |= {rule.id for rule in rules if rule.clocked_in}
    waiting = list(cited)
    while waiting:
        here = waiting.pop()
        under = {floor for rule in rules if rule.id == here for floor in rule.floor} - cited
        cited |= under
        waiting += under
    return cited


def _conditions(procedure: Procedure) -> Iterator[Cond]:
    for state in procedure.states.values():
        yield from (way.when for way in state.next)
    for action in procedure.actions.values():
        yield from action.when
        yield from (option.when for option in action.to if option.when is not None)
    for clock in procedure.clocks.values():
        yield from (option.when for option in clock.limit if option.when is not None)


def _in(cond: Cond) -> Iterator[str]:
    if cond.rule is not None:
        yield cond.rule
    match cond:
        case All(items=items) | Any(items=items):
            for item in items:
                yield from _in(item)
        case Not(item=item):
            yield from _in(item)
        case OverThreshold(threshold=rule):
            yield rule
        case Taken(count=str() as rule) | CasesAre(count=str() as rule):
            yield rule
