"""Static checks of rule packs: what is refused before a case can be opened under it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from statutes.loader import (
    InvalidPackError,
    Library,
    LoadedPack,
    Place,
    Problem,
    Report,
    load_source,
    nearest,
)
from statutes.validation.duties import check_duties
from statutes.validation.graph import check_graph
from statutes.validation.handling import check_handling
from statutes.validation.names import check_names
from statutes.validation.openings import check_openings
from statutes.validation.rules import check_enforced, check_rules
from statutes.validation.scope import scopes

__all__ = ["check_chain", "check_library", "check_source"]


def check_library(library: Library, only: Collection[str] = ()) -> list[Problem]:
    """Everything wrong with the packs that can be found, or with some of them and their ancestors."""
    report = Report(list(library.problems))
    for unknown in sorted(set(only) - set(library.packs)):
        report.add(Place(unknown), f"There is no pack “{unknown}”.", nearest(unknown, library.packs))
    chains = []
    for pack_id in library.packs:
        try:
            chains.append(library.chain(pack_id))
        except InvalidPackError as error:
            report.problems += error.problems
    for chain in chains:
        report.problems += check_chain(chain)
        check_handling(chain, report)
        below = [other[0].pack for other in chains if chain[0] in other[1:]]
        check_enforced(chain[0], [*(link.pack for link in chain), *below], report)
    problems = list(dict.fromkeys(report.problems))
    return problems if not only else [problem for problem in problems if _concerns(problem, only, library)]


def check_chain(chain: Sequence[LoadedPack]) -> list[Problem]:
    """What is wrong with a pack and the procedures that can be opened under it."""
    report = Report()
    check_rules(chain, report)
    for scope in scopes(chain, report):
        check_names(scope)
        check_graph(scope)
        check_duties(scope)
        check_openings(scope)
    return list(dict.fromkeys(report.problems))


def check_source(source: Mapping[str, str]) -> list[Problem]:
    """What is wrong with a stored version, read with the names that the apps know today."""
    try:
        return check_chain(load_source(source))
    except InvalidPackError as error:
        return list(error.problems)


def _concerns(problem: Problem, only: Collection[str], library: Library) -> bool:
    """Whether a problem lies in one of these packs, in an ancestor, or in no pack at all."""
    names = {pack.name for pack in library.packs.values()}
    folder = problem.file.partition("/")[0]
    if folder not in names:
        return True
    wanted: set[str] = set()
    for pack_id in only:
        pack = library.packs.get(pack_id)
        while pack is not None and pack.name not in wanted:
            wanted.add(pack.name)
            pack = library.packs.get(pack.pack.parent or "")
    return folder in wanted
