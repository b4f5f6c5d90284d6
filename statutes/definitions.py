"""What a compiled rule pack consists of: immutable values, no database, no Django.

The loader makes them from TOML, the case engine reads them. Field for field they follow the format
described in docs/adding-a-rule-pack.md; shorthands of the format (a state's own `limit`, a plain name as
a condition) are already expanded here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Unit = Literal["hour", "day", "working_day", "month", "year", "on", "set"]
Bound = Literal["latest", "earliest"]
Treatment = Literal["enforced", "monitored", "informed", "outside", "planned"]
Kind = Literal["obligation", "prohibition", "gate", "sanction", "right", "definition"]
HandlerKind = Literal[
    "procedure", "action", "clock", "schedule", "condition", "effect", "guard", "report", "alert", "page", "room"
]
Opener = Literal["hand", "parent", "schedule"]
ActionKind = Literal["submit", "decide", "refuse"]
ClockStatus = Literal["running", "paused", "overdue", "met", "late", "elapsed"]
InputType = Literal["text", "number", "amount", "date", "datetime", "choice", "file", "person", "organization", "items"]


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence or label in both languages."""

    zh: str
    en: str

    def in_language(self, language: str) -> str:
        return self.zh if language.startswith("zh") else self.en


# --- rules -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Limit:
    """A time limit as a rule states it. `amount` is a count, "MM-DD" for `on`, None for `set`."""

    unit: Unit
    amount: int | str | None = None
    bound: Bound = "latest"
    roll: bool = False
    years: int = 0


@dataclass(frozen=True, slots=True)
class Threshold:
    field: str
    comparator: Literal["<", "<=", "=", ">=", ">"]
    amount: float
    unit: str


@dataclass(frozen=True, slots=True)
class Range:
    min: float
    max: float
    unit: str


@dataclass(frozen=True, slots=True)
class Every:
    """So many times in each period: at `least` so often, or at `most`."""

    period: Literal["year", "half_year", "quarter", "month", "week", "working_day", "day", "hour"]
    times: int = 1
    bound: Literal["least", "most"] = "least"


@dataclass(frozen=True, slots=True)
class Instrument:
    id: str
    title: Text
    number: str = ""
    issued: date | None = None
    in_force_from: date | None = None
    in_force_to: date | None = None
    figure: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Handler:
    """What the portal has for a rule, "kind:name": a part of a procedure, a check in code, a report, a page …"""

    kind: HandlerKind
    name: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"


@dataclass(frozen=True, slots=True)
class Rule:
    """`figure`: ids of the numbers of the source that it states. `why`: why the portal leaves it outside."""

    id: str
    pack: str
    summary: Text
    treatment: Treatment
    ref: str = ""
    instrument: str = ""
    article: str = ""
    practice: bool = False
    soft: bool = False
    limit: Limit | None = None
    threshold: Threshold | None = None
    range: Range | None = None
    every: Every | None = None
    floor: tuple[str, ...] = ()
    superseded: bool = False
    clocked_in: tuple[str, ...] = ()
    reading: Text | None = None
    in_force_from: date | None = None
    in_force_to: date | None = None
    kind: Kind | None = None
    actor: Text | None = None
    figure: tuple[str, ...] = ()
    handled_by: tuple[Handler, ...] = ()
    why: Text | None = None

    def in_force(self, on: date) -> bool:
        return (self.in_force_from is None or self.in_force_from <= on) and (
            self.in_force_to is None or on <= self.in_force_to
        )


# --- conditions ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Test:
    """A condition registered by an app, by name."""

    name: str
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class All:
    items: tuple[Cond, ...]
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Any:
    items: tuple[Cond, ...]
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Not:
    item: Cond
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class OverThreshold:
    """`{ threshold = rule }`: true while the rule's comparison holds."""

    threshold: str
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class InputIs:
    """`action` empty: the inputs of the action being taken; otherwise the last taking of that action."""

    action: str
    name: str
    value: str | int | float | bool
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """`count`: a number, "all" (every awaited hand), or the id of a threshold rule on `count:ACTION`."""

    action: str
    count: int | str = 1
    ever: bool = False
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class ClockIs:
    clock: str
    status: ClockStatus
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class CasesAre:
    procedure: str
    outcome: str
    among: Literal["children", "siblings"] = "children"
    count: int | str = 1
    rule: str | None = None


