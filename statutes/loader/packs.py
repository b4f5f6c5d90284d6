"""From the texts of a pack's files to a Pack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from statutes.definitions import Instrument, Pack, Procedure, Rule
from statutes.loader.files import PACK_FILE, PROCEDURES, RULES, RULES_FILE, parse
from statutes.loader.problems import Place, Report
from statutes.loader.procedures import read_procedure
from statutes.loader.rules import (
    read_inputs,
    read_instruments,
    read_organs,
    read_rules,
    read_terms,
    read_transitions,
)
from statutes.loader.tables import Table


@dataclass(frozen=True, slots=True)
class LoadedPack:
    """A pack with the texts that it was read from, where from, and which file holds which procedure and rule."""

    pack: Pack
    source: Mapping[str, str]
    origin: str
    name: str
    procedure_files: tuple[str, ...]
    rule_files: Mapping[int, str]

    def place(self, file: str, key: str = "", named: str = "") -> Place:
        return Place(f"{self.name}/{file}", key, named)

    def place_of(self, procedure: Procedure) -> Place:
        """The file of one of its procedures."""
        index = next(i for i, own in enumerate(self.pack.procedures) if own is procedure)
        return self.place(self.procedure_files[index], named=procedure.id)

    def place_of_rule(self, rule: Rule) -> Place:
        """The file of one of its rules."""
        return self.place(self.rule_files[id(rule)], f"rule.{rule.id}", rule.id)


def read_pack(source: Mapping[str, str], name: str, origin: str, report: Report) -> LoadedPack | None:
    """The pack of these texts. None when pack.toml or its id cannot be read; other faults are in the report."""
    tables = {file: _table(text, Place(f"{name}/{file}"), report) for file, text in source.items()}
    header = tables.get(PACK_FILE)
    if header is None:
        return None
    pack_id = header.identifier("id", required=True)
    if not pack_id:
        return None
    instruments = read_instruments(header)
    rules, rule_files = _rules(tables, pack_id, instruments)
    written = _in_folder(tables, PROCEDURES)
    pack = Pack(
        id=pack_id,
        name=header.label("name"),
        region=header.string("region", required=True, longest=40),
        version=header.string("version", required=True, longest=40),
        parent=header.identifier("parent") or None,
        instruments=instruments,
        organs=read_organs(header),
        terms=read_terms(header),
        inputs=read_inputs(header),
        rules=rules,
        procedures=tuple(read_procedure(table, pack_id) for table in written.values()),
        transitions=read_transitions(header),
    )
    header.close()
    return LoadedPack(pack, source, origin, name, tuple(written), rule_files)


def _in_folder(tables: Mapping[str, Table | None], folder: str) -> dict[str, Table]:
    """The readable files of a folder of the pack, in the order of their names."""
    return {file: t for file, t in sorted(tables.items()) if file.startswith(f"{folder}/") and t is not None}


def _rules(
    tables: Mapping[str, Table | None], pack_id: str, instruments: Mapping[str, Instrument]
) -> tuple[tuple[Rule, ...], dict[int, str]]:
    """Every rule, those of rules.toml and then those of the folder; and the file that states each, by identity."""
    whole = tables.get(RULES_FILE)
    rules: list[Rule] = []
    files: dict[int, str] = {}
    for file, table in {**({RULES_FILE: whole} if whole else {}), **_in_folder(tables, RULES)}.items():
        stated = read_rules(table, pack_id, instruments)
        rules += stated
        files |= {id(rule): file for rule in stated}
        table.close()
    return tuple(rules), files


def _table(text: str, place: Place, report: Report) -> Table | None:
    values: dict[str, Any] | None = parse(text, place, report)
    return None if values is None else Table(values, place, report)
