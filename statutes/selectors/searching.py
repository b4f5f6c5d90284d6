"""Looking for rules over all packs, and the rules of an instrument in the order of its articles."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from organizations.actors import AnyActor
from organizations.errors import NotKnown
from statutes.definitions import CompiledPack, Instrument, Rule
from statutes.resolution import states_number
from statutes.selectors.law import InForce, RuleRow, matches, rule_row

NUMBERS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; "" and False ask nothing. `instrument`: "pack:id". `marked`: reading, soft or practice."""

    query: str = ""
    pack: str = ""
    instrument: str = ""
    kind: str = ""
    treatment: str = ""
    numbered: bool = False
    marked: str = ""

    def fits(self, law: CompiledPack, rule: Rule) -> bool:
        return (
            self.pack in ("", rule.pack)
            and self.instrument in ("", f"{rule.pack}:{rule.instrument}")
            and self.kind in ("", rule.kind or "")
            and self.treatment in ("", rule.treatment)
            and (not self.numbered or states_number(rule))
            and self._marks(rule)
            and matches(law, rule, self.query)
        )

    def _marks(self, rule: Rule) -> bool:
        marks = {"": True, "reading": rule.reading is not None, "soft": rule.soft, "practice": rule.practice}
        return marks[self.marked]


@dataclass(frozen=True, slots=True)
class Section:
    """The rules of one instrument in the order of its articles; None: those that stand on no instrument."""

    instrument: Instrument | None
    rows: tuple[RuleRow, ...]


@dataclass(frozen=True, slots=True)
class Hits:
    """What one pack has of what was looked for; `count` counts also what `sections` leave out."""

    found: InForce
    sections: tuple[Section, ...]
    count: int

    @property
    def cut(self) -> bool:
        return self.count > sum(len(section.rows) for section in self.sections)


def search_rules(actor: AnyActor, packs: list[InForce], on: date, wanted: Wanted, *, most: int) -> list[Hits]:
    """Rules of all these packs that fit, by pack and instrument; of each pack at most so many."""
    hits = []
    for each in packs:
        rules = [rule for rule in each.law.own.rules if wanted.fits(each.law, rule)]
        if rules:
            sections = sectioned(each.law, _first(sectioned(each.law, rules, on), most), on)
            hits.append(Hits(each, sections, len(rules)))
    return hits


def sectioned(law: CompiledPack, rules: Iterable[Rule], on: date) -> tuple[Section, ...]:
    """Rules by instrument in the order of the pack, those without an instrument last."""
    by_instrument: dict[str, list[Rule]] = {name: [] for name in law.own.instruments}
    for rule in rules:
        by_instrument.setdefault(rule.instrument, []).append(rule)
    loose = by_instrument.pop("", [])
    return tuple(
        Section(law.own.instruments.get(name), tuple(rule_row(law, rule, on) for rule in sorted(found, key=place_of)))
        for name, found in [*by_instrument.items(), ("", loose)]
        if found
    )


def instrument_of(actor: AnyActor, law: CompiledPack, instrument_id: str) -> Instrument:
    """NotKnown if the pack has no such instrument."""
    try:
        return law.own.instruments[instrument_id]
    except KeyError as error:
        raise NotKnown(_("This law has no instrument %(id)s.") % {"id": instrument_id}) from error


def rules_of_instrument(actor: AnyActor, law: CompiledPack, instrument_id: str, on: date) -> tuple[RuleRow, ...]:
    """The rules of an instrument in the order of its articles."""
    found = sectioned(law, [rule for rule in law.own.rules if rule.instrument == instrument_id], on)
    return found[0].rows if found else ()


def place_of(rule: Rule) -> tuple[list[int], str, date]:
    """Where a rule stands in its instrument: article 9 before article 12, then by its place in the source."""
    numbers = [int(number) for number in NUMBERS.findall(rule.article)] or [10**6]
    return numbers, rule.ref or rule.id, rule.in_force_from or date.min


def _first(sections: tuple[Section, ...], most: int) -> list[Rule]:
    return [row.rule for section in sections for row in section.rows][:most]
