"""Which rules a procedure cites, wherever in it."""

from __future__ import annotations

from collections.abc import Iterator

from statutes.definitions import All, Any, CasesAre, Cond, Not, OverThreshold, Procedure, Taken


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
