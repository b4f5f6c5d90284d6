"""Check rule packs: every fault with its file, key and mend. Exits with 1 when there is one."""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from statutes.loader import load_library
from statutes.selectors import versions_in_use
from statutes.validation import check_library, check_source


class Command(BaseCommand):
    help = "Check rule packs: those of the portal and of STATUTES_PATH, and with --stored the versions in use."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("packs", nargs="*", metavar="pack", help="ids of packs (all)")
        parser.add_argument("--path", default="", help="another folder with packs, beside STATUTES_PATH")
        parser.add_argument("--stored", action="store_true", help="also the stored versions with open cases")

    def handle(self, *args: Any, **options: Any) -> None:
        path = os.pathsep.join(filter(None, [settings.STATUTES_PATH, options["path"]]))
        library = load_library(path)
        found = [str(problem) for problem in check_library(library, options["packs"])]
        if options["stored"]:
            for version in versions_in_use():
                found += [f"{version}: {problem}" for problem in check_source(version.source)]
        for line in found:
            self.stderr.write(line)
        if found:
            raise CommandError(f"{len(found)} problem(s) in the rule packs.")
        checked = ", ".join(options["packs"] or sorted(library.packs))
        self.stdout.write(f"The rule packs are in order: {checked}.")
