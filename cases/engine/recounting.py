"""Counting the clocks of claimed cases again: what is decided for each clock, and writing it in few statements."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection
from django.utils import timezone

from audit import services as audit
from cases import notices
from cases.engine import clocks
from cases.engine.context import Matter
from cases.models import Alert, Case, CaseEvent, Clock, ClockEntry, Notification, UrgingTask
from organizations.actors import SystemActor
from organizations.models import User
from statutes import timelimits
from statutes.models import CalendarVersion
from statutes.timelimits import Derivation
from statutes.workdays import Calendar

logger = logging.getLogger(__name__)

CALENDAR = SystemActor("calendar")
NOTE_LENGTH = 200

UPDATE_CLOCKS = """
UPDATE cases_clock AS c SET status = v.status, due_on = v.due_on, due_at = v.due_at, provisional = v.provisional,
    calendar_version = v.calendar_version, fire_at = v.fire_at, breached_at = v.breached_at,
    act_pending = v.act_pending, ended_at = v.ended_at, error = v.error
FROM unnest(%s::bigint[], %s::text[], %s::date[], %s::timestamptz[], %s::bool[], %s::int[], %s::timestamptz[],
    %s::timestamptz[], %s::bool[], %s::timestamptz[], %s::text[]) AS v(id, status, due_on, due_at, provisional,
    calendar_version, fire_at, breached_at, act_pending, ended_at, error)
WHERE c.id = v.id
"""
CLOCK_FIELDS = (
    *("pk", "status", "due_on", "due_at", "provisional", "calendar_version", "fire_at", "breached_at"),
    *("act_pending", "ended_at", "error"),
)
UPDATE_CASES = """
UPDATE cases_case AS c SET seq = v.seq, last_at = v.last_at, next_fire_at = v.next_fire_at, error = v.error,
    error_en = v.error_en
FROM unnest(%s::bigint[], %s::int[], %s::timestamptz[], %s::timestamptz[], %s::text[], %s::text[])
    AS v(id, seq, last_at, next_fire_at, error, error_en)
