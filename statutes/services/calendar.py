"""Writing the calendar by the portal itself: seeding it, and entering days that come from elsewhere than a person.

People enter notices in two persons' hands, see `statutes.services.notices`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from audit.services import record
from organizations.actors import Actor, AnyActor
from organizations.errors import BadInput, NotPermitted
from statutes import calendar_source
from statutes.models import CalendarDay, CalendarVersion, CalendarYear

Days = Mapping[date, tuple[bool, str]]


@transaction.atomic
def seed_calendar(*, actor: AnyActor) -> int:
    """Fill in the years that the tables lack, as announced or projected; years already there stay as they are.

    Returns the number of years added, 0 if there was nothing to do.
    """
    _require_system(actor)
    lock_calendar()
    known = set(CalendarYear.objects.values_list("year", flat=True))
    missing = [row for row in seed_years() if row.year not in known]
    if not missing:
        return 0
    CalendarYear.objects.bulk_create(missing)
    added = {row.year for row in missing}
    CalendarDay.objects.bulk_create(row for row in seed_days() if row.date.year in added)
    version = next_version(date(min(added), 1, 1), date(max(added), 12, 31), "seeded")
    record(
        verb="calendar.seed",
        who=actor.who,
        subject="calendar",
        subject_id=version.number,
        data={"years": sorted(added)},
    )
    return len(missing)


def seed_years() -> list[CalendarYear]:
    """Unsaved rows of every year that the sources know."""
    return [
        *(CalendarYear(year=year, status=CalendarYear.Status.ANNOUNCED) for year in calendar_source.announced_years()),
        *(CalendarYear(year=year, status=CalendarYear.Status.PROJECTED) for year in calendar_source.projected_years()),
    ]


def seed_days() -> list[CalendarDay]:
    """Unsaved rows of every day that the sources know."""
    return [CalendarDay(date=day, is_working=works, name=name) for day, works, name in calendar_source.all_days()]


@transaction.atomic
def record_year(
    *, actor: AnyActor, year: int, notice: str, announced_on: date, days: Days, amended: Days | None = None
) -> CalendarYear:
    """Enter the State Council's notice for a year, or enter it again when it was changed.

    `days`: every day off and make-up day of the year, date -> (is it worked, name), in place of what was there.
    `amended`: days of the year before that the notice changes as well. Raises BadInput naming the field.
    """
    _require_system(actor)
    _check_notice(year, notice, days, amended or {})
    lock_calendar()
    before = _national_days(date(year - 1, 1, 1), date(year, 12, 31))
    CalendarDay.objects.filter(jurisdiction="", date__year=year).delete()
    CalendarDay.objects.filter(jurisdiction="", date__in=list(amended or {})).delete()
    written = {**(amended or {}), **days}
    CalendarDay.objects.bulk_create(
        CalendarDay(date=day, is_working=works, name=name) for day, (works, name) in sorted(written.items())
    )
    was = CalendarYear.objects.filter(year=year).first()
    row, _created = CalendarYear.objects.update_or_create(
        year=year,
        defaults={"status": CalendarYear.Status.ANNOUNCED, "notice": notice, "announced_on": announced_on},
    )
    after = _national_days(date(year - 1, 1, 1), date(year, 12, 31))
    changed = sorted(day for day in before.keys() | after.keys() if before.get(day) != after.get(day))
    if was is None or was.status == CalendarYear.Status.PROJECTED:
        changed = [min([date(year, 1, 1), *changed]), date(year, 12, 31)]
    if changed:
        version = next_version(changed[0], changed[-1], notice)
        _record_change(actor, "calendar.record_year", version, before, after)
    return row


@transaction.atomic
def record_local_day(*, actor: AnyActor, jurisdiction: str, day: date, is_working: bool, name: str) -> CalendarDay:
    """Lay a jurisdiction's own day off (or worked day) over the national calendar (放假办法 art. 4)."""
    _require_system(actor)
    if not jurisdiction or not name:
        raise BadInput(_("A local day needs its jurisdiction and a name."), {"name": _("Enter the name of the day.")})
    lock_calendar()
    row, _created = CalendarDay.objects.update_or_create(
        date=day, jurisdiction=jurisdiction, defaults={"is_working": is_working, "name": name}
    )
    version = next_version(day, day, name, jurisdiction)
    record(
        verb="calendar.record_local_day",
        who=actor.who,
        subject="calendar",
        subject_id=version.number,
        data={"jurisdiction": jurisdiction, "day": day, "is_working": is_working, "name": name},
    )
    return row


def _require_system(actor: AnyActor) -> None:
    if isinstance(actor, Actor):
        raise NotPermitted(_("The calendar changes by a notice that one person enters and another confirms."))


def lock_calendar() -> None:
    """One writer of the calendar at a time, so that version numbers follow each other."""
    list(CalendarVersion.objects.select_for_update().order_by("-number")[:1])


def _check_notice(year: int, notice: str, days: Days, amended: Days) -> None:
    problems: dict[str, object] = {}
    if not notice.strip():
        problems["notice"] = _("Enter the number of the notice.")
    strays = sorted(day for day in days if day.year != year) + sorted(day for day in amended if day.year != year - 1)
    weekdays = sorted(day for day, (works, _name) in {**days, **amended}.items() if works and day.weekday() < 5)
    missing = _statutory_days_missing(year, days)
    if strays:
        problems["days"] = _("These days are outside the year of the notice: %(days)s") % {"days": _listed(strays)}
    elif weekdays:
        problems["days"] = _("A make-up working day is a Saturday or Sunday; these are not: %(days)s") % {
            "days": _listed(weekdays)
        }
    elif missing:
        problems["days"] = _("These statutory holidays are missing: %(days)s") % {"days": _listed(missing)}
    if problems:
        raise BadInput(_("The notice cannot be entered as it is."), problems)


def _statutory_days_missing(year: int, days: Days) -> list[date]:
    if year not in calendar_source.LUNAR_DAYS:
        return []
    return [day for day, _name in calendar_source.statutory_days(year) if days.get(day, (True, ""))[0]]


def _listed(days: list[date]) -> str:
    return ", ".join(day.isoformat() for day in days)


def _national_days(first: date, last: date) -> dict[date, tuple[bool, str]]:
    rows = CalendarDay.objects.filter(jurisdiction="", date__range=(first, last))
    return {row.date: (row.is_working, row.name) for row in rows}


def next_version(first: date | None, last: date | None, reason: str, jurisdiction: str = "") -> CalendarVersion:
    """Count a change of the calendar's days from `first` to `last`. The caller holds `lock_calendar`."""
    newest = CalendarVersion.objects.order_by("-number").first()
    return CalendarVersion.objects.create(
        number=newest.number + 1 if newest else 1,
        changed_from=first,
        changed_to=last,
        jurisdiction=jurisdiction,
        reason=reason[:200],
    )


def _record_change(
    actor: AnyActor,
    verb: str,
    version: CalendarVersion,
    before: dict[date, tuple[bool, str]],
    after: dict[date, tuple[bool, str]],
) -> None:
    changed = sorted(day for day in before.keys() | after.keys() if before.get(day) != after.get(day))
    record(
        verb=verb,
        who=actor.who,
        subject="calendar",
        subject_id=version.number,
        data={
            "reason": version.reason,
            "changed": [{"day": day, "before": before.get(day), "after": after.get(day)} for day in changed],
        },
    )
