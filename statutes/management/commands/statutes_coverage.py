"""What the portal does with each rule of the packs on disk: a table per pack, or JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from statutes.coverage import TREATMENTS, Coverage, as_data, coverages
from statutes.definitions import Rule
from statutes.loader import join, load_library

WIDE = 13


class Command(BaseCommand):
    help = "Print how each rule of the packs is treated: those of the portal and of STATUTES_PATH."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("packs", nargs="*", metavar="pack", help="ids of packs (all)")
        parser.add_argument("--path", default="", help="another folder with packs, beside STATUTES_PATH")
        parser.add_argument("--json", action="store_true", help="for machines, with every rule")

    def handle(self, *args: Any, **options: Any) -> None:
        library = load_library(os.pathsep.join(filter(None, [settings.STATUTES_PATH, options["path"]])))
        if library.problems:
            raise CommandError("\n".join(str(problem) for problem in library.problems))
        if unknown := sorted(set(options["packs"]) - set(library.packs)):
            raise CommandError(f"There is no pack {', '.join(unknown)}. Known: {', '.join(sorted(library.packs))}.")
        chains = [library.chain(pack_id) for pack_id in sorted(library.packs)]
        found = coverages([join(chain) for chain in sorted(chains, key=len)])
        wanted = [each for each in found if not options["packs"] or each.pack.id in options["packs"]]
        if options["json"]:
            self.stdout.write(json.dumps([as_data(each) for each in wanted], ensure_ascii=False, indent=2))
            return
        self.stdout.write("\n".join(line for each in wanted for line in lines_of(each)))


def lines_of(found: Coverage) -> Iterator[str]:
    """One pack: the table, then the lists that somebody has to read."""
    yield f"{found.pack.id} · {found.pack.name.en} · version {found.pack.version}"
    yield _row("", [*TREATMENTS, "all"])
    for kind, numbers, total in found.table:
        yield _row(kind or "(no row)", [*numbers, total])
    yield _row("all", [*found.totals, sum(found.totals)])
    for room, rules in found.planned.items():
        yield from _list(f"planned for {room or 'no room'}", rules)
    yield from _list("readings", found.readings)
    yield from _list("practice", found.practice)
    yield from _list("soft", found.soft)
    yield from _list("outside", found.outside)
    yield from _list("handled by nothing that is named", found.unhandled)
    yield f"  numbers of the source: {len(found.figures)}"
    yield ""


def _row(head: str, cells: Iterable[object]) -> str:
    return f"  {head:<{WIDE}}" + "".join(f"{cell!s:>{WIDE}}" for cell in cells)


def _list(head: str, rules: list[Rule]) -> Iterator[str]:
    if rules:
        yield f"  {head} ({len(rules)}): {', '.join(rule.id for rule in rules)}"
