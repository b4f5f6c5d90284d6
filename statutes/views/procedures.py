"""A procedure: its diagram, its clocks, its steps."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from organizations.access import signed_in
from statutes import diagram
from statutes.procedure_parts import children, matrix, parties, schedules
from statutes.procedure_view import Words
from statutes.selectors import law


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
        "drawing": diagram.draw(wanted, language=language, notes=words.notes(), titles=words.titles()),
        "opening": words.opening(),
        "states": words.states(),
        "anywhere": words.anywhere(),
        "clocks": words.clocks(),
        "law": found.law,
        "matrix": matrix(words),
        "parties": parties(words),
        "children": children(words),
        "schedules": schedules(words),
    }
    return render(request, "statutes/procedure.html", context)
