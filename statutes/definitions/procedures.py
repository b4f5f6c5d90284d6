"""How a matter moves: parties, states, clocks, actions, schedules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from statutes.definitions.conditions import Choice, Cond
from statutes.definitions.rules import Every, Text

Opener = Literal["hand", "parent", "schedule"]
ActionKind = Literal["submit", "decide", "refuse"]
InputType = Literal["text", "number", "amount", "date", "datetime", "choice", "file", "person", "organization", "items"]


@dataclass(frozen=True, slots=True)
class Input:
    id: str
    type: InputType
    label: Text
    help: Text | None = None
    options: tuple[tuple[str, Text], ...] = ()
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Party:
    """`source`: opener, each, bound, or a registered resolver."""

    id: str
    source: str
    many: bool = False
    persons: bool = False


@dataclass(frozen=True, slots=True)
class Organ:
    role: str
    label: Text
    many: bool = False


@dataclass(frozen=True, slots=True)
class Hand:
    """Who acts: `party.position`; position "" where the party is persons."""

    party: str
    position: str

    def __str__(self) -> str:
        return f"{self.party}.{self.position}" if self.position else self.party


@dataclass(frozen=True, slots=True)
class Exit:
    when: Cond
    to: str


@dataclass(frozen=True, slots=True)
class Opens:
    procedure: str
    each: str = ""


@dataclass(frozen=True, slots=True)
class State:
    id: str
    label: Text
    awaits: tuple[Hand, ...] = ()
    outcome: str = ""
    unlimited: Text | None = None
    effects: tuple[str, ...] = ()
    next: tuple[Exit, ...] = ()
    opens: tuple[Opens, ...] = ()

    @property
    def terminal(self) -> bool:
        return bool(self.outcome)


@dataclass(frozen=True, slots=True)
class Reminder:
    """One rung relative to the due date: `amount` negative before, positive after. text is "-2wd", "+20min" …"""

    text: str
    amount: int
    unit: Literal["wd", "h", "min"]


@dataclass(frozen=True, slots=True)
class Clock:
    """Events in `starts`, `until`, `void` are ids of actions (taken), of states (entered), or "due:CLOCK".

    `own_state`: the state whose `limit` shorthand made this clock, else "". For such a clock `until` holds the
    actions of the state that an awaited hand takes to leave it; any other leaving voids it.
    `until_next`: leaving by an automatic exit ends it as met (shorthand clocks).
    `agreed`: a field that says how many of the limit's unit the parties agreed on, in place of the rule's number.
    """

    id: str
    limit: Choice
    duty: str
    starts: tuple[str, ...]
    until: tuple[str, ...]
    void: tuple[str, ...] = ()
    pause: tuple[str, ...] = ()
    amount: str = ""
    agreed: str = ""
    remind: tuple[Reminder, ...] = ()
    notify: tuple[Hand, ...] = ()
    act: str = ""
    own_state: str = ""
    until_next: bool = False


@dataclass(frozen=True, slots=True)
class Extends:
    """`amount`: an input ("name" of this action or "action.name"), or "" for the rule's own amount."""

    clock: str
    by: str
    amount: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """`sources`: state ids, ("*",) for any open state, () if it opens a case. `to` empty: the case stays.

    `bulk`: may be taken on several cases at once, each by its own event. `internal`: inputs and opinion stay with the
    organization that acted.
    """

    id: str
    label: Text
    rule: str
    sources: tuple[str, ...] = ()
    to: Choice = ()
    by: tuple[Hand, ...] = ()
    by_clock: bool = False
    by_schedule: bool = False
    by_parent: bool = False
    kind: ActionKind | None = None
    once: bool = False
    when: tuple[Cond, ...] = ()
    inputs: Mapping[str, Literal["required", "optional"]] = field(default_factory=dict)
    dated: str = ""
    binds: Mapping[str, str] = field(default_factory=dict)
    extends: Extends | None = None
    effects: tuple[str, ...] = ()
    notify: tuple[Hand, ...] = ()
    sealed: bool = False
    bulk: bool = False
    internal: bool = False

    @property
    def opens_case(self) -> bool:
        return not self.sources


def _opens_by(action: Action, opened_by: Opener) -> bool:
    return {"hand": bool(action.by), "parent": action.by_parent, "schedule": action.by_schedule}[opened_by]


@dataclass(frozen=True, slots=True)
class Schedule:
    """`for_each`: "organ:ROLE", a resolver that is asked of jurisdiction and day, or "" for a single case."""

    id: str
    rule: str
    every: Every
    procedure: str
    opens_on: str = ""
    for_each: str = ""


@dataclass(frozen=True, slots=True)
class Procedure:
    id: str
    pack: str
    family: str
    rule: str
    label: Text
    parents: tuple[str, ...] = ()
    in_force_from: date | None = None
    in_force_to: date | None = None
    inputs: Mapping[str, Input] = field(default_factory=dict)
    parties: Mapping[str, Party] = field(default_factory=dict)
    states: Mapping[str, State] = field(default_factory=dict)
    clocks: Mapping[str, Clock] = field(default_factory=dict)
    actions: Mapping[str, Action] = field(default_factory=dict)
    schedules: Mapping[str, Schedule] = field(default_factory=dict)

    def in_force(self, on: date) -> bool:
        return (self.in_force_from is None or self.in_force_from <= on) and (
            self.in_force_to is None or on <= self.in_force_to
        )

    def opening_action(self, opened_by: Opener = "hand") -> Action:
        """The action that opens a case by a hand, by a parent or by a schedule. KeyError when there is none."""
        for action in self.actions.values():
            if action.opens_case and _opens_by(action, opened_by):
                return action
        raise KeyError(opened_by)

    def actions_from(self, state: str) -> list[Action]:
        """Actions that can be taken in `state`, in the order of the pack."""
        return [a for a in self.actions.values() if state in a.sources or "*" in a.sources]
