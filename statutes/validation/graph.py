"""How a case can move: every state is reached and left, nothing turns in circles, and time runs where it must."""

from __future__ import annotations

from collections.abc import Iterator

from statutes.definitions import Clock, Procedure
from statutes.validation.scope import Scope

Edge = tuple[str, str, frozenset[str]]


def check_graph(scope: Scope) -> None:
    procedure = scope.procedure
    if not procedure.states:
        scope.problem("state", procedure.id, "The procedure has no states.", "Add them.")
        return
    openings = _openings(scope)
    if not openings:
        return
    edges = list(_edges(procedure))
    reached = _closure({target for target, _fired in openings}, [(a, b) for a, b, _fired in edges])
    for state in procedure.states.values():
        if state.id not in reached:
            scope.problem(
                f"state.{state.id}", state.id, "No action leads to this state.", "Lead one to it or remove it."
            )
    _endings(scope, reached, edges)
    _circles(scope)
    _clocked(scope, reached, openings, edges)
    _acts(scope, openings, edges)
    _sight(scope, edges)


def _openings(scope: Scope) -> list[tuple[str, frozenset[str]]]:
    """The states that a case may open in, each with what happens in opening it."""
    openings = [action for action in scope.procedure.actions.values() if action.opens_case]
    if not openings:
        scope.problem("action", scope.procedure.id, "No action opens a case.", "Add one without `from`.")
    for action in openings:
        if not action.to:
            scope.problem(f"action.{action.id}.to", action.id, "It opens a case in no state.", "Name the first state.")
    states = scope.procedure.states
    return [(o.value, frozenset({a.id, o.value})) for a in openings for o in a.to if o.value in states]


def _edges(procedure: Procedure) -> Iterator[Edge]:
    """Every move between states, with the events that it fires."""
    for state in procedure.states.values():
        if state.terminal:
            continue
        for action in procedure.actions_from(state.id):
            for option in action.to:
                if option.value in procedure.states:
                    yield state.id, option.value, frozenset({action.id, option.value})
        for way in state.next:
            if way.to in procedure.states:
                yield state.id, way.to, frozenset({way.to})


def _closure(start: set[str], pairs: list[tuple[str, str]]) -> set[str]:
    reached, waiting = set(start), list(start)
    while waiting:
        here = waiting.pop()
        for source, target in pairs:
            if source == here and target not in reached:
                reached.add(target)
                waiting.append(target)
    return reached


def _endings(scope: Scope, reached: set[str], edges: list[Edge]) -> None:
    states = scope.procedure.states
    ends = {state.id for state in states.values() if state.terminal}
    ending = _closure(ends, [(b, a) for a, b, _fired in edges])
    for name in sorted(reached - ending):
        message = "A case that gets here can never be closed."
        scope.problem(f"state.{name}", name, message, "Lead it to a state with an `outcome`.")


def _circles(scope: Scope) -> None:
    pairs = [(s.id, way.to) for s in scope.procedure.states.values() for way in s.next]
    for state in scope.procedure.states.values():
        following = {target for source, target in pairs if source == state.id}
        if state.id in _closure(following, pairs):
            message = "Automatic exits lead from this state back to it."
            scope.problem(f"state.{state.id}.next", state.id, message, "Put an action between them.")


def _clocked(scope: Scope, reached: set[str], openings: list[tuple[str, frozenset[str]]], edges: list[Edge]) -> None:
    """An open state that awaits somebody is entered, on every way, under a clock that runs, or says why not.

    What is done in a state may end its clocks one by one; a minimum period is no limit for whom the state awaits.
    """
    running = _running(scope.procedure, openings, edges, every_way=True)
    for name in sorted(reached):
        state = scope.procedure.states[name]
        if state.terminal or not state.awaits or state.unlimited is not None:
            continue
        clocks = [scope.procedure.clocks[clock] for clock in running.get(name, ())]
        if not any(name not in clock.pause and _is_limit(scope, clock) for clock in clocks):
            message = "This state awaits somebody under no time limit."
            scope.problem(f"state.{name}", name, message, "Let a clock run here, or say why not in `unlimited`.")


