"""Where the states of a procedure stand: columns and rows. Pure.

The main path is the first way, in the pack's order, from the opening to the first outcome without a refusal; it is
the first row. Other states stand below, to the right of where they are reached from, or under the state to which
they only return.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from statutes.definitions import Action, Procedure, Text

ANYWHERE = "*"


@dataclass(frozen=True, slots=True)
class Move:
    """All the ways from one state to another.

    `plain`: at least one of them is taken by a person and no refusal. `decides`: at least one of them is a decision.
    """

    source: str
    target: str
    labels: tuple[Text, ...]
    plain: bool
    decides: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """`cells`: state to (column, row), the main path first. `loose`: reached from every state."""

    cells: dict[str, tuple[int, int]]
    entries: tuple[str, ...]
    main: tuple[str, ...]
    loose: tuple[str, ...] = ()

    @property
    def columns(self) -> int:
        return 1 + max(column for column, _row in self.cells.values())

    @property
    def rows(self) -> int:
        return 1 + max(row for _column, row in self.cells.values())


@dataclass(slots=True)
class _Ways:
    labels: list[Text] = field(default_factory=list)
    plain: bool = False
    decides: bool = False


def moves_of(procedure: Procedure) -> list[Move]:
    """Every pair of states with a way between them, in the pack's order; "from anywhere" is left out."""
    found: dict[tuple[str, str], _Ways] = {}
    for source, target, label, plain, decides in _ways(procedure):
        if source == target:
            continue
        ways = found.setdefault((source, target), _Ways())
        ways.plain = ways.plain or plain
        ways.decides = ways.decides or decides
        if label is not None and label not in ways.labels:
            ways.labels.append(label)
    return [
        Move(source, target, tuple(ways.labels), ways.plain, ways.decides) for (source, target), ways in found.items()
    ]


def _ways(procedure: Procedure) -> Iterator[tuple[str, str, Text | None, bool, bool]]:
    for state in procedure.states.values():
        for action in procedure.actions.values():
            if state.id in action.sources:
                plain = action.kind != "refuse" and not action.by_clock
                decides = action.kind == "decide"
                yield from ((state.id, target, action.label, plain, decides) for target in targets(action))
        yield from ((state.id, exit_.to, None, True, False) for exit_ in state.next)


def targets(action: Action) -> list[str]:
    """Where an action may lead, the default first."""
    return [option.value for option in sorted(action.to, key=lambda option: option.when is not None)]


def place(procedure: Procedure, moves: list[Move]) -> Grid:
    entries = tuple(dict.fromkeys(target for a in procedure.actions.values() if a.opens_case for target in targets(a)))
    main = main_path(procedure, moves, entries)
    cells = {state: (column, 0) for column, state in enumerate(main)}
    for state in _side_states(procedure, moves, main):
        _place_side(state, procedure, moves, cells, len(main) - 1)
    reached = {move.target for move in moves} | set(entries)
    loose = tuple(
        dict.fromkeys(
            target
            for action in procedure.actions.values()
            if ANYWHERE in action.sources
            for target in targets(action)
            if target not in reached
        )
    )
    return Grid(cells, entries, main, loose)


def main_path(procedure: Procedure, moves: list[Move], entries: tuple[str, ...]) -> tuple[str, ...]:
    """The first way to the first outcome that can be reached plainly, else to any, else the entry alone.

    Where several ways lead on from a state, a decision that does not end the matter comes first, the others are in
    the pack's order.
    """
    goals = [state.id for state in procedure.states.values() if state.terminal]
    for plain_only in (True, False):
        ways: dict[str, list[str]] = {}
        for move in sorted(moves, key=lambda move: not move.decides or procedure.states[move.target].terminal):
            if move.plain or not plain_only:
                ways.setdefault(move.source, []).append(move.target)
        for goal in goals:
            for entry in entries:
                path = _first_way(entry, goal, ways, (entry,))
                if path:
                    return _without_detours(path, ways)
    return entries[:1] or tuple(procedure.states)[:1]


def _first_way(state: str, goal: str, ways: dict[str, list[str]], path: tuple[str, ...]) -> tuple[str, ...]:
    if state == goal:
        return path
    for target in ways.get(state, []):
        if target not in path and _reachable(target, goal, ways, path):
            found = _first_way(target, goal, ways, (*path, target))
            if found:
                return found
    return ()


def _without_detours(path: tuple[str, ...], ways: dict[str, list[str]]) -> tuple[str, ...]:
    """Leave out a step that can be skipped and that can also go back, such as papers being completed."""
    for before, state, after in zip(path, path[1:], path[2:], strict=False):
        if after in ways.get(before, []) and before in ways.get(state, []):
            return _without_detours(tuple(step for step in path if step != state), ways)
    return path


def _reachable(state: str, goal: str, ways: dict[str, list[str]], closed: tuple[str, ...]) -> bool:
    seen, waiting = set(closed), [state]
    while waiting:
        at = waiting.pop()
        if at == goal:
            return True
        if at not in seen:
            seen.add(at)
            waiting.extend(ways.get(at, []))
    return False


def _side_states(procedure: Procedure, moves: list[Move], main: tuple[str, ...]) -> list[str]:
    """States off the main path, each after those it is first reached from; outcomes last."""
    ways: dict[str, list[str]] = {}
    for move in moves:
        ways.setdefault(move.source, []).append(move.target)
    found: list[str] = []
    seen = set(main)
    for state in main:
        _finish(state, ways, seen, found)
    rest = [state for state in procedure.states if state not in main and state not in found]
    ordered = [*reversed(found), *rest]
    return sorted(ordered, key=lambda state: procedure.states[state].terminal)


def _finish(state: str, ways: dict[str, list[str]], seen: set[str], found: list[str]) -> None:
    """Depth first; a state is added when everything behind it has been."""
    for target in ways.get(state, []):
        if target not in seen:
            seen.add(target)
            _finish(target, ways, seen, found)
            found.append(target)


def _place_side(
    state: str, procedure: Procedure, moves: list[Move], cells: dict[str, tuple[int, int]], last: int
) -> None:
    before = [cells[move.source] for move in moves if move.target == state and move.source in cells]
    after = [cells[move.target][0] for move in moves if move.source == state and move.target in cells]
    leads_on = any(move.source == state and move.target not in cells for move in moves)
    reached = max(before, default=(last, 0))
    column = reached[0]
    only_returns = bool(after) and not leads_on and max(after) <= column
    if before and not only_returns:
        column += 1
    column = min(column, max(last, 0))
    row = max(1, reached[1])
    while (column, row) in cells.values():
        row += 1
    cells[state] = (column, row)
