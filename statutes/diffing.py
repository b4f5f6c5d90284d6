"""What a new version of a pack changes, for people: rules and procedures, added, removed or changed. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from typing import Any

from statutes.definitions import CompiledPack, Procedure, Rule, Text

NUMBERS = ("limit", "threshold", "range", "every")
PLACED = ("pack",)
PARTS = ("states", "actions", "clocks", "parties", "schedules", "inputs")


@dataclass(frozen=True, slots=True)
class Change:
    """One property with its value before and after, as text in one language."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A rule of the one version or the other or both. `number`: whether the number it states is another."""

    before: Rule | None
    after: Rule | None
    changes: tuple[Change, ...] = ()
    number: bool = False

    @property
    def wording(self) -> tuple[Change, ...]:
        """What changes beside the number."""
        return tuple(change for change in self.changes if change.name not in NUMBERS)

    @property
    def rule(self) -> Rule:
        found = self.after or self.before
        if found is None:
            raise ValueError("a change of no rule")
        return found


@dataclass(frozen=True, slots=True)
class PartChange:
    """A state, action, clock … of a procedure: `kind` of PARTS, added (no `before`), removed or changed."""

    kind: str
    id: str
    label: str
    added: bool = False
    removed: bool = False
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class ProcedureChange:
    before: Procedure | None
    after: Procedure | None
    parts: tuple[PartChange, ...] = ()

    @property
    def procedure(self) -> Procedure:
        found = self.after or self.before
        if found is None:
            raise ValueError("a change of no procedure")
        return found


@dataclass(frozen=True, slots=True)
class Difference:
    rules: tuple[RuleChange, ...]
    procedures: tuple[ProcedureChange, ...]

    @property
    def empty(self) -> bool:
        return not self.rules and not self.procedures

    def count(self, what: str) -> int:
        """How many rules or procedures were "added", "removed" or "changed"."""
        kind, _dot, how = what.partition(".")
        changes: tuple[RuleChange | ProcedureChange, ...] = self.rules if kind == "rules" else self.procedures
        return sum(_how(change) == how for change in changes)


def _how(change: RuleChange | ProcedureChange) -> str:
    if change.before is None:
        return "added"
    return "removed" if change.after is None else "changed"


def difference(old: CompiledPack, new: CompiledPack, language: str) -> Difference:
    """Everything that differs between two versions of a pack with their ancestors."""
    return Difference(tuple(_rules(old, new, language)), tuple(_procedures(old, new, language)))


def rule_changes(old: Rule, new: Rule, language: str) -> RuleChange:
    """What differs between a rule in one version and the same rule in another."""
    changes = tuple(_changes(old, new, language))
    return RuleChange(old, new, changes, any(change.name in NUMBERS for change in changes))


def _rules(old: CompiledPack, new: CompiledPack, language: str) -> Iterator[RuleChange]:
    before, after = _rules_by_key(old), _rules_by_key(new)
    for key in sorted(before.keys() | after.keys(), key=str):
        one, other = before.get(key), after.get(key)
        if one is None or other is None:
            yield RuleChange(one, other)
        elif one != other:
            yield rule_changes(one, other, language)


def _rules_by_key(pack: CompiledPack) -> dict[tuple[str, str, date | None], Rule]:
    """Rules by pack, id and the day from which they are in force: two rules may share an id."""
    return {(rule.pack, rule.id, rule.in_force_from): rule for link in pack.chain for rule in link.rules}


def _procedures(old: CompiledPack, new: CompiledPack, language: str) -> Iterator[ProcedureChange]:
    before, after = _procedures_by_key(old), _procedures_by_key(new)
    for key in sorted(before.keys() | after.keys(), key=str):
        one, other = before.get(key), after.get(key)
        if one is None or other is None:
            yield ProcedureChange(one, other)
        elif one != other:
            yield ProcedureChange(one, other, tuple(_parts(one, other, language)))


def _procedures_by_key(pack: CompiledPack) -> dict[tuple[str, str, date | None], Procedure]:
    return {(p.pack, p.id, p.in_force_from): p for link in pack.chain for p in link.procedures}


def _parts(old: Procedure, new: Procedure, language: str) -> Iterator[PartChange]:
    own = tuple(change for change in _changes(old, new, language) if change.name not in PARTS)
    if own:
        yield PartChange("procedure", new.id, new.label.in_language(language), changes=own)
    for kind in PARTS:
        before: Mapping[str, Any] = getattr(old, kind)
        after: Mapping[str, Any] = getattr(new, kind)
        for name in [*after, *(name for name in before if name not in after)]:
            one, other = before.get(name), after.get(name)
            if one == other:
                continue
            label = _label(other if other is not None else one, language)
            changes = () if one is None or other is None else tuple(_changes(one, other, language))
            yield PartChange(kind, name, label, one is None, other is None, changes)


def _label(part: Any, language: str) -> str:
    label = getattr(part, "label", None)
    return label.in_language(language) if isinstance(label, Text) else ""


def _changes(before: Any, after: Any, language: str) -> Iterator[Change]:
    for field in fields(before):
        one, other = getattr(before, field.name), getattr(after, field.name)
        if field.name not in PLACED and one != other:
            yield Change(field.name, shown(one, language), shown(other, language))


def shown(value: Any, language: str) -> str:
    """A value of a pack as text: short, exact, without Python's own words."""
    if value is None or value in ("", (), {}):
        return "–"
    if isinstance(value, Text):
        return value.in_language(language)
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {shown(item, language)}" for key, item in value.items())
    if isinstance(value, tuple):
        return ", ".join(shown(item, language) for item in value)
    if is_dataclass(value) and type(value).__str__ is object.__str__:
        named = ((field.name, getattr(value, field.name)) for field in fields(value))
        return " ".join(f"{name} {shown(item, language)}" for name, item in named if item)
    if isinstance(value, bool):
        return "✓" if value else "–"
    return str(value)
