"""A second reading of the reference, as plainly as it can be written: due dates day by day, and clocks from events.

Nothing here uses the arithmetic or the clocks of the engine. What both agree on was said twice.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterable, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any as Value
from zoneinfo import ZoneInfo

from cases.models import CaseEvent, CaseParty
from statutes.definitions import (
    Action,
    All,
    Any,
    CasesAre,
    Choice,
    ClockIs,
    CompiledPack,
    Cond,
    Hand,
    InputIs,
    Limit,
    Not,
    OverThreshold,
    Procedure,
    Taken,
    Test,
)
from statutes.definitions import Clock as Definition
from statutes.models import CalendarDay

LOCAL = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
Works = Callable[[date], bool]
Span = tuple[datetime, datetime | None]
Related = bool | Callable[[CasesAre], bool]
"""What to say of other cases: their own rows, or a flat answer where events cannot tell."""


# --- days ------------------------------------------------------------------------------------------------


def works_in(jurisdiction: str) -> Works:
    """Whether a day is worked: Monday to Friday, but for the days of the tables; read from them once."""
    days = {d.date: d.is_working for d in CalendarDay.objects.filter(jurisdiction="")}
    days |= {d.date: d.is_working for d in CalendarDay.objects.filter(jurisdiction=jurisdiction)}
    return lambda day: days.get(day, day.weekday() < 5)


def local_day(at: datetime) -> date:
    return at.astimezone(LOCAL).date()


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LOCAL)


def due_of(limit: Limit, start: datetime, extended: int, pauses: Sequence[Span], works: Works) -> date | datetime:
    """The last day of a limit, or the last instant where it is counted in hours. Every pause has an end."""
    first = local_day(start)
    if limit.unit == "hour":
        stood = sum(((until or since) - since for since, until in pauses), timedelta())
        return start + timedelta(hours=int(limit.amount or 0) + extended) + stood
    if limit.unit in ("on", "set"):
        return _rolled(_fixed(limit, first), limit, set(), works)
    amount = int(limit.amount or 0) + extended
    waits = _waiting_days(first, pauses)
    if limit.unit in ("working_day", "day"):
        day = first
        while amount:
            day += DAY
            if day not in waits and (limit.unit == "day" or works(day)):
                amount -= 1
        return day if limit.unit == "working_day" else _rolled(day, limit, waits, works)
    day = _months_on(first, amount * (12 if limit.unit == "year" else 1))
    for since, until in sorted(pauses):
        own = _waiting_days(first, [(since, until)])
        earlier = _waiting_days(first, [p for p in pauses if p < (since, until)])
        if own and min(own) <= _rolled(day, limit, waits, works):
            day += len(own - earlier) * DAY
    return _rolled(day, limit, waits, works)


def _fixed(limit: Limit, first: date) -> date:
    if limit.unit == "set":
        return date.fromisoformat(str(limit.amount))
    month, day = (int(part) for part in str(limit.amount).split("-"))
    year = first.year + limit.years
    return date(year, month, min(day, monthrange(year, month)[1]))


def _months_on(day: date, months: int) -> date:
    year, month = day.year, day.month
    for _month in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _waiting_days(first: date, pauses: Iterable[Span]) -> set[date]:
    found: set[date] = set()
    for since, until in pauses:
        day, last = local_day(since), local_day(until or since)
        while day <= last:
            if day > first:
                found.add(day)
            day += DAY
    return found


def _rolled(day: date, limit: Limit, waits: set[date], works: Works) -> date:
    if not limit.roll or works(day):
        return day
    while not works(day) or day in waits:
        day += DAY
    return day


# --- clocks from events ----------------------------------------------------------------------------------


@dataclass(slots=True)
class Round:
    """One round of a clock as the events make it."""

    name: str
    number: int
    rule: str
    limit: Limit
    start: datetime
    start_event: int
    status: str = "open"
    pauses: list[Span] = field(default_factory=list)
    extended: int = 0
    breached: bool = False
    due_on: date | None = None
    due_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def paused(self) -> bool:
        return bool(self.pauses) and self.pauses[-1][1] is None

    def count(self, works: Works) -> None:
        if self.paused:
            self.due_on = self.due_at = None
            return
        due = due_of(self.limit, self.start, self.extended, self.pauses, works)
        if isinstance(due, datetime):
            self.due_on, self.due_at = local_day(due), due
        else:
            self.due_on, self.due_at = due, midnight(due + DAY)

    def seen_at(self, at: datetime) -> str:
        """The status in the words of conditions."""
        if self.status != "open":
            return self.status
        if self.paused:
            return "paused"
        if self.due_at is not None and at > self.due_at:
            return "overdue" if self.limit.bound == "latest" else "elapsed"
        return "running"


@dataclass(slots=True)
class Answers:
    """What the world answers while one step is taken: registered conditions and fields."""

    tests: dict[str, bool] = field(default_factory=dict)
    fields: dict[str, float] = field(default_factory=dict)


class Replay:
    """A case as its events make it. `take` reads one event more and holds it against the reference."""

    def __init__(self, compiled: CompiledPack, procedure: Procedure, works: Works, rows: list[CaseParty]) -> None:
        self.compiled, self.procedure, self.works, self.rows = compiled, procedure, works, rows
        self.state = ""
        self.events: list[CaseEvent] = []
        self.rounds: list[Round] = []
        self.annulled: list[str] = []
        self.effects: list[str] = []
        self.closed = False

    def copy(self) -> Replay:
        twin = copy(self)
        twin.events, twin.annulled, twin.effects = list(self.events), list(self.annulled), list(self.effects)
        twin.rounds = [copy(each) for each in self.rounds]
        for each in twin.rounds:
            each.pauses = list(each.pauses)
        return twin

    def open_round(self, name: str) -> Round | None:
        return next((r for r in self.rounds if r.name == name and r.status == "open"), None)

    def last_round(self, name: str) -> Round | None:
        return next((r for r in reversed(self.rounds) if r.name == name), None)

    def statuses(self, at: datetime) -> dict[str, str]:
        """Every clock of the procedure with its status; "none" where it has not begun."""
        last = {name: self.last_round(name) for name in self.procedure.clocks}
        return {name: found.seen_at(at) if found else "none" for name, found in last.items()}

    # --- events

    def take(self, event: CaseEvent, answers: Answers, rows: list[CaseParty]) -> None:
        assert event.seq == len(self.events) + 1, "numbers are consecutive"
        assert not self.events or event.at >= self.events[-1].at, "time never falls"
        rule = self.compiled.rule(event.rule)
        assert rule.article or rule.practice, f"{event} cites {rule.id}, which names no article"
        if event.kind == CaseEvent.Kind.ANNUL:
            assert self.annulled.pop(0) == event.clock, "an annulment without its reason"
            self.events.append(event)
            return
        assert not self.annulled, "an annulment is missing"
        assert not self.closed, f"{event} after the end"
        if event.kind == CaseEvent.Kind.DUE:
            self._due(event, answers)
        elif event.kind in (CaseEvent.Kind.ACTION, CaseEvent.Kind.MOVE):
            self._nothing_was_due(event)
            (self._action if event.kind == CaseEvent.Kind.ACTION else self._move)(event, answers)
        else:
            raise AssertionError(f"{event.kind} is not expected here")
        self.rows = rows
        state = self.procedure.states[self.state]
        if state.terminal and not self.closed:
            self.closed = True
            for each in self.rounds:
                if each.status == "open":
                    self._end(each, "void", event.fact_at or event.at)

    def _nothing_was_due(self, event: CaseEvent) -> None:
        for each in self.rounds:
            passed = each.status == "open" and each.due_at is not None and each.due_at < event.at
            assert not passed or each.breached, f"{event} before {each.name} fell due on {each.due_on}"

    def _action(self, event: CaseEvent, answers: Answers) -> None:
        action = self.procedure.actions[event.action]
        at, fact = event.at, event.fact_at or event.at
        if not action.opens_case:
            assert event.from_state == self.state, "an event leaves the state in which the case stands"
            assert self.state in action.sources or "*" in action.sources, "an action is taken from its states"
        limits = self._limits(at, event.inputs, answers)
        target = self.chosen(action.to, at, event.inputs, answers) or event.from_state
        assert event.to_state == target, f"{action.id} leads to {event.to_state}, not to {target}"
        assert event.rule == action.rule
        departed = set(event.seen.get("departed_from", ()))
        for cond in action.when:
            held = self.holds(cond, at, event.inputs, answers)
            assert held or (cond.rule or action.rule) in departed, f"{action.id} went through a closed door: {cond}"
        if event.person_id is None and action.by_clock and not action.opens_case:
            self._by_clock(event, action)
        if action.kind == "refuse" and event.person_id is not None:
            assert event.inputs.get("reason"), "a refusal without reasons"
        moved = bool(action.to)
        self.events.append(event)
        self._step(event, frozenset({action.id, target} if moved else {action.id}), fact, moved, action, limits)
        self.effects += action.effects
        if moved:
            self._enter(target)

    def _by_clock(self, event: CaseEvent, action: Action) -> None:
        """An act by a clock follows its breach at once, at the same instant, and says that it is deemed."""
        acting = {name for name, clock in self.procedure.clocks.items() if clock.act == action.id}
        breaches = [e for e in self.events if e.kind == CaseEvent.Kind.DUE and e.clock in acting]
        assert [e.at for e in breaches[-1:]] == [event.at], f"{action.id} by no clock that ran out"
        assert event.deemed, "an outcome by silence is marked"

    def _move(self, event: CaseEvent, answers: Answers) -> None:
        assert event.from_state == self.state
        ways = self.procedure.states[self.state].next
        limits = self._limits(event.at, {}, answers)
        for way in ways:
            held = self.holds(way.when, event.at, {}, answers, related=way.to == event.to_state)
            if held:
                assert way.to == event.to_state, f"the first open exit is to {way.to}, not to {event.to_state}"
                break
        else:
            raise AssertionError(f"no exit of {self.state} was open")
        self.events.append(event)
        self._step(event, frozenset({event.to_state}), event.at, True, None, limits)
        self._enter(event.to_state)

    def _enter(self, state: str) -> None:
        self.state = state
        self.effects += self.procedure.states[state].effects

    def _due(self, event: CaseEvent, answers: Answers) -> None:
        found = self.open_round(event.clock)
        assert found is not None, f"{event.clock} is not open and cannot run out"
        assert found.due_at is not None, f"{event.clock} stands still and cannot run out"
        assert not found.breached, f"{event.clock} ran out twice"
        last = self.events[-1].at
        assert event.at == max(found.due_at, last), f"{event.clock} ran out at {found.due_at}, recorded at {event.at}"
        assert event.detected_at is not None
        assert event.detected_at >= found.due_at
        assert event.from_state == event.to_state == self.state, "silence moves nothing by itself"
        limits = self._limits(event.at, {}, answers)
        self.events.append(event)
        if found.limit.bound == "earliest":
            self._end(found, "elapsed", event.at)
        else:
            found.breached = True
        self._step(event, frozenset({f"due:{event.clock}"}), event.at, False, None, limits)

    # --- clocks

    def _limits(self, at: datetime, inputs: Value, answers: Answers) -> dict[str, str]:
        clocks = self.procedure.clocks.values()
        return {clock.id: self.chosen(clock.limit, at, inputs, answers) for clock in clocks}

    def _step(
        self,
        event: CaseEvent,
        fired: frozenset[str],
        fact: datetime,
        moved: bool,
        action: Action | None,
        limits: dict[str, str],
    ) -> None:
        left, entered = (event.from_state, event.to_state) if moved else ("", "")
        clocks = self.procedure.clocks
        for name, clock in clocks.items():
            running = self.open_round(name)
            if running is not None and _is_met(clock, fired, left, action):
                self._meet(running, fact)
            elif running is not None and _is_void(clock, fired, left, entered):
                self._end(running, "void", fact)
        if action is not None and action.extends is not None:
            self._extend(action, event)
        for name, clock in clocks.items():
            running = self.open_round(name)
            if running is not None and running.paused and left in clock.pause:
                running.pauses[-1] = (running.pauses[-1][0], fact)
                running.count(self.works)
        for name, clock in clocks.items():
            running = self.open_round(name)
            if running is not None and not running.paused and entered in clock.pause:
                can_wait = running.limit.unit not in ("on", "set") and running.due_at and fact <= running.due_at
                if can_wait:
                    running.pauses.append((fact, None))
                    running.count(self.works)
        for name, clock in clocks.items():
            if fired & set(clock.starts) and self.open_round(name) is None and limits[name]:
                self._start(clock, limits[name], event, fired, fact)

    def _start(self, clock: Definition, rule_id: str, event: CaseEvent, fired: frozenset[str], fact: datetime) -> None:
        start = fact
        for name in fired & set(clock.starts):
            source = self.last_round(name[4:]) if name.startswith("due:") else None
            if source is not None and source.due_on is not None and source.due_at is not None:
                start = source.due_at if source.limit.unit == "hour" else midnight(source.due_on)
        limit = self.limit_of(rule_id, local_day(start))
        if limit.unit == "set":
            limit = Limit("set", str(event.inputs[clock.amount]), limit.bound, limit.roll)
        number = sum(each.name == clock.id for each in self.rounds) + 1
        begun = Round(clock.id, number, rule_id, limit, start, event.seq)
        begun.count(self.works)
        self.rounds.append(begun)

    def limit_of(self, rule_id: str, on: date) -> Limit:
        """The number of a rule on a day: the nearest pack's, or a stricter one of the same unit above it."""
        chain = list(self.compiled.chain)
        for depth, pack in enumerate(chain):
            rule = next((r for r in pack.rules if r.id == rule_id and r.in_force(on)), None)
            if rule is None:
                continue
            assert rule.limit is not None
            found, waiting = rule.limit, [] if rule.superseded else [(name, depth) for name in rule.floor]
            while waiting:
                name, below = waiting.pop()
                for above, other in enumerate(chain[below + 1 :], below + 1):
                    floor = next((r for r in other.rules if r.id == name and r.in_force(on)), None)
                    if floor is not None:
                        found = _stricter(found, floor.limit)
                        waiting += [] if floor.superseded else [(n, above) for n in floor.floor]
                        break
            return found
        raise AssertionError(f"no rule {rule_id} on {on}")

    def _meet(self, running: Round, fact: datetime) -> None:
        if running.paused:
            running.pauses[-1] = (running.pauses[-1][0], fact)
            running.count(self.works)
        late = running.due_at is not None and fact > running.due_at
        if running.breached and not late:
            running.breached = False
            self.annulled.append(running.name)
        self._end(running, "late" if late and running.limit.bound == "latest" else "met", fact)

    @staticmethod
    def _end(running: Round, status: str, at: datetime) -> None:
        running.status, running.ended_at = status, at

    def _extend(self, action: Action, event: CaseEvent) -> None:
        assert action.extends is not None
        running = self.open_round(action.extends.clock)
        at = event.fact_at or event.at
        assert running is not None, "only an open limit is extended"
        assert running.due_at is not None, "only a running limit is extended"
        assert at <= running.due_at, "an extension after the due date"
        running.extended += self.extension(action, event.inputs, at)
        running.count(self.works)

    def extension(self, action: Action, inputs: Value, at: datetime) -> int:
        assert action.extends is not None
        allowed = int(self.limit_of(action.extends.by, local_day(at)).amount or 0)
        taken, _dot, name = action.extends.amount.rpartition(".")
        if taken:
            last = next((e for e in reversed(self.events) if e.action == taken), None)
            inputs = last.inputs if last else {}
        asked = int(inputs.get(name) or allowed) if name else allowed
        assert 1 <= asked <= allowed, "more than the rule allows"
        return asked

    # --- conditions

    def chosen(self, choice: Choice, at: datetime, inputs: Value, answers: Answers) -> str:
        for option in choice:
            if option.when is None or self.holds(option.when, at, inputs, answers):
                return option.value
        return ""

    def holds(self, cond: Cond, at: datetime, inputs: Value, answers: Answers, related: Related = True) -> bool:
        """A condition by the events alone."""
        match cond:
            case All(items=items):
                return all(self.holds(item, at, inputs, answers, related) for item in items)
            case Any(items=items):
                return any(self.holds(item, at, inputs, answers, related) for item in items)
            case Not(item=item):
                return not self.holds(item, at, inputs, answers, related if callable(related) else not related)
            case Test(name=name):
                return answers.tests.get(name, False)
            case OverThreshold(threshold=rule_id):
                return self._over(rule_id, at, answers)
            case InputIs():
                return bool(self._entered(cond, inputs) == cond.value)
            case Taken():
                return self._taken(cond, at)
            case ClockIs(clock=name, status=status):
                last = self.last_round(name)
                return last is not None and last.seen_at(at) == status
            case CasesAre():
                return related(cond) if callable(related) else related

    def _entered(self, cond: InputIs, inputs: Value) -> Value:
        if not cond.action and cond.name in inputs:
            return inputs[cond.name]
        for event in reversed(self.events):
            if event.action == cond.action or (not cond.action and cond.name in event.inputs):
                return event.inputs.get(cond.name)
        return None

    def _taken(self, cond: Taken, at: datetime) -> bool:
        action = self.procedure.actions[cond.action]
        takings = [e for e in self.events if e.action == action.id] if cond.ever else self.this_stay(action)
        if cond.count == "all":
            expected = [(hand, row) for hand, row in self.awaited() if hand in action.by]
            return bool(expected) and all(any(took(e, hand, row) for e in takings) for hand, row in expected)
        if isinstance(cond.count, str):
            return self._compare(cond.count, len(takings), at)
        return len(takings) >= cond.count

    def this_stay(self, action: Action) -> list[CaseEvent]:
        """Takings since the case last came to a state from which the action can be taken, by hands still bound."""
        since = 0
        for event in self.events:
            if event.to_state != event.from_state and {event.to_state, "*"} & set(action.sources):
                since = event.seq
        return [e for e in self.events if e.action == action.id and e.seq > since and self._is_bound(e)]

    def _is_bound(self, event: CaseEvent) -> bool:
        if not event.party:
            return True
        return any(took(event, Hand(row.party, "" if row.person_id else event.position), row) for row in self.rows)

    def awaited(self) -> list[tuple[Hand, CaseParty]]:
        state = self.procedure.states[self.state]
        return [(hand, row) for hand in state.awaits for row in self.rows if row.party == hand.party]

    def _over(self, rule_id: str, at: datetime, answers: Answers) -> bool:
        threshold = self.compiled.rule(rule_id, local_day(at)).threshold
        assert threshold is not None
        kind, colon, name = threshold.field.partition(":")
        if not colon:
            return self._compare(rule_id, answers.fields.get(kind, 0.0), at)
        if kind == "count":
            return self._compare(rule_id, len(self.this_stay(self.procedure.actions[name])), at)
        events = self.events
        if kind == "mean":
            asking = [a for a in self.procedure.actions.values() if name in a.inputs]
            events = [e for a in asking for e in self.this_stay(a)]
        values = [float(e.inputs[name]) for e in events if name in e.inputs]
        if kind == "mean":
            return bool(values) and self._compare(rule_id, sum(values) / len(values), at)
        return self._compare(rule_id, sum(values), at)

    def _compare(self, rule_id: str, value: float, at: datetime) -> bool:
        threshold = self.compiled.rule(rule_id, local_day(at)).threshold
        assert threshold is not None
        less, same = value < threshold.amount, value == threshold.amount
        words = {"<": less, "<=": less or same, "=": same, ">=": not less, ">": not less and not same}
        return words[threshold.comparator]


