"""The twelve invariants of the reference, asked of one case by one function, from its rows alone.

1 (one lock, taken first), 6 (the same record however late) and 12 (nothing half-done) say how rows come about: they are
proven by tests of their own in this folder.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from audit.models import AuditEntry
from cases.models import Alert, AwaitedHand, Case, CaseEvent, CaseParty, Clock, ClockEntry, UrgingTask
from statutes.definitions import CompiledPack, Limit, Procedure, Reminder
from statutes.selectors import compiled as compiled_version
from tests.statutes.proof.naive import DAY, Span, Works, due_of, local_day, midnight, works_in

ENTRY = ("id", "clock_id", "kind", "at", "event", "amount", "rule", "due_before", "due_after", "note")
EVENT = (
    *("id", "seq", "kind", "action", "clock", "from_state", "to_state", "at", "recorded_at", "fact_at", "detected_at"),
    *("person_id", "deputy_for_id", "organization_id", "party", "position", "opinion", "rule", "late", "deemed"),
)
ALERT = ("id", "clock_id", "rung", "due_at", "fires_at", "detected_at", "skipped")


@dataclass(frozen=True, slots=True)
class Rows:
    """What stands in the tables about one case."""

    case: Case
    events: list[CaseEvent]
    clocks: list[Clock]
    ledgers: Mapping[int, list[ClockEntry]]
    alerts: Mapping[int, list[Alert]]
    parties: list[CaseParty]

    def lines(self) -> set[tuple[Any, ...]]:
        """Everything that may only be added to."""
        kept = {("event", *(getattr(e, name) for name in EVENT), repr(e.inputs), repr(e.seen)) for e in self.events}
        for entries in self.ledgers.values():
            kept |= {("entry", *(getattr(entry, name) for name in ENTRY)) for entry in entries}
        for alerts in self.alerts.values():
            kept |= {("alert", *(getattr(alert, name) for name in ALERT)) for alert in alerts}
        return kept


def rows_of(case_id: int) -> Rows:
    case = Case.objects.select_related("pack_version").get(pk=case_id)
    clocks = list(Clock.objects.filter(case=case).order_by("id"))
    ledgers: dict[int, list[ClockEntry]] = {clock.pk: [] for clock in clocks}
    alerts: dict[int, list[Alert]] = {clock.pk: [] for clock in clocks}
    for entry in ClockEntry.objects.filter(clock__case=case).order_by("id"):
        ledgers[entry.clock_id].append(entry)
    for alert in Alert.objects.filter(clock__case=case).order_by("id"):
        alerts[alert.clock_id].append(alert)
    events = list(CaseEvent.objects.filter(case=case).select_related("deputy_for").order_by("seq"))
    return Rows(case, events, clocks, ledgers, alerts, list(CaseParty.objects.filter(case=case).order_by("id")))


def assert_invariants(case_id: int, before: Rows | None = None, works: Works | None = None) -> Rows:
    """Hold one case against every invariant that rows can show. Returns the rows, to be `before` next time.

    `works`: the calendar by which its due dates were last counted; that of the tables unless given.
    """
    rows = rows_of(case_id)
    case = rows.case
    compiled = compiled_version(case.pack_version)
    procedure = compiled.procedure(case.procedure, case.law_day)
    works = works or works_in(case.jurisdiction_id)
    _numbered_and_cited(rows, compiled)
    _on_the_record(rows)
    for clock in rows.clocks:
        _ledger_is_sound(rows, clock)
        _due_is_its_recount(rows, clock, works)
        _rungs_fired_once(rows, clock, procedure, works)
    _ends_with_its_case(rows, procedure)
    _two_pairs_of_eyes(rows, procedure)
    _refusals_have_reasons(rows, procedure)
    if before is not None:
        assert before.lines() <= rows.lines(), "11: a line of the record was changed or removed"
    return rows


def _numbered_and_cited(rows: Rows, compiled: CompiledPack) -> None:
    events, case = rows.events, rows.case
    assert [e.seq for e in events] == list(range(1, len(events) + 1)), "2: numbers are not consecutive"
    assert all(a.at <= b.at for a, b in itertools.pairwise(events)), "2: time falls"
    assert (case.seq, case.last_at, case.state) == (len(events), events[-1].at, events[-1].to_state)
    assert all(e.detected_at is None or e.detected_at <= e.recorded_at for e in events)
    assert all(e.fact_at is None or e.fact_at <= e.at for e in events), "a fact in the future"
    for event in events:
        cited = [r for pack in compiled.chain for r in pack.rules if r.id == event.rule]
        moved_law = any(e.kind == CaseEvent.Kind.TRANSITION for e in events)
        assert cited or moved_law, f"7: {event} cites {event.rule}, which its law does not have"
        assert all(rule.article or rule.practice for rule in cited), f"7: {event.rule} names no article"


def _on_the_record(rows: Rows) -> None:
    """Each event has one entry of the audit record, in order: an act is its person's, the rest is the portal's."""
    entries = AuditEntry.objects.filter(subject="case", subject_id=str(rows.case.pk), data__has_key="seq")
    recorded = [(entry.data["seq"], entry.at, entry.person_id) for entry in entries.order_by("id")]
    assert recorded == [(event.seq, event.at, event.person_id or 0) for event in rows.events], (
        "events and record differ"
    )


def _ledger_is_sound(rows: Rows, clock: Clock) -> None:
    """A line begins and one ends it, pauses come in pairs, every breach is an event of its own."""
    ledger = rows.ledgers[clock.pk]
    kinds = [entry.kind for entry in ledger]
    assert kinds[0] == "start"
    assert kinds.count("start") == 1
    ended = clock.status not in ("open", "elapsed")
    assert kinds.count("end") == int(ended), f"{clock} is {clock.status}, its ledger says {kinds}"
    ups_and_downs = [kind for kind in kinds if kind in ("pause", "resume")]
    assert ups_and_downs == ["pause", "resume"] * (len(ups_and_downs) // 2) + ["pause"] * (len(ups_and_downs) % 2)
    paused = bool(len(ups_and_downs) % 2) and clock.status == "open"
    assert (clock.paused_since is not None) == paused, f"{clock} does not say whether it stands still"
    open_breaches = kinds.count("breach") - kinds.count("annul") - int(clock.status == "elapsed")
    assert (clock.breached_at is not None) == (open_breaches > 0), f"{clock}: breach and ledger differ ({kinds})"
    mine = [e for e in rows.events if e.clock == clock.name and e.kind == CaseEvent.Kind.DUE]
    lines = [e.event for c in rows.clocks if c.name == clock.name for e in rows.ledgers[c.pk] if e.kind == "breach"]
    assert sorted(lines) == [e.seq for e in mine], "12: a breach without its event, or an event without its breach"


def pauses_of(ledger: list[ClockEntry]) -> list[Span]:
    spans: list[Span] = []
    for entry in ledger:
        if entry.kind == "pause":
            spans.append((entry.at, None))
        elif entry.kind == "resume":
            spans[-1] = (spans[-1][0], entry.at)
    return spans


def limit_of(clock: Clock) -> Limit:
    """The number that is written on the clock."""
    amount: int | str = str(clock.set_on) if clock.unit == "set" else clock.amount
    counted = clock.unit not in ("set", "on")
    return Limit(clock.unit, int(amount) if counted else amount, clock.bound, clock.roll, clock.years)  # type: ignore[arg-type]


def recounted(clock: Clock, ledger: list[ClockEntry], works: Works) -> date | datetime | None:
    """The due date from the ledger, day by day; the next working day after a recount into the past, if later."""
    spans, limit = pauses_of(ledger), limit_of(clock)
    if spans and spans[-1][1] is None and limit.unit not in ("on", "set"):
        return None
    extended = sum(entry.amount or 0 for entry in ledger if entry.kind == "extend")
    plain = due_of(limit, clock.started_at, extended, spans, works)
    graced = [place for place, entry in enumerate(ledger) if entry.rule == "calendar.recount_practice"]
    if not graced or isinstance(plain, datetime):
        return plain
    since = ledger[graced[-1] + 1 :]
    after = due_of(Limit("working_day", 1), ledger[graced[-1]].at, 0, pauses_of(since), works)
    assert not isinstance(after, datetime)
    more = sum(entry.amount or 0 for entry in since if entry.kind == "extend")
    if more:
        again = due_of(Limit(limit.unit, 0, roll=limit.roll), midnight(after), more, pauses_of(since), works)
        assert not isinstance(again, datetime)
        after = again
    return max(plain, after)


def _due_is_its_recount(rows: Rows, clock: Clock, works: Works) -> None:
    ledger = rows.ledgers[clock.pk]
    if clock.paused_since is not None:
        assert (clock.due_on, clock.due_at, clock.fire_at) == (None, None, None), "3: a due date while it stands still"
        return
    found = recounted(clock, ledger, works)
    if found is None:
        assert clock.due_on is None, "3: it was void while it stood still"
        return
    due_on, due_at = (local_day(found), found) if isinstance(found, datetime) else (found, midnight(found + DAY))
    told = f"3: {clock} is due on {clock.due_on}, its ledger says {due_on}"
    assert (clock.due_on, clock.due_at) == (due_on, due_at), told


def rungs_of(clock: Clock, procedure: Procedure, works: Works) -> dict[str, datetime]:
    """Every rung of a clock by its name: the due instant and the reminders of its definition."""
    if clock.due_on is None or clock.due_at is None:
        return {}
    definition = procedure.clocks.get(clock.name)
    reminders = definition.remind if definition else ()
    ladder = {reminder.text: _reminded_at(reminder, clock.due_on, clock.due_at, works) for reminder in reminders}
    return {"due": clock.due_at, **ladder}


def _reminded_at(reminder: Reminder, due_on: date, due_at: datetime, works: Works) -> datetime:
    if reminder.unit != "wd":
        return due_at + timedelta(**{"hours" if reminder.unit == "h" else "minutes": reminder.amount})
    day, step = due_on, DAY if reminder.amount > 0 else -DAY
    for _number in range(abs(reminder.amount)):
        day += step
        while not works(day):
            day += step
    while reminder.amount == 0 and not works(day):
        day -= DAY
    return midnight(day) + timedelta(hours=9)


def _rungs_fired_once(rows: Rows, clock: Clock, procedure: Procedure, works: Works) -> None:
    alerts = rows.alerts[clock.pk]
    claims = [(alert.rung, alert.due_at) for alert in alerts]
    assert len(claims) == len(set(claims)), f"5: a rung of {clock} fired twice for one due date"
    due = [alert for alert in alerts if alert.rung == "due" and not alert.skipped]
    breaches = [entry for entry in rows.ledgers[clock.pk] if entry.kind == "breach"]
    assert len(due) == len(breaches), f"5: {len(due)} due rungs of {clock}, {len(breaches)} breaches"
    if clock.status != "open":
        assert clock.fire_at is None
        return
    waiting = [
        at
        for rung, at in rungs_of(clock, procedure, works).items()
        if (rung, clock.due_at) not in claims and (rung == "due" or at >= clock.started_at)
    ]
    assert clock.fire_at == min(waiting, default=None), f"5: {clock} is armed for {clock.fire_at}, of {waiting}"


def _ends_with_its_case(rows: Rows, procedure: Procedure) -> None:
    case, running = rows.case, [clock for clock in rows.clocks if clock.status == "open"]
    assert len({clock.name for clock in running}) == len(running), "4: two open clocks of one name"
    state = procedure.states[case.state]
    assert (case.closed_at is not None) == state.terminal
    assert case.outcome == state.outcome
    awaited = AwaitedHand.objects.filter(case=case).count()
    if state.terminal:
        assert not running, "4: a clock outlives its case"
        assert not awaited
        assert not UrgingTask.objects.filter(case=case, closed_at__isnull=True).exists()
        return
    assert case.next_fire_at == min((clock.fire_at for clock in running if clock.fire_at), default=None)
    says_why = state.unlimited is not None or not state.awaits
    assert says_why or any(_ran_in_stay(rows, clock, case.entered_seq) for clock in rows.clocks), (
        f"10: {state.id} is under no clock"
    )
    for clock in running:
        pauses = procedure.clocks[clock.name].pause if clock.name in procedure.clocks else ()
        if clock.paused_since is not None:
            assert state.id in pauses, f"{clock} stands still in {state.id}"


def _ran_in_stay(rows: Rows, clock: Clock, entered: int) -> bool:
    """Whether a clock ran when the state was entered, or has begun since; what was done in time needs no other."""
    ledger = rows.ledgers[clock.pk]
    ends = [
        entry.event for entry in ledger if entry.kind == "end" or (clock.status == "elapsed" and entry.kind == "breach")
    ]
    stood = [entry.kind for entry in ledger if entry.event <= entered and entry.kind in ("pause", "resume")]
    return stood[-1:] != ["pause"] and all(event > entered for event in ends)


def _two_pairs_of_eyes(rows: Rows, procedure: Procedure) -> None:
    asked = {person for case, above in _cases_above(rows.case) for person in _askers(case, above)}
    asking = _of_kind(procedure, "submit")
    deciding = _of_kind(procedure, "decide", "refuse")
    parties: dict[int, set[str]] = {}
    for event in rows.events:
        if event.action in deciding and event.person_id is not None:
            assert event.person_id not in asked, f"8: {event.person_name} asked and decided ({event.action})"
            parties.setdefault(event.person_id, set()).add(event.party)
        if event.action in asking:
            asked |= _people(event)
    assert all(len(each) == 1 for each in parties.values()), "8: one person decided for two parties"


def _of_kind(procedure: Procedure, *kinds: str) -> set[str]:
    return {action.id for action in procedure.actions.values() if action.kind in kinds}


def _people(event: CaseEvent) -> set[int]:
    """Who took an action, and for whom as a deputy."""
    people = {event.person_id, event.deputy_for.user_id if event.deputy_for else None}
    return {person for person in people if person is not None}


def _cases_above(case: Case) -> Iterator[tuple[Case, Procedure]]:
    while case.parent is not None:
        case = case.parent
        yield case, compiled_version(case.pack_version).procedure(case.procedure, case.law_day)


def _askers(case: Case, procedure: Procedure) -> set[int]:
    asking = case.events.filter(action__in=_of_kind(procedure, "submit")).select_related("deputy_for")
    return {person for event in asking for person in _people(event)}


def _refusals_have_reasons(rows: Rows, procedure: Procedure) -> None:
    refusing = {a.id for a in procedure.actions.values() if a.kind == "refuse"}
    for event in rows.events:
        if event.action in refusing:
            assert event.inputs.get("reason"), f"9: {event} gives no reasons"
