"""procedures/*.toml: one procedure a file, its shorthands expanded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import get_args

from statutes.definitions import (
    Action,
    ActionKind,
    Clock,
    Exit,
    Extends,
    Hand,
    Opens,
    Party,
    Procedure,
    Reminder,
    Schedule,
    State,
)
from statutes.loader.conditions import read_choice, read_cond, read_conds
from statutes.loader.rules import is_day_of_year, read_every, read_inputs, read_period
from statutes.loader.tables import IDENTIFIER, Table

HAND = re.compile(r"([a-z][a-z0-9_]*)(?:\.([a-z][a-z0-9_]*))?")
REMINDER = re.compile(r"([+-]?)(\d{1,4})(wd|h|min)")
EVENT = re.compile(r"(due:)?[a-z][a-z0-9_]*")
NOT_A_PARTY = {"clock": "by_clock", "schedule": "by_schedule", "parent": "by_parent"}


def read_procedure(table: Table, pack: str) -> Procedure:
    """The one procedure of a file."""
    actions = _actions(table)
    states, own_clocks = _states(table, actions)
    clocks = _clocks(table)
    for name in own_clocks.keys() & clocks.keys():
        table.problem(f"clock.{name}", "This clock has the name of a state with a limit of its own.", "Rename it.")
    first, last = read_period(table)
    procedure = Procedure(
        id=table.identifier("id", required=True),
        pack=pack,
        family=table.identifier("family", required=True),
        rule=table.rule("rule", required=True),
        label=table.label(),
        parents=table.strings("parent"),
        in_force_from=first,
        in_force_to=last,
        inputs=read_inputs(table),
        parties=_parties(table),
        states=states,
        clocks=own_clocks | clocks,
        actions=actions,
        schedules=_schedules(table),
    )
    table.close()
    return procedure


def _parties(table: Table) -> dict[str, Party]:
    parties = {}
    for name, entry in table.named("party"):
        source = entry.identifier("from", required=True)
        parties[name] = Party(name, source, entry.boolean("many"), entry.boolean("persons"))
        entry.close()
    return parties


def _states(table: Table, actions: Mapping[str, Action]) -> tuple[dict[str, State], dict[str, Clock]]:
    states, clocks = {}, {}
    for name, entry in table.named("state"):
        states[name] = State(
            id=name,
            label=entry.label(),
            awaits=_hands(entry, "awaits"),
            outcome=entry.identifier("outcome"),
            unlimited=entry.text("unlimited"),
            effects=entry.strings("effects"),
            next=_exits(entry),
            opens=_opens(entry),
        )
        clock = _own_clock(entry, states[name], actions)
        if clock is not None:
            clocks[name] = clock
        entry.close()
    return states, clocks


def _exits(table: Table) -> tuple[Exit, ...]:
    exits = []
    for entry in table.tables("next"):
        when = read_cond(entry.raw("when"), entry.place.at("when"), entry.report)
        exits.append(Exit(when, entry.identifier("to", required=True)))
        entry.close()
    return tuple(exits)


def _opens(table: Table) -> tuple[Opens, ...]:
    opens = []
    for entry in table.tables("opens"):
        opens.append(Opens(entry.identifier("procedure", required=True), entry.string("each", longest=80)))
        entry.close()
    return tuple(opens)


def _own_clock(table: Table, state: State, actions: Mapping[str, Action]) -> Clock | None:
    """A state's own `limit`: from its entry until an awaited hand, or an automatic exit, leaves it."""
    limit = read_choice(table, "limit", "rule", pattern_of_rules=True)
    pause, remind = table.strings("pause"), _reminders(table)
    notify, act = _on_due(table)
    if not limit:
        if pause or remind or notify or act:
            table.problem("limit", "`pause`, `remind` and `on_due` need a `limit`.", "Name the rule of the limit.")
        return None
    return Clock(
        id=state.id,
        limit=limit,
        duty=state.awaits[0].party if state.awaits else "",
        starts=(state.id,),
        until=tuple(a.id for a in actions.values() if _leaves(a, state)),
        pause=pause,
        remind=remind,
        notify=notify,
        act=act,
        own_state=state.id,
        until_next=bool(state.next),
    )


def _leaves(action: Action, state: State) -> bool:
    from_here = state.id in action.sources or "*" in action.sources
    moves = any(option.value != state.id for option in action.to)
    return from_here and moves and bool(set(action.by) & set(state.awaits))


def _clocks(table: Table) -> dict[str, Clock]:
    clocks = {}
    for name, entry in table.named("clock"):
        notify, act = _on_due(entry)
        if not entry.has("limit"):
            entry.problem("limit", "This is missing.", "Name the rule of the limit.")
        clocks[name] = Clock(
            id=name,
            limit=read_choice(entry, "limit", "rule", pattern_of_rules=True),
            duty=entry.identifier("duty", required=True),
            starts=_events(entry, "from", required=True),
            until=_events(entry, "until", required=True),
            void=_events(entry, "void"),
            pause=entry.strings("pause"),
            amount=entry.identifier("amount"),
            agreed=entry.identifier("agreed"),
            remind=_reminders(entry),
            notify=notify,
            act=act,
        )
        entry.close()
    return clocks


