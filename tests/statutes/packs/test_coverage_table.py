"""The table of what the portal does with each rule: complete, and the same for people, machines and pages."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from organizations.actors import SystemActor
from organizations.errors import NotKnown
from statutes.coverage import Coverage, as_data, coverages
from statutes.loader import join
from statutes.selectors.coverage import coverage_in_force, coverage_of
from tests.scenes import store_law
from tests.statutes.packs.support import NATION, TOWN, library, write

MORE = """
[[rule]]
id = "town.plan"
ref = "R-1"
kind = "obligation"
instrument = "bylaw"
article = "9"
treatment = "planned"
handled_by = ["room:projects"]
figure = "L-1"
summary = { zh = "年度计划", en = "Yearly plan" }
every = { period = "year" }
[[rule]]
id = "town.hand"
ref = "R-2"
kind = "prohibition"
instrument = "bylaw"
article = "10"
treatment = "outside"
why = { zh = "线下办理", en = "Done elsewhere" }
soft = true
reading = { zh = "从宽", en = "Read widely" }
summary = { zh = "不得", en = "Must not" }
[[rule]]
id = "town.shown"
practice = true
treatment = "informed"
summary = { zh = "告知", en = "Shown" }
"""


@pytest.fixture
def found(tmp_path: Path) -> list[Coverage]:
    packs = library(tmp_path, town={**TOWN, "rules/more.toml": MORE})
    return coverages([join(packs.chain(pack)) for pack in ("nation", "town")])


def test_every_rule_is_counted_once_by_kind_and_treatment(found: list[Coverage]) -> None:
    town = found[1]
    assert town.table == [
        ("obligation", [0, 0, 0, 0, 1], 1),
        ("prohibition", [0, 0, 0, 1, 0], 1),
        ("", [3, 0, 1, 0, 0], 4),
    ]
    assert town.totals == [3, 0, 1, 1, 1]
    assert {room: [rule.id for rule in rules] for room, rules in town.planned.items()} == {"projects": ["town.plan"]}


def test_what_somebody_has_to_read_is_listed(found: list[Coverage]) -> None:
    data = as_data(found[1])
    assert data["readings"] == data["soft"] == ["town.hand"]
    assert data["practice"] == ["town.extension", "town.lapse", "town.shown"]
    assert data["figures"] == {"L-1": "town.plan"}
    assert data["unhandled"] == ["town.shown"]


def test_a_rule_is_handled_by_the_procedures_that_cite_it_or_stand_on_it(found: list[Coverage]) -> None:
    """The nation's answer is enforced by the town's procedure, whose own limit stands on it."""
    by = {covered.rule.id: covered.handled_by for pack in found for covered in pack.rules}
    assert by["town.answer"] == ("procedure:permit",)
    assert by["permit.answer"] == ("procedure:permit", "family:permit")
    assert by["town.hand"] == ()


def test_the_command_prints_a_table_and_the_same_for_machines(tmp_path: Path) -> None:
    write(tmp_path / "nation", NATION)
    write(tmp_path / "town", {**TOWN, "rules/more.toml": MORE})
    out = StringIO()
    call_command("statutes_coverage", "town", path=str(tmp_path), stdout=out)
    text = out.getvalue()
    assert "town · Town · version 1" in text
    assert "planned for projects (1): town.plan" in text
    out = StringIO()
    call_command("statutes_coverage", "nation", "town", path=str(tmp_path), json=True, stdout=out)
    assert [pack["pack"] for pack in json.loads(out.getvalue())] == ["nation", "town"]


def test_the_command_refuses_packs_that_it_does_not_know(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no pack nowhere"):
        call_command("statutes_coverage", "nowhere")
    write(tmp_path / "town", {**TOWN, "rules.toml": "[[rule]"})
    with pytest.raises(CommandError, match="not TOML"):
        call_command("statutes_coverage", path=str(tmp_path))


@pytest.mark.django_db
def test_the_pages_show_the_coverage_of_what_is_in_force() -> None:
    store_law()
    actor = SystemActor("test")
    shown = coverage_in_force(actor)
    assert shown[0].pack.id == "national"
    assert sum(shown[0].totals) == len({covered.rule.id for covered in shown[0].rules})
    assert coverage_of(actor, "national").pack == shown[0].pack
    with pytest.raises(NotKnown):
        coverage_of(actor, "nowhere")
