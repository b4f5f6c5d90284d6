"""Counting due dates again after the calendar has changed: which clocks are stale, and what becomes of each.

A clock is stale when a calendar newer than its own changed a day of its span. It is counted again when its case is
next settled, and by a job until none is left. Cases are claimed by row and skipped while somebody else holds them, a
chunk is one transaction, and a clock that has been counted is not stale any more: so the job may be killed, repeated
and run twice at once. Paused clocks only take the new version: they have no due date until they are resumed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest, TruncDate
from django.utils import timezone

from cases.engine.context import load_many
from cases.engine.independent import independent_due
from cases.engine.recounting import Recounting, write
from cases.models import Case, Clock, Recount
from organizations.actors import Actor
from statutes import services as statutes
from statutes.calendars import calendar_for, current_version
from statutes.models import CalendarNotice, CalendarVersion
from statutes.timelimits import TZ

logger = logging.getLogger(__name__)

__all__ = [
    "apply_notice",
    "concerned_clocks",
    "independent_due",
    "recount_case",
    "recount_cases",
    "recount_due",
    "run",
    "run_pending",
    "stale_clocks",
    "touched_clocks",
]

CHUNK = 100
LOOKED_UP = 20 * CHUNK
NEVER = date.max
Enqueue = Callable[[int], None]


def stale_clocks() -> QuerySet[Clock]:
    """Clocks that a newer calendar concerns: open ones, and those ended late or with a breach, to be annulled."""
    return touched_clocks(CalendarVersion.objects.filter(number__gt=OuterRef("calendar_version")))


def touched_clocks(versions: QuerySet[CalendarVersion]) -> QuerySet[Clock]:
    """Clocks whose span, with its reminders, meets a changed day of these calendars."""
    meeting = versions.filter(
        Q(jurisdiction="") | Q(jurisdiction=OuterRef("case__jurisdiction_id")),
        changed_from__lte=OuterRef("reach"),
        changed_to__gte=OuterRef("first_day"),
    )
    spans = Clock.objects.alias(
        first_day=TruncDate("started_at", tzinfo=TZ),
        reach=Coalesce(Greatest("due_on", TruncDate("fire_at", tzinfo=TZ)), NEVER),
    )
    breached = Q(status=Clock.Status.VOID, breached_at__isnull=False)
    return spans.filter(
        Q(status=Clock.Status.OPEN) | Q(status=Clock.Status.LATE) | breached, Exists(meeting), ~Q(unit="hour")
    )


def concerned_clocks(jurisdiction: str, first: date, last: date) -> QuerySet[Clock]:
    """Clocks whose span meets these days, as `touched_clocks` would find them if they changed."""
    clocks = Clock.objects.alias(first_day=TruncDate("started_at", tzinfo=TZ), reach=Coalesce("due_on", NEVER)).filter(
        ~Q(unit="hour"), first_day__lte=last, reach__gte=first
    )
    return clocks.filter(case__jurisdiction=jurisdiction) if jurisdiction else clocks


@transaction.atomic
def apply_notice(actor: Actor, *, notice_id: int, seen_version: int, enqueue: Enqueue) -> CalendarNotice:
    """Confirm a notice; its calendar and the recount that it asks for begin together. See statutes.services."""
    notice = statutes.apply_notice(actor, notice_id=notice_id, seen_version=seen_version)
    version = notice.version or 0
    _begin(version)
    transaction.on_commit(lambda: enqueue(version))
    return notice


def _begin(version: int) -> Recount:
    """The row of a calendar's recount; made once."""
    row, _created = Recount.objects.get_or_create(
        version=version,
        defaults={
            "begun_at": timezone.now(),
            "total": stale_clocks().order_by().values("case_id").distinct().count(),
        },
    )
    return row


def run(version: int) -> Recount:
    """Count every stale clock again and say how it went. Any number may run at once, and again after a kill."""
    row, newest = _begin(version), current_version()
    cursor = 0
    while found := _next_stale(cursor):
        for start in range(0, len(found), CHUNK):
            recount_cases(found[start : start + CHUNK], progress_of=version)
        cursor = found[-1]
    for case_id in _next_stale(0):
        recount_cases([case_id], wait=True, progress_of=version)
    asked = CalendarVersion.objects.filter(number__gt=OuterRef("calendar_version"), number__lte=newest)
    failed = touched_clocks(asked).order_by().values("case_id").distinct().count()
    finished = Recount.objects.filter(version__lte=newest, finished_at__isnull=True)
    finished.update(finished_at=timezone.now(), failed=failed)
    row.refresh_from_db()
    return row


def run_pending() -> int:
    """Begin the recount of every calendar that has none yet, and go on with what is unfinished. Returns how many."""
    newest = Recount.objects.order_by("-version").values_list("version", flat=True).first() or 0
    for number in CalendarVersion.objects.filter(number__gt=newest, changed_from__isnull=False).order_by("number"):
        _begin(number.number)
    waiting = list(Recount.objects.filter(finished_at__isnull=True).values_list("version", flat=True))
    if waiting:
        run(max(waiting))
    return len(waiting)


def _next_stale(after: int) -> list[int]:
    stale = stale_clocks().filter(case_id__gt=after).order_by("case_id")
    return list(stale.values_list("case_id", flat=True).distinct()[:LOOKED_UP])


def recount_case(case_id: int, moment: datetime | None = None) -> None:
    """Count the stale clocks of one case again before it is settled. One query when there are none."""
    if stale_clocks().filter(case=case_id).exists():
        recount_cases([case_id], moment, wait=True)


def recount_due(moment: datetime) -> None:
    """Count again what the sweep is about to settle, as long as the job has not been through."""
    through = Recount.objects.filter(finished_at__isnull=False).order_by("-version").values("version")[:1]
    newer = CalendarVersion.objects.filter(changed_from__isnull=False)
    if not newer.filter(number__gt=Coalesce(Subquery(through), 0)).exists():
        return
    stale = stale_clocks().filter(case__next_fire_at__lte=moment, case__closed_at__isnull=True).order_by("case_id")
    cursor = 0
    while found := list(stale.filter(case_id__gt=cursor).values_list("case_id", flat=True).distinct()[:CHUNK]):
        recount_cases(found, moment)
        cursor = found[-1]


@transaction.atomic
def recount_cases(
    case_ids: list[int], moment: datetime | None = None, *, wait: bool = False, progress_of: int = 0
) -> int:
    """Claim these cases and count their stale clocks again, in one transaction. Returns how many were claimed.

    Cases that somebody else holds are left out, unless `wait`, which is for one case alone.
    """
    moment = moment or timezone.now()
    cases = Case.objects.filter(pk__in=case_ids).order_by("pk")
    claimed = list(cases.select_for_update(of=("self",), skip_locked=not wait))
    if not claimed:
        return 0
    stale = set(stale_clocks().filter(case__in=claimed).values_list("pk", flat=True))
    recounting = Recounting(moment, claimed, stale, {key: calendar_for(key) for key in _jurisdictions(claimed)})
    for matter in load_many(claimed):
        recounting.take(matter)
    write(recounting)
    if progress_of:
        tally = recounting.tally
        Recount.objects.filter(version=progress_of).update(
            done=F("done") + tally.cases,
            moved=F("moved") + tally.moved,
            firm=F("firm") + tally.firm,
            annulled=F("annulled") + tally.annulled,
        )
    return len(claimed)


def _jurisdictions(claimed: list[Case]) -> set[Any]:
    return {case.jurisdiction_id for case in claimed}
