"""Schedules of the packs: duties that come round by themselves, each opened as a case on its day.

A cursor for each jurisdiction and schedule says which day is next. It is locked, the cases are opened as of
that day, and it is moved on, in one transaction: two beats, or none for a week, open the same cases.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial

from django.db import transaction
from django.utils import timezone

from cases import families
from cases.engine.failing import Failed, attempt
from cases.engine.founding import Opening, holders
from cases.engine.transitions import open_by_itself
from cases.models import Case, ScheduleCursor
from organizations.actors import SystemActor
from organizations.models import Jurisdiction, Organization
from statutes import schedules, timelimits
from statutes.calendars import calendar_for
from statutes.definitions import CompiledPack, Every, Procedure, Schedule
from statutes.models import PackVersion
from statutes.selectors import compiled as compiled_version

logger = logging.getLogger(__name__)

BY_SCHEDULE = SystemActor("schedule")


def open_scheduled(moment: datetime | None = None) -> int:
    """Open every case whose day has come by `moment` (now). Returns how many were opened."""
    moment = moment or timezone.now()
    _place_cursors(timezone.localdate(moment))
    opened = 0
    due = ScheduleCursor.objects.filter(next_on__lte=timezone.localdate(moment)).order_by("next_on", "pk")
    for cursor_id in list(due.values_list("pk", flat=True)):
        opened += _catch_up(cursor_id, moment)
    return opened


def _catch_up(cursor_id: int, moment: datetime) -> int:
    """Open day after day until the cursor lies ahead. A day that fails is noted and tried at the next run."""
    opened = 0
    try:
        while (count := attempt(partial(_open_next, cursor_id, moment))) is not None:
            opened += count
    except Failed as failed:
        logger.exception("schedule cursor %s could not open its cases", cursor_id)
        ScheduleCursor.objects.filter(pk=cursor_id).update(error=failed.zh, error_en=failed.en)
    return opened


@transaction.atomic
def _open_next(cursor_id: int, moment: datetime) -> int | None:
    """The cases of one day of one schedule. None when nothing is due, or somebody else is at it."""
    held = ScheduleCursor.objects.select_for_update(of=("self",), skip_locked=True).select_related("jurisdiction")
    cursor = held.filter(pk=cursor_id, next_on__lte=timezone.localdate(moment)).first()
    if cursor is None:
        return None
    version, compiled = _law_of(cursor.jurisdiction)
    stated = _find(compiled, cursor, cursor.next_on)
    if stated is None:
        cursor.delete()
        return None
    cases = [_open(cursor, version, compiled, stated, each, moment) for each in _opened_for(cursor, compiled, stated)]
    cursor.next_on, cursor.error, cursor.error_en = _after(stated, cursor), "", ""
    cursor.save(update_fields=["next_on", "error", "error_en"])
    return len(cases)


def _open(
    cursor: ScheduleCursor,
    version: PackVersion,
    compiled: CompiledPack,
    schedule: Schedule,
    each: Organization | None,
    moment: datetime,
) -> Case:
    """One case as of the first moment of the schedule's day; when it was detected stands on its first event."""
    at = timelimits.start_of(cursor.next_on)
    procedure = compiled.procedure(schedule.procedure, cursor.next_on)
    family = families.get(procedure.family)
    period_zh, period_en = (family.period or _period)(schedule.every, cursor.next_on)
    opening = Opening(
        family=family,
        procedure=procedure.id,
        jurisdiction=cursor.jurisdiction,
        version=version,
        subject=family.spawn(None, each, at) if family.spawn else None,
        title=f"{procedure.label.zh} · {period_zh}",
        title_en=f"{procedure.label.en} · {period_en}",
        person=None,
        opener=each,
        each=each,
    )
    return open_by_itself(opening, "schedule", BY_SCHEDULE, at, detected_at=moment)


def _period(every: Every, on: date) -> tuple[str, str]:
    """What a scheduled case is about, in its title: the year, or the day where it comes round more often."""
    if every.period == "year" and every.times == 1:
        return f"{on.year}年", str(on.year)
    return on.isoformat(), on.isoformat()


def _opened_for(cursor: ScheduleCursor, compiled: CompiledPack, schedule: Schedule) -> list[Organization | None]:
    """The organizations that a case is opened for: an organ's holders, or whom the family names on the day."""
    if not schedule.for_each:
        return [None]
    kind, colon, role = schedule.for_each.partition(":")
    if colon:
        return list(holders(cursor.jurisdiction, compiled, role))
    family = families.get(compiled.procedure(schedule.procedure, cursor.next_on).family)
    named = family.resolvers[kind](families.Round(cursor.jurisdiction, cursor.next_on))
    return list(named) if isinstance(named, list) else [named]


def _after(schedule: Schedule, cursor: ScheduleCursor) -> date:
    day_after = cursor.next_on + timedelta(days=1)
    return schedules.next_opening(schedule, day_after, calendar_for(cursor.jurisdiction_id))


def _place_cursors(today: date) -> None:
    """A schedule seen for the first time begins with its next day from today; nothing is opened for the past."""
    placed = set(ScheduleCursor.objects.values_list("jurisdiction_id", "procedure", "schedule"))
    missing = [
        ScheduleCursor(
            jurisdiction=jurisdiction,
            procedure=procedure.id,
            schedule=schedule.id,
            next_on=schedules.next_opening(schedule, today, calendar_for(jurisdiction.pk)),
        )
        for jurisdiction in Jurisdiction.objects.all()
        for procedure, schedule in _stated(jurisdiction, today)
        if (jurisdiction.pk, procedure.id, schedule.id) not in placed
    ]
    ScheduleCursor.objects.bulk_create(missing, ignore_conflicts=True)


def _stated(jurisdiction: Jurisdiction, on: date) -> Iterator[tuple[Procedure, Schedule]]:
    """Every schedule of the law in force in a jurisdiction; none before its pack is stored."""
    if not PackVersion.objects.filter(pack=jurisdiction.pack, is_current=True).exists():
        return
    _version, compiled = _law_of(jurisdiction)
    for procedure in compiled.procedures(on):
        for schedule in procedure.schedules.values():
            yield procedure, schedule


def _find(compiled: CompiledPack, cursor: ScheduleCursor, on: date) -> Schedule | None:
    """The schedule that a cursor follows, unless the law has dropped it."""
    for procedure in compiled.procedures(on):
        if procedure.id == cursor.procedure:
            return procedure.schedules.get(cursor.schedule)
    return None


def _law_of(jurisdiction: Jurisdiction) -> tuple[PackVersion, CompiledPack]:
    version = PackVersion.objects.get(pack=jurisdiction.pack, is_current=True)
    return version, compiled_version(version)
