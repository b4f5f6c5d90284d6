"""A pack and its ancestors, joined under one digest; and compiled again from a stored source."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence

from statutes.definitions import CompiledPack
from statutes.loader.packs import LoadedPack, read_pack
from statutes.loader.problems import InvalidPackError, Place, Problem, Report, nearest

LONGEST_CHAIN = 8
KEPT = 64
_compiled: dict[str, CompiledPack] = {}


def chain_of(pack: LoadedPack, packs: Mapping[str, LoadedPack], report: Report) -> tuple[LoadedPack, ...]:
    """The pack and its ancestors, nearest first. A missing parent or a circle is reported and ends the chain."""
    chain = [pack]
    while (parent := chain[-1].pack.parent) is not None:
        place = chain[-1].place("pack.toml", "parent", chain[-1].pack.id)
        if any(link.pack.id == parent for link in chain) or len(chain) == LONGEST_CHAIN:
            report.add(place, f"The parents of “{pack.pack.id}” run in a circle or never end.", "Name another parent.")
            break
        if parent not in packs:
            report.add(place, f"There is no pack “{parent}”.", nearest(parent, packs))
            break
        chain.append(packs[parent])
    return tuple(chain)


def source_of(chain: Sequence[LoadedPack]) -> dict[str, str]:
    """The whole source of a chain: `pack id/file name` to text. This is what a stored version keeps."""
    return {f"{link.pack.id}/{file}": text for link in chain for file, text in link.source.items()}


def digest_of(source: Mapping[str, str]) -> str:
    """SHA-256 over the canonical source: JSON with sorted keys. The order of the files does not matter."""
    canonical = json.dumps(dict(source), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def join(chain: Sequence[LoadedPack]) -> CompiledPack:
    """The compiled pack of a chain whose parts have been read without problems."""
    return CompiledPack(digest_of(source_of(chain)), tuple(link.pack for link in chain))


def compile_source(source: Mapping[str, str]) -> CompiledPack:
    """Compile a stored source again. Cached by digest. Raises InvalidPackError with all that is wrong."""
    return compile_version(digest_of(source), lambda: source)


def compile_version(digest: str, read_source: Callable[[], Mapping[str, str]]) -> CompiledPack:
    """The compiled pack of a digest; the source is read only when this process has not compiled it yet.

    Raises InvalidPackError when the source has another digest or cannot be compiled.
    """
    if digest in _compiled:
        return _compiled[digest]
    source = read_source()
    if digest_of(source) != digest:
        place = Place(digest)
        raise InvalidPackError([Problem(place.file, "", "", "The stored source has another digest.", "Restore it.")])
    compiled = join(load_source(source))
    while len(_compiled) >= KEPT:
        _compiled.pop(next(iter(_compiled)), None)
    _compiled[digest] = compiled
    return compiled


def load_source(source: Mapping[str, str]) -> tuple[LoadedPack, ...]:
    """The chain of packs in a stored source, nearest first. Raises InvalidPackError."""
    report = Report()
    texts: dict[str, dict[str, str]] = {}
    for name, text in source.items():
        pack, _slash, file = name.partition("/")
        texts.setdefault(pack, {})[file] = text
    read = [read_pack(files, name, "stored", report) for name, files in sorted(texts.items())]
    packs = {pack.pack.id: pack for pack in read if pack is not None}
    parents = {pack.pack.parent for pack in packs.values()}
    ends = [pack for pack in packs.values() if pack.pack.id not in parents]
    if len(ends) != 1:
        report.add(Place(", ".join(sorted(texts))), "These sources are no chain of packs.", "Store the pack again.")
        raise InvalidPackError(report.problems)
    chain = chain_of(ends[0], packs, report)
    if report.problems:
        raise InvalidPackError(report.problems)
    return chain
