"""Any parameter of the law side by side: what each pack says, where they differ, and which number binds and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from statutes.coverage import TREATMENTS
from statutes.definitions import CompiledPack, Instrument, Procedure, Rule
from statutes.resolution import NotInForceError, resolve_limit, standing
from statutes.wording import hand_text, limit_text, number_text, standing_text, treatment_text

NUMBERS = {"limits": "limit", "thresholds": "threshold", "ranges": "range", "frequencies": "every"}
"""Parameters that are numbers of rules, with the rule's attribute."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What one pack says. `note`: which number binds since when and why, where a local and a national one meet."""

    text: str
    rule: Rule | None = None
    instrument: Instrument | None = None
    since: date | None = None
    note: str = ""
    query: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One parameter across packs. A cell is () where the pack knows nothing of it."""

    id: str
    label: str
    cells: tuple[tuple[Entry, ...], ...]

    @property
    def known(self) -> int:
        return sum(bool(cell) for cell in self.cells)

    @property
    def differs(self) -> bool:
        """Whether two packs that say something say different things."""
        return len({tuple(entry.text for entry in cell) for cell in self.cells if cell}) > 1


def numbers(laws: Sequence[CompiledPack], what: str, on: date, language: str) -> list[Line]:
    """Rules with a number of one kind. A local rule stands in the line of the rule that it names as its floor."""
    attribute = NUMBERS[what]
    rules = {
        rule.id: rule
        for law in laws
        for pack in law.chain
        for rule in pack.rules
        if getattr(rule, attribute) is not None
    }
    floored = {rule.id for rule in rules.values() if any(floor in rules and floor != rule.id for floor in rule.floor)}
    lines = [
        Line(
            rule.id,
            rule.summary.in_language(language),
            tuple(tuple(_entries(law, rule.id, attribute, on)) for law in laws),
        )
        for rule in rules.values()
        if rule.id not in floored
    ]
    return sorted((line for line in lines if line.known), key=lambda line: (not line.differs, -line.known))


def _entries(law: CompiledPack, rule_id: str, attribute: str, on: date) -> Iterator[Entry]:
    """The pack's own rules on that floor, else the rule itself as the pack knows it, as they bind on the day."""
    own = [
        rule.id
        for rule in law.own.rules
        if rule_id in rule.floor and getattr(rule, attribute) is not None and rule.in_force(on)
    ]
    for each in dict.fromkeys(own or [rule_id]):
        try:
            rule = law.rule(each, on)
        except KeyError:
            continue
        if getattr(rule, attribute) is not None:
            yield _entry(law, rule, on)


def _entry(law: CompiledPack, rule: Rule, on: date) -> Entry:
    text = number_text(rule)
    if rule.limit is not None:
        try:
            text = limit_text(resolve_limit(law, rule.id, on).limit)
        except NotInForceError:
            text = number_text(rule)
    found = standing(law, rule.id, on)
    note = standing_text(found) if found.both else ""
    return Entry(text, rule, law.instrument(rule), found.since if found.both else None, note)


def deciders(laws: Sequence[CompiledPack], on: date, language: str) -> list[Line]:
    """Who decides in each procedure, by which article."""
    procedures = {each.id: each for law in laws for each in law.procedures(on)}
    return [
        Line(
            name,
            each.label.in_language(language),
            tuple(tuple(_decisions(law, name, on, language)) for law in laws),
        )
        for name, each in procedures.items()
    ]


def _decisions(law: CompiledPack, procedure_id: str, on: date, language: str) -> Iterator[Entry]:
    try:
        procedure = law.procedure(procedure_id, on)
    except KeyError:
        return
    said: set[str] = set()
    for text, rule in _deciding(law, procedure, language):
        if text not in said:
            said.add(text)
            yield Entry(text, rule, law.instrument(rule) if rule else None)


def _deciding(law: CompiledPack, procedure: Procedure, language: str) -> Iterator[tuple[str, Rule | None]]:
    for action in procedure.actions.values():
        if action.kind in ("decide", "refuse"):
            try:
                rule = law.rule(action.rule)
            except KeyError:
                rule = None
            yield from ((hand_text(law, hand, language), rule) for hand in action.by)
            if action.by_clock:
                yield _("the time limit itself"), rule


def treatments(laws: Sequence[CompiledPack]) -> list[Line]:
    """How many rules each pack treats in which way."""
    return [
        Line(treatment, treatment_text(treatment), tuple(_treated(law, treatment) for law in laws))
        for treatment in TREATMENTS
    ]


def _treated(law: CompiledPack, treatment: str) -> tuple[Entry, ...]:
    count = sum(rule.treatment == treatment for rule in law.own.rules)
    return (Entry(str(count), query=f"pack={law.own.id}&treatment={treatment}"),) if count else ()


def compared(laws: Sequence[CompiledPack], what: str, on: date, language: str) -> list[Line]:
    """The lines of a comparison. `what`: one of NUMBERS, deciders or treatments."""
    if what == "deciders":
        return deciders(laws, on, language)
    return treatments(laws) if what == "treatments" else numbers(laws, what, on, language)
