"""Import a list of entries from a CSV file or a workbook."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog import selectors, services
from catalog.importing import mapping as mappings
from catalog.importing import reading
from catalog.services.importing import OUTCOMES, REFUSED, ImportReport
from organizations.actors import SystemActor
from organizations.errors import Refused
from organizations.models import Jurisdiction

SHOWN = 20
COLUMNS = ("line", "key", "title", "outcome", "code", "reason")


class Command(BaseCommand):
    help = "Import a list of catalogue entries as drafts under one publication case."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help=".csv, .xlsx, .xls or .ods")
        parser.add_argument("--mapping", required=True, metavar="NAME_OR_FILE")
        parser.add_argument("--jurisdiction", required=True, metavar="ID")
        parser.add_argument("--as", dest="account", default="", help="account that hands the drafts in")
        parser.add_argument("--report", type=Path, metavar="FILE", help="CSV with one line per row of the list")
        parser.add_argument("--dry-run", action="store_true", help="check everything, keep nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = self._import(options)
        except Refused as refused:
            raise CommandError(str(refused.message)) from None
        if options["report"]:
            with options["report"].open("w", encoding="utf-8-sig", newline="") as stream:
                write_report(report, stream)
        self._show(report, dry_run=options["dry_run"])

    def _import(self, options: dict[str, Any]) -> ImportReport:
        jurisdiction = Jurisdiction.objects.filter(pk=options["jurisdiction"]).first()
        if jurisdiction is None:
            raise CommandError(_("There is no jurisdiction %(id)s.") % {"id": options["jurisdiction"]})
        mapping = mappings.load(options["mapping"])
        actor = SystemActor("import_catalogue")
        return services.import_list(
            actor,
            table=reading.read(options["file"], mapping.file),
            mapping=mapping,
            jurisdiction=jurisdiction,
            submitter=selectors.submitter_for(actor, jurisdiction, options["account"], timezone.localdate()),
            source=options["file"].name,
            dry_run=options["dry_run"],
        )

    def _show(self, report: ImportReport, *, dry_run: bool) -> None:
        refused = [row for row in report.rows if row.outcome == REFUSED]
        for row in refused[:SHOWN]:
            self.stdout.write(_("line %(line)d: %(reason)s") % {"line": row.line, "reason": row.reason})
        if len(refused) > SHOWN:
            self.stdout.write(_("… and %(n)d more; --report FILE lists all.") % {"n": len(refused) - SHOWN})
        counts = ", ".join(f"{outcome} {report.count(outcome)}" for outcome in OUTCOMES)
        self.stdout.write(_("%(n)d rows: %(counts)s") % {"n": len(report.rows), "counts": counts})
        if report.case is not None:
            text = _("Handed in as %(number)s with %(n)d entries.")
            self.stdout.write(text % {"number": report.case.number, "n": report.submitted})
        if report.note:
            self.stdout.write(report.note)
        if dry_run:
            self.stdout.write(_("Dry run: nothing was kept."))


def write_report(report: ImportReport, stream: TextIO) -> None:
    """One line per row of the list, under COLUMNS. What a spreadsheet would run as a formula is kept from it."""
    writer = csv.writer(stream)
    writer.writerow(COLUMNS)
    for row in report.rows:
        writer.writerow([_harmless(str(getattr(row, name))) for name in COLUMNS])


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