def _events(table: Table, key: str, *, required: bool = False) -> tuple[str, ...]:
    events = table.strings(key)
    if required and not events:
        table.problem(key, "This is missing.", "Name actions, states, or “due:CLOCK”.")
    for event in events:
        if not EVENT.fullmatch(event):
            table.problem(key, f"“{event}” is no event.", "Name an action, a state, or “due:CLOCK”.")
    return events


def _reminders(table: Table) -> tuple[Reminder, ...]:
    reminders: dict[str, Reminder] = {}
    for written in table.strings("remind"):
        match = REMINDER.fullmatch(written)
        if match is None:
            table.problem("remind", f"“{written}” is no reminder.", 'Write "-2wd", "0wd", "+5wd", "-3h" or "-20min".')
            continue
        if written in reminders:
            table.problem("remind", f"“{written}” is named twice.", "Name it once.")
        amount = int(match[2]) * (-1 if match[1] == "-" else 1)
        reminders[written] = Reminder(written, amount, match[3])  # type: ignore[arg-type]
    return tuple(reminders.values())


def _on_due(table: Table) -> tuple[tuple[Hand, ...], str]:
    entry = table.table("on_due")
    if entry is None:
        return (), ""
    told = _hands(entry, "notify"), entry.identifier("act")
    entry.close()
    return told


def _hands(table: Table, key: str) -> tuple[Hand, ...]:
    hands = []
    for written in table.strings(key):
        match = HAND.fullmatch(written)
        if match is None:
            table.problem(key, f"“{written}” names nobody.", "Write PARTY.POSITION.")
        elif Hand(match[1], match[2] or "") in hands:
            table.problem(key, f"“{written}” is named twice.", "Name it once.")
        else:
            hands.append(Hand(match[1], match[2] or ""))
    return tuple(hands)


def _actions(table: Table) -> dict[str, Action]:
    actions: dict[str, Action] = {}
    for entry in table.tables("action"):
        action = _action(entry)
        if action.id in actions:
            entry.problem("id", f"The action “{action.id}” is defined twice.", "Give each its own id.")
        actions[action.id] = action
        entry.close()
    return actions


def _action(table: Table) -> Action:
    by = _hands(table, "by")
    if not by:
        table.problem("by", "Nobody can take this action.", "Name a hand, “clock”, “schedule” or “parent”.")
    others = {NOT_A_PARTY[hand.party]: True for hand in by if hand.party in NOT_A_PARTY and not hand.position}
    return Action(
        id=table.identifier("id", required=True),
        label=table.label(),
        rule=table.rule("rule", required=True),
        sources=_sources(table),
        to=read_choice(table, "to", "to"),
        by=tuple(hand for hand in by if hand.party not in NOT_A_PARTY or hand.position),
        **others,
        kind=_kind(table),
        once=table.boolean("once"),
        when=read_conds(table, "when"),
        inputs=table.mapping("inputs", ("required", "optional")),  # type: ignore[arg-type]
        dated=table.identifier("dated"),
        binds=table.mapping("binds"),
        extends=_extends(table),
        effects=table.strings("effects"),
        notify=_hands(table, "notify"),
        sealed=table.boolean("sealed"),
        bulk=table.boolean("bulk"),
        internal=table.boolean("internal"),
    )


def _sources(table: Table) -> tuple[str, ...]:
    sources = table.strings("from")
    if table.has("from") and not sources:
        table.problem("from", "This names no state.", "Name states, “*”, or remove the key: the action opens a case.")
    for source in sources:
        if source != "*" and not IDENTIFIER.fullmatch(source):
            table.problem("from", f"“{source}” is not a state.", "Name a state in snake case, or “*”.")
    return sources


def _kind(table: Table) -> ActionKind | None:
    if not table.has("kind"):
        return None
    kind: ActionKind = table.one_of("kind", get_args(ActionKind))  # type: ignore[assignment]
    return kind


def _extends(table: Table) -> Extends | None:
    entry = table.table("extends")
    if entry is None:
        return None
    amount = entry.string("amount", longest=121)
    extends = Extends(entry.identifier("clock", required=True), entry.rule("by", required=True), amount)
    entry.close()
    return extends


def _schedules(table: Table) -> dict[str, Schedule]:
    schedules: dict[str, Schedule] = {}
    for entry in table.tables("schedule"):
        name, every = entry.identifier("id", required=True), read_every(entry)
        opens_on = entry.string("opens_on", longest=5)
        if opens_on and not is_day_of_year(opens_on):
            entry.problem("opens_on", f"“{opens_on}” is not a day of the year.", 'Write "MM-DD".')
        rule, procedure = entry.rule("rule", required=True), entry.identifier("procedure", required=True)
        for_each = entry.string("for_each", longest=80)
        if every is None:
            entry.problem("every", "This is missing.", "Give { period = …, times = … }.")
        elif name in schedules:
            entry.problem("id", f"The schedule “{name}” is defined twice.", "Give each its own id.")
        else:
            schedules[name] = Schedule(name, rule, every, procedure, opens_on, for_each)
        entry.close()
    return schedules
