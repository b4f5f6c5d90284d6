"""What surrounds the steps of a procedure: who may do what where, the parties, child cases, schedules. In words."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from statutes.definitions import Action, Procedure, Rule, Schedule
from statutes.procedure_view import Words
from statutes.wording import every_text, hand_text, party_text, position_text


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A state and, for each role in the order of the head, the actions that it may take there."""

    label: str
    cells: tuple[tuple[str, tuple[Action, ...]], ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    roles: tuple[str, ...]
    rows: tuple[MatrixRow, ...]


@dataclass(frozen=True, slots=True)
class PartyLine:
    """`named`: how the case comes to know this party. `hands`: the positions that act or are awaited."""

    label: str
    named: str
    hands: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChildLine:
    """In `state` a case of `procedure` is opened; None: a procedure that is not in force under this law."""

    state: str
    name: str
    procedure: Procedure | None
    many: bool


@dataclass(frozen=True, slots=True)
class ScheduleLine:
    schedule: Schedule
    rule: Rule | None
    every: str
    opens_on: str


def matrix(words: Words) -> Matrix:
    """The state × role → action table, from the procedure itself; "*" actions stand in every open state."""
    procedure = words.procedure
    hands = dict.fromkeys(hand for action in procedure.actions.values() for hand in action.by)
    roles = {hand: hand_text(words.law, hand, words.language) for hand in hands}
    opening = [action for action in procedure.actions.values() if action.opens_case and action.by]
    places = [(_("Opening"), opening)] if opening else []
    places += [
        (state.label.in_language(words.language), procedure.actions_from(state.id))
        for state in procedure.states.values()
        if not state.terminal
    ]
    rows = [
        MatrixRow(label, tuple((roles[hand], tuple(a for a in actions if hand in a.by)) for hand in hands))
        for label, actions in places
    ]
    return Matrix(tuple(roles.values()), tuple(row for row in rows if any(cell for _role, cell in row.cells)))


def parties(words: Words) -> list[PartyLine]:
    """The parties of the procedure in its order, each with the positions that have a part in it."""
    procedure = words.procedure
    hands = [hand for action in procedure.actions.values() for hand in (*action.by, *action.notify)]
    hands += [hand for state in procedure.states.values() for hand in state.awaits]
    return [
        PartyLine(
            party_text(words.law, party.id, words.language),
            _named(party.source),
            tuple(dict.fromkeys(position_text(h.position) for h in hands if h.party == party.id and h.position)),
        )
        for party in procedure.parties.values()
    ]


def _named(source: str) -> str:
    return {
        "opener": _("whoever opens the case"),
        "each": _("each of those for whom a case is opened"),
        "bound": _("named in the course of the case"),
    }.get(source, _("follows from the matter itself"))


def children(words: Words) -> list[ChildLine]:
    """The cases that a state opens."""
    found = []
    for state in words.procedure.states.values():
        for opens in state.opens:
            child = next((each for each in words.law.procedures(words.on) if each.id == opens.procedure), None)
            label = child.label.in_language(words.language) if child else opens.procedure
            found.append(ChildLine(state.label.in_language(words.language), label, child, bool(opens.each)))
    return found


def schedules(words: Words) -> list[ScheduleLine]:
    """What opens a case by itself, and how often."""
    return [
        ScheduleLine(each, words.rule(each.rule), every_text(each.every), each.opens_on)
        for each in words.procedure.schedules.values()
    ]
