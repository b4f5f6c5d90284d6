"""Standing duties of a place: what its law asks for again and again, when it comes next, and what is owed now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from cases import page
from cases.engine import Matter
from cases.models import Case, ScheduleCursor
from cases.selectors import visible_cases
from organizations.actors import Actor, AnyActor
from organizations.models import Position
from statutes.calendars import calendar_for
from statutes.definitions import CompiledPack, Instrument, Procedure, Rule, Schedule
from statutes.models import PackVersion
from statutes.schedules import next_opening
from statutes.selectors import compiled

MOST = 20
WATCHERS = (Position.Kind.REVIEWER, Position.Kind.APPROVER, Position.Kind.AUDITOR, Position.Kind.ADMINISTRATOR)


@dataclass(frozen=True, slots=True)
class Duty:
    """A schedule of the law in force. `error`: why its last opening failed, for who watches over duties."""

    procedure: Procedure
    schedule: Schedule
    rule: Rule
    instrument: Instrument | None
    next_on: date
    error: str
    rows: Sequence[page.CaseRow]


def duties(actor: Actor, now: datetime) -> tuple[CompiledPack | None, list[Duty]]:
    """The law in force in the actor's jurisdiction and its standing duties, each with its open cases; (None, [])."""
    version = PackVersion.objects.filter(pack__in=_packs(actor), is_current=True).first()
    if version is None:
        return None, []
    law = compiled(version)
    cursors = {(c.procedure, c.schedule): c for c in ScheduleCursor.objects.filter(jurisdiction=actor.jurisdiction_id)}
    found = [
        _duty(actor, law, procedure, schedule, cursors.get((procedure.id, schedule.id)), now)
        for procedure in law.procedures(timezone.localdate(now))
        for schedule in procedure.schedules.values()
    ]
    return law, sorted(found, key=lambda duty: (duty.next_on, duty.procedure.id))


def _packs(actor: Actor) -> list[str]:
    return [actor.organization.jurisdiction.pack] if actor.organization else []


def _duty(
    actor: Actor,
    law: CompiledPack,
    procedure: Procedure,
    schedule: Schedule,
    cursor: ScheduleCursor | None,
    now: datetime,
) -> Duty:
    rule = law.rule(schedule.rule, timezone.localdate(now))
    owed = _cases(actor, schedule.procedure).filter(jurisdiction=actor.jurisdiction_id, closed_at__isnull=True)
    today = timezone.localdate(now)
    return Duty(
        procedure=procedure,
        schedule=schedule,
        rule=rule,
        instrument=law.instrument(rule),
        next_on=cursor.next_on if cursor else next_opening(schedule, today, calendar_for(actor.jurisdiction_id)),
        error=cursor.shown_error if cursor and actor.kind in WATCHERS else "",
        rows=page.rows(page.listed(owed.order_by("opened_at", "pk"))[:MOST], now),
    )


def _cases(actor: AnyActor, procedure: str) -> QuerySet[Case]:
    return visible_cases(actor).filter(procedure=procedure)


def panel(matter: Matter, actor: AnyActor) -> dict[str, Any]:
    """What is owed in a case of a standing duty, by which article, since when; and how it went in earlier rounds."""
    case = matter.case
    rule = matter.compiled.rule(matter.procedure.rule, timezone.localdate(case.opened_at))
    earlier = _cases(actor, case.procedure).filter(opener=case.opener, opened_at__lt=case.opened_at)
    rounds = page.rows(page.listed(earlier.order_by("-opened_at", "-pk"))[:5], case.last_at)
    return {
        "rule": rule,
        "instrument": matter.compiled.instrument(rule),
        "law": matter.compiled,
        "case": case,
        "owed_by": case.opener,
        "earlier": rounds,
    }
