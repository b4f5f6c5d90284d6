"""The register of information systems as a file that spreadsheets open."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import InformationSystem
from statutes.sheets import FORMULA_STARTS, workbook

MOST_LINES = 5_000
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDTHS = (14, 36, 48, 28, 12, 18, 18, 14, 14, 14, 18)


def sheet(rows: QuerySet[InformationSystem], kind: str) -> HttpResponse:
    """`kind`: csv (UTF-8 with its mark) or xlsx; at most 5,000 systems."""
    stem = f"systems-{timezone.localdate():%Y%m%d}"
    if kind == "xlsx":
        lead = _("As of %(moment)s") % {"moment": f"{timezone.localtime():%Y-%m-%d %H:%M}"}
        title = _("Information systems")
        response = HttpResponse(workbook(title, lead, _head(), _lines(rows), WIDTHS, title), content_type=EXCEL)
    else:
        response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
        writer = csv.writer(response)
        writer.writerow(_head())
        for line in _lines(rows):
            writer.writerow([f"'{text}" if text.startswith(FORMULA_STARTS) else text for text in line])
    response["Content-Disposition"] = f'attachment; filename="{stem}.{kind}"'
    return response


def _head() -> list[str]:
    return [
        _("System code"), _("System name"), _("Purpose and functions"), _("Owner"), _("Status"), _("Hosting"),
        _("Network"), _("Security level"), _("Taken into use on"), _("Retired on"), _("Yearly operating cost (yuan)"),
    ]  # fmt: skip


def _lines(rows: QuerySet[InformationSystem]) -> Iterator[list[str]]:
    for system in rows.order_by("code", "pk")[:MOST_LINES]:
        yield [
            system.code,
            system.name,
            system.purpose,
            system.organization.shown_name,
            str(system.get_status_display()),
            str(system.get_hosting_display()),
            str(system.get_network_display()),
            str(system.get_security_grade_display() or ""),
            system.taken_into_use.isoformat() if system.taken_into_use else "",
            system.retired_on.isoformat() if system.retired_on else "",
            "" if system.yearly_cost is None else f"{system.yearly_cost:.2f}",
        ]