def _is_limit(scope: Scope, clock: Clock) -> bool:
    """Whether every number of the clock is one that may not be passed."""
    stated = [rule for o in clock.limit for pack in scope.compiled.chain for rule in pack.rules if rule.id == o.value]
    return all(rule.limit is None or rule.limit.bound == "latest" for rule in stated)


def _acts(scope: Scope, openings: list[tuple[str, frozenset[str]]], edges: list[Edge]) -> None:
    """What a clock does when it falls due can be done wherever the case may stand by then."""
    procedure = scope.procedure
    for name, clocks in _running(procedure, openings, edges, every_way=False).items():
        for clock_id in sorted(clocks):
            clock = procedure.clocks[clock_id]
            act = procedure.actions.get(clock.act)
            if act is None or procedure.states[name].terminal or name in clock.pause:
                continue
            if not {name, "*"} & set(act.sources):
                message = f"The clock “{clock_id}” may fall due in “{name}”, where “{act.id}” cannot be taken."
                scope.problem(f"action.{act.id}.from", act.id, message, f"Add “{name}”, or end the clock before it.")


def _sight(scope: Scope, edges: list[Edge]) -> None:
    """An organ sees a case from the first state that awaits it, or when told of a breach. Only then can it act."""
    procedure = scope.procedure
    told = {hand.party for clock in procedure.clocks.values() for hand in clock.notify}
    pairs = [(source, target) for source, target, _fired in edges]
    for action in procedure.actions.values():
        if action.opens_case:
            continue
        for organ in {hand.party for hand in action.by} - set(procedure.parties) - told:
            awaiting = {s.id for s in procedure.states.values() if any(hand.party == organ for hand in s.awaits)}
            if not _closure(awaiting, pairs) & {*action.sources, *(awaiting if "*" in action.sources else ())}:
                message = f"“{organ}” cannot see the case where it should act."
                scope.problem(f"action.{action.id}.by", action.id, message, "Let a state up to here await it.")


def _running(
    procedure: Procedure, openings: list[tuple[str, frozenset[str]]], edges: list[Edge], *, every_way: bool
) -> dict[str, frozenset[str]]:
    """The clocks that are open when a state is entered on every way, or that may be open in it on some way.

    A fixed point over all moves; what stays in a state (an action, a due date) begins and ends clocks between them.
    """
    running: dict[str, frozenset[str]] = {}
    waiting: list[tuple[str, frozenset[str]]] = []
    for target, fired in openings:
        waiting.append((target, _after(procedure, frozenset(), "", target, fired)))
    while waiting:
        state, clocks = waiting.pop()
        known = running.get(state)
        merged = clocks if known is None else (known & clocks if every_way else known | clocks)
        if not every_way:
            merged = _meanwhile(procedure, state, merged, every_way=False)
        if merged == known:
            continue
        running[state] = merged
        leaving = _meanwhile(procedure, state, merged, every_way=every_way)
        for source, target, fired in edges:
            if source == state:
                waiting.append((target, _after(procedure, leaving, source, target, fired)))
    return running


def _meanwhile(procedure: Procedure, state: str, clocks: frozenset[str], *, every_way: bool) -> frozenset[str]:
    """What is left of open clocks, or added to them, by all that can happen while a case stays in a state."""
    stays = [action.id for action in procedure.actions_from(state) if not action.to]
    if procedure.states[state].terminal:
        return clocks
    while True:
        passed = [f"due:{clock}" for clock in clocks]
        before = clocks
        for event in [*stays, *passed]:
            after = _after(procedure, clocks, "", "", frozenset({event}))
            clocks = clocks & after if every_way else clocks | after
        if clocks == before:
            return clocks


def _after(
    procedure: Procedure, clocks: frozenset[str], left: str, entered: str, fired: frozenset[str]
) -> frozenset[str]:
    open_clocks = {name for name in clocks if not _ends(procedure.clocks[name], left, entered, fired)}
    begun = {c.id for c in procedure.clocks.values() if set(c.starts) & fired and _has_default(c)}
    return frozenset(open_clocks | begun)


def _ends(clock: Clock, left: str, entered: str, fired: frozenset[str]) -> bool:
    if clock.own_state:
        return left == clock.own_state and entered not in clock.pause
    return bool(fired & {*clock.until, *clock.void})


def _has_default(clock: Clock) -> bool:
    return any(option.when is None for option in clock.limit)
