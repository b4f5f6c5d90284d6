"""What falls due fires here: reminders, breaches, urging, and what starts or moves because a day has passed.

Breaches of many cases are written together. Who is settled when, and what acts by itself, is in `sweeping`.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from audit import services as audit
from cases import notices
from cases.conditions import Look
from cases.engine import clocks
from cases.engine.context import Matter, load_many
from cases.engine.transitions import finish, follow_exits, next_seq
from cases.models import Alert, Case, CaseEvent, Clock, ClockEntry, Notification, UrgingTask
from organizations.actors import SystemActor

logger = logging.getLogger(__name__)

SWEEP = SystemActor("time limits")
RETRY_AFTER = timedelta(hours=1)
CHUNK = 200


@dataclass(slots=True)
class Writes:
    """Rows that settling a chunk of cases will write, each kind in one statement."""

    cases: list[Case] = field(default_factory=list)
    clocks: list[Clock] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)
    events: list[CaseEvent] = field(default_factory=list)
    ledger: list[ClockEntry] = field(default_factory=list)
    notifications: list[Notification] = field(default_factory=list)
    urgings: list[UrgingTask] = field(default_factory=list)


@transaction.atomic
def settle_chunk(which: Q, horizon: datetime, moment: datetime, *, wait: bool = False) -> int:
    """Claim up to a chunk of cases by row lock and write what fell due up to `horizon`, as detected at `moment`.

    A case whose clock has still to act is left alone: what comes after belongs after that act.
    Returns the number of cases claimed.
    """
    due = open_cases_due(horizon).filter(which).order_by("next_fire_at", "pk")
    claimed = list(due.select_for_update(of=("self",), skip_locked=not wait)[:CHUNK])
    if not claimed:
        return 0
    writes = Writes()
    fired = _fired_rungs(claimed)
    for matter in load_many(claimed):
        _settle_or_postpone(matter, horizon, moment, fired, writes)
    _write(writes)
    return len(claimed)


def open_cases_due(horizon: datetime) -> QuerySet[Case]:
    """Open cases with a rung up to `horizon`, but for those whose clock has run out and has still to act."""
    acting = Clock.objects.filter(case=OuterRef("pk"), status=Clock.Status.OPEN, act_pending=True)
    return Case.objects.filter(~Exists(acting), next_fire_at__lte=horizon, closed_at__isnull=True)


def _fired_rungs(claimed: list[Case]) -> set[tuple[int, str, datetime]]:
    rows = Alert.objects.filter(clock__case__in=claimed, clock__status=Clock.Status.OPEN)
    return set(rows.values_list("clock_id", "rung", "due_at"))


def _settle_or_postpone(
    matter: Matter, horizon: datetime, moment: datetime, fired: set[tuple[int, str, datetime]], writes: Writes
) -> None:
    """Settle one case; if that fails, push its clocks on with the error, and leave the others alone."""
    own = Writes()
    try:
        with transaction.atomic():
            _settle(matter, horizon, moment, fired, own)
    except Exception as error:
        logger.exception("case %s could not be settled", matter.case.number)
        Case.objects.filter(pk=matter.case.pk).update(next_fire_at=moment + RETRY_AFTER)
        Clock.objects.filter(case=matter.case, status=Clock.Status.OPEN, fire_at__lte=moment).update(error=repr(error))
        return
    for name in Writes.__dataclass_fields__:
        getattr(writes, name).extend(getattr(own, name))


def _settle(
    matter: Matter, horizon: datetime, moment: datetime, fired: set[tuple[int, str, datetime]], writes: Writes
) -> None:
    """Rungs in order of instant, then name, as far as the first whose clock acts: the rest comes after its act."""
    passed = _passed_rungs(matter, horizon, fired)
    claimed: set[tuple[int, str]] = set()
    for instant, _name, rung, clock in passed:
        if clock.status != Clock.Status.OPEN:
            continue
        later = any(other is clock and at > instant for at, _other, _rung, other in passed)
        skipped = rung != clocks.DUE and (later or instant < clock.started_at)
        claimed.add((clock.pk, rung))
        writes.alerts.append(
            Alert(
                clock=clock,
                rung=rung,
                due_at=clock.due_at or instant,
                fires_at=instant,
                detected_at=moment,
                skipped=skipped,
            )
        )
        if rung == clocks.DUE:
            _breach(matter, clock, moment, writes)
            if clock.act_pending:
                break
        elif not skipped:
            _remind(matter, clock, rung, instant, writes)
    claimed |= {(pk, rung) for pk, rung, due_at in fired if _still_due(matter, pk, due_at)}
    _rearm(matter, claimed, writes)


def _passed_rungs(
    matter: Matter, moment: datetime, fired: set[tuple[int, str, datetime]]
) -> list[tuple[datetime, str, str, Clock]]:
    """Rungs of open clocks whose instant has passed and that nobody has claimed: by instant, then clock name."""
    passed = [
        (instant, clock.name, rung, clock)
        for clock in matter.clocks
        if clock.status == Clock.Status.OPEN
        for instant, rung in clocks.rungs(matter, clock)
        if instant <= moment and (clock.pk, rung, clock.due_at) not in fired
    ]
    return sorted(passed, key=lambda entry: entry[:3])


def _still_due(matter: Matter, clock_id: int, due_at: datetime) -> bool:
    return any(clock.pk == clock_id and clock.due_at == due_at for clock in matter.clocks)


def _rearm(matter: Matter, claimed: set[tuple[int, str]], writes: Writes) -> None:
    """Set the next rung of every open clock, and of the case."""
    open_clocks = [clock for clock in matter.clocks if clock.status == Clock.Status.OPEN]
    for clock in open_clocks:
        clocks.arm(matter, clock, {rung for pk, rung in claimed if pk == clock.pk})
    writes.clocks += open_clocks
    case = matter.case
    case.next_fire_at = min((clock.fire_at for clock in open_clocks if clock.fire_at), default=None)
    writes.cases.append(case)


def _remind(matter: Matter, clock: Clock, rung: str, instant: datetime, writes: Writes) -> None:
    people = notices.people_for(matter, notices.reminded(matter, clock), instant)
    writes.notifications += notices.notices(
        people, matter, "reminder", instant, **notices.clock_context(matter, clock, rung)
    )


def _breach(matter: Matter, clock: Clock, moment: datetime, writes: Writes) -> None:
    """The due instant has passed: the event is dated at it, everybody named is told, nothing moves by itself."""
    case, definition = matter.case, matter.procedure.clocks[clock.name]
    event = CaseEvent(
        case=case,
        seq=next_seq(matter),
        kind=CaseEvent.Kind.DUE,
        clock=clock.name,
        from_state=case.state,
        to_state=case.state,
        at=max(clock.due_at or moment, case.last_at),
        recorded_at=timezone.now(),
        detected_at=moment,
        rule=clock.rule,
    )
    case.seq, case.last_at = event.seq, event.at
    if "events" in matter.__dict__:
        matter.events.append(event)
    writes.events.append(event)
    writes.ledger.append(
        ClockEntry(clock=clock, kind=ClockEntry.Kind.BREACH, at=event.at, event=event.seq, due_after=clock.due_on)
    )
    if clock.bound == "earliest":
        _elapse(clock, event)
        writes.clocks.append(clock)
    else:
        clock.breached_at, clock.act_pending = clock.due_at, bool(definition.act)
        _tell_and_urge(matter, clock, event, writes)
    _fire_due(matter, clock, event, writes)


def _elapse(clock: Clock, event: CaseEvent) -> None:
    """A minimum period is over: that is no breach."""
    clock.status, clock.ended_at, clock.fire_at = Clock.Status.ELAPSED, event.at, None


def _tell_and_urge(matter: Matter, clock: Clock, event: CaseEvent, writes: Writes) -> None:
    definition = matter.procedure.clocks[clock.name]
    people = notices.people_for(matter, definition.notify, event.at)
    context = notices.clock_context(matter, clock)
    writes.notifications += notices.notices(people, matter, "overdue", event.at, **context)
    organs = {row.pk: row for hand in definition.notify for row in matter.rows_of(hand) if row.is_organ}
    for row in organs.values():
        writes.urgings.append(
            UrgingTask(case=matter.case, clock=clock, organization=row.organization, opened_at=event.at)
        )


def _fire_due(matter: Matter, clock: Clock, event: CaseEvent, writes: Writes) -> None:
    """Let other clocks start or end on "due:CLOCK", and take an exit that the passing of the date has opened."""
    fired = f"due:{clock.name}"
    listening = any(
        fired in (*definition.starts, *definition.until, *definition.void)
        for definition in matter.procedure.clocks.values()
    )
    if not listening and not matter.state.next:
        return
    _flush(writes)
    if listening:
        look = Look(matter, matter.context(SWEEP, event.at, {}))
        step = clocks.Step(event, frozenset({fired}), event.at)
        clocks.apply(matter, step, clocks.choose_limits(matter, look), {})
    if follow_exits(matter, SWEEP, event.at):
        finish(matter, SWEEP, event.at, said=[])


def _flush(writes: Writes) -> None:
    """Write what one case has gathered so far, because the engine is about to build on it."""
    _write(writes)
    for name in Writes.__dataclass_fields__:
        getattr(writes, name).clear()


def _write(writes: Writes) -> None:
    Case.objects.bulk_update(writes.cases, ["next_fire_at", "seq", "last_at"], batch_size=CHUNK)
    CaseEvent.objects.bulk_create(writes.events)
    Alert.objects.bulk_create(writes.alerts)
    ClockEntry.objects.bulk_create(writes.ledger)
    Clock.objects.bulk_update(
        writes.clocks, ["fire_at", "breached_at", "act_pending", "status", "ended_at"], batch_size=CHUNK
    )
    UrgingTask.objects.bulk_create(writes.urgings, ignore_conflicts=True)
    Notification.objects.bulk_create(writes.notifications)
    for event in writes.events:
        audit.record(
            verb=f"{event.case.family}.due",
            who=SWEEP.who,
            subject="case",
            subject_id=str(event.case_id),
            at=event.at,
            data={"number": event.case.number, "seq": event.seq, "clock": event.clock, "rule": event.rule},
        )
