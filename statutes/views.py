"""The law pages: packs, rules, procedures, the calendar, the calculator. Open to everybody who is signed in."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from organizations.access import signed_in
from statutes import diagram
from statutes.coverage import TREATMENTS
from statutes.forms import BackwardForm, ForwardForm, RuleFilterForm
from statutes.models import CalendarYear
from statutes.procedure_view import Words
from statutes.selectors import calendar as days
from statutes.selectors import law
from statutes.selectors.coverage import coverage_in_force
from statutes.timelimits import ROLLING, derive, latest_start, start_of
from statutes.wording import handler_text, number_text, treatment_text
from statutes.workdays import Calendar, OutOfCalendarError
from statutes.year_view import holidays_of, month_table


@require_safe
@signed_in
def index(request: HttpRequest) -> HttpResponse:
    packs = law.packs_in_force(request.actor)
    today = timezone.localdate()
    rows = [(each, law.procedures_of(request.actor, each.law, today)) for each in packs]
    return render(request, "statutes/index.html", {"rows": rows, "own": request.actor.jurisdiction_id})


@require_safe
@signed_in
def pack(request: HttpRequest, pack_id: str) -> HttpResponse:
    found = law.pack_in_force(request.actor, pack_id)
    today = timezone.localdate()
    form = RuleFilterForm(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    rows = law.rules_of(
        request.actor,
        found.law,
        today,
        query=wanted.get("q", ""),
        treatment=wanted.get("treatment", ""),
        numbered=wanted.get("numbered", False),
    )
    context = {
        "pack": found.law.own,
        "version": found.version,
        "ancestors": found.law.chain[1:],
        "organs": found.law.organs().values(),
        "procedures": law.procedures_of(request.actor, found.law, today),
        "rows": [(row, number_text(row.rule)) for row in rows],
        "count": len(rows),
        "all": len(found.law.own.rules),
        "form": form,
    }
    return render(request, "statutes/pack.html", context)


@require_safe
@signed_in
def rule(request: HttpRequest, pack_id: str, rule_id: str) -> HttpResponse:
    found = law.pack_in_force(request.actor, pack_id)
    today = timezone.localdate()
    row = law.rule_of(request.actor, found.law, rule_id, today)
    context = {
        "pack": found.law.own,
        "row": row,
        "number": number_text(row.rule),
        "floors": [floor for floor in row.rule.floor if floor != rule_id],
        "floor_number": number_text(row.floor) if row.floor else "",
        "handlers": [
            handler_text(found.law, handler, today, get_language() or "zh-hans") for handler in row.rule.handled_by
        ],
        "in_force": row.rule.in_force(today),
        "law": found.law,
        "standing": law.standing_of(request.actor, found.law, rule_id, today),
        "from_pack": next(each for each in found.law.chain if each.id == row.rule.pack),
        "citations": law.citations_of(request.actor, found.law, rule_id, today),
    }
    return render(request, "statutes/rule.html", context)


@require_safe
@signed_in
def procedure(request: HttpRequest, pack_id: str, procedure_id: str) -> HttpResponse:
    found = law.pack_in_force(request.actor, pack_id)
    today = timezone.localdate()
    wanted = law.procedure_of(request.actor, found.law, procedure_id, today)
    language = get_language() or "zh-hans"
    words = Words(found.law, wanted, today, language)
    context = {
        "pack": found.law.own,
        "from_pack": next(each for each in found.law.chain if each.id == wanted.pack),
        "procedure": wanted,
        "drawing": diagram.draw(wanted, language=language, notes=words.notes()),
        "opening": words.opening(),
        "states": words.states(),
        "anywhere": words.anywhere(),
        "clocks": words.clocks(),
    }
    return render(request, "statutes/procedure.html", context)


@require_safe
@signed_in
def compare(request: HttpRequest) -> HttpResponse:
    """The limits that several packs know, side by side."""
    packs = law.packs_in_force(request.actor)
    rows = [
        (each.rule, [[(row, number_text(row.floor or row.rule)) for row in cell] for cell in each.cells])
        for each in law.compared_limits(request.actor, packs, timezone.localdate())
    ]
    return render(request, "statutes/compare.html", {"packs": [each.law.own for each in packs], "rows": rows})


@require_safe
@signed_in
def coverage(request: HttpRequest) -> HttpResponse:
    """How each rule of every pack is treated, counted and listed."""
    context = {
        "packs": coverage_in_force(request.actor),
        "treatments": [treatment_text(each) for each in TREATMENTS],
    }
    return render(request, "statutes/coverage.html", context)


@require_safe
@signed_in
def calendar(request: HttpRequest) -> HttpResponse:
    """A year: `?year=2026&jurisdiction=…`; this year and the actor's own jurisdiction if not given."""
    today = timezone.localdate()
    year = _year(request.GET.get("year", ""), today)
    jurisdiction = str(request.GET.get("jurisdiction", request.actor.jurisdiction_id))
    months = days.months_of(request.actor, year, jurisdiction)
    years = {row.year: row for row in days.calendar_years(request.actor)}
    tables = [month_table(month, today) for month in months]
    context = {
        "year": years[year],
        "projected": years[year].status == CalendarYear.Status.PROJECTED,
        "months": tables,
        "working": sum(table.working for table in tables),
        "holidays": holidays_of(months),
        "previous": year - 1 if year - 1 in years else None,
        "next": year + 1 if year + 1 in years else None,
        "jurisdiction": jurisdiction,
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
