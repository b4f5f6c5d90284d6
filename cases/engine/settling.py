"""What falls due fires here: reminders, breaches, urging, and what starts or moves because a day has passed.

Breaches of many cases are written together. Who is settled when, and what acts by itself, is in `sweeping`.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from audit import services as audit
from cases import notices
from cases.conditions import Look
from cases.engine import clocks, writing
from cases.engine.context import Matter, load_many
from cases.engine.transitions import finish, follow_exits, next_seq
from cases.models import Alert, Case, CaseEvent, Clock, ClockEntry, Notification, UrgingTask
from organizations.actors import SystemActor
from organizations.models import User
from statutes.calendars import calendar_for
from statutes.definitions import Hand
from statutes.workdays import Calendar

logger = logging.getLogger(__name__)

SWEEP = SystemActor("time limits")
RETRY_AFTER = timedelta(hours=1)
CHUNK = 500


@dataclass(slots=True)
class Writes:
    """Rows that settling a chunk of cases will write, each kind in one statement."""

    cases: list[Case] = field(default_factory=list)
    clocks: list[Clock] = field(default_factory=list)
    alerts: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    ledger: list[dict[str, Any]] = field(default_factory=list)
    notifications: list[dict[str, Any]] = field(default_factory=list)
    urgings: list[dict[str, Any]] = field(default_factory=list)
    record: list[audit.Entry] = field(default_factory=list)


class Chunk:
    """What settling many cases at one moment needs to know, each thing read once."""

    def __init__(self, matters: list[Matter], horizon: datetime, moment: datetime) -> None:
        self.horizon, self.moment = horizon, moment
        self._fired: dict[int, set[tuple[str, datetime]]] = defaultdict(set)
        running = [clock.pk for matter in matters for clock in matter.clocks if clock.status == Clock.Status.OPEN]
        rows = Alert.objects.filter(clock__in=running).order_by()
        for clock_id, rung, due_at in rows.values_list("clock_id", "rung", "due_at"):
            self._fired[clock_id].add((rung, due_at))
        self._calendars: dict[str, Calendar] = {}
        self._days: dict[datetime, date] = {}
        self._rungs: dict[tuple[int, datetime | None], list[tuple[datetime, str]]] = {}
        self._people: dict[tuple[object, ...], list[User]] = {}

    def fired(self, clock: Clock) -> set[str]:
        """Rungs that were claimed before for the clock's due instant."""
        return {rung for rung, due_at in self._fired[clock.pk] if due_at == clock.due_at}

    def calendar(self, matter: Matter) -> Calendar:
        jurisdiction = matter.case.jurisdiction_id
        if jurisdiction not in self._calendars:
            self._calendars[jurisdiction] = calendar_for(jurisdiction)
        return self._calendars[jurisdiction]

    def rungs(self, matter: Matter, clock: Clock) -> list[tuple[datetime, str]]:
        """Every rung of a clock for its present due instant."""
        key = (clock.pk, clock.due_at)
        if key not in self._rungs:
            self._rungs[key] = clocks.rungs(matter, clock, self.calendar(matter))
        return self._rungs[key]

    def people(self, matter: Matter, wanted: Sequence[Hand], at: datetime) -> list[User]:
        """Those who hold these hands on the day; cases of the same organizations have the same people."""
        rows = notices.rows_for(matter, wanted)
        if at not in self._days:
            self._days[at] = timezone.localdate(at)
        key = (self._days[at], *((row.organization_id, row.person_id, position) for row, position in rows))
        if key not in self._people:
            self._people[key] = notices.people_for(matter, wanted, at)
        return self._people[key]


@transaction.atomic
def settle_chunk(which: Q, horizon: datetime, moment: datetime, *, wait: bool = False) -> int:
    """Claim up to a chunk of cases by row lock and write what fell due up to `horizon`, as detected at `moment`.

    A case whose clock has still to act is left alone: what comes after belongs after that act.
    Returns the number of cases claimed.
    """
    claimed = claim(which, horizon, wait=wait)
    if not claimed:
        return 0
    cases = list(Case.objects.filter(pk__in=claimed).order_by("next_fire_at", "pk"))
    matters, writes = load_many(cases), Writes()
    chunk = Chunk(matters, horizon, moment)
    for matter in matters:
        _settle_or_postpone(matter, chunk, writes)
    _write(writes)
    return len(claimed)


