"""A procedure in words, for its page: its steps, who takes them, its clocks. The diagram is `statutes.diagram`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from statutes import vocabulary
from statutes.definitions import (
    Action,
    All,
    Any,
    Clock,
    ClockIs,
    CompiledPack,
    Cond,
    Not,
    OverThreshold,
    Procedure,
    Rule,
    State,
    Taken,
    Test,
)
from statutes.selectors.law import ClockRow, RuleRow, clocks_of, rule_row
from statutes.wording import citation, hand_text, limit_text, party_text, reminder_text, said


@dataclass(frozen=True, slots=True)
class ActionRow:
    """`to`: labels of where it leads, none if the case stays. `closed_when`: sentences of its conditions."""

    action: Action
    label: str
    by: tuple[str, ...]
    to: tuple[str, ...]
    rule: RuleRow | None
    closed_when: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StateRow:
    state: State
    label: str
    awaits: tuple[str, ...]
    unlimited: str
    actions: tuple[ActionRow, ...]


@dataclass(frozen=True, slots=True)
class ClockLine:
    """A clock in words; each of `limits` with the text of its limit."""

    name: str
    limits: tuple[tuple[RuleRow, str], ...]
    duty: str
    starts: tuple[str, ...]
    until: tuple[str, ...]
    pause: tuple[str, ...]
    reminders: tuple[str, ...]
    extensions: tuple[tuple[str, RuleRow | None], ...]
    act: str


@dataclass(frozen=True, slots=True)
class Words:
    """The procedure under one law, on one day, in one language."""

    law: CompiledPack
    procedure: Procedure
    on: date
    language: str

    def states(self) -> list[StateRow]:
        return [self._state(state) for state in self.procedure.states.values()]

    def opening(self) -> list[ActionRow]:
        return [self._action(action) for action in self.procedure.actions.values() if action.opens_case]

    def anywhere(self) -> list[ActionRow]:
        """What can be done in any open state."""
        return [self._action(action) for action in self.procedure.actions.values() if "*" in action.sources]

    def clocks(self) -> list[ClockLine]:
        return [self._clock(row) for row in clocks_of(self.law, self.procedure, self.on)]

    def notes(self) -> dict[str, str]:
        """For the diagram: the limit of each state in which a clock starts or runs alone."""
        found: dict[str, str] = {}
        for row in clocks_of(self.law, self.procedure, self.on):
            text = " / ".join(dict.fromkeys(_bound_text(limit) for limit in row.limits))
            for state in self._timed_states(row):
                found.setdefault(state, text)
        return {state: text for state, text in found.items() if text}

    def titles(self) -> dict[str, str]:
        """For the diagram: what a state waits for, its limits and their articles, for hover and keyboard."""
        found: dict[str, list[str]] = {}
        for state in self.procedure.states.values():
            if state.awaits:
                hands = ", ".join(hand_text(self.law, hand, self.language) for hand in state.awaits)
                found.setdefault(state.id, []).append(_("awaits %(who)s") % {"who": hands})
        for row in clocks_of(self.law, self.procedure, self.on):
            said = [f"{_bound_text(limit)} ({self._cited(limit)})" for limit in row.limits]
            for state_id in self._timed_states(row):
                found.setdefault(state_id, []).extend(said)
        return {state: " · ".join(dict.fromkeys(parts)) for state, parts in found.items()}

    def rule(self, rule_id: str) -> Rule | None:
        """The rule of that id in force, else the last one that was."""
        row = self._rule(rule_id)
        return row.rule if row else None

    def _cited(self, row: RuleRow) -> str:
        return citation(row.rule, row.instrument, self.language)

    def event(self, event: str) -> str:
        """An event in words: an action, a state that is entered, or the end of another clock."""
        procedure = self.procedure
        if event.startswith("due:"):
            return _("end of the limit: %(clock)s") % {"clock": self._clock_name(event.removeprefix("due:"))}
        if event in procedure.actions:
            return procedure.actions[event].label.in_language(self.language)
        return procedure.states[event].label.in_language(self.language) if event in procedure.states else event

    def _timed_states(self, row: ClockRow) -> list[str]:
        if row.clock.own_state:
            return [row.clock.own_state]
        reached: list[str] = []
        for event in row.clock.starts:
            if event in self.procedure.states:
                reached.append(event)
            elif event in self.procedure.actions:
                reached += [option.value for option in self.procedure.actions[event].to]
        return [state for state in reached if not self.procedure.states[state].terminal]

    def _state(self, state: State) -> StateRow:
        actions = [action for action in self.procedure.actions.values() if state.id in action.sources]
        return StateRow(
            state,
            state.label.in_language(self.language),
            tuple(hand_text(self.law, hand, self.language) for hand in state.awaits),
            said(state.unlimited, self.language),
            tuple(self._action(action) for action in actions),
        )

    def _action(self, action: Action) -> ActionRow:
        return ActionRow(
            action,
            action.label.in_language(self.language),
            tuple(self._by(action)),
            tuple(dict.fromkeys(self.event(option.value) for option in action.to)),
            self._rule(action.rule),
            tuple(sentence for condition in action.when for sentence in self._closed(condition)),
        )

    def _by(self, action: Action) -> Iterator[str]:
        yield from (hand_text(self.law, hand, self.language) for hand in action.by)
        if action.by_clock:
            yield _("the time limit itself")
        if action.by_schedule:
            yield _("the calendar")
        if action.by_parent:
            yield _("the case that it belongs to")

    def _clock(self, row: ClockRow) -> ClockLine:
        clock = row.clock
        return ClockLine(
            self._clock_name(clock.id),
            tuple((limit, _bound_text(limit)) for limit in row.limits),
            party_text(self.law, clock.duty.partition(".")[0], self.language),
            tuple(map(self.event, clock.starts)) or (self.event(clock.own_state),),
            tuple(map(self.event, clock.until)),
            tuple(map(self.event, clock.pause)),
            tuple(map(reminder_text, clock.remind)),
            tuple(self._extensions(clock)),
            self.event(clock.act) if clock.act else "",
        )

    def _extensions(self, clock: Clock) -> Iterator[tuple[str, RuleRow | None]]:
        """The actions that extend a clock, each with the rule that says by how much."""
        for action in self.procedure.actions.values():
            if action.extends is not None and action.extends.clock == clock.id:
                yield action.label.in_language(self.language), self._rule(action.extends.by)

    def _clock_name(self, clock_id: str) -> str:
        clock = self.procedure.clocks.get(clock_id)
        if clock is None:
            return clock_id
        if clock.own_state:
            return self.procedure.states[clock.own_state].label.in_language(self.language)
        rule = self._rule(clock.limit[-1].value)
        return rule.rule.summary.in_language(self.language) if rule else clock_id

    def _rule(self, rule_id: str) -> RuleRow | None:
        for day in (self.on, None):
            try:
                return rule_row(self.law, self.law.rule(rule_id, day), self.on)
            except KeyError:
                continue
        return None

    def _closed(self, condition: Cond) -> Iterator[str]:
        """Why the condition would close an action, as far as it can be said without a case."""
        known = vocabulary.family(self.procedure.family)
        if isinstance(condition, Test) and known and condition.name in known.conditions:
            yield str(known.conditions[condition.name].unmet)
        elif isinstance(condition, Not) and isinstance(condition.item, Test) and known:
            if condition.item.name in known.conditions:
                yield str(known.conditions[condition.item.name].met)
        elif isinstance(condition, All):
            for item in condition.items:
                yield from self._closed(item)
        elif isinstance(condition, Any):
            sentences = [sentence for item in condition.items for sentence in self._closed(item)]
            if sentences:
                yield " ".join(sentences)
        else:
            yield from self._closed_by_the_course(condition)

    def _closed_by_the_course(self, condition: Cond) -> Iterator[str]:
        if isinstance(condition, Taken):
            yield _("Not done yet: %(action)s.") % {"action": self.event(condition.action)}
        elif isinstance(condition, ClockIs):
            values = {"clock": self._clock_name(condition.clock), "status": _clock_status(condition.status)}
            yield _("The limit is not %(status)s: %(clock)s.") % values
        elif isinstance(condition, OverThreshold):
            rule = self._rule(condition.threshold)
            if rule:
                yield rule.rule.summary.in_language(self.language)


def _bound_text(row: RuleRow) -> str:
    limit = row.resolved.limit if row.resolved else row.rule.limit
    return limit_text(limit) if limit else ""


def _clock_status(status: str) -> str:
    return {
        "running": _("running"),
        "paused": _("suspended"),
        "overdue": _("overdue"),
        "met": _("met in time"),
        "late": _("met late"),
        "elapsed": _("over"),
    }[status]
