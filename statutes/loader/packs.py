"""From the texts of a pack's files to a Pack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from statutes.definitions import Pack, Procedure
from statutes.loader.files import PACK_FILE, PROCEDURES, RULES_FILE, parse
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
    """A pack with the texts that it was read from, where from, and which file holds which procedure."""

    pack: Pack
    source: Mapping[str, str]
    origin: str
    name: str
    procedure_files: tuple[str, ...]

    def place(self, file: str, key: str = "", named: str = "") -> Place:
        return Place(f"{self.name}/{file}", key, named)

    def place_of(self, procedure: Procedure) -> Place:
        """The file of one of its procedures."""
        index = next(i for i, own in enumerate(self.pack.procedures) if own is procedure)
        return self.place(self.procedure_files[index], named=procedure.id)


def read_pack(source: Mapping[str, str], name: str, origin: str, report: Report) -> LoadedPack | None:
    """The pack of these texts. None when pack.toml or its id cannot be read; other faults are in the report."""
    tables = {file: _table(text, Place(f"{name}/{file}"), report) for file, text in source.items()}
    header, rules = tables.get(PACK_FILE), tables.get(RULES_FILE)
    if header is None:
        return None
    pack_id = header.identifier("id", required=True)
    if not pack_id:
        return None
    instruments = read_instruments(header)
    written = {file: t for file, t in sorted(tables.items()) if file.startswith(f"{PROCEDURES}/") and t is not None}
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
        rules=read_rules(rules, pack_id, instruments) if rules else (),
        procedures=tuple(read_procedure(table, pack_id) for table in written.values()),
        transitions=read_transitions(header),
    )
    header.close()
    if rules is not None:
        rules.close()
    return LoadedPack(pack, source, origin, name, tuple(written))


def _table(text: str, place: Place, report: Report) -> Table | None:
    values: dict[str, Any] | None = parse(text, place, report)
    return None if values is None else Table(values, place, report)