def claim(which: Q, horizon: datetime, *, wait: bool = False, most: int = CHUNK) -> list[int]:
    """Lock the cases that are due first; those that somebody else holds are left out, unless `wait`."""
    due = open_cases_due(horizon).filter(which).order_by("next_fire_at", "pk")
    return list(due.select_for_update(of=("self",), skip_locked=not wait).values_list("pk", flat=True)[:most])


def open_cases_due(horizon: datetime) -> QuerySet[Case]:
    """Open cases with a rung up to `horizon`, but for those whose clock has run out and has still to act."""
    acting = Clock.objects.filter(case=OuterRef("pk"), status=Clock.Status.OPEN, act_pending=True)
    return Case.objects.filter(~Exists(acting), next_fire_at__lte=horizon, closed_at__isnull=True)


def _settle_or_postpone(matter: Matter, chunk: Chunk, writes: Writes) -> None:
    """Settle one case; if that fails, push its clocks on with the error, and leave the others alone."""
    own = Writes()
    try:
        with transaction.atomic() if _may_move(matter) else nullcontext():
            _settle(matter, chunk, own)
    except Exception as error:
        logger.exception("case %s could not be settled", matter.case.number)
        Case.objects.filter(pk=matter.case.pk).update(next_fire_at=chunk.moment + RETRY_AFTER)
        late = Clock.objects.filter(case=matter.case, status=Clock.Status.OPEN, fire_at__lte=chunk.moment)
        late.update(error=type(error).__name__)
        return
    for name in Writes.__dataclass_fields__:
        getattr(writes, name).extend(getattr(own, name))


def _may_move(matter: Matter) -> bool:
    """Whether a due date can set off more than its own record, so that the engine writes while the case is settled."""
    return bool(matter.state.next) or any(_listening(matter, clock.name) for clock in matter.clocks)


def _listening(matter: Matter, name: str) -> bool:
    fired = f"due:{name}"
    definitions = matter.procedure.clocks.values()
    return any(fired in (*each.starts, *each.until, *each.void) for each in definitions)


def _settle(matter: Matter, chunk: Chunk, writes: Writes) -> None:
    """Rungs in order of instant, then name, as far as the first due date that may set off more than its own record.

    What an act, a clock begun or an exit brings about may fall due before the rest, which is settled next.
    """
    passed = _passed_rungs(matter, chunk)
    claimed: set[tuple[int, str]] = set()
    for instant, _name, rung, clock in passed:
        if clock.status != Clock.Status.OPEN:
            continue
        later = any(other is clock and at > instant for at, _other, _rung, other in passed)
        skipped = rung != clocks.DUE and (later or instant < clock.started_at)
        claimed.add((clock.pk, rung))
        writes.alerts.append(
            {
                "clock_id": clock.pk,
                "rung": rung,
                "due_at": clock.due_at or instant,
                "fires_at": instant,
                "detected_at": chunk.moment,
                "skipped": skipped,
            }
        )
        if rung == clocks.DUE:
            _breach(matter, clock, chunk, writes)
            if clock.act_pending or _may_move(matter):
                break
        elif not skipped:
            _remind(matter, clock, rung, instant, chunk, writes)
    _rearm(matter, claimed, chunk, writes)


def _passed_rungs(matter: Matter, chunk: Chunk) -> list[tuple[datetime, str, str, Clock]]:
    """Rungs of open clocks whose instant has passed and that nobody has claimed: by instant, then clock name."""
    passed = [
        (instant, clock.name, rung, clock)
        for clock in matter.clocks
        if clock.status == Clock.Status.OPEN
        for instant, rung in chunk.rungs(matter, clock)
        if instant <= chunk.horizon and rung not in chunk.fired(clock)
    ]
    return sorted(passed, key=lambda entry: entry[:3])


def _rearm(matter: Matter, claimed: set[tuple[int, str]], chunk: Chunk, writes: Writes) -> None:
    """Set the next rung of every open clock, and of the case."""
    open_clocks = [clock for clock in matter.clocks if clock.status == Clock.Status.OPEN]
    for clock in open_clocks:
        fired = chunk.fired(clock) | {rung for pk, rung in claimed if pk == clock.pk}
        clock.fire_at = clocks.next_rung(clock, chunk.rungs(matter, clock), fired)
    writes.clocks += open_clocks
    case = matter.case
    case.next_fire_at = min((clock.fire_at for clock in open_clocks if clock.fire_at), default=None)
    writes.cases.append(case)


