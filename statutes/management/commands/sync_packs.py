"""Store the rule packs that are new or changed, and make them current."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from statutes.loader import InvalidPackError
from statutes.services import sync_packs


class Command(BaseCommand):
    help = "Store the rule packs that are new or changed, and make them current. Refuses packs with problems."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            versions = sync_packs()
        except InvalidPackError as error:
            for problem in error.problems:
                self.stderr.write(str(problem))
            raise CommandError("Nothing was stored: the rule packs have problems.") from error
        for version in versions:
            self.stdout.write(f"{version}: {version.digest[:12]} ({version.origin})")
        if not versions:
            self.stdout.write("The stored packs are up to date.")
