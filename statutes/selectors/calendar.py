"""Reading the calendar. The law is open to every signed-in person, so nothing is filtered here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from organizations.actors import AnyActor
from organizations.errors import NotKnown
from organizations.models import Jurisdiction
from statutes.calendars import calendar_for
from statutes.models import CalendarDay, CalendarVersion, CalendarYear
from statutes.workdays import Calendar


def working_calendar(actor: AnyActor, jurisdiction_id: str = "") -> Calendar:
    """The calendar of a jurisdiction, "" for the national one. NotKnown if there is no such jurisdiction."""
    if jurisdiction_id and not Jurisdiction.objects.filter(pk=jurisdiction_id).exists():
        raise NotKnown(_("There is no jurisdiction %(id)s.") % {"id": jurisdiction_id})
    return calendar_for(jurisdiction_id)


def calendar_years(actor: AnyActor) -> list[CalendarYear]:
    return list(CalendarYear.objects.all())


def changes_since(actor: AnyActor, version: int) -> list[CalendarVersion]:
    """The changes of the calendar after a version, oldest first; clocks derived under it may be stale."""
    return list(CalendarVersion.objects.filter(number__gt=version).order_by("number"))


@dataclass(frozen=True, slots=True)
class OwnDay:
    """A day that a place laid over the nation's calendar."""

    day: CalendarDay
    place: Jurisdiction


def own_days(actor: AnyActor, year: int, jurisdiction_id: str = "") -> list[OwnDay]:
    """The days of a year that a jurisdiction has of its own; "" for those of every jurisdiction."""
    rows = CalendarDay.objects.filter(date__year=year).exclude(jurisdiction="")
    if jurisdiction_id:
        rows = rows.filter(jurisdiction=jurisdiction_id)
    days = list(rows.order_by("jurisdiction", "date"))
    places = {place.pk: place for place in Jurisdiction.objects.filter(pk__in={day.jurisdiction for day in days})}
    return [OwnDay(day, places[day.jurisdiction]) for day in days if day.jurisdiction in places]


@dataclass(frozen=True, slots=True)
class YearDay:
    """`why`: working, make_up, weekend or holiday:NAME."""

    date: date
    is_working: bool
    why: str


def months_of(actor: AnyActor, year: int, jurisdiction_id: str = "") -> list[list[YearDay]]:
    """The days of a year, month by month. NotKnown outside the years of the calendar."""
    return months_in(working_calendar(actor, jurisdiction_id), year)


def months_in(known: Calendar, year: int) -> list[list[YearDay]]:
    """The days of a year of any calendar, month by month. NotKnown outside its years."""
    if not known.first.year <= year <= known.last.year:
        span = {"year": year, "first": known.first.year, "last": known.last.year}
        raise NotKnown(_("The calendar goes from %(first)s to %(last)s; %(year)s is not in it.") % span)
    months: list[list[YearDay]] = [[] for _month in range(12)]
    for number in range(date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal() + 1):
        day = date.fromordinal(number)
        months[day.month - 1].append(YearDay(day, known.is_working(day), known.why(day)))
    return months
