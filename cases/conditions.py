"""Conditions of procedures: whether they hold, what they saw, and why a door is closed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any as AnyValue

from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from cases import hands
from cases.engine.context import Matter
from cases.families import Context
from cases.models import Clock
from statutes.definitions import (
    All,
    Any,
    CasesAre,
    ClockIs,
    Cond,
    InputIs,
    Not,
    OverThreshold,
    Taken,
    Test,
    Text,
)

COMPARATORS = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    "=": lambda a, b: a == b,
    ">=": lambda a, b: a >= b,
    ">": lambda a, b: a > b,
}


@dataclass(slots=True)
class Look:
    """One reading of conditions: the facts they are asked of, and what they saw (kept with the event)."""

    matter: Matter
    context: Context
    seen: dict[str, AnyValue] = field(default_factory=dict)

    @property
    def at(self) -> datetime:
        return self.context.at

    @property
    def inputs(self) -> Mapping[str, AnyValue]:
        return self.context.inputs


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a condition fails: a sentence in the reader's language and the id of the rule behind it."""

    sentence: str
    rule: str


def holds(cond: Cond, look: Look) -> bool:
    """Whether a condition holds now. Unknown names cannot occur: packs are validated before they are stored."""
    match cond:
        case All(items=items):
            return all(holds(item, look) for item in items)
        case Any(items=items):
            return any(holds(item, look) for item in items)
        case Not(item=item):
            return not holds(item, look)
        case Test(name=name):
            answer = bool(look.matter.family.conditions[name].test(look.context))
            look.seen[name] = answer
            return answer
        case OverThreshold():
            return _threshold_holds(cond, look)
        case InputIs():
            return bool(_input_value(cond, look) == cond.value)
        case Taken():
            return _taken(cond, look)
        case ClockIs():
            return _clock_is(cond, look)
        case CasesAre():
            return _cases_are(cond, look)


def reason(cond: Cond, look: Look, rule: str) -> Reason:
    """Why `cond`, which does not hold, closes the door. `rule` stands in where the condition names none."""
    rule = cond.rule or rule
    match cond:
        case All(items=items):
            failing = next((item for item in items if not holds(item, look)), items[0])
            return reason(failing, look, rule)
        case Any(items=items):
            parts = [reason(item, look, rule).sentence for item in items]
            return Reason(_(" Or: ").join(parts), rule)
        case Not(item=item):
            return _reason_against(item, look, rule)
        case Test(name=name):
            return Reason(str(look.matter.family.conditions[name].unmet), rule)
    return Reason(_sentence(cond, look), rule)


def _reason_against(item: Cond, look: Look, rule: str) -> Reason:
    rule = item.rule or rule
    if isinstance(item, Test):
        return Reason(str(look.matter.family.conditions[item.name].met), rule)
    if isinstance(item, Any):
        holding = next((part for part in item.items if holds(part, look)), item.items[0])
        return _reason_against(holding, look, rule)
    return Reason(_("This must not be so: %(sentence)s") % {"sentence": _sentence(item, look)}, rule)


def _sentence(cond: Cond, look: Look) -> str:
    procedure = look.matter.procedure
    match cond:
        case Taken(action=action):
            return _("“%(action)s” has to be done first.") % {"action": _label(procedure.actions[action].label)}
        case ClockIs(clock=clock, status=status):
            return _("The time limit “%(clock)s” would have to be: %(status)s.") % {
                "clock": _label(look.matter.compiled.rule(_rule_of_clock(look, clock)).summary),
                "status": CLOCK_STATUS[status],
            }
        case InputIs(name=name):
            return _("The answer to “%(input)s” does not allow it.") % {
                "input": _label(look.matter.compiled.input(procedure, name).label)
            }
        case OverThreshold(threshold=threshold):
            return _("The threshold is not kept: %(rule)s") % {
                "rule": _label(look.matter.compiled.rule(threshold).summary)
            }
        case CasesAre(procedure=other):
            return _("Related cases (%(procedure)s) have not come to the outcome needed.") % {"procedure": other}
    return _("A condition is not met.")


CLOCK_STATUS = {
    "running": gettext_lazy("running"),
    "paused": gettext_lazy("suspended"),
    "overdue": gettext_lazy("overdue"),
    "met": gettext_lazy("met"),
    "late": gettext_lazy("met late"),
    "elapsed": gettext_lazy("elapsed"),
}


