"""The extraction of the source law beside this checkout: rows, numbers and texts to hold the packs against."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from statutes.definitions import CompiledPack, Instrument, Rule
from statutes.loader import join, load_library

LAW = Path(__file__).resolve().parents[3] / "shared" / "law"
BINDING = ("OBL", "GATE", "PRO", "SANC")
KINDS = {
    "OBL": "obligation",
    "GATE": "gate",
    "PRO": "prohibition",
    "SANC": "sanction",
    "RIGHT": "right",
    "DEF": "definition",
}
SLUGS = {("招标投标法", "contract_signing"): "contract_signing_tender"}
"""Two laws of national.toml share a slug: what the second is called in the pack."""
HAN = re.compile(r"[^\u4e00-\u9fff]")

needs_law = pytest.mark.skipif(not LAW.is_dir(), reason="the extraction of the law is not beside this checkout")


@dataclass(frozen=True)
class Row:
    id: str
    kind: str

    @property
    def jurisdiction(self) -> str:
        return self.id.split("-")[1]


@cache
def rows() -> list[Row]:
    """Every row of rules.md."""
    lines = (LAW / "rules.md").read_text("utf-8").splitlines()
    cells = [[cell.strip() for cell in line.split("|")] for line in lines if line.startswith("| R-")]
    return [Row(cell[1], cell[3]) for cell in cells]


@cache
def local_limits() -> list[dict[str, Any]]:
    return list(tomllib.loads((LAW / "limits.toml").read_text("utf-8"))["limit"])


@cache
def national_limits() -> list[dict[str, Any]]:
    """The entries of national.toml, each with the `id` that the pack uses."""
    found = tomllib.loads((LAW / "national.toml").read_text("utf-8"))["limit"]
    return [{**each, "id": SLUGS.get((each["law"], each["slug"]), each["slug"])} for each in found]


def jurisdictions() -> list[str]:
    return sorted({row.jurisdiction for row in rows()}) if LAW.is_dir() else []


@cache
def packs() -> dict[str, CompiledPack]:
    """The portal's own packs, compiled from disk."""
    library = load_library()
    return {pack_id: join(library.chain(pack_id)) for pack_id in library.packs}


def figures(pack: CompiledPack) -> Iterator[tuple[str, Rule | Instrument]]:
    for each in (*pack.own.instruments.values(), *pack.own.rules):
        for figure in each.figure:
            yield figure, each


def han(text: str) -> str:
    """A text's Chinese characters alone."""
    return HAN.sub("", text)


@cache
def pieces(length: int) -> frozenset[str]:
    """Every run of so many Chinese characters in the source texts."""
    texts = [han(path.read_text("utf-8")) for path in sorted((LAW / "source_texts").glob("*.txt"))]
    return frozenset(text[at : at + length] for text in texts for at in range(len(text) - length + 1))
