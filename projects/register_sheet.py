"""The register of projects as a file that spreadsheets open: exactly what is listed. Amounts are yuan."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import datetime

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from organizations.actors import AnyActor
from projects.models import Project
from projects.selectors import dues
from statutes.sheets import FORMULA_STARTS, workbook

MOST_LINES = 5_000
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDTHS = (20, 44, 30, 18, 16, 18, 18, 16, 16, 12)


def sheet(
    actor: AnyActor, rows: QuerySet[Project], stages: Mapping[str, str], kind: str, now: datetime
) -> HttpResponse:
    """`kind`: csv (UTF-8 with its mark) or xlsx; at most 5,000 projects. `stages`: names of states."""
    stem = f"projects-{timezone.localdate(now):%Y%m%d}"
    lines = _lines(actor, list(rows[:MOST_LINES]), stages, now)
    if kind == "xlsx":
        title = _("Projects")
        lead = _("As of %(moment)s") % {"moment": f"{timezone.localtime(now):%Y-%m-%d %H:%M}"}
        response = HttpResponse(workbook(title, lead, _head(), lines, WIDTHS, title), content_type=EXCEL)
    else:
        response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
        writer = csv.writer(response)
        writer.writerow(_head())
        for line in lines:
            writer.writerow([f"'{text}" if text.startswith(FORMULA_STARTS) else text for text in line])
    response["Content-Disposition"] = f'attachment; filename="{stem}.{kind}"'
    return response


def _head() -> list[str]:
    return [
        _("Project number"), _("Project name"), _("Project owner"), _("Kind of project"), _("Funding"), _("Stage"),
        _("Total in yuan"), _("Responsible person"), _("Next time limit"), _("overdue"),
    ]  # fmt: skip


def _lines(actor: AnyActor, projects: list[Project], stages: Mapping[str, str], now: datetime) -> Iterator[list[str]]:
    due, yes = dues(actor, projects), _("yes")
    for project in projects:
        life = project.case
        ends = due.get(project.case_id)
        yield [
            project.code or "",
            project.name,
            project.owner.shown_name,
            str(project.get_kind_display()),
            str(project.get_funding_display()),
            stages.get(life.state, life.state) if life else "",
            f"{project.total:.2f}",
            project.responsible,
            f"{timezone.localdate(ends):%Y-%m-%d}" if ends else "",
            yes if ends and ends < now else "",
        ]
