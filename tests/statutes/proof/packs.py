"""Which packs are walked: the portal's seven, the laboratory, the proof's own, and the drafts where there are any."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

from statutes.definitions import CompiledPack, Procedure
from statutes.loader import LoadedPack, Report, chain_of, join, load_library, source_of
from statutes.loader.packs import read_pack
from statutes.resolution import resolve_limit
from tests.laboratory.place import PACKS as LABORATORY

LONG = os.environ.get("PROOF") == "long"
"""Whether everything is walked, in every place and each refusal in all its ways, and many more lives are lived."""
OWN = Path(__file__).resolve().parent / "packs"
DRAFTS = settings.ROOT.parent / "shared" / "law" / "procedures"
PANEL = "expert_review"
"""Drafts of two packs open it and a third has it: where it is missing it is lent, with the office that runs it."""
TOO_WIDE = ("project_review", "annual_plan")
"""Drafts that open a panel of experts for themselves: all orders in which both may move are too many to walk here."""
TODAY = date(2026, 3, 2)
PANEL_OFFICE = '[organ.it_office]\nlabel = { zh = "信息办", en = "Information Office" }\n'


@cache
def sources() -> Mapping[str, tuple[dict[str, str], CompiledPack]]:
    """Every pack by the name of its place: its whole source, and its values."""
    library = load_library(f"{LABORATORY}:{OWN}")
    assert not library.problems
    found = {pack_id: library.chain(pack_id) for pack_id in library.packs}
    found |= {f"draft_{pack_id}": chain for pack_id, chain in drafts().items()}
    return {name: (source_of(chain), join(chain)) for name, chain in found.items()}


def walked(on: date) -> list[tuple[str, str, bool]]:
    """Place, procedure, and whether it is its parent's as it is: of drafts only their own procedures.

    What a pack takes from its parent unchanged, numbers included, is walked in the parent's place alone; a draft of
    which the portal's pack has made its procedure, in that pack's.
    """
    found = []
    for name, (_source, compiled) in sources().items():
        for procedure in compiled.procedures(on):
            own = procedure.pack == compiled.own.id
            draft = own and procedure.id not in TOO_WIDE and (LONG or not _is_law(name, procedure, on))
            wanted = draft if is_draft(name) else LONG or own or not taken_over(name, procedure)
            if wanted:
                found.append((name, procedure.id, not own))
    return found


def _is_law(draft: str, procedure: Procedure, on: date) -> bool:
    """Whether the pack of a draft has a procedure of this name by now."""
    _source, compiled = sources()[draft.removeprefix("draft_")]
    return any(each.id == procedure.id for each in compiled.procedures(on))


def taken_over(place: str, procedure: Procedure) -> bool:
    """Whether everything that decides how a case moves here is what decides it under the pack's parent."""
    on, compiled = TODAY, sources()[place][1]
    above = replace(compiled, chain=compiled.chain[1:])
    return procedure in above.procedures(on) and law_of(compiled, procedure) == law_of(above, procedure)


def law_of(compiled: CompiledPack, procedure: Procedure, seen: frozenset[str] = frozenset()) -> dict[str, Any]:
    """A procedure with the rules it names, their numbers as they bind, its inputs, its organs, and what it opens."""
    told = repr(procedure) + repr([compiled.input(procedure, name) for name in _inputs(procedure)])
    named = {rule.id for pack in compiled.chain for rule in pack.rules if repr(rule.id) in told}
    rules = {rule_id: compiled.rule(rule_id) for rule_id in named}
    organs = compiled.organs()
    opened = {opens.procedure for state in procedure.states.values() for opens in state.opens} - seen
    return {
        "procedure": procedure,
        "rules": rules,
        "limits": {name: resolve_limit(compiled, name, TODAY).limit for name, rule in rules.items() if rule.limit},
        "inputs": {name: compiled.input(procedure, name) for name in _inputs(procedure)},
        "many": {role: organ.many for role, organ in organs.items() if repr(role) in told},
        "opened": {
            name: law_of(compiled, compiled.procedure(name, TODAY), seen | {procedure.id}) for name in sorted(opened)
        },
    }


def _inputs(procedure: Procedure) -> set[str]:
    return {name for action in procedure.actions.values() for name in action.inputs}


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
