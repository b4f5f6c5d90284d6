"""Load a file into a resource from the command line, at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.models import Resource
from datasets import services
from datasets.models import Batch
from datasets.reasons import file_reason, row_reason
from organizations.actors import SystemActor
from organizations.errors import Refused

SHOWN = 20
MOST_NAMED = 10


class Command(BaseCommand):
    help = "Load a CSV or .xlsx file into the data of a catalogue entry, replacing what is there."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("resource", metavar="RESOURCE_CODE")
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--jurisdiction", default="", help="needed when several have an entry of this code")
        parser.add_argument("--provider", default="", help="unified social credit code of who provides the entry")
        parser.add_argument("--mode", choices=Batch.Mode.values, default=Batch.Mode.REPLACE.value)

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"there is no file {path}")
        resource = _resource(options["resource"], options["jurisdiction"], options["provider"])
        try:
            batch = services.receive_path(
                actor=SystemActor("load_dataset"), resource=resource, path=path, mode=options["mode"]
            )
            batch = services.load_batch(batch_id=batch.pk)
        except Refused as refused:
            raise CommandError(str(refused.message)) from None
        self._report(batch)

    def _report(self, batch: Batch) -> None:
        for reject in batch.rejects.all()[:SHOWN]:
            reason = row_reason(reject.code, reject.params)
            self.stdout.write(f"line {reject.line}, {reject.column or '-'}: {reason} [{reject.value}]")
        if batch.state == Batch.State.FAILED:
            raise CommandError(file_reason(batch.error_code, batch.error_params))
        if batch.is_open:
            raise CommandError("another process is loading into this resource; the batch waits for its turn")
        self.stdout.write(f"batch {batch.pk}: {batch.read} read, {batch.accepted} accepted, {batch.rejected} rejected")


def _resource(code: str, jurisdiction: str, provider: str) -> Resource:
    """The one entry of this code. CommandError when there is none, or, naming them, when there are several."""
    rows = Resource.objects.filter(code=code).select_related("provider").order_by("jurisdiction_id", "pk")
    if jurisdiction:
        rows = rows.filter(jurisdiction_id=jurisdiction)
    if provider:
        rows = rows.filter(provider__code=provider)
    found = list(rows[: MOST_NAMED + 1])
    if not found:
        raise CommandError(f"there is no resource {code}")
    if len(found) > 1:
        named = [f"{row.title} (--jurisdiction {row.jurisdiction_id} --provider {row.provider.code})" for row in found]
        shown = "; ".join(named[:MOST_NAMED])
        raise CommandError(f"several entries have the code {code}, say which: {shown}")
    return found[0]
