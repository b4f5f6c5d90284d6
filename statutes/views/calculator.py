"""The calculator: forwards from a start to the due date, backwards to the last day to start."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from organizations.access import signed_in
from statutes.forms import BackwardForm, ForwardForm
from statutes.selectors import calendar as days
from statutes.timelimits import ROLLING, derive, latest_start, start_of
from statutes.workdays import Calendar, OutOfCalendarError


@require_safe
@signed_in
def calculator(request: HttpRequest) -> HttpResponse:
    """Forwards from a start to the due date, or (`?direction=back`) from a day to the last day to start."""
    given = {"jurisdiction": request.actor.jurisdiction_id, "unit": "working_day"} | request.GET.dict()
    back = request.GET.get("direction") == "back"
    context = _count_back(request, given) if back else _count_forward(request, given)
    return render(request, "statutes/calculator.html", {"back": back, **context})


def _count_forward(request: HttpRequest, given: dict[str, Any]) -> dict[str, Any]:
    if "start" not in request.GET:
        now = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
        return {"form": ForwardForm(initial={"start": now, **given})}
    form = ForwardForm(request.GET)
    return {"form": form, **(_with_sources(request, forwards(request, form)) if form.is_valid() else {})}


def _count_back(request: HttpRequest, given: dict[str, Any]) -> dict[str, Any]:
    if "by" not in request.GET:
        return {"form": BackwardForm(initial=given)}
    form = BackwardForm(request.GET)
    return {"form": form, **(_with_sources(request, backwards(request, form)) if form.is_valid() else {})}


def _with_sources(request: HttpRequest, found: dict[str, Any]) -> dict[str, Any]:
    """The years that were counted in, and where their days come from."""
    if not found:
        return found
    years = {step.date.year for step in found["derivation"].days}
    return found | {"sources": [row for row in days.calendar_years(request.actor) if row.year in years]}


def forwards(request: HttpRequest, form: ForwardForm) -> dict[str, Any]:
    """The derivation, or nothing and the reason on the form."""
    known = days.working_calendar(request.actor, form.jurisdiction_id)
    data = form.cleaned_data
    try:
        derivation = derive(
            start=form.starts_at,
            unit=data["unit"],
            amounts=[data["amount"]],
            roll=data["unit"] in ROLLING,
            pauses=form.pauses,
            calendar=known,
            explain=True,
        )
    except (OutOfCalendarError, OverflowError):
        form.add_error("start", _beyond(known))
        return {}
    return {"derivation": derivation, "version": known.version}


def backwards(request: HttpRequest, form: BackwardForm) -> dict[str, Any]:
    """The last day to start, the last working day to start, and how the limit then runs."""
    known = days.working_calendar(request.actor, form.jurisdiction_id)
    data = form.cleaned_data
    asked = {"unit": data["unit"], "amounts": [data["amount"]], "roll": data["unit"] in ROLLING, "calendar": known}
    try:
        last = latest_start(data["by"], **asked)
        derivation = derive(start=start_of(last), explain=True, **asked)
        working = known.last_working_day(last)
    except (OutOfCalendarError, OverflowError):
        form.add_error("by", _beyond(known))
        return {}
    return {
        "derivation": derivation,
        "last": last,
        "last_working": working,
        "version": known.version,
    }


def _beyond(known: Calendar) -> str:
    return _("The count leaves the calendar, which goes from %(first)s to %(last)s.") % {
        "first": known.first.year,
        "last": known.last.year,
    }
