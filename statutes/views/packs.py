"""Packs, their instruments and rules, and the search over all of them."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from organizations.access import signed_in
from statutes.forms import RuleFilterForm, RuleSearchForm
from statutes.selectors import law
from statutes.selectors.searching import Wanted, instrument_of, rules_of_instrument, search_rules, sectioned
from statutes.wording import handler_text, number_text

MOST_OF_EACH_PACK = 25
MOST_OF_ONE_PACK = 500
LONGEST_ID = 9


def _language() -> str:
    return get_language() or "zh-hans"


@require_safe
@signed_in
def index(request: HttpRequest) -> HttpResponse:
    packs = law.packs_in_force(request.actor)
    today = timezone.localdate()
    rows = [(each, law.procedures_of(request.actor, each.law, today)) for each in packs]
    return render(request, "statutes/index.html", {"rows": rows, "own": request.actor.jurisdiction_id})


@require_safe
@signed_in
def search(request: HttpRequest) -> HttpResponse:
    """Rules of all packs: `?q=…&pack=…&instrument=pack:id&kind=…&treatment=…&marked=…&numbered=on`."""
    packs = law.packs_in_force(request.actor)
    form = RuleSearchForm(request.GET, packs=[each.law.own for each in packs], language=_language())
    given = form.cleaned_data if form.is_valid() else {}
    asked = {name: value for name, value in given.items() if value}
    wanted = Wanted(**{"query" if name == "q" else name: value for name, value in asked.items()})
    most = MOST_OF_ONE_PACK if wanted.pack or wanted.instrument else MOST_OF_EACH_PACK
    hits = search_rules(request.actor, packs, timezone.localdate(), wanted, most=most) if asked else []
    context = {
        "form": form,
        "asked": asked,
        "hits": hits,
        "count": sum(each.count for each in hits),
        "packs": packs,
    }
    return render(request, "statutes/search.html", context)


@require_safe
@signed_in
def instrument(request: HttpRequest, pack_id: str, instrument_id: str) -> HttpResponse:
    """An instrument: its articles in order, with their rules."""
    found = law.pack_in_force(request.actor, pack_id)
    today = timezone.localdate()
    rows = rules_of_instrument(request.actor, found.law, instrument_id, today)
    context = {
        "pack": found.law.own,
        "law": found.law,
        "instrument": instrument_of(request.actor, found.law, instrument_id),
        "rows": rows,
        "articles": len({row.rule.article for row in rows}),
    }
    return render(request, "statutes/instrument.html", context)


@require_safe
@signed_in
def pack(request: HttpRequest, pack_id: str) -> HttpResponse:
    """A pack: its rules by instrument and article, its procedures and organs."""
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
        "law": found.law,
        "version": found.version,
        "ancestors": found.law.chain[1:],
        "organs": found.law.organs().values(),
        "procedures": law.procedures_of(request.actor, found.law, today),
        "sections": sectioned(found.law, [row.rule for row in rows], today),
        "count": len(rows),
        "all": len(found.law.own.rules),
        "form": form,
    }
    return render(request, "statutes/pack.html", context)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@require_safe
@signed_in
def rule(request: HttpRequest, pack_id: str, rule_id: str) -> HttpResponse:
    """A rule in force; with `?version=…&on=…` as the law has it that a case lives by, beside the one in force today."""
    version = request.GET.get("version", "")
    if version.isdecimal() and len(version) <= LONGEST_ID:
        found = law.pack_of_version(request.actor, pack_id, int(version))
        today = _day(request.GET.get("on", "")) or timezone.localdate()
    else:
        version, found, today = "", law.pack_in_force(request.actor, pack_id), timezone.localdate()
    row = law.rule_of(request.actor, found.law, rule_id, today)
    context = {
        "pack": found.law.own,
        "row": row,
        "number": number_text(row.rule),
        "floors": [floor for floor in row.rule.floor if floor != rule_id],
        "floor_number": number_text(row.floor) if row.floor else "",
        "handlers": [handler_text(found.law, handler, today, _language()) for handler in row.rule.handled_by],
        "in_force": row.rule.in_force(today),
        "law": found.law,
        "standing": law.standing_of(request.actor, found.law, rule_id, today),
        "from_pack": next(each for each in found.law.chain if each.id == row.rule.pack),
        "citations": law.citations_of(request.actor, found.law, rule_id, today),
    }
    if version:
        now = law.today_of(request.actor, pack_id, row, timezone.localdate(), _language())
        context |= {"version": found.version, "on": today, "now": now}
    return render(request, "statutes/rule.html", context)
