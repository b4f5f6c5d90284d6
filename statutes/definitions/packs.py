"""A pack, and a pack joined with its ancestors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from statutes.definitions.procedures import Input, Organ, Procedure
from statutes.definitions.rules import Instrument, Limit, Rule, Text


@dataclass(frozen=True, slots=True)
class Transition:
    procedure: str
    mode: Literal["stay", "move"] = "stay"
    states: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pack:
    """One folder of rules, before its ancestors are joined to it."""

    id: str
    name: Text
    region: str
    version: str
    parent: str | None
    instruments: Mapping[str, Instrument]
    organs: Mapping[str, Organ]
    terms: Mapping[str, Text]
    inputs: Mapping[str, Input]
    rules: tuple[Rule, ...]
    procedures: tuple[Procedure, ...]
    transitions: tuple[Transition, ...] = ()


@dataclass(frozen=True, slots=True)
class ResolvedLimit:
    """A limit as it binds on a date. `floor`: the ancestor's rule whose number was applied instead, if any."""

    rule: Rule
    limit: Limit
    floor: Rule | None = None


@dataclass(frozen=True, slots=True)
class CompiledPack:
    """A pack with its ancestors, nearest first. Lookups climb the chain; procedures are taken whole."""

    digest: str
    chain: tuple[Pack, ...]

    @property
    def own(self) -> Pack:
        return self.chain[0]

    def procedure(self, procedure_id: str, on: date) -> Procedure:
        """The procedure of that id in force on `on`, nearest pack first. KeyError when there is none."""
        for pack in self.chain:
            for procedure in pack.procedures:
                if procedure.id == procedure_id and procedure.in_force(on):
                    return procedure
        raise KeyError(procedure_id)

    def procedures_of_family(self, family: str, on: date) -> list[Procedure]:
        """Every procedure of a family that is in force, the nearest pack's where ids repeat."""
        return [procedure for procedure in self.procedures(on) if procedure.family == family]

    def procedures(self, on: date) -> list[Procedure]:
        """Every procedure that is in force, the nearest pack's where ids repeat."""
        found: dict[str, Procedure] = {}
        for pack in self.chain:
            for procedure in pack.procedures:
                if procedure.in_force(on):
                    found.setdefault(procedure.id, procedure)
        return list(found.values())

    def rule(self, rule_id: str, on: date | None = None) -> Rule:
        """The nearest rule of that id, in force on `on` if given. KeyError when there is none."""
        for pack in self.chain:
            for rule in pack.rules:
                if rule.id == rule_id and (on is None or rule.in_force(on)):
                    return rule
        raise KeyError(rule_id)

    def shown_at(self, page: str, on: date) -> list[Rule]:
        """Rules in force that are shown on a page, by its registered name; the nearest where ids repeat."""
        found: dict[str, Rule] = {}
        for pack in self.chain:
            for rule in pack.rules:
                if rule.in_force(on) and f"page:{page}" in map(str, rule.handled_by):
                    found.setdefault(rule.id, rule)
        return list(found.values())

    def instrument(self, rule: Rule) -> Instrument | None:
        """The instrument that a rule cites, from the pack that states the rule."""
        for pack in self.chain:
            if pack.id == rule.pack:
                return pack.instruments.get(rule.instrument)
        return None

    def organ(self, role: str) -> Organ | None:
        return next((pack.organs[role] for pack in self.chain if role in pack.organs), None)

    def organs(self) -> dict[str, Organ]:
        """Every organ of the chain by role, the nearest label where roles repeat."""
        return {role: organ for pack in reversed(self.chain) for role, organ in pack.organs.items()}

    def term(self, name: str) -> Text | None:
        return next((pack.terms[name] for pack in self.chain if name in pack.terms), None)

    def input(self, procedure: Procedure, name: str) -> Input:
        """An input as the procedure defines it, else the nearest pack. KeyError when there is none."""
        if name in procedure.inputs:
            return procedure.inputs[name]
        for pack in self.chain:
            if name in pack.inputs:
                return pack.inputs[name]
        raise KeyError(name)
