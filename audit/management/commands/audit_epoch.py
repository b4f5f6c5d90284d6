"""`manage.py audit_epoch`: to be called after a dump was restored."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from audit.services import begin_epoch, begin_epoch_if_needed


class Command(BaseCommand):
    help = "Seals what the restored record left open and begins a new epoch of transaction ids."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--if-needed", action="store_true", help="only when the newest block is of another cluster")

    def handle(self, *args: Any, **options: Any) -> None:
        epoch = begin_epoch_if_needed() if options["if_needed"] else begin_epoch()
        self.stdout.write(f"epoch {epoch} has begun" if epoch else "no new epoch is needed")
