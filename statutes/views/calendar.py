"""The working calendar, a year at a time."""

from __future__ import annotations

from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from organizations.access import signed_in
from statutes.models import CalendarYear
from statutes.selectors import calendar as days
from statutes.selectors import law
from statutes.selectors.notices import notices_of_year
from statutes.year_view import holidays_of, month_table


@require_safe
@signed_in
def calendar(request: HttpRequest) -> HttpResponse:
    """A year: `?year=2026&jurisdiction=…`; this year and the actor's own jurisdiction if not given."""
    today = timezone.localdate()
    year = _year(request.GET.get("year", ""), today)
    jurisdiction = str(request.GET.get("jurisdiction", request.actor.jurisdiction_id))
    months = days.months_of(request.actor, year, jurisdiction)
    years = {row.year: row for row in days.calendar_years(request.actor)}
    own = days.own_days(request.actor, year, jurisdiction)
    framed = {each.day.date for each in own} if jurisdiction else set()
    tables = [month_table(month, today, own=framed) for month in months]
    context = {
        "year": years[year],
        "projected": years[year].status == CalendarYear.Status.PROJECTED,
        "months": tables,
        "working": sum(table.working for table in tables),
        "holidays": holidays_of(months),
        "previous": year - 1 if year - 1 in years else None,
        "next": year + 1 if year + 1 in years else None,
        "jurisdiction": jurisdiction,
        "own": own,
        "notices": notices_of_year(request.actor, year, jurisdiction),
        "jurisdictions": law.jurisdictions(request.actor),
        "version": days.working_calendar(request.actor).version,
        "weekdays": [date(2024, 1, day) for day in range(1, 8)],
    }
    return render(request, "statutes/calendar.html", context)


def _year(text: str, today: date) -> int:
    if not text:
        return today.year
    if not (text.isascii() and text.isdigit() and len(text) == 4):
        raise Http404(text)
    return int(text)