def _rule_of_clock(look: Look, name: str) -> str:
    return look.matter.procedure.clocks[name].limit[-1].value


def _label(text: Text) -> str:
    return text.in_language(get_language() or "zh")


def _taken(cond: Taken, look: Look) -> bool:
    matter = look.matter
    action = matter.procedure.actions[cond.action]
    events = [e for e in matter.events if e.action == action.id] if cond.ever else hands.since_entry(matter, action)
    if cond.count == "all":
        awaited = [held for held in hands.awaited_rows(matter) if held.hand in action.by]
        return bool(awaited) and all(any(hands.took(e, held) for e in events) for held in awaited)
    if isinstance(cond.count, str):
        return _compare(cond.count, len(events), look)
    return len(events) >= cond.count


def _compare(rule_id: str, value: float, look: Look) -> bool:
    threshold = look.matter.compiled.rule(rule_id, timezone.localdate(look.at)).threshold
    if threshold is None:
        raise ValueError(f"rule {rule_id} states no threshold")
    look.seen[threshold.field] = value
    return bool(COMPARATORS[threshold.comparator](value, threshold.amount))


def _threshold_holds(cond: OverThreshold, look: Look) -> bool:
    threshold = look.matter.compiled.rule(cond.threshold, timezone.localdate(look.at)).threshold
    if threshold is None:
        raise ValueError(f"rule {cond.threshold} states no threshold")
    kind, separator, name = threshold.field.partition(":")
    if not separator:
        return _compare(cond.threshold, look.matter.family.fields[kind](look.context), look)
    if kind == "count":
        return _compare(cond.threshold, len(hands.since_entry(look.matter, look.matter.procedure.actions[name])), look)
    if kind == "mean":
        values = _values_of(name, look, since_entry=True)
        return bool(values) and _compare(cond.threshold, sum(values) / len(values), look)
    return _compare(cond.threshold, sum(_values_of(name, look, since_entry=False)), look)


def _values_of(name: str, look: Look, *, since_entry: bool) -> list[float]:
    """What was entered under a name: by hands still bound since the case came to where it is entered, or ever."""
    matter, events = look.matter, look.matter.events
    if since_entry:
        asking = [action for action in matter.procedure.actions.values() if name in action.inputs]
        events = [event for action in asking for event in hands.since_entry(matter, action)]
    return [float(event.inputs[name]) for event in events if name in event.inputs]


def _input_value(cond: InputIs, look: Look) -> AnyValue:
    if not cond.action:
        if cond.name in look.inputs:
            return look.inputs[cond.name]
        event = next((e for e in reversed(look.matter.events) if cond.name in e.inputs), None)
    else:
        event = look.matter.last_taking(cond.action)
    return event.inputs.get(cond.name) if event else None


def _clock_is(cond: ClockIs, look: Look) -> bool:
    clock = look.matter.last_clock(cond.clock)
    return clock is not None and status_at(clock, look.at) == cond.status


def status_at(clock: Clock, at: datetime) -> str:
    """running, paused, overdue, met, late, elapsed or void: read from the clock, never from the sweep."""
    if clock.status != Clock.Status.OPEN:
        return clock.status
    if clock.paused_since is not None:
        return "paused"
    if clock.bound == "latest" and clock.due_at is not None and at > clock.due_at:
        return "overdue"
    if clock.bound == "earliest" and clock.due_at is not None and at > clock.due_at:
        return "elapsed"
    return "running"


def _cases_are(cond: CasesAre, look: Look) -> bool:
    case = look.matter.case
    if cond.among == "children":
        related = list(case.children.all())
    else:
        related = list(case.parent.children.exclude(pk=case.pk)) if case.parent else []
    of_procedure = [other for other in related if other.procedure == cond.procedure]
    if cond.count == "last":
        of_procedure = sorted(of_procedure, key=lambda other: (other.opened_at, other.pk))[-1:]
    reached = [other for other in of_procedure if other.closed_at and cond.outcome in ("", other.outcome)]
    if cond.count in ("all", "last"):
        return bool(of_procedure) and len(reached) == len(of_procedure)
    if isinstance(cond.count, str):
        return _compare(cond.count, len(reached), look)
    return len(reached) >= cond.count
