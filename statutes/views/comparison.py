"""Places side by side, and how much of the law the portal covers."""

from __future__ import annotations

import csv

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from organizations.access import signed_in
from statutes.comparison import Entry, Line, compared
from statutes.coverage import TREATMENTS
from statutes.definitions import Pack
from statutes.forms import ComparisonForm
from statutes.selectors import law
from statutes.selectors.coverage import coverage_in_force
from statutes.wording import citation, treatment_text

FORMULA = ("=", "+", "-", "@", "\t", "\r")


@require_safe
@signed_in
def compare(request: HttpRequest) -> HttpResponse:
    """One parameter across packs: `?what=limits&pack=…&pack=…&differing=on`; `&export=csv` for what is shown."""
    packs = law.packs_in_force(request.actor)
    language = get_language() or "zh-hans"
    form = ComparisonForm(request.GET, packs=[each.law.own for each in packs], language=language)
    given = form.cleaned_data if form.is_valid() else {}
    chosen = [each.law for each in packs if each.law.own.id in (given.get("pack") or [each.law.own.id])]
    lines = compared(chosen, given.get("what") or "limits", timezone.localdate(), language) if form.is_valid() else []
    if given.get("differing"):
        lines = [line for line in lines if line.differs]
    columns = [each.own for each in chosen]
    if request.GET.get("export") == "csv" and form.is_valid():
        return _sheet(lines, columns, language)
    return render(request, "statutes/compare.html", {"packs": columns, "lines": lines, "form": form})


def _sheet(lines: list[Line], packs: list[Pack], language: str) -> HttpResponse:
    """What is shown, as a table that spreadsheets open (UTF-8 with its mark)."""
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="comparison.csv"'
    sheet = csv.writer(response)
    sheet.writerow([_("Rule"), _("Id"), *(pack.name.in_language(language) for pack in packs)])
    for line in lines:
        cells = ["\n".join(_said(entry, language) for entry in cell) for cell in line.cells]
        sheet.writerow([_plain(text) for text in (line.label, line.id, *cells)])
    return response


def _said(entry: Entry, language: str) -> str:
    if entry.rule is None:
        return entry.text
    return " ".join(part for part in (entry.text, citation(entry.rule, entry.instrument, language), entry.note) if part)


def _plain(text: str) -> str:
    """Text that a spreadsheet does not take for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


@require_safe
@signed_in
def coverage(request: HttpRequest) -> HttpResponse:
    """How each rule of every pack is treated, counted and listed."""
    context = {
        "packs": coverage_in_force(request.actor),
        "treatments": [treatment_text(each) for each in TREATMENTS],
    }
    return render(request, "statutes/coverage.html", context)
