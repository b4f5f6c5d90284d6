"""`manage.py translations`: compile the messages, check that none is missing, or add the missing ones."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal import translations


class Command(BaseCommand):
    help = "Compile every .po; --check fails on missing, empty, fuzzy or unused messages; --sync adds missing ones."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("rooms", nargs="*", help="only these rooms (default: all)")
        parser.add_argument("--check", action="store_true", help="fail when a message is not translated")
        parser.add_argument("--sync", action="store_true", help="add missing messages, empty, to the rooms' .po files")
        parser.add_argument("--prune", action="store_true", help="with --sync: drop messages that nothing uses")

    def handle(self, *args: Any, **options: Any) -> None:
        all_rooms = [*settings.ROOMS, "portal"]
        rooms = options["rooms"] or all_rooms
        unknown = sorted(set(rooms) - set(all_rooms))
        if unknown:
            raise CommandError(f"no such room: {', '.join(unknown)}")
        if options["sync"]:
            for room in rooms:
                changed = translations.synchronize(settings.ROOT, room, all_rooms, prune=options["prune"])
                if changed:
                    self.stdout.write(f"{room}: {changed} entries changed; translate the empty ones")
        if options["check"]:
            self._check(rooms, all_rooms)
        written = translations.compile_all(settings.ROOT)
        if options["verbosity"] > 1:
            self.stdout.write(f"{len(written)} files compiled")

    def _check(self, rooms: list[str], all_rooms: list[str]) -> None:
        lines = [
            line for room in rooms for line in translations.inspect(settings.ROOT, room, all_rooms).lines()
        ] + translations.differing(settings.ROOT, rooms)
        if lines:
            raise CommandError("translations are not complete:\n" + "\n".join(lines))
        self.stdout.write(f"translations complete in {len(rooms)} rooms")
