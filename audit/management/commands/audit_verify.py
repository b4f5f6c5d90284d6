"""`manage.py audit_verify`: derive every block again and name block and row of every difference."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.verification import Finding, Progress, compare_root, read_root, verify


class Command(BaseCommand):
    help = "Derives every audit block again; prints block and row of every difference and then fails."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from", dest="first", type=int, default=1, metavar="BLOCK", help="first block to look at")
        parser.add_argument("--to", dest="last", type=int, default=None, metavar="BLOCK", help="last block to look at")
        parser.add_argument(
            "--root", action="append", default=[], metavar="FILE", help="a file of audit_roots to compare with"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        found = 0
        for finding in self._compared(options["root"]):
            self.stdout.write(str(finding))
            found += 1
        self.done = Progress(0, 0, 0)
        for finding in verify(first=options["first"], last=options["last"], on_progress=self._progress):
            self.stdout.write(str(finding))
            found += 1
        if found:
            raise CommandError(f"{found} differences in {self.done.entries} entries of {self.done.blocks} blocks")
        self.stdout.write(f"{self.done.entries} entries in {self.done.blocks} blocks: nothing differs")

    def _progress(self, progress: Progress) -> None:
        self.done = progress

    def _compared(self, files: list[str]) -> list[Finding]:
        findings = []
        for name in files:
            try:
                findings.append(compare_root(read_root(Path(name).read_text())))
            except (OSError, ValueError) as error:
                raise CommandError(f"{name}: {error}") from error
        return [finding for finding in findings if finding]
