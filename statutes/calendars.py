"""The calendar of a jurisdiction, built from the tables and kept per process."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache

from django.db.models import Q

from statutes.models import CalendarDay, CalendarVersion, CalendarYear
from statutes.workdays import Calendar, build_calendar


class CalendarMissingError(RuntimeError):
    """The calendar tables are empty: `manage.py seed_calendar` fills them."""


def current_version() -> int:
    """The number of the calendar in force; it grows with every change of a day."""
    return _newest()[0]


def calendar_for(jurisdiction_id: str) -> Calendar:
    """The national calendar with the jurisdiction's own days laid over it; "" is the national one.

    One query when the calendar has not changed. Raises CalendarMissingError before it was seeded.
    """
    number, created_at = _newest()
    return _built(number, created_at, jurisdiction_id)


def _newest() -> tuple[int, datetime]:
    row = CalendarVersion.objects.order_by("-number").values_list("number", "created_at").first()
    if row is None:
        raise CalendarMissingError("no calendar: run manage.py seed_calendar")
    return row


@lru_cache(maxsize=64)
def _built(number: int, _created_at: datetime, jurisdiction_id: str) -> Calendar:
    """Keyed by the moment too: a number that was rolled back may come again with other days."""
    years = {row.year: row.status == CalendarYear.Status.ANNOUNCED for row in CalendarYear.objects.all()}
    rows = CalendarDay.objects.filter(Q(jurisdiction="") | Q(jurisdiction=jurisdiction_id)).order_by("jurisdiction")
    days: dict[date, tuple[bool, str]] = {row.date: (row.is_working, row.name) for row in rows}
    return build_calendar(years, days, version=number)
