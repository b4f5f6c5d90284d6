"""Store the rule packs that are new or changed: new ones are in force at once, changed ones wait to be activated."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from statutes.loader import InvalidPackError
from statutes.services import sync_packs


class Command(BaseCommand):
    help = "Store the rule packs that are new or changed. Refuses packs with problems."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--activate", action="store_true", help="bring changed packs into force without two persons in the console"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            versions = sync_packs(activate=options["activate"])
        except InvalidPackError as error:
            for problem in error.problems:
                self.stderr.write(str(problem))
            raise CommandError("Nothing was stored: the rule packs have problems.") from error
        for version in versions:
            version.refresh_from_db(fields=["offered_at"])
            state = "waits to be activated in the console" if version.offered_at else "in force"
            self.stdout.write(f"{version}: {version.digest[:12]} ({version.origin}), {state}")
        if not versions:
            self.stdout.write("The stored packs are up to date.")
