"""pack.toml and rules.toml: who a pack is, which words it uses, what each article says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import get_args

from statutes.definitions import (
    Bound,
    Every,
    Handler,
    HandlerKind,
    Input,
    InputType,
    Instrument,
    Kind,
    Limit,
    Organ,
    Range,
    Rule,
    Text,
    Threshold,
    Transition,
    Treatment,
    Unit,
)
from statutes.loader.problems import nearest
from statutes.loader.tables import RULE_ID, Table

MONTH_AND_DAY = re.compile(r"(\d{2})-(\d{2})")
ROLLING = ("day", "month", "year")
COUNTED = ("hour", "day", "working_day", "month", "year")
COMPARATORS = ("<", "<=", "=", ">=", ">")
AT_ONCE = ("hour", "day")
PERIODS = ("year", "half_year", "quarter", "month", "week", "working_day", "day", "hour")
FIELD = re.compile(r"([a-z][a-z0-9_]*)|((count|mean|sum):[a-z][a-z0-9_]*)")
HANDLER_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?")
LEAP_YEAR = 2024


def read_instruments(table: Table) -> dict[str, Instrument]:
    instruments = {}
    for name, entry in table.named("instrument"):
        instruments[name] = Instrument(
            name,
            entry.label("title"),
            entry.string("number"),
            entry.date("issued"),
            *read_period(entry),
            entry.one_or_more("figure"),
        )
        entry.close()
    return instruments


def read_period(table: Table) -> tuple[date | None, date | None]:
    """`in_force_from` and `in_force_to`, in order."""
    first, last = table.date("in_force_from"), table.date("in_force_to")
    if first and last and last < first:
        table.problem("in_force_to", "It ends before it begins.", "Give a later day.")
    return first, last


def read_organs(table: Table) -> dict[str, Organ]:
    organs = {}
    for role, entry in table.named("organ"):
        organs[role] = Organ(role, entry.label(), entry.boolean("many"))
        entry.close()
    return organs


def read_terms(table: Table) -> dict[str, Text]:
    terms = {}
    for name, entry in table.named("term"):
        terms[name] = Text(entry.string("zh", required=True), entry.string("en", required=True))
        entry.close()
    return terms


def read_inputs(table: Table) -> dict[str, Input]:
    inputs = {}
    for name, entry in table.named("input"):
        kind: InputType = entry.one_of("type", get_args(InputType))  # type: ignore[assignment]
        inputs[name] = Input(
            name, kind, entry.label(), entry.text("help"), _options(entry, kind), entry.rule("rule") or None
        )
        entry.close()
    return inputs


def _options(table: Table, kind: str) -> tuple[tuple[str, Text], ...]:
    options = []
    for entry in table.tables("options"):
        options.append((entry.identifier("id", required=True), entry.label()))
        entry.close()
    if (kind == "choice") != bool(options):
        table.problem("options", "Options belong to a choice, and a choice has options.", "Add or remove them.")
    if len({name for name, _label in options}) != len(options):
        table.problem("options", "An option is named twice.", "Give each its own id.")
    return tuple(options)


def read_transitions(table: Table) -> tuple[Transition, ...]:
    transitions = []
    for entry in table.tables("transition"):
        mode = entry.one_of("mode", ("stay", "move"), default="stay")
        transitions.append(
            Transition(entry.identifier("procedure", required=True), mode, entry.mapping("states"))  # type: ignore[arg-type]
        )
        entry.close()
    return tuple(transitions)


def read_rules(table: Table, pack: str, instruments: Mapping[str, Instrument]) -> tuple[Rule, ...]:
    """Every `[[rule]]`. Dates that a rule does not give are those of its instrument."""
    rules = []
    for entry in table.tables("rule"):
        rules.append(_rule(entry, pack, instruments))
        entry.close()
    return tuple(rules)


def _rule(table: Table, pack: str, instruments: Mapping[str, Instrument]) -> Rule:
    rule_id = table.rule("id", required=True)
    instrument = instruments.get(table.identifier("instrument"))
    first, last = read_period(table)
    treatment: Treatment = table.one_of("treatment", get_args(Treatment))  # type: ignore[assignment]
    numbers = [key for key in ("limit", "threshold", "range", "every") if table.has(key)]
    if len(numbers) > 1:
        table.problem(numbers[1], "A rule states at most one number.", "Split it into rules.")
    return Rule(
        id=rule_id,
        pack=pack,
        summary=table.label("summary"),
        treatment=treatment,
        ref=table.string("ref", longest=80),
        instrument=table.identifier("instrument"),
        article=_article(table),
        practice=table.boolean("practice"),
        soft=table.boolean("soft"),
        limit=_limit(table),
        threshold=_threshold(table),
        range=_range(table),
        every=read_every(table),
        floor=_floor(table, rule_id),
        superseded=table.boolean("superseded"),
        clocked_in=table.strings("clocked_in"),
        reading=table.text("reading"),
        in_force_from=first or (instrument.in_force_from if instrument else None),
        in_force_to=last or (instrument.in_force_to if instrument else None),
        kind=_kind(table),
        actor=table.text("actor"),
        figure=table.one_or_more("figure"),
        handled_by=_handlers(table),
        why=table.text("why"),
    )


def _kind(table: Table) -> Kind | None:
    if not table.has("kind"):
        return None
    kind: Kind = table.one_of("kind", get_args(Kind))  # type: ignore[assignment]
    return kind


def _handlers(table: Table) -> tuple[Handler, ...]:
    handlers = []
    for written in table.strings("handled_by"):
        kind, colon, name = written.partition(":")
        if kind not in get_args(HandlerKind):
            table.problem(
                "handled_by", f"“{kind}” is nothing that can handle a rule.", nearest(kind, get_args(HandlerKind))
            )
        elif not colon or not HANDLER_NAME.fullmatch(name):
            table.problem(
                "handled_by", f"“{written}” names nothing.", "Write kind:name, such as clock:PROCEDURE.CLOCK."
            )
        else:
            handlers.append(Handler(kind, name))  # type: ignore[arg-type]
    return tuple(handlers)


def _article(table: Table) -> str:
    value = table.raw("article")
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 1000:
        return str(value)
    return table.string("article", longest=40)


def _floor(table: Table, rule_id: str) -> tuple[str, ...]:
    if not table.has("floor"):
        return (rule_id,)
    named = table.strings("floor")
    for name in named:
        if not RULE_ID.fullmatch(name):
            table.problem("floor", f"“{name}” is not the id of a rule.", "Name rules of an ancestor.")
    return named


def _limit(table: Table) -> Limit | None:
    entry = table.table("limit")
    if entry is None:
        return None
    unit: Unit = entry.one_of("unit", get_args(Unit))  # type: ignore[assignment]
    bound: Bound = entry.one_of("bound", get_args(Bound), default="latest")  # type: ignore[assignment]
    amount = _amount(entry, unit)
    rolls = unit in ROLLING and amount != 0
    limit = Limit(unit, amount, bound, entry.boolean("roll", default=rolls), entry.integer("years"))
    if limit.years and unit != "on":
        entry.problem("years", "Years belong to the unit `on`.", "Remove the key.")
    entry.close()
    return limit


def _amount(table: Table, unit: str) -> int | str | None:
    if unit in COUNTED:
        if not table.has("amount"):
            table.problem("amount", "This is missing.", f"Give a number of the unit {unit}.")
        return table.integer("amount", default=1, least=0 if unit in AT_ONCE else 1)
    if unit == "set":
        if table.raw("amount") is not None:
            table.problem("amount", "A date that is set by an input has no amount.", "Remove the key.")
        return None
    amount = table.string("amount", required=True)
    if not _is_month_and_day(amount):
        table.problem("amount", f"“{amount}” is not a day of the year.", 'Write "MM-DD", such as "08-31".')
    return amount


def _is_month_and_day(value: str) -> bool:
    match = MONTH_AND_DAY.fullmatch(value)
    if match is None:
        return False
    try:
        date(LEAP_YEAR, int(match[1]), int(match[2]))
    except ValueError:
        return False
    return True


def _threshold(table: Table) -> Threshold | None:
    entry = table.table("threshold")
    if entry is None:
        return None
    field = entry.string("field", required=True, longest=80)
    if field and not FIELD.fullmatch(field):
        entry.problem("field", f"“{field}” is not a field.", "Write NAME, count:ACTION, mean:INPUT or sum:INPUT.")
    threshold = Threshold(
        field,
        entry.one_of("comparator", COMPARATORS),  # type: ignore[arg-type]
        entry.number("amount"),
        entry.string("unit", required=True, longest=40),
    )
    entry.close()
    return threshold


def _range(table: Table) -> Range | None:
    entry = table.table("range")
    if entry is None:
        return None
    bounds = Range(entry.number("min"), entry.number("max"), entry.string("unit", required=True, longest=40))
    if bounds.max < bounds.min:
        entry.problem("max", "The range is empty.", "Give `max` at least as large as `min`.")
    entry.close()
    return bounds


def read_every(table: Table) -> Every | None:
    """`every = { period, times, bound }`, or the period alone."""
    if isinstance(table.raw("every"), str):
        return Every(table.one_of("every", PERIODS))  # type: ignore[arg-type]
    entry = table.table("every")
    if entry is None:
        return None
    every = Every(
        entry.one_of("period", PERIODS),  # type: ignore[arg-type]
        entry.integer("times", default=1, least=1, most=366),
        entry.one_of("bound", ("least", "most"), default="least"),  # type: ignore[arg-type]
    )
    entry.close()
    return every


def is_day_of_year(value: str) -> bool:
    """Whether a text is "MM-DD"."""
    return _is_month_and_day(value)
