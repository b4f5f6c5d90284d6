"""`manage.py backup FILE`: the whole portal in one file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal import archive


class Command(BaseCommand):
    help = "Write databases, uploaded files and keys to one file. It holds secrets: keep it where nobody else reads."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--replace", action="store_true", help="overwrite a file of that name")

    def handle(self, *args: Any, **options: Any) -> None:
        target: Path = options["file"].absolute()
        if target.exists() and not options["replace"]:
            raise CommandError(f"{target} exists; choose another name or say --replace")
        try:
            manifest = archive.write(target)
        except archive.ArchiveError as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(f"cannot write {target}: {error.strerror}") from None
        size = target.stat().st_size / 1_000_000
        self.stdout.write(f"{target}: {size:.1f} MB, {len(manifest.files)} files, complete")