def _remind(matter: Matter, clock: Clock, rung: str, instant: datetime, chunk: Chunk, writes: Writes) -> None:
    people = chunk.people(matter, notices.reminded(matter, clock), instant)
    writes.notifications += notices.lines(
        people, matter, "reminder", instant, **notices.clock_context(matter, clock, rung)
    )


def _breach(matter: Matter, clock: Clock, chunk: Chunk, writes: Writes) -> None:
    """The due instant has passed: the event is dated at it, everybody named is told, nothing moves by itself.

    A minimum period is over then: that is no breach.
    """
    case, at = matter.case, max(clock.due_at or chunk.moment, matter.case.last_at)
    case.seq, case.last_at = next_seq(matter), at
    event: dict[str, Any] = {
        "case_id": case.pk,
        "seq": case.seq,
        "kind": CaseEvent.Kind.DUE.value,
        "clock": clock.name,
        "from_state": case.state,
        "to_state": case.state,
        "at": at,
        "recorded_at": timezone.now(),
        "detected_at": chunk.moment,
        "rule": clock.rule,
    }
    if "events" in matter.__dict__:
        matter.events.append(CaseEvent(**event))
    writes.events.append(event)
    writes.record.append(_entry(case, clock, at))
    breach = ClockEntry.Kind.BREACH.value
    line = {"clock_id": clock.pk, "kind": breach, "at": at, "event": case.seq, "due_after": clock.due_on}
    writes.ledger.append(line)
    if clock.bound == "earliest":
        clock.status, clock.ended_at, clock.fire_at = Clock.Status.ELAPSED, at, None
        writes.clocks.append(clock)
    else:
        clock.breached_at, clock.act_pending = clock.due_at, bool(matter.procedure.clocks[clock.name].act)
        _tell_and_urge(matter, clock, at, chunk, writes)
    _fire_due(matter, clock, event, writes)


def _entry(case: Case, clock: Clock, at: datetime) -> audit.Entry:
    seen = {"number": case.number, "seq": case.seq, "clock": clock.name, "rule": clock.rule}
    return audit.Entry(verb=f"{case.family}.due", subject="case", subject_id=case.pk, at=at, data=seen)


def _tell_and_urge(matter: Matter, clock: Clock, at: datetime, chunk: Chunk, writes: Writes) -> None:
    definition = matter.procedure.clocks[clock.name]
    people = chunk.people(matter, definition.notify, at)
    writes.notifications += notices.lines(people, matter, "overdue", at, **notices.clock_context(matter, clock))
    organs = {row.pk: row for hand in definition.notify for row in matter.rows_of(hand) if row.is_organ}
    writes.urgings += [
        {"case_id": matter.case.pk, "clock_id": clock.pk, "organization_id": row.organization_id, "opened_at": at}
        for row in organs.values()
    ]


def _fire_due(matter: Matter, clock: Clock, event: dict[str, Any], writes: Writes) -> None:
    """Let other clocks start or end on "due:CLOCK", and take an exit that the passing of the date has opened."""
    listening = _listening(matter, clock.name)
    if not listening and not matter.state.next:
        return
    _flush(writes)
    if listening:
        look = Look(matter, matter.context(SWEEP, event["at"], {}))
        step = clocks.Step(CaseEvent(**event), frozenset({f"due:{clock.name}"}), event["at"])
        clocks.apply(matter, step, clocks.choose_limits(matter, look), {})
    if follow_exits(matter, SWEEP, event["at"]):
        finish(matter, SWEEP, event["at"], said=[])


def _flush(writes: Writes) -> None:
    """Write what one case has gathered so far, because the engine is about to build on it."""
    _write(writes)
    for name in Writes.__dataclass_fields__:
        getattr(writes, name).clear()


def _write(writes: Writes) -> None:
    writing.update_cases(writes.cases)
    writing.insert(CaseEvent, writes.events)
    writing.insert(Alert, writes.alerts)
    writing.insert(ClockEntry, writes.ledger)
    writing.update_clocks(writes.clocks)
    writing.insert(UrgingTask, writes.urgings, conflicts="ON CONFLICT DO NOTHING")
    writing.insert(Notification, writes.notifications)
    audit.record_many(who=SWEEP.who, entries=writes.record)