WHERE c.id = v.id
"""
CASE_FIELDS = ("pk", "seq", "last_at", "next_fire_at", "error", "error_en")


@dataclass(slots=True)
class Tally:
    """How many cases were counted again, and of their clocks how many moved, became firm, lost a breach."""

    cases: int = 0
    moved: int = 0
    firm: int = 0
    annulled: int = 0


@dataclass(slots=True)
class Outcome:
    """What becomes of one case. `at`: the moment that its lines bear."""

    matter: Matter
    at: datetime
    clocks: list[Clock] = field(default_factory=list)
    events: list[CaseEvent] = field(default_factory=list)
    ledger: list[ClockEntry] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)
    annulled: list[Clock] = field(default_factory=list)
    moved: list[Clock] = field(default_factory=list)
    firm: int = 0

    def event(self, clock: Clock, kind: CaseEvent.Kind, moment: datetime, **seen: object) -> CaseEvent:
        case = self.matter.case
        case.seq, case.last_at = case.seq + 1, self.at
        event = CaseEvent(
            case=case,
            seq=case.seq,
            kind=kind,
            clock=clock.name,
            from_state=case.state,
            to_state=case.state,
            at=self.at,
            recorded_at=timezone.now(),
            detected_at=moment,
            rule=clock.rule,
            seen=seen,
        )
        self.events.append(event)
        return event

    def enter(self, clock: Clock, kind: ClockEntry.Kind, event: CaseEvent, **values: object) -> None:
        self.ledger.append(ClockEntry(clock=clock, kind=kind, at=self.at, event=event.seq, **values))


class Recounting:
    """One chunk of claimed cases with all that counting them again needs to know, read in a fixed number of queries."""

    def __init__(
        self, moment: datetime, claimed: list[Case], stale: set[int], calendars: Mapping[str, Calendar]
    ) -> None:
        self.moment, self.stale, self.calendars = moment, stale, calendars
        self.outcomes: list[Outcome] = []
        self.notifications: list[Notification] = []
        self.tally = Tally()
        self._versions = list(CalendarVersion.objects.order_by("number"))
        self._ledgers: dict[int, list[ClockEntry]] = defaultdict(list)
        for entry in ClockEntry.objects.filter(clock__in=stale).order_by("id"):
            self._ledgers[entry.clock_id].append(entry)
        self._fired: dict[int, set[tuple[str, datetime]]] = defaultdict(set)
        alerts = Alert.objects.filter(clock__in=stale)
        for clock_id, rung, due_at in alerts.values_list("clock_id", "rung", "due_at"):
            self._fired[clock_id].add((rung, due_at))
        self._openers = User.objects.in_bulk({case.opened_by_id for case in claimed if case.opened_by_id})
        self._people: dict[tuple[tuple[int | None, int | None, str], ...], list[User]] = {}

    def take(self, matter: Matter) -> None:
        """Decide about one case; one that cannot be counted is left as it is, with the error in the log."""
        case = matter.case
        mine = [clock for clock in matter.clocks if clock.pk in self.stale]
        if not mine:
            return
        kept = [getattr(case, name) for name in CASE_FIELDS]
        outcome = Outcome(matter, self._moment_of(case, mine))
        try:
            for clock in mine:
                self._clock(outcome, clock)
        except Exception:
            logger.exception("the time limits of case %s could not be counted again", case.number)
            for name, value in zip(CASE_FIELDS, kept, strict=True):
                setattr(case, name, value)
            return
        opened = [clock for clock in matter.clocks if clock.status == Clock.Status.OPEN]
        case.next_fire_at = min((clock.fire_at for clock in opened if clock.fire_at), default=None)
        self.outcomes.append(outcome)
        self.tally.cases += 1
        self.tally.moved += len(outcome.moved)
        self.tally.firm += outcome.firm
        self.tally.annulled += len(outcome.annulled)
        if outcome.moved and case.closed_at is None:
            self._tell(outcome)

    def _moment_of(self, case: Case, mine: list[Clock]) -> datetime:
        """The moment at which the calendar changed, so that the record is the same however late this runs."""
        newer = [v.created_at for clock in mine for v in self._newer(clock, case)]
        return max(min([self.moment, *newer[-1:]]), case.last_at)

    def _newer(self, clock: Clock, case: Case) -> list[CalendarVersion]:
        """Calendars newer than the clock's that concern its jurisdiction, oldest first."""
        return [
            version
            for version in self._versions
            if version.number > clock.calendar_version
            and version.changed_from is not None
            and version.jurisdiction in ("", case.jurisdiction_id)
        ]

    def _clock(self, outcome: Outcome, clock: Clock) -> None:
        calendar = self.calendars[outcome.matter.case.jurisdiction_id]
        newer, clock_version = self._newer(clock, outcome.matter.case), clock.calendar_version
        found = clocks.derive_from(clock, self._ledgers[clock.pk], calendar)
        clock.calendar_version = calendar.version
        outcome.clocks.append(clock)
        if clock.paused_since is not None or found.due_at is None or clock.due_at is None:
            return
        if clock.status != Clock.Status.OPEN:
            self._ended(outcome, clock, found, newer, clock_version)
            return
        if found.due_on != clock.due_on or found.provisional != clock.provisional:
            self._recount(outcome, clock, found, newer, clock_version)
        fired = {rung for rung, due_at in self._fired[clock.pk] if due_at == clock.due_at}
        clocks.arm(outcome.matter, clock, fired, calendar)

    def _recount(
        self, outcome: Outcome, clock: Clock, found: Derivation, newer: list[CalendarVersion], version: int
    ) -> None:
        """An open clock whose due date moves, or becomes firm (or provisional again)."""
        before_on, before_at, was_provisional = clock.due_on, clock.due_at, clock.provisional
        rule = clock.rule
        past = before_at and found.due_at and found.due_at < self.moment <= before_at
        if past and clock.bound == "latest":
            outcome.at = max(self.moment, outcome.at)
            found, rule = self._graced(outcome, clock), clocks.RECOUNT_PRACTICE
        clock.due_on, clock.due_at, clock.provisional = found.due_on, found.due_at, found.provisional
        event = self._line(outcome, clock, before_on, newer, version, rule)
        outcome.firm += was_provisional and not clock.provisional
        if before_on == clock.due_on:
            return
        outcome.moved.append(clock)
        if clock.breached_at is not None and clock.due_at and before_at:
            if clock.due_at > before_at:
                self._annul(outcome, clock, event)
            else:
                self._breached_before(outcome, clock)

    def _graced(self, outcome: Outcome, clock: Clock) -> Derivation:
        calendar = self.calendars[outcome.matter.case.jurisdiction_id]
        return timelimits.derive(start=outcome.at, unit="working_day", amounts=[1], calendar=calendar)

    def _line(
        self,
        outcome: Outcome,
        clock: Clock,
        before: object,
        newer: list[CalendarVersion],
        version: int,
        rule: str = "",
    ) -> CaseEvent:
        note = "; ".join(each.reason for each in newer)[:NOTE_LENGTH]
        dates = {"due_before": str(before), "due_after": str(clock.due_on), "notice": note}
        dates |= {"provisional": "yes"} if clock.provisional else {}
        if rule == clocks.RECOUNT_PRACTICE:
            dates["practice"] = rule
        event = outcome.event(clock, CaseEvent.Kind.RECALCULATE, self.moment, **dates)
        outcome.enter(
            clock,
            ClockEntry.Kind.RECALCULATE,
            event,
            rule=rule or clock.rule,
            due_before=before,
            due_after=clock.due_on,
            note=note,
            version_before=version,
            version_after=clock.calendar_version,
        )
        return event

    def _annul(self, outcome: Outcome, clock: Clock, event: CaseEvent) -> None:
        """The due date moved later: the breach is annulled, and what the passing of the old date began is void."""
        annulling = outcome.event(clock, CaseEvent.Kind.ANNUL, self.moment, notice=event.seen["notice"])
        outcome.enter(clock, ClockEntry.Kind.ANNUL, annulling, due_before=clock.due_on, due_after=clock.due_on)
        if clock.act_pending:
            outcome.matter.case.error = outcome.matter.case.error_en = ""
        clock.breached_at, clock.act_pending, clock.error = None, False, ""
        outcome.annulled.append(clock)
        breaches = [e.event for e in self._ledgers[clock.pk] if e.kind == ClockEntry.Kind.BREACH]
        for other in outcome.matter.clocks:
            if other.status == Clock.Status.OPEN and breaches and other.start_event == breaches[-1]:
                other.status, other.ended_at, other.fire_at = Clock.Status.VOID, outcome.at, None
                other.paused_since, other.act_pending = None, False
                outcome.enter(other, ClockEntry.Kind.END, annulling, note=other.status, due_after=other.due_on)
                outcome.clocks.append(other)

    def _breached_before(self, outcome: Outcome, clock: Clock) -> None:
        """An overdue clock would have been due earlier still: the breach on record stands, and fires no second time."""
        if clock.due_at is None:
            return
        clock.breached_at = clock.due_at
        self._fired[clock.pk].add((clocks.DUE, clock.due_at))
        outcome.alerts.append(
            Alert(
                clock=clock,
                rung=clocks.DUE,
                due_at=clock.due_at,
                fires_at=clock.due_at,
                detected_at=self.moment,
                skipped=True,
            )
        )

    def _ended(
        self, outcome: Outcome, clock: Clock, found: Derivation, newer: list[CalendarVersion], version: int
    ) -> None:
        """A clock that ended late or overdue: with a later due date it was in time, and the breach is annulled."""
        if found.due_at is None or clock.ended_at is None or not timelimits.in_time(clock.ended_at, found.due_at):
            return
        before = clock.due_on
        clock.due_on, clock.due_at, clock.provisional = found.due_on, found.due_at, found.provisional
        event = self._line(outcome, clock, before, newer, version)
        self._annul(outcome, clock, event)
        outcome.moved.append(clock)
        if clock.status == Clock.Status.LATE:
            clock.status = Clock.Status.MET

    def _tell(self, outcome: Outcome) -> None:
        """One notice for the case, to those whom it awaits and to who opened it."""
        matter, clock = outcome.matter, outcome.moved[0]
        rows = notices.rows_for(matter, matter.state.awaits)
        key = tuple((row.organization_id, row.person_id, position) for row, position in rows)
        if key not in self._people:
            self._people[key] = notices.people_for(matter, matter.state.awaits, self.moment)
        people = {person.pk: person for person in self._people[key]}
        opener = self._openers.get(matter.case.opened_by_id or 0)
        if opener is not None:
            people.setdefault(opener.pk, opener)
        context = notices.clock_context(matter, clock)
        note = str(outcome.events[0].seen.get("notice", ""))
        self.notifications += notices.notices(
            people.values(), matter, "recounted", outcome.at, notice=note, moved=len(outcome.moved), **context
        )


