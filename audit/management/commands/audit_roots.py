"""`manage.py audit_roots`: write (and with --send mail) the daily roots that are due."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand

from audit.services import export_roots, send_roots


class Command(BaseCommand):
    help = "Writes one file a day with the last block's signed header to AUDIT_ROOTS_DIRECTORY, for keeping elsewhere."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--until", type=date.fromisoformat, metavar="DAY", help="last day, yesterday if not given")
        parser.add_argument("--send", action="store_true", help="also mail them to AUDIT_ROOTS_MAIL_TO")

    def handle(self, *args: Any, **options: Any) -> None:
        work = send_roots if options["send"] else export_roots
        files = work(upto=options["until"])
        for file in files:
            self.stdout.write(str(file))
        if not files:
            self.stdout.write("no root is due")