def took(event: CaseEvent, hand: Hand, row: CaseParty) -> bool:
    if row.person_id is not None:
        return event.party == row.party and event.person_id == row.person_id
    same = (event.party, event.position) == (hand.party, hand.position)
    return same and event.organization_id == row.organization_id


def _is_met(clock: Definition, fired: frozenset[str], left: str, action: Action | None) -> bool:
    if not clock.own_state:
        return bool(fired & set(clock.until))
    if left != clock.own_state:
        return False
    return action.id in clock.until if action else clock.until_next


def _is_void(clock: Definition, fired: frozenset[str], left: str, entered: str) -> bool:
    leaves = bool(clock.own_state) and left == clock.own_state and entered not in clock.pause
    return bool(fired & set(clock.void)) or leaves


def _stricter(limit: Limit, floor: Limit | None) -> Limit:
    if floor is None or (limit.unit, limit.bound) != (floor.unit, floor.bound) or limit.unit == "set":
        return limit
    mine = (limit.years, str(limit.amount)) if limit.unit == "on" else (0, int(limit.amount or 0))
    other = (floor.years, str(floor.amount)) if floor.unit == "on" else (0, int(floor.amount or 0))
    laxer = mine > other if limit.bound == "latest" else mine < other
    return floor if laxer else limit
