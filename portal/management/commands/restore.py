"""`manage.py restore FILE`: brings a whole portal back from its backup."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.services import begin_epoch
from organizations.models import User
from portal import archive


class Command(BaseCommand):
    help = "Bring back what `backup` wrote. Refuses while web, worker or beat run. The audit record begins a new epoch."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--replace", action="store_true", help="replace a portal that has accounts")

    def handle(self, *args: Any, **options: Any) -> None:
        source: Path = options["file"].absolute()
        if not source.is_file():
            raise CommandError(f"{source} does not exist")
        try:
            archive.refuse_while_running()
        except archive.ArchiveError as error:
            raise CommandError(str(error)) from None
        call_command("migrate", verbosity=0, interactive=False)
        if User.objects.exists() and not options["replace"]:
            raise CommandError("this portal has accounts; say --replace to lose them for those of the backup")
        try:
            with archive.unpacked(source) as (folder, manifest):
                archive.restore_databases(folder, manifest)
                archive.restore_files(folder)
        except archive.ArchiveError as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(f"cannot restore: {error.strerror}") from None
        call_command("migrate", verbosity=0, interactive=False)
        epoch = begin_epoch()
        self.stdout.write(f"restored the portal of {manifest.made_at}; the audit record continues in epoch {epoch}")
