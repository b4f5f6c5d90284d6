"""The format holds fourteen procedures of five regulations that nobody wrote for it. Skipped where they are absent."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from statutes.definitions import Taken
from statutes.loader import LoadedPack, Report, chain_of, read_pack
from statutes.validation import check_chain

DRAFTS = Path(__file__).resolve().parents[4] / "shared" / "law" / "procedures"
PROCEDURES = sorted(DRAFTS.glob("*.toml"))
UNKNOWN = ("family", "source of parties", "condition", "effect", "field", "procedure", "resolver")

pytestmark = pytest.mark.skipif(not PROCEDURES, reason="the drafts of the law are not beside this checkout")


def texts_of(pack: str) -> dict[str, str]:
    """One jurisdiction's drafts, laid out as a pack: what they leave out (summaries, treatment) is filled in."""
    written = (DRAFTS / "rules" / f"{pack}.toml").read_text("utf-8")
    header, _mark, rules = written.partition("[[rule]]")
    name = f'name = {{ zh = "{pack}", en = "{pack}" }}\nregion = "000000"\nversion'
    said = 'treatment = "monitored"\nsummary = { zh = "见条文", en = "See the article" }'
    files = {
        "pack.toml": re.sub(r"^version", name, header, count=1, flags=re.MULTILINE),
        "rules.toml": "".join(f"[[rule]]{rule.rstrip()}\n{said}\n" for rule in rules.split("[[rule]]")),
    }
    for path in PROCEDURES:
        text = path.read_text("utf-8")
        if tomllib.loads(text)["pack"] == pack:
            files[f"procedures/{path.name}"] = re.sub(r'^pack = ".*"$', "", text, count=1, flags=re.MULTILINE)
    return files


def packs() -> tuple[dict[str, LoadedPack], Report]:
    report = Report()
    read = [
        read_pack(texts_of(path.stem), path.stem, "drafts", report) for path in sorted((DRAFTS / "rules").glob("*"))
    ]
    return {pack.pack.id: pack for pack in read if pack is not None}, report


def test_all_fourteen_drafts_load() -> None:
    found, report = packs()
    assert report.problems == []
    assert sum(len(pack.pack.procedures) for pack in found.values()) == len(PROCEDURES) == 14


def test_what_they_lack_is_only_what_apps_have_not_registered() -> None:
    """No app handles projects, plans or faults yet: apart from names of theirs the checks find no fault."""
    found, report = packs()
    for pack in found.values():
        problems = check_chain(chain_of(pack, found, report))
        rest = [p for p in problems if not any(f"no {what}" in p.message.lower() for what in UNKNOWN)]
        assert [p for p in rest if "No app of the portal" not in p.message] == []


def test_shorthands_are_read_as_they_are_meant() -> None:
    found, _report = packs()
    fault = next(p for p in found["pingliang"].pack.procedures if p.id == "fault")
    assert [option.value for option in fault.clocks["onsite"].limit] == ["fault.urban", "fault.township"]
    late = fault.actions["deduct_late"].when[0]
    assert late == Taken("urge", "fault.urgings", ever=True)
    scoring = next(p for p in found["xianyang"].pack.procedures if p.id == "expert_review").clocks["scoring"]
    assert scoring.own_state == "scoring"
    assert scoring.until_next
    plan = next(p for p in found["panjin"].pack.procedures if p.id == "annual_plan")
    assert plan.schedules["annual_plan"].every.period == "year"