def write(done: Recounting) -> None:
    """Write a chunk: one statement for each kind of row, and of the audit record an entry for each new line."""
    changed = {clock.pk: clock for outcome in done.outcomes for clock in outcome.clocks}
    _update(UPDATE_CLOCKS, CLOCK_FIELDS, list(changed.values()))
    _update(UPDATE_CASES, CASE_FIELDS, [outcome.matter.case for outcome in done.outcomes])
    CaseEvent.objects.bulk_create(event for outcome in done.outcomes for event in outcome.events)
    ClockEntry.objects.bulk_create(entry for outcome in done.outcomes for entry in outcome.ledger)
    Alert.objects.bulk_create((alert for outcome in done.outcomes for alert in outcome.alerts), ignore_conflicts=True)
    annulled = [clock for outcome in done.outcomes for clock in outcome.annulled]
    if annulled:
        UrgingTask.objects.filter(clock__in=annulled, closed_at__isnull=True).delete()
    Notification.objects.bulk_create(done.notifications)
    entries = [_entry(outcome.matter.case, event) for outcome in done.outcomes for event in outcome.events]
    audit.record_many(who=CALENDAR.who, entries=entries)


def _update(statement: str, fields: tuple[str, ...], rows: list[Clock] | list[Case]) -> None:
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(statement, [[getattr(row, name) for row in rows] for name in fields])


def _entry(case: Case, event: CaseEvent) -> audit.Entry:
    data = {"number": case.number, "seq": event.seq, "clock": event.clock, "rule": event.rule, **event.seen}
    return audit.Entry(verb=f"{case.family}.{event.kind}", subject="case", subject_id=case.pk, at=event.at, data=data)
