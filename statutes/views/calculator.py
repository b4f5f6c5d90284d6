"""The calculator: forwards from a start to the due date, backwards to the last day to start."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from organizations.access import signed_in
from organizations.models import Jurisdiction
from statutes.calculation import Answer, NotCountableError, backwards, bare, basis_by, basis_on, forwards
from statutes.definitions import CompiledPack
from statutes.forms import BackwardForm, ForwardForm, LimitForm
from statutes.resolution import NotInForceError
from statutes.selectors import calendar as days
from statutes.selectors import law
from statutes.selectors.law import InForce
from statutes.timelimits import local_date
from statutes.workdays import Calendar, OutOfCalendarError


@require_safe
@signed_in
def calculator(request: HttpRequest) -> HttpResponse:
    """Forwards from a start to the due date, or (`?direction=back`) from a day to the last day to start.

    `?rule=pack:id` counts the limit of a rule, `&extended=on` also its longest extension.
    """
    packs = law.packs_in_force(request.actor)
    back = request.GET.get("direction") == "back"
    form = _form(request, packs, back=back)
    context = {"form": form, "back": back}
    if form.is_bound and form.is_valid():
        context |= _counted(request, form, packs)
    return render(request, "statutes/calculator.html", context)


def _form(request: HttpRequest, packs: list[InForce], *, back: bool) -> ForwardForm | BackwardForm:
    """Empty, with what the address names filled in, until the day to count from is given."""
    kind, asked = (BackwardForm, "by") if back else (ForwardForm, "start")
    known, language = [each.law.own for each in packs], get_language() or "zh-hans"
    if asked in request.GET:
        return kind(request.GET, packs=known, language=language)
    now = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
    initial = {"jurisdiction": request.actor.jurisdiction_id, "unit": "working_day", "start": now}
    return kind(initial=initial | request.GET.dict(), packs=known, language=language)


def _counted(request: HttpRequest, form: ForwardForm | BackwardForm, packs: list[InForce]) -> dict[str, Any]:
    """What the page shows of the answer, or nothing and the reason on the form."""
    chosen = form.rule_key
    found = next((each.law for each in packs if chosen and each.law.own.id == chosen[0]), None)
    place = law.place_for(request.actor, chosen[0], form.place) if chosen else form.place
    known = days.working_calendar(request.actor, place.pk if place else "")
    answer = _asked(form, found, known)
    return _shown(request, answer, found, place, known) if answer else {}


def _asked(form: ForwardForm | BackwardForm, found: CompiledPack | None, known: Calendar) -> Answer | None:
    """The answer; None, and the reason on the form, where there is none."""
    try:
        return _backwards(form, found, known) if isinstance(form, BackwardForm) else _forwards(form, found, known)
    except NotInForceError:
        form.add_error("rule", _("This rule is not in force on that day."))
    except NotCountableError:
        form.add_error("rule", _("The limit of this rule cannot be counted this way."))
    except (OutOfCalendarError, OverflowError):
        span = {"first": known.first.year, "last": known.last.year}
        message = _("The count leaves the calendar, which goes from %(first)s to %(last)s.") % span
        form.add_error("by" if isinstance(form, BackwardForm) else "start", message)
    return None


def _forwards(form: ForwardForm, found: CompiledPack | None, known: Calendar) -> Answer:
    chosen, start = form.rule_key, form.starts_at
    basis = basis_on(found, chosen[1], local_date(start)) if found and chosen else _own_number(form)
    return forwards(basis, start, known, form.pauses, extended=form.cleaned_data["extended"])


def _backwards(form: BackwardForm, found: CompiledPack | None, known: Calendar) -> Answer:
    chosen, by = form.rule_key, form.cleaned_data["by"]
    basis, upto = basis_by(found, chosen[1], by, known) if found and chosen else (_own_number(form), by)
    return backwards(basis, by, known, upto=upto, extended=form.cleaned_data["extended"])


def _own_number(form: LimitForm) -> Any:
    return bare(form.cleaned_data["unit"], form.cleaned_data["amount"])


def _shown(
    request: HttpRequest, answer: Answer, found: CompiledPack | None, place: Jurisdiction | None, known: Calendar
) -> dict[str, Any]:
    """The answer with the place whose calendar counted, and the years that were counted in with their sources."""
    years = {step.date.year for step in answer.main.derivation.days}
    return {
        "answer": answer,
        "derivation": answer.main.derivation,
        "law": found,
        "place": place,
        "version": known.version,
        "sources": [row for row in days.calendar_years(request.actor) if row.year in years],
    }
