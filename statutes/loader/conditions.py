"""Conditions and choices: from their TOML shorthand to values."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any as Value
from typing import get_args

from statutes.definitions import (
    All,
    Any,
    CasesAre,
    Choice,
    ClockIs,
    ClockStatus,
    Cond,
    InputIs,
    Not,
    Option,
    OverThreshold,
    Taken,
    Test,
)
from statutes.loader.problems import Place, Report
from statutes.loader.tables import IDENTIFIER, RULE_ID, Table

DEEPEST = 12
NEVER = Test("")


def read_cond(value: Value, place: Place, report: Report, depth: int = 0) -> Cond:
    """A name, or a table with exactly one kind of question. A faulty one is reported and read as a nameless test."""
    if isinstance(value, str):
        return Test(_name(value, place, report))
    if not isinstance(value, dict):
        report.add(place, "A condition is a name or a table.", "Write a registered name or { test = … }.")
        return NEVER
    if depth > DEEPEST:
        report.add(place, f"Conditions are nested deeper than {DEEPEST}.", "Say it in fewer steps.")
        return NEVER
    kinds = [kind for kind in READERS if kind in value]
    if len(kinds) != 1:
        problem = "A condition asks exactly one question." if kinds else "This is not a question that the format has."
        report.add(place, problem, f"Use one of: {', '.join(READERS)}.")
        return NEVER
    table = Table(value, place, report)
    rule = table.rule("rule") or None
    cond = READERS[kinds[0]](table, rule, depth)
    table.close()
    return cond


def read_conds(table: Table, key: str) -> tuple[Cond, ...]:
    """A list of conditions that all have to hold; () when absent."""
    return _several(table, key, 0)


def read_choice(table: Table, key: str, branch_key: str, pattern_of_rules: bool = False) -> Choice:
    """A value, or branches of which the first that holds counts. () when absent."""
    value = table.raw(key)
    place = table.place.at(key)
    if value is None:
        return ()
    if isinstance(value, str):
        return (Option(None, _value(value, place, table.report, pattern_of_rules)),)
    if not isinstance(value, list) or not value:
        table.problem(
            key, "This has to be a value or a list of branches.", f"Write [{{ when = …, {branch_key} = … }}]."
        )
        return ()
    return tuple(
        _branch(item, place.at(index), table.report, branch_key, pattern_of_rules, last=index == len(value) - 1)
        for index, item in enumerate(value)
    )


def _branch(item: Value, place: Place, report: Report, key: str, rules: bool, *, last: bool) -> Option:
    if not isinstance(item, dict):
        report.add(place, "A branch is a table.", f"Write {{ when = …, {key} = … }}.")
        return Option(None, "")
    table = Table(item, place, report)
    value = table.rule(key, required=True) if rules else table.identifier(key, required=True)
    when = read_cond(table.raw("when"), place.at("when"), report) if table.has("when") else None
    if when is None and not last:
        report.add(place, "Branches after one without `when` can never be reached.", "Put it last.")
    table.close()
    return Option(when, value)


def _value(value: str, place: Place, report: Report, rules: bool) -> str:
    pattern = RULE_ID if rules else IDENTIFIER
    if pattern.fullmatch(value):
        return value
    report.add(place, f"“{value}” is not a name in snake case.", "Use small letters, digits and “_”.")
    return ""


def _name(value: str, place: Place, report: Report) -> str:
    if IDENTIFIER.fullmatch(value):
        return value
    report.add(place, f"“{value}” is not the name of a condition.", "Use small letters, digits and “_”.")
    return ""


def _several(table: Table, key: str, depth: int) -> tuple[Cond, ...]:
    value = table.raw(key)
    if value is None:
        return ()
    if not isinstance(value, list):
        table.problem(key, "This has to be a list of conditions.", "Write [ … ].")
        return ()
    place = table.place.at(key)
    return tuple(read_cond(item, place.at(index), table.report, depth + 1) for index, item in enumerate(value))


def _nonempty(table: Table, key: str, depth: int) -> tuple[Cond, ...]:
    items = _several(table, key, depth)
    if not items:
        table.problem(key, "This list of conditions is empty.", "Name at least one condition.")
    return items


def _test(table: Table, rule: str | None, depth: int) -> Cond:
    return Test(table.identifier("test", required=True), rule)


def _all(table: Table, rule: str | None, depth: int) -> Cond:
    return All(_nonempty(table, "all", depth), rule)


def _any(table: Table, rule: str | None, depth: int) -> Cond:
    return Any(_nonempty(table, "any", depth), rule)


def _not(table: Table, rule: str | None, depth: int) -> Cond:
    return Not(read_cond(table.raw("not"), table.place.at("not"), table.report, depth + 1), rule)


def _threshold(table: Table, rule: str | None, depth: int) -> Cond:
    return OverThreshold(table.rule("threshold", required=True), rule)


def _input(table: Table, rule: str | None, depth: int) -> Cond:
    action, _dot, name = table.string("input", required=True).rpartition(".")
    if not IDENTIFIER.fullmatch(name) or (action and not IDENTIFIER.fullmatch(action)):
        table.problem("input", "This is not the name of an input.", "Write NAME or ACTION.NAME.")
    value = table.raw("is")
    if not isinstance(value, str | int | float | bool):
        table.problem("is", "This is missing or no plain value.", "Give the value to compare with.")
        value = ""
    return InputIs(action, name, value, rule)


def _taken(table: Table, rule: str | None, depth: int) -> Cond:
    return Taken(table.identifier("taken", required=True), _count(table), table.boolean("ever"), rule)


def _clock(table: Table, rule: str | None, depth: int) -> Cond:
    statuses: Collection[ClockStatus] = get_args(ClockStatus)
    return ClockIs(table.identifier("clock", required=True), table.one_of("is", statuses), rule)  # type: ignore[arg-type]


def _cases(table: Table, rule: str | None, depth: int) -> Cond:
    return CasesAre(
        table.identifier("cases", required=True),
        table.identifier("outcome"),
        table.one_of("among", ("children", "siblings"), default="children"),  # type: ignore[arg-type]
        _count(table),
        rule,
    )


def _count(table: Table) -> int | str:
    if isinstance(table.raw("count"), str):
        return table.rule("count")
    return table.integer("count", default=1, least=1)


READERS: dict[str, Callable[[Table, str | None, int], Cond]] = {
    "test": _test,
    "all": _all,
    "any": _any,
    "not": _not,
    "threshold": _threshold,
    "input": _input,
    "taken": _taken,
    "clock": _clock,
    "cases": _cases,
}
