"""Reading rule packs: from a folder of TOML to values. See docs/adding-a-rule-pack.md for the format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from statutes.loader.compiling import chain_of, compile_source, digest_of, join, load_source, source_of
from statutes.loader.files import OWN_PACKS, folders, read_folder
from statutes.loader.packs import LoadedPack, read_pack
from statutes.loader.problems import InvalidPackError, Place, Problem, Report, nearest

__all__ = [
    "OWN_PACKS",
    "InvalidPackError",
    "Library",
    "LoadedPack",
    "Place",
    "Problem",
    "Report",
    "chain_of",
    "compile_source",
    "digest_of",
    "join",
    "load_folder",
    "load_library",
    "load_source",
    "nearest",
    "source_of",
]


@dataclass(frozen=True, slots=True)
class Library:
    """Every pack that can be found, by id, with what is wrong in reading them."""

    packs: Mapping[str, LoadedPack]
    problems: tuple[Problem, ...]

    def chain(self, pack_id: str) -> tuple[LoadedPack, ...]:
        """A pack and its ancestors. KeyError for an unknown id, InvalidPackError for a broken line of parents."""
        report = Report()
        chain = chain_of(self.packs[pack_id], self.packs, report)
        if report.problems:
            raise InvalidPackError(report.problems)
        return chain


def load_folder(path: Path, report: Report, origin: str = "portal") -> LoadedPack | None:
    """The pack of one folder; None when not even its header can be read."""
    return read_pack(read_folder(path, report), path.name, origin, report)


def load_library(statutes_path: str = "", own: Path = OWN_PACKS) -> Library:
    """The portal's packs and those of STATUTES_PATH. Two packs of one id are a problem: neither may hide the other."""
    report = Report()
    packs: dict[str, LoadedPack] = {}
    for folder in folders(statutes_path, report, own):
        pack = load_folder(folder.path, report, folder.origin)
        if pack is None:
            continue
        if pack.pack.id in packs:
            first = packs[pack.pack.id]
            report.add(
                pack.place("pack.toml", "id", pack.pack.id),
                f"This id is taken by the pack in {first.origin} ({first.name}).",
                "Give it another id, or keep one of the two.",
            )
            continue
        packs[pack.pack.id] = pack
    for pack in packs.values():
        chain_of(pack, packs, report)
    return Library(packs, tuple(dict.fromkeys(report.problems)))
