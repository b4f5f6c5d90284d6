"""Rules by instrument in a folder, and what a rule says of its source and of who handles it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.utils.translation import override

from statutes import vocabulary
from statutes.definitions import Every, Handler
from statutes.loader import Library, compile_source, digest_of, source_of
from statutes.timelimits import derive, end_of, start_of
from statutes.validation import check_source
from statutes.vocabulary import Where
from statutes.wording import every_text, limit_text
from tests.statutes.packs.support import NATION, TOWN, changed, library, problems
from tests.statutes.test_time_vectors import CALENDAR

PACK, RULES, EXTRA = "pack.toml", "rules.toml", "rules/extra.toml"
RULE = '[[rule]]\nid = "r"\npractice = true\nsummary = { zh = "规则", en = "R" }\ntreatment = '
HUE = 'threshold = { field = "hue", comparator = "<", amount = 1, unit = "%" }'
SATURDAY = date(2025, 8, 2)


def added(text: str) -> dict[str, str]:
    """The town with one more file of rules."""
    return {**TOWN, EXTRA: text}


def the_rule(found: Library) -> object:
    return next(rule for rule in found.packs["town"].pack.rules if rule.id == "r")


def test_rules_may_lie_in_a_folder_beside_rules_toml_or_instead_of_it(tmp_path: Path) -> None:
    beside = library(tmp_path / "a", town=added(RULE + '"planned"'))
    assert beside.problems == ()
    assert [rule.id for rule in beside.packs["town"].pack.rules] == ["town.answer", "town.extension", "town.lapse", "r"]
    instead = {name if name != RULES else "rules/town.toml": text for name, text in TOWN.items()}
    assert problems(tmp_path / "b", town=instead) == []


def test_a_pack_without_any_file_of_rules_is_told_so(tmp_path: Path) -> None:
    bare = {name: text for name, text in TOWN.items() if name != RULES}
    assert any(p.file == "town/rules.toml" and "missing" in p.message for p in problems(tmp_path, town=bare))


def test_the_stored_source_and_its_digest_hold_the_folder(tmp_path: Path) -> None:
    plain, more = library(tmp_path / "a"), library(tmp_path / "b", town=added(RULE + '"planned"'))
    source = source_of(more.chain("town"))
    assert "town/rules/extra.toml" in source
    assert digest_of(source) != digest_of(source_of(plain.chain("town")))
    assert compile_source(source).rule("r").treatment == "planned"


def test_a_fault_in_the_folder_is_named_with_its_file(tmp_path: Path) -> None:
    found = problems(tmp_path, town=added(RULE + '"outside"\nrang = 3'))
    assert {(p.file, p.key) for p in found} == {
        ("town/rules/extra.toml", "rule[0].rang"),
        ("town/rules/extra.toml", "rule.r.why"),
    }


def test_an_id_may_not_be_stated_in_two_files_for_the_same_days(tmp_path: Path) -> None:
    again = RULE.replace('"r"', '"town.answer"') + '"planned"'
    found = problems(tmp_path, town=added(again))
    assert any(p.file == "town/rules/extra.toml" and "stated twice" in p.message for p in found)


FAULTS = [
    ("a kind that there is not", '"planned"\nkind = "duty"', "kind", "words of the format"),
    ("a reference without a kind", '"planned"\nref = "R-1"', "kind", "of which kind"),
    ("an actor in one language", '"planned"\nactor = { zh = "部门" }', "actor.en", "missing"),
    ("nothing outside without why", '"outside"', "why", "says why"),
    ("a handler of no kind", '"enforced"\nhandled_by = ["proc:permit"]', "handled_by", "nothing that can handle"),
    ("a handler without name", '"enforced"\nhandled_by = ["guard"]', "handled_by", "names nothing"),
    ("a procedure that there is not", '"enforced"\nhandled_by = ["procedure:permits"]', "handled_by", "no procedure"),
    ("an action that there is not", '"enforced"\nhandled_by = ["action:permit.grant"]', "handled_by", "no action"),
    ("a clock that there is not", '"enforced"\nhandled_by = ["clock:permit.offers"]', "handled_by", "no clock"),
    ("a schedule that there is not", '"enforced"\nhandled_by = ["schedule:permit.x"]', "handled_by", "no schedule"),
    ("a condition that there is not", '"enforced"\nhandled_by = ["condition:whole"]', "handled_by", "no condition"),
    ("an effect that there is not", '"enforced"\nhandled_by = ["effect:issue"]', "handled_by", "no effect"),
    ("a guard that there is not", '"enforced"\nhandled_by = ["guard:dog"]', "handled_by", "no guard"),
    ("a report that there is not", '"monitored"\nhandled_by = ["report:all"]', "handled_by", "no report"),
    ("an alert that there is not", '"monitored"\nhandled_by = ["alert:all"]', "handled_by", "no alert"),
    ("a page that there is not", '"informed"\nhandled_by = ["page:all"]', "handled_by", "no page"),
    ("a room that there is not", '"planned"\nhandled_by = ["room:cellar"]', "handled_by", "no room"),
    ("a report that enforces", '"enforced"\nhandled_by = ["report:tests"]', "handled_by", "does not fit"),
    ("a page alone that enforces", '"enforced"\nhandled_by = ["page:tests"]', "handled_by", "does not fit"),
    ("a guard of what is planned", '"planned"\nhandled_by = ["guard:tests"]', "handled_by", "does not fit"),
    ("a field that nobody knows", f'"monitored"\n{HUE}', "threshold.field", "no field"),
    ("at once in working days", '"planned"\nlimit = { amount = 0, unit = "working_day" }', "amount", "out of bounds"),
    ("a bound of no kind", '"planned"\nevery = { period = "day", bound = "mostly" }', "bound", "words of the format"),
]  # fmt: skip


@pytest.fixture(autouse=True)
def _places() -> None:
    vocabulary.register_places(guards={"tests": Where("g")}, reports={"tests": Where("r")}, pages={"tests": Where("p")})


@pytest.mark.parametrize("fault", [fault[1:] for fault in FAULTS], ids=[fault[0] for fault in FAULTS])
def test_a_faulty_word_on_a_rule_is_named(tmp_path: Path, fault: tuple[str, str, str]) -> None:
    text, key, message = fault
    found = problems(tmp_path, town=added(RULE + text))
    assert any(p.key.endswith(key) and message in p.message and p.mend for p in found), "\n".join(map(str, found))


FINE = [
    '"enforced"\nhandled_by = ["procedure:permit", "action:permit.offer", "clock:permit.answer", "guard:tests"]',
    '"enforced"\nhandled_by = ["condition:complete", "effect:issue_permit"]',
    '"monitored"\nhandled_by = ["report:tests"]',
    '"enforced"\nhandled_by = ["procedure:permit", "page:tests"]',
    f'"informed"\nhandled_by = ["page:tests"]\n{HUE}',
    '"planned"\nhandled_by = ["room:projects"]\nkind = "gate"\nactor = { zh = "部门", en = "Departments" }',
    '"outside"\nwhy = { zh = "线下", en = "Not here" }\nfigure = ["a", "b"]\nref = "R-1"\nkind = "right"',
]


@pytest.mark.parametrize("text", FINE)
def test_what_fits_and_exists_is_in_order(tmp_path: Path, text: str) -> None:
    assert problems(tmp_path, town=added(RULE + text)) == []


def test_a_pack_on_which_others_stand_enforces_what_it_says(tmp_path: Path) -> None:
    """Cited by a pack below, a floor, an umbrella, or named: all count; nothing at all does not."""
    more = changed(NATION, RULES, "[[rule]]", f'{RULE}"enforced"\n[[rule]]')
    assert [p.id for p in problems(tmp_path / "a", nation=more)] == ["r"]
    named = changed(more, RULES, 'treatment = "enforced"', 'treatment = "enforced"\nhandled_by = ["guard:tests"]')
    assert problems(tmp_path / "b", nation=named) == []
    town = changed(TOWN, "procedures/permit.toml", 'rule = "permit"\nlabel', 'rule = "r"\nlabel')
    assert problems(tmp_path / "c", nation=more, town=town) == []


def test_a_figure_and_a_reference_are_stated_once(tmp_path: Path) -> None:
    of_kind = 'kind = "gate"\n'
    two = RULE + f'"planned"\n{of_kind}figure = "L-1"\nref = "R-1"\n' + RULE.replace('"r"', '"q"')
    found = problems(tmp_path / "a", town=added(two + f'"planned"\n{of_kind}figure = ["L-2", "L-1"]\nref = "R-1"'))
    assert {(p.id, p.key) for p in found} == {("q", "rule.q.figure"), ("q", "rule.q.ref")}
    instrument = changed(TOWN, PACK, "in_force_from", 'figure = "L-3"\nin_force_from')
    found = problems(tmp_path / "b", town={**instrument, EXTRA: RULE + '"planned"\nfigure = "L-3"'})
    assert [(p.id, p.key) for p in found] == [("r", "rule.r.figure")]


def test_one_rule_may_keep_its_reference_over_its_dates(tmp_path: Path) -> None:
    until = RULE + '"planned"\nkind = "gate"\nref = "R-1"\nin_force_to = 2024-12-31\n'
    since = RULE + '"planned"\nkind = "gate"\nref = "R-1"\nin_force_from = 2025-01-01\n'
    assert problems(tmp_path, town=added(until + since)) == []


def test_a_stored_version_runs_whatever_the_portal_calls_its_reports_today(tmp_path: Path) -> None:
    """Old sources know no kinds, and name guards that may be gone: neither keeps the portal from starting."""
    chain = library(tmp_path, town=added(RULE + '"enforced"\nref = "R-1"\nhandled_by = ["guard:gone"]')).chain("town")
    assert check_source(source_of(chain)) == []


def test_handlers_are_read_as_kind_and_name(tmp_path: Path) -> None:
    found = library(tmp_path, town=added(RULE + '"enforced"\nhandled_by = ["clock:permit.answer"]'))
    assert the_rule(found).handled_by == (Handler("clock", "permit.answer"),)  # type: ignore[attr-defined]
    assert str(Handler("clock", "permit.answer")) == "clock:permit.answer"


def test_at_once_means_the_end_of_the_day_itself_even_of_a_day_off(tmp_path: Path) -> None:
    found = library(tmp_path, town=added(RULE + '"planned"\nlimit = { amount = 0, unit = "day" }'))
    limit = the_rule(found).limit  # type: ignore[attr-defined]
    assert (limit.amount, limit.roll) == (0, False)
    due = derive(start=start_of(SATURDAY), unit="day", amounts=[0], roll=limit.roll, calendar=CALENDAR, explain=True)
    assert (due.due_on, due.due_at, due.provisional) == (SATURDAY, end_of(SATURDAY), False)
    assert [step.why for step in due.days] == ["start"]
    now = datetime(2025, 8, 2, 3, 4, 5, tzinfo=UTC)
    assert derive(start=now, unit="hour", amounts=[0], calendar=CALENDAR).due_at == now
    with override("en"):
        assert limit_text(limit) == "on the day itself"


def test_a_period_may_be_bounded_from_above(tmp_path: Path) -> None:
    """So many times at most is laxer when it is more often; at least and at most cannot be compared."""
    every = 'every = { period = "hour", times = 3, bound = "most" }'
    found = library(tmp_path / "a", town=added(f'{RULE}"planned"\n{every}'))
    assert the_rule(found).every == Every("hour", 3, "most")  # type: ignore[attr-defined]
    with override("en"):
        assert every_text(Every("hour", 3, "most")) == "at most 3 times every hour"
    nation = {**NATION, EXTRA: f'{RULE}"planned"\n{every}'}
    for times, bound, message in ((4, "most", "laxer"), (2, "least", "cannot be compared"), (2, "most", "")):
        mine = f'{RULE}"planned"\nevery = {{ period = "hour", times = {times}, bound = "{bound}" }}'
        said = [p.message for p in problems(tmp_path / f"{times}{bound}", nation=nation, town=added(mine))]
        assert [message in text for text in said] == ([True] if message else [])
