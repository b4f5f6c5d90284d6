"""Handing a report out as a workbook; that it was handed out is in the record."""

from __future__ import annotations

from typing import IO

from django.db import transaction
from django.utils.translation import gettext as _

from audit.services import record
from organizations.actors import Actor
from organizations.errors import NotPermitted
from organizations.models import Position
from reports.definitions import Report
from reports.forms import ReportFilter
from reports.workbooks import Cover, write_workbook
from statutes.models import CalendarNotice
from statutes.selectors.notices import ENTERED_BY


def export(actor: Actor, *, report: Report, wanted: ReportFilter) -> IO[bytes]:
    """The workbook of everything that the filter finds, as an open temporary file at its start.

    Written row by row in constant memory. NotPermitted for others than auditors; BadInput for more rows than
    a sheet takes.
    """
    if actor.kind != Position.Kind.AUDITOR:
        raise NotPermitted(_("Only an auditor may export this report."))
    return _export(actor, report, wanted, report.id)


def export_recount(actor: Actor, *, notice: CalendarNotice, report: Report, wanted: ReportFilter) -> IO[bytes]:
    """The workbook of what a notice did to due dates. NotPermitted for who neither enters nor confirms notices."""
    if actor.kind not in ENTERED_BY:
        raise NotPermitted(_("Your position does not allow this. Switch to another one if you hold it."))
    return _export(actor, report, wanted, f"{report.id}-{notice.pk}")


def record_export(actor: Actor, *, report: Report, wanted: ReportFilter, subject_id: str) -> None:
    """Enter in the record that a list is about to be handed out line by line."""
    with transaction.atomic():
        filters = {name: value for name, _label, value in wanted.applied()}
        record(verb="report.export", who=actor.who, subject="report", subject_id=subject_id, data={"filters": filters})


def _export(actor: Actor, report: Report, wanted: ReportFilter, subject_id: str) -> IO[bytes]:
    applied = wanted.applied()
    cover = Cover(report=report, actor=actor, applied=applied)
    file, count = write_workbook(cover, report.every(actor, wanted))
    with transaction.atomic():
        record(
            verb="report.export",
            who=actor.who,
            subject="report",
            subject_id=subject_id,
            data={"filters": {name: value for name, _label, value in applied}, "rows": count},
        )
    return file
