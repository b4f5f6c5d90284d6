"""Which packs are walked: the portal's seven, the laboratory, the proof's own, and the drafts where there are any."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from pathlib import Path

from django.conf import settings

from statutes.definitions import CompiledPack
from statutes.loader import LoadedPack, Report, chain_of, join, load_library, source_of
from statutes.loader.packs import read_pack
from tests.laboratory.place import PACKS as LABORATORY

OWN = Path(__file__).resolve().parent / "packs"
DRAFTS = settings.ROOT.parent / "shared" / "law" / "procedures"
PANEL = "expert_review"
"""Drafts of two packs open it and a third has it: where it is missing it is lent, with the office that runs it."""
TOO_WIDE = ("project_review", "annual_plan")
"""Drafts that open a panel of experts for themselves: all orders in which both may move are too many to walk here."""
PANEL_OFFICE = '[organ.it_office]\nlabel = { zh = "信息办", en = "Information Office" }\n'


def sources() -> dict[str, tuple[dict[str, str], CompiledPack]]:
    """Every pack by the name of its place: its whole source, and its values."""
    library = load_library(f"{LABORATORY}:{OWN}")
    assert not library.problems
    found = {pack_id: library.chain(pack_id) for pack_id in library.packs}
    found |= {f"draft_{pack_id}": chain for pack_id, chain in drafts().items()}
    return {name: (source_of(chain), join(chain)) for name, chain in found.items()}


def walked(on: date) -> list[tuple[str, str, bool]]:
    """Place, procedure, and whether it is its parent's as it is: of drafts only their own procedures."""
    found = []
    for name, (_source, compiled) in sources().items():
        for procedure in compiled.procedures(on):
            own = procedure.pack == compiled.own.id
            if not is_draft(name) or (own and procedure.id not in TOO_WIDE):
                found.append((name, procedure.id, not own))
    return found


def is_draft(place: str) -> bool:
    return place.startswith("draft_")


def drafts() -> dict[str, tuple[LoadedPack, ...]]:
    """The fourteen procedures beside the project, as packs; what they leave out (summaries, treatment) filled in."""
    report = Report()
    read = [read_pack(_texts(path.stem), path.stem, "drafts", report) for path in sorted((DRAFTS / "rules").glob("*"))]
    assert not report.problems
    packs = {pack.pack.id: pack for pack in read if pack is not None}
    return {pack_id: chain_of(pack, packs, report) for pack_id, pack in packs.items() if pack.pack.procedures}


def _texts(pack: str) -> dict[str, str]:
    header, rules = _header_and_rules(pack)
    files = {}
    for path in sorted(DRAFTS.glob("*.toml")):
        text = path.read_text("utf-8")
        if tomllib.loads(text)["pack"] == pack:
            files[f"procedures/{path.name}"] = _without_pack(text)
    if any(f'procedure = "{PANEL}"' in text for text in files.values()):
        files[f"procedures/{PANEL}.toml"] = _without_pack((DRAFTS / f"{PANEL}.toml").read_text("utf-8"))
        header += PANEL_OFFICE
        rules += [rule for rule in _header_and_rules("xianyang")[1] if 'id = "review' in rule]
    name = f'name = {{ zh = "{pack}", en = "{pack}" }}\nregion = "000000"\nversion'
    return {
        "pack.toml": re.sub(r"^version", name, header, count=1, flags=re.MULTILINE),
        "rules.toml": "".join(rules),
        **files,
    }


def _without_pack(text: str) -> str:
    return re.sub(r'^pack = ".*"$', "", text, count=1, flags=re.MULTILINE)


def _header_and_rules(pack: str) -> tuple[str, list[str]]:
    header, _mark, rules = (DRAFTS / "rules" / f"{pack}.toml").read_text("utf-8").partition("[[rule]]")
    said = 'treatment = "monitored"\nsummary = { zh = "见条文", en = "See the article" }'
    return header, [f"[[rule]]{rule.rstrip()}\n{said}\n" for rule in rules.split("[[rule]]")]
