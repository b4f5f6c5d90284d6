"""Faults in what a pack adds, and in what its conditions ask."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.statutes.packs.support import TOWN, changed, problems

PACK, RULES, PERMIT = "pack.toml", "rules.toml", "procedures/permit.toml"
RULE = '[[rule]]\nid = "r"\npractice = true\ntreatment = "planned"\nsummary = { zh = "规则", en = "R" }\n'
SCHEDULE = '[[schedule]]\nid = "s"\nrule = "permit"\nevery = "year"\nprocedure = "permit"\n'
INSTRUMENT = '[instrument.x]\ntitle = { zh = "规", en = "X" }\n'
ADDED = [
    (
        "an unknown procedure on a schedule",
        PERMIT,
        '[[schedule]]\nid = "s"\nrule = "permit"\nevery = "year"\nprocedure = "pemit"',
        "no procedure",
    ),
    (
        "a schedule for each of nobody",
        PERMIT,
        SCHEDULE + 'for_each = "organ:ofice"',
        "no organ",
    ),
    (
        "a schedule for whom nobody can name",
        PERMIT,
        SCHEDULE + 'for_each = "permit_offices"',
        "no resolver",
    ),
    (
        "a schedule on no day",
        PERMIT,
        SCHEDULE + 'opens_on = "13-01"',
        "day of the year",
    ),
    ("a schedule without period", PERMIT, '[[schedule]]\nid = "s"\nrule = "permit"\nprocedure = "permit"', "missing"),
    (
        "an input with a rule that is no range",
        PACK,
        '[input.x]\ntype = "number"\nlabel = { zh = "数", en = "X" }\nrule = "permit"',
        "states no range",
    ),
    (
        "an input with an unknown rule",
        PACK,
        '[input.x]\ntype = "number"\nlabel = { zh = "数", en = "X" }\nrule = "permitt"',
        "no rule",
    ),
    (
        "a choice without options",
        PACK,
        '[input.x]\ntype = "choice"\nlabel = { zh = "选", en = "X" }',
        "a choice has options",
    ),
    (
        "options of a text",
        PACK,
        '[input.x]\ntype = "text"\nlabel = { zh = "文", en = "X" }\n'
        + 'options = [{ id = "a", label = { zh = "甲", en = "A" } }]',
        "Options belong to a choice",
    ),
    ("a transition of an unknown procedure", PACK, '[[transition]]\nprocedure = "permits"', "no procedure"),
    (
        "a transition to an unknown state",
        PACK,
        '[[transition]]\nprocedure = "permit"\nstates = { old = "gone" }',
        "no state",
    ),
    (
        "an instrument that ends before it begins",
        PACK,
        INSTRUMENT + "in_force_from = 2020-01-02\nin_force_to = 2020-01-01",
        "ends before",
    ),
    (
        "a date with a time",
        PACK,
        '[instrument.x]\ntitle = { zh = "规", en = "X" }\nissued = 2020-01-02T10:00:00',
        "a date such as",
    ),
    (
        "an empty range",
        RULES,
        RULE + 'range = { min = 5, max = 1, unit = "x" }',
        "range is empty",
    ),
    (
        "a number that is none",
        RULES,
        RULE + 'range = { min = nan, max = inf, unit = "x" }',
        "out of bounds",
    ),
    (
        "a threshold on no field",
        RULES,
        RULE + 'threshold = { field = "max:x", comparator = "<", amount = 1, unit = "x" }',
        "is not a field",
    ),
    (
        "an umbrella that is no limit",
        RULES,
        RULE + 'clocked_in = ["permit"]',
        "Only a limit",
    ),
    (
        "an umbrella over an unknown family",
        RULES,
        RULE + 'limit = { amount = 1, unit = "day" }\nclocked_in = ["permits"]',
        "handles the family",
    ),
]


@pytest.mark.parametrize("fault", [fault[1:] for fault in ADDED], ids=[fault[0] for fault in ADDED])
def test_a_faulty_addition_is_named(tmp_path: Path, fault: tuple[str, str, str]) -> None:
    file, text, message = fault
    found = problems(tmp_path, town={**TOWN, file: f"{TOWN[file]}\n{text}\n"})
    assert any(p.file == f"town/{file}" and message in p.message for p in found), "\n".join(map(str, found))


GATES = [
    ("an unknown procedure of related cases", '{ cases = "permits" }', "no procedure"),
    ("an unknown outcome of related cases", '{ cases = "permit", outcome = "isued" }', "no outcome"),
    ("a threshold that is none", '{ threshold = "permit" }', "states no threshold"),
    ("an unknown count", '{ taken = "apply", count = "permit.sise" }', "no rule"),
    ("an unknown action", '{ taken = "aply" }', "no action"),
    ("an unknown input of an action", '{ input = "apply.kin", is = "large" }', "no input"),
    ("nothing to compare with", '{ input = "apply.kind" }', "no plain value"),
    ("an empty list", "{ all = [] }", "empty"),
    ("an unknown rule of a gate", '{ test = "complete", rule = "permitt" }', "no rule"),
    ("an unknown question", '{ tested = "complete" }', "not a question"),
    ("a name that is none", '"not complete"', "not the name of a condition"),
    ("a number", "3", "a name or a table"),
    ("nesting without end", "{ not = " * 20 + '"complete"' + " }" * 20, "nested"),
]


@pytest.mark.parametrize(("gate", "message"), [gate[1:] for gate in GATES], ids=[gate[0] for gate in GATES])
def test_a_gate_asks_only_what_can_be_answered(tmp_path: Path, gate: str, message: str) -> None:
    town = changed(TOWN, PERMIT, 'when = [{ test = "complete", rule = "permit" }]', f"when = [{gate}]")
    found = problems(tmp_path, town=town)
    assert any(p.file == f"town/{PERMIT}" and message in p.message for p in found), "\n".join(map(str, found))


def test_a_gate_on_a_registered_field_is_in_order(tmp_path: Path) -> None:
    town = changed(
        TOWN, PERMIT, 'when = [{ test = "complete", rule = "permit" }]', 'when = [{ threshold = "permit.size" }]'
    )
    assert problems(tmp_path, town=town) == []


def test_what_a_clock_does_can_be_done_wherever_it_may_fall_due(tmp_path: Path) -> None:
    """Otherwise the case would hang on an act that its state refuses."""
    town = changed(TOWN, PERMIT, 'on_due = { notify = ["office.approver"] }', 'on_due = { act = "lapse" }')
    found = problems(tmp_path, town=town)
    assert any("may fall due in “examined”" in p.message and p.id == "lapse" for p in found)


def test_an_extension_is_counted_as_its_limit_is(tmp_path: Path) -> None:
    town = changed(TOWN, RULES, 'amount = 3, unit = "working_day"', 'amount = 3, unit = "month"')
    assert any("lengthens by month" in p.message and p.id == "extend" for p in problems(tmp_path, town=town))


def test_an_organ_acts_only_where_it_can_see_the_case(tmp_path: Path) -> None:
    """Organs see a case from the first state that awaits them."""
    town = changed(TOWN, PACK, 'version = "1"', 'version = "1"\n[organ.mayor]\nlabel = { zh = "镇长", en = "Mayor" }')
    town = changed(town, PERMIT, 'by = ["office.approver"]', 'by = ["mayor.approver"]')
    found = problems(tmp_path, town=town)
    assert any("“mayor” cannot see" in p.message and p.id == "extend" for p in found), "\n".join(map(str, found))
