"""The packs hold the whole of the source law: every binding row, every number, in words of our own."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from statutes.coverage import coverages
from statutes.definitions import Every, Instrument, Rule
from tests.statutes.law_sources import (
    BINDING,
    KINDS,
    figures,
    han,
    jurisdictions,
    local_limits,
    national_limits,
    needs_law,
    packs,
    pieces,
    rows,
)

COPIED = 18
"""So many Chinese characters in a row are a sentence taken over, not a term."""
PERIODS = {
    "times_per_year": "year",
    "times_per_budget_year": "year",
    "times_per_quarter": "quarter",
    "times_per_hour": "hour",
}
COUNTED = ("hour", "day", "working_day", "month", "year")

pytestmark = needs_law


def test_the_extraction_is_the_one_that_the_packs_were_written_from() -> None:
    assert sum(row.kind in BINDING for row in rows()) == 411
    assert (len(local_limits()), len(national_limits())) == (81, 40)
    assert len({limit["id"] for limit in national_limits()}) == 40


@pytest.mark.parametrize("jurisdiction", jurisdictions())
def test_every_binding_row_is_the_reference_of_exactly_one_rule(jurisdiction: str) -> None:
    """Obligations, gates, prohibitions and sanctions; a rule may be stated again for other dates."""
    wanted = {row.id for row in rows() if row.jurisdiction == jurisdiction and row.kind in BINDING}
    stated = Counter(ref for ref, _rule_id in {(r.ref, r.id) for r in packs()[jurisdiction].own.rules if r.ref})
    assert sorted(wanted - set(stated)) == []
    assert sorted(set(stated) - {row.id for row in rows()}) == []
    assert [ref for ref, times in stated.items() if times > 1] == []


@pytest.mark.parametrize("jurisdiction", jurisdictions())
def test_a_rule_is_of_the_kind_of_its_row(jurisdiction: str) -> None:
    kinds = {row.id: KINDS[row.kind] for row in rows()}
    wrong = [(r.ref, r.kind, kinds[r.ref]) for r in packs()[jurisdiction].own.rules if r.ref and r.kind != kinds[r.ref]]
    assert wrong == []


@pytest.mark.parametrize("jurisdiction", jurisdictions())
def test_every_number_of_the_source_is_stated_once(jurisdiction: str) -> None:
    wanted = {limit["id"] for limit in local_limits() if limit["jurisdiction"] == jurisdiction}
    _stated_once(jurisdiction, wanted)


def test_every_number_of_national_law_is_stated_once() -> None:
    _stated_once("national", {limit["id"] for limit in national_limits()})


def _stated_once(pack: str, wanted: set[str]) -> None:
    stated = Counter(figure for figure, _each in figures(packs()[pack]))
    assert sorted(wanted - set(stated)) == []
    assert sorted(set(stated) - wanted) == []
    assert set(stated.values()) <= {1}


@pytest.mark.parametrize("jurisdiction", jurisdictions())
def test_what_is_ambiguous_or_soft_in_the_source_is_so_in_the_pack(jurisdiction: str) -> None:
    stated = dict(figures(packs()[jurisdiction]))
    for limit in local_limits():
        each = stated.get(limit["id"])
        if isinstance(each, Rule):
            assert each.reading or not limit.get("ambiguous"), f"{limit['id']} needs a reading"
            assert each.soft or not limit.get("soft"), f"{limit['id']} is soft"


@pytest.mark.parametrize("pack", ["national", *jurisdictions()])
def test_the_numbers_agree_with_the_source(pack: str) -> None:
    limits = national_limits() if pack == "national" else local_limits()
    by_id = {limit["id"]: limit for limit in limits}
    wrong = [
        f"{figure}: {by_id[figure]['amount']} {by_id[figure]['unit']}, not {each}"
        for figure, each in figures(packs()[pack])
        if figure in by_id and not agrees(by_id[figure], each)
    ]
    assert wrong == []


def agrees(limit: dict[str, Any], each: Rule | Instrument) -> bool:
    """Whether a rule states the number of an entry, as far as its unit can be compared."""
    unit, amount = limit["unit"], limit["amount"]
    if isinstance(each, Instrument):
        return unit == "date" and str(each.in_force_from) == amount
    if unit in PERIODS:
        return each.every == Every(PERIODS[unit], amount, "most" if limit["comparator"] == "<=" else "least")  # type: ignore[arg-type]
    if unit in COUNTED and limit["comparator"] != "=":
        return (amount, unit) in numbers(each) and bound_fits(limit, each)
    return _agrees_otherwise(unit, amount, limit["comparator"], each)


def _agrees_otherwise(unit: str, amount: Any, comparator: str, each: Rule) -> bool:
    stated = each.limit
    match unit:
        case "immediately":
            return stated is not None and stated.amount == 0
        case "yearly_date":
            return (amount, "on") in numbers(each) or each.every is not None
        case "date" if amount == "set_in_order":
            return stated is not None and stated.unit == "set"
        case "date" if amount == "year_end":
            return ("12-31", "on") in numbers(each)
        case "date":
            return str(each.in_force_from) == amount
        case "CNY":
            threshold = each.threshold
            return threshold is not None and (threshold.amount, threshold.comparator) == (amount, comparator)
        case "percent" | "count" | "mlps_level":
            return any(number == amount for number, _unit in numbers(each)) or each.every is not None
    return True


def numbers(rule: Rule) -> set[tuple[Any, str]]:
    """Every number that a rule states, with its unit."""
    found: set[tuple[Any, str]] = set()
    if rule.limit is not None:
        found.add((rule.limit.amount, rule.limit.unit))
    if rule.threshold is not None:
        found.add((rule.threshold.amount, rule.threshold.unit))
    if rule.range is not None:
        found |= {(rule.range.min, rule.range.unit), (rule.range.max, rule.range.unit)}
    return found


def bound_fits(limit: dict[str, Any], rule: Rule) -> bool:
    return rule.limit is None or (rule.limit.bound == "earliest") == limit["comparator"].startswith(">")


def test_every_rule_of_a_row_has_a_treatment_that_names_something() -> None:
    """Enforced by a procedure or guard, monitored by a report, shown on a page, planned for a room."""
    for found in coverages(list(packs().values())):
        assert [rule.id for rule in found.unhandled] == [], found.pack.id


@pytest.mark.parametrize("pack", ["national", *jurisdictions()])
def test_no_summary_copies_a_sentence_of_the_source(pack: str) -> None:
    copied = []
    for rule in packs()[pack].own.rules:
        text = han(rule.summary.zh)
        runs = [at for at in range(len(text) - COPIED + 1) if text[at : at + COPIED] in pieces(COPIED)]
        if runs:
            copied.append((len(runs) + COPIED - 1, rule.id, text[runs[0] : runs[-1] + COPIED]))
    assert sorted(copied, reverse=True) == []