Cond = Test | All | Any | Not | OverThreshold | InputIs | Taken | ClockIs | CasesAre


@dataclass(frozen=True, slots=True)
class Option:
    """One branch of a `choice`: the value when `when` holds; `when` None is the default branch."""

    when: Cond | None
    value: str


Choice = tuple[Option, ...]


# --- procedures ------------------------------------------------------------------------------------------


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
    """

    id: str
    limit: Choice
    duty: str
    starts: tuple[str, ...]
    until: tuple[str, ...]
    void: tuple[str, ...] = ()
    pause: tuple[str, ...] = ()
    amount: str = ""
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
    """`sources`: state ids, ("*",) for any open state, () if it opens a case. `to` empty: the case stays."""

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

    @property
    def opens_case(self) -> bool:
        return not self.sources


def _opens_by(action: Action, opened_by: Opener) -> bool:
    return {"hand": bool(action.by), "parent": action.by_parent, "schedule": action.by_schedule}[opened_by]


@dataclass(frozen=True, slots=True)
class Schedule:
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


@dataclass(frozen=True, slots=True)
class Transition:
    procedure: str
    mode: Literal["stay", "move"] = "stay"
    states: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pack:
    """One folder of rules, before its ancestors are joined to it."""

    id: str
    name: Text
    region: str
    version: str
    parent: str | None
    instruments: Mapping[str, Instrument]
    organs: Mapping[str, Organ]
    terms: Mapping[str, Text]
    inputs: Mapping[str, Input]
    rules: tuple[Rule, ...]
    procedures: tuple[Procedure, ...]
    transitions: tuple[Transition, ...] = ()


@dataclass(frozen=True, slots=True)
class ResolvedLimit:
    """A limit as it binds on a date. `floor`: the ancestor's rule whose number was applied instead, if any."""

    rule: Rule
    limit: Limit
    floor: Rule | None = None


@dataclass(frozen=True, slots=True)
class CompiledPack:
    """A pack with its ancestors, nearest first. Lookups climb the chain; procedures are taken whole."""

    digest: str
    chain: tuple[Pack, ...]

    @property
    def own(self) -> Pack:
        return self.chain[0]

    def procedure(self, procedure_id: str, on: date) -> Procedure:
        """The procedure of that id in force on `on`, nearest pack first. KeyError when there is none."""
        for pack in self.chain:
            for procedure in pack.procedures:
                if procedure.id == procedure_id and procedure.in_force(on):
                    return procedure
        raise KeyError(procedure_id)

    def procedures_of_family(self, family: str, on: date) -> list[Procedure]:
        """Every procedure of a family that is in force, the nearest pack's where ids repeat."""
        return [procedure for procedure in self.procedures(on) if procedure.family == family]

    def procedures(self, on: date) -> list[Procedure]:
        """Every procedure that is in force, the nearest pack's where ids repeat."""
        found: dict[str, Procedure] = {}
        for pack in self.chain:
            for procedure in pack.procedures:
                if procedure.in_force(on):
                    found.setdefault(procedure.id, procedure)
        return list(found.values())

    def rule(self, rule_id: str, on: date | None = None) -> Rule:
        """The nearest rule of that id, in force on `on` if given. KeyError when there is none."""
        for pack in self.chain:
            for rule in pack.rules:
                if rule.id == rule_id and (on is None or rule.in_force(on)):
                    return rule
        raise KeyError(rule_id)

    def instrument(self, rule: Rule) -> Instrument | None:
        """The instrument that a rule cites, from the pack that states the rule."""
        for pack in self.chain:
            if pack.id == rule.pack:
                return pack.instruments.get(rule.instrument)
        return None

    def organ(self, role: str) -> Organ | None:
        return next((pack.organs[role] for pack in self.chain if role in pack.organs), None)

    def organs(self) -> dict[str, Organ]:
        """Every organ of the chain by role, the nearest label where roles repeat."""
        return {role: organ for pack in reversed(self.chain) for role, organ in pack.organs.items()}

    def term(self, name: str) -> Text | None:
        return next((pack.terms[name] for pack in self.chain if name in pack.terms), None)

    def input(self, procedure: Procedure, name: str) -> Input:
        """An input as the procedure defines it, else the nearest pack. KeyError when there is none."""
        if name in procedure.inputs:
            return procedure.inputs[name]
        for pack in self.chain:
            if name in pack.inputs:
                return pack.inputs[name]
        raise KeyError(name)
