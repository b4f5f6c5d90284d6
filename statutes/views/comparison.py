"""Places side by side, and how much of the law the portal covers."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from organizations.access import signed_in
from statutes.coverage import TREATMENTS
from statutes.selectors import law
from statutes.selectors.coverage import coverage_in_force
from statutes.wording import number_text, treatment_text


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
