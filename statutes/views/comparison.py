"""Places side by side, and how much of the law the portal covers."""

from __future__ import annotations

import csv
from collections.abc import Iterator

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
from statutes.sheets import FORMULA_STARTS, workbook
from statutes.wording import citation, treatment_text

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
@signed_in
def compare(request: HttpRequest) -> HttpResponse:
    """One parameter across packs: `?what=limits&pack=…&pack=…&differing=on`; `&export=csv` or `xlsx` hands it out."""
    packs = law.packs_in_force(request.actor)
    language = get_language() or "zh-hans"
    form = ComparisonForm(request.GET, packs=[each.law.own for each in packs], language=language)
    given = form.cleaned_data if form.is_valid() else {}
    chosen = [each.law for each in packs if each.law.own.id in (given.get("pack") or [each.law.own.id])]
    lines = compared(chosen, given.get("what") or "limits", timezone.localdate(), language) if form.is_valid() else []
    if given.get("differing"):
        lines = [line for line in lines if line.differs]
    columns = [each.own for each in chosen]
    exporter = {"csv": _sheet, "xlsx": _workbook}.get(request.GET.get("export", ""))
    if exporter and form.is_valid():
        return exporter(lines, columns, language)
    return render(request, "statutes/compare.html", {"packs": columns, "lines": lines, "form": form})


def _sheet(lines: list[Line], packs: list[Pack], language: str) -> HttpResponse:
    """What is shown, as a table that spreadsheets open (UTF-8 with its mark)."""
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="comparison.csv"'
    sheet = csv.writer(response)
    sheet.writerow(_head(packs, language))
    for row in _rows(lines, language):
        sheet.writerow([_plain(text) for text in row])
    return response


def _workbook(lines: list[Line], packs: list[Pack], language: str) -> HttpResponse:
    """The same as an Excel workbook."""
    lead = _("As they bind on %(day)s") % {"day": timezone.localdate().isoformat()}
    widths = [36, 22, *(32 for _pack in packs)]
    file = workbook(_("Compare places"), lead, _head(packs, language), _rows(lines, language), widths)
    response = HttpResponse(file.getvalue(), content_type=EXCEL)
    response["Content-Disposition"] = 'attachment; filename="comparison.xlsx"'
    return response


def _head(packs: list[Pack], language: str) -> list[str]:
    return [_("Rule"), _("Id"), *(pack.name.in_language(language) for pack in packs)]


def _rows(lines: list[Line], language: str) -> Iterator[list[str]]:
    for line in lines:
        yield [line.label, line.id, *("\n".join(_said(entry, language) for entry in cell) for cell in line.cells)]


def _said(entry: Entry, language: str) -> str:
    if entry.rule is None:
        return entry.text
    return " ".join(part for part in (entry.text, citation(entry.rule, entry.instrument, language), entry.note) if part)


def _plain(text: str) -> str:
    """Text that a spreadsheet does not take for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


@require_safe
@signed_in
def coverage(request: HttpRequest) -> HttpResponse:
    """How each rule of every pack is treated, counted and listed."""
    context = {
        "packs": coverage_in_force(request.actor),
        "treatments": [treatment_text(each) for each in TREATMENTS],
    }
    return render(request, "statutes/coverage.html", context)
