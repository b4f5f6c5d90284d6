"""Every fault that a pack can have is named once, with its file, its id and how to mend it."""

from __future__ import annotations

from pathlib import Path

import pytest

from statutes.loader import Problem, load_library
from statutes.loader.files import LARGEST_FILE
from tests.statutes.packs.support import NATION, TOWN, changed, library, problems

PACK, RULES, PERMIT = "pack.toml", "rules.toml", "procedures/permit.toml"
REFUSE_REASON = 'rule = "town.answer"\ninputs = { reason = "required" }'
OFFERED = 'from = ["offered"]\nto = "issued"'

FAULTS = [
    ("a typo in a key", PERMIT, 'awaits = ["office', 'awiats = ["office', "not part of the format", "awaits"),
    ("a key of another table", PACK, 'version = "1"', 'version = "1"\nowner = "me"', "not part of the format", ""),
    ("malformed TOML", PERMIT, "[party.applicant]", "[party.applicant", "not TOML", "line"),
    ("a table defined twice", PERMIT, "[state.issued]", "[state.examined]", "not TOML", ""),
    ("a text in one language", PERMIT, 'zh = "许可", en = "Permit"', 'zh = "许可"', "missing", "text"),
    ("a wrong type", PERMIT, "once = true", 'once = "yes"', "true or false", ""),
    ("a list where a text is meant", PERMIT, 'family = "permit"', 'family = ["permit"]', "a text", ""),
    ("a number where a table is meant", PERMIT, "[state.issued]", "state.other = 3\n[state.issued]", "", ""),
    ("an id that is no snake case", PERMIT, 'id = "extend"', 'id = "Extend It"', "snake case", "small letters"),
    (
        "a limit of a wrong unit",
        RULES,
        'amount = 5, unit = "working_day"',
        'amount = 5, unit = "workday"',
        "words",
        "working_day",
    ),
    ("a limit without amount", RULES, 'amount = 5, unit = "working_day"', 'unit = "working_day"', "missing", ""),
    ("a limit of nothing", RULES, "amount = 5", "amount = 0", "out of bounds", ""),
    ("a limit beyond reason", RULES, "amount = 5", "amount = 99999999", "out of bounds", ""),
    (
        "a day that no year has",
        RULES,
        'amount = 5, unit = "working_day"',
        'amount = "02-30", unit = "on"',
        "day of the year",
        "",
    ),
    ("two numbers in a rule", RULES, "floor =", 'every = { period = "year" }\nfloor =', "at most one number", ""),
    ("no treatment", RULES, 'article = 7\ntreatment = "enforced"', "article = 7", "missing", ""),
    ("no summary", RULES, 'summary = { zh = "五日内答复", en = "Answered in five days" }\n', "", "missing", ""),
    ("a rule without article or practice", RULES, "article = 7\n", "", "cites no article", "practice"),
    ("an article of nothing", RULES, 'instrument = "bylaw"\n', "", "which instrument", "instrument"),
    ("an unknown instrument", RULES, 'instrument = "bylaw"', 'instrument = "bylow"', "no instrument", "bylaw"),
    ("a rule stated twice", RULES, 'id = "town.lapse"', 'id = "town.extension"', "stated twice", ""),
    ("a number laxer than its floor", RULES, "amount = 5", "amount = 11", "laxer than its floor", "superseded"),
    (
        "a floor in another unit",
        RULES,
        'amount = 5, unit = "working_day"',
        'amount = 5, unit = "month"',
        "cannot be compared",
        "",
    ),
    (
        "an unknown floor",
        RULES,
        'floor = ["permit.answer"]',
        'floor = ["permit.anwser"]',
        "No ancestor",
        "permit.answer",
    ),
    ("a rule enforced by nothing", RULES, 'id = "town.lapse"', 'id = "town.lapsed"', "no procedure cites it", ""),
    ("an unknown rule", PERMIT, 'limit = "town.lapse"', 'limit = "town.laps"', "no rule", "town.lapse"),
    ("a clock on a rule without limit", PERMIT, 'limit = "town.lapse"', 'limit = "permit"', "states no limit", ""),
    ("an unknown state", PERMIT, OFFERED, 'from = ["offered"]\nto = "isued"', "no state", "issued"),
    ("an unknown state to leave", PERMIT, OFFERED, 'from = ["ofered"]\nto = "issued"', "no state", "offered"),
    (
        "an unknown event of a clock",
        PERMIT,
        'until = ["offer", "refuse"]',
        'until = ["ofer", "refuse"]',
        "no action",
        "offer",
    ),
    (
        "an unknown due date",
        PERMIT,
        'from = ["apply"]\nuntil',
        'from = ["apply", "due:anser"]\nuntil',
        "due date",
        "due:answer",
    ),
    ("an unknown clock", PERMIT, 'extends = { clock = "answer"', 'extends = { clock = "answers"', "no clock", "answer"),
    ("a clock asked for that is none", PERMIT, 'clock = "answer", is', 'clock = "anwser", is', "no clock", "answer"),
    ("an unknown status", PERMIT, 'is = "running"', 'is = "runing"', "words of the format", "running"),
    ("an unknown party", PERMIT, 'awaits = ["office.reviewer"]', 'awaits = ["ofice.reviewer"]', "no party", "office"),
    (
        "an unknown position",
        PERMIT,
        'awaits = ["office.reviewer"]',
        'awaits = ["office.reviwer"]',
        "no position",
        "reviewer",
    ),
    ("a party without position", PERMIT, 'awaits = ["office.reviewer"]', 'awaits = ["office"]', "no position", ""),
    ("an unknown duty", PERMIT, 'duty = "office"', 'duty = "ofice"', "no party", "office"),
    (
        "a party that is an organ",
        PERMIT,
        "[party.applicant]",
        '[party.office]\nfrom = "opener"\n[party.applicant]',
        "also an organ",
        "",
    ),
    ("an unknown source of a party", PERMIT, 'from = "opener"', 'from = "openner"', "source of parties", "opener"),
    ("an unknown condition", PERMIT, 'test = "complete"', 'test = "compleat"', "no condition", "complete"),
    ("an unknown effect", PERMIT, '["issue_permit"]', '["isue_permit"]', "no effect", "issue_permit"),
    (
        "an unknown input",
        PERMIT,
        'inputs = { kind = "required" }',
        'inputs = { kinds = "required" }',
        "no input",
        "kind",
    ),
    (
        "an unknown need",
        PERMIT,
        'inputs = { kind = "required" }',
        'inputs = { kind = "needed" }',
        "words of the format",
        "",
    ),
    ("an unknown option", PERMIT, 'is = "large"', 'is = "huge"', "no option", "large"),
    ("an unknown family", PERMIT, 'family = "permit"', 'family = "permits"', "family", "permit"),
    ("an action taken twice by one id", PERMIT, 'id = "extend"', 'id = "apply"', "defined twice", ""),
    ("an action named as a state", PERMIT, 'id = "extend"', 'id = "issued"', "one name", "Rename"),
    ("a clock named as a state", PERMIT, "[clock.answer]", "[clock.issued]", "name of an action or state", ""),
    ("two clocks of one name", PERMIT, "[clock.answer]", "[clock.offered]", "limit of its own", ""),
    ("a state that nothing leads to", PERMIT, OFFERED, 'from = ["offered"]\nto = "refused"', "No action leads", ""),
    ("a state without end", PERMIT, 'outcome = "issued"', 'awaits = ["office.reviewer"]', "never be closed", "outcome"),
    (
        "a procedure that nothing opens",
        PERMIT,
        'to = "examined"\nby',
        'from = ["examined"]\nto = "examined"\nby',
        "No action opens",
        "",
    ),
    (
        "an end that goes on",
        PERMIT,
        'outcome = "issued"',
        'outcome = "issued"\nawaits = ["office.reviewer"]',
        "ends the case",
        "",
    ),
    (
        "a refusal without reasons",
        PERMIT,
        REFUSE_REASON,
        'rule = "town.answer"\ninputs = { reason = "optional" }',
        "reasons",
        "reason",
    ),
    (
        "one position on both sides",
        PERMIT,
        'by = ["office.reviewer"]\nkind = "decide"',
        'by = ["applicant.handler"]\nkind = "decide"',
        "also decides",
        "",
    ),
    (
        "an act that the clock may not take",
        PERMIT,
        'act = "lapse"',
        'act = "accept"',
        "not taken by the clock",
        "clock",
    ),
    ("an action of a clock that takes none", PERMIT, ', act = "lapse"', "", "No clock takes", "act"),
    ("an action that nobody takes", PERMIT, 'by = ["clock"]', "by = []", "Nobody can take", ""),
    ("a reminder in no unit", PERMIT, '"-2wd"', '"-2weeks"', "no reminder", "wd"),
    ("a date from a text", PERMIT, "extends = { clock", 'dated = "days"\nextends = { clock', "no date", ""),
    ("an extension by a text", PERMIT, 'amount = "days"', 'amount = "apply.kind"', "no number", ""),
    (
        "an unconditional branch before the last",
        PERMIT,
        OFFERED,
        'from = ["offered"]\nto = [{ to = "issued" }, { to = "refused" }]',
        "never be reached",
        "last",
    ),
    (
        "two questions in a condition",
        PERMIT,
        '{ test = "complete", rule',
        '{ test = "complete", taken = "apply", rule',
        "exactly one question",
        "",
    ),
    ("an unknown parent", PACK, 'parent = "nation"', 'parent = "natoin"', "no pack", "nation"),
    ("its own parent", PACK, 'parent = "nation"', 'parent = "town"', "circle", ""),
    ("a limit beside nothing", PERMIT, 'limit = "town.lapse"\n', "", "need a `limit`", ""),
]


@pytest.mark.parametrize("fault", [fault[1:] for fault in FAULTS], ids=[fault[0] for fault in FAULTS])
def test_a_fault_is_named_with_its_file_and_mend(tmp_path: Path, fault: tuple[str, ...]) -> None:
    file, old, new, message, mend = fault
    found = problems(tmp_path, town=changed(TOWN, file, old, new))
    assert found, "the fault went unseen"
    told = [p for p in found if p.file == f"town/{file}" and message in p.message and mend in p.mend]
    assert told, "\n".join(map(str, found))
    assert all(problem.mend for problem in found)


def test_packs_without_fault_have_no_problem(tmp_path: Path) -> None:
    assert problems(tmp_path) == []


def test_a_limit_over_a_whole_family_has_to_be_measured(tmp_path: Path) -> None:
    found = problems(tmp_path, town=changed(TOWN, RULES, 'floor = ["permit.answer"]', "floor = []"))
    assert [(p.file, p.id) for p in found if "No clock measures" in p.message] == [
        ("town/procedures/permit.toml", "permit")
    ]


def test_automatic_exits_may_not_turn_in_circles(tmp_path: Path) -> None:
    town = changed(
        TOWN,
        PERMIT,
        "[state.offered]",
        '[state.moving]\nlabel = { zh = "转", en = "Moving" }\n'
        'next = [{ when = "complete", to = "examined" }]\n[state.offered]',
    )
    town = changed(
        town,
        PERMIT,
        'awaits = ["office.reviewer"]\n[state.moving]',
        'awaits = ["office.reviewer"]\nnext = [{ when = "complete", to = "moving" }]\n[state.moving]',
    )
    assert any("lead from this state back" in p.message and p.id == "moving" for p in problems(tmp_path, town=town))


def test_a_state_may_say_why_it_is_under_no_clock(tmp_path: Path) -> None:
    """No limit, or a clock that only some ways start, is a problem; `unlimited` says why there is none."""
    bare = changed(TOWN, PERMIT, 'from = ["apply"]\nuntil', 'from = ["offer"]\nuntil')
    assert any("under no time limit" in p.message and p.id == "examined" for p in problems(tmp_path, town=bare))
    said = changed(
        bare,
        PERMIT,
        'awaits = ["office.reviewer"]',
        'awaits = ["office.reviewer"]\nunlimited = { zh = "未定", en = "Not set" }',
    )
    assert not any("under no time limit" in p.message for p in problems(tmp_path, town=said))


def test_a_clock_that_waits_in_a_state_does_not_cover_it(tmp_path: Path) -> None:
    town = changed(TOWN, PERMIT, 'until = ["offer", "refuse"]', 'until = ["offer", "refuse"]\npause = ["examined"]')
    assert any("under no time limit" in p.message for p in problems(tmp_path, town=town))


def test_a_laxer_number_may_say_that_it_is(tmp_path: Path) -> None:
    laxer = changed(TOWN, RULES, "amount = 5", "amount = 11")
    said = changed(laxer, RULES, 'floor = ["permit.answer"]', 'floor = ["permit.answer"]\nsuperseded = true')
    assert problems(tmp_path, town=said) == []


def test_a_date_that_is_set_needs_an_input_that_every_start_requires(tmp_path: Path) -> None:
    town = changed(
        TOWN,
        RULES,
        'limit = { amount = 5, unit = "working_day" }\nfloor = ["permit.answer"]',
        'limit = { unit = "set" }\nfloor = []',
    )
    town = changed(town, PERMIT, 'duty = "office"\n', 'duty = "office"\namount = "by_date"\n')
    assert any("without requiring" in p.message for p in problems(tmp_path, town=town))


def test_persons_hold_no_position(tmp_path: Path) -> None:
    town = changed(TOWN, PERMIT, 'from = "opener"', 'from = "opener"\npersons = true')
    assert any("hold no position" in p.message for p in problems(tmp_path, town=town))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'id = "\xff\xfe"', "not UTF-8"),
        ("id = 'x'".encode("utf-16"), "not UTF-8"),
        (b"# " + b"x" * LARGEST_FILE, "larger than"),
        (b"a = " + b"[" * 5000 + b"]" * 5000, ""),
        (b"a = " + b"9" * 6000, "not TOML"),
        (b"\x00\x01\x02", "not TOML"),
        (b"", "missing"),
    ],
    ids=["latin", "utf-16", "huge", "deep", "long number", "binary", "empty"],
)
def test_a_file_that_cannot_be_read_is_a_named_problem(tmp_path: Path, content: bytes, message: str) -> None:
    for file in (PACK, RULES, PERMIT):
        if (file, content) == (RULES, b""):
            continue
        found = problems(tmp_path, town={**TOWN, file: content})
        assert any(p.file == f"town/{file}" and message in p.message for p in found), f"{file}: {found}"


def test_a_byte_order_mark_and_windows_line_ends_are_no_fault(tmp_path: Path) -> None:
    marked = {name: b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode() for name, text in TOWN.items()}
    assert problems(tmp_path, town=marked) == []


def test_a_missing_file_is_a_named_problem(tmp_path: Path) -> None:
    without = {name: text for name, text in TOWN.items() if name != RULES}
    found = problems(tmp_path, town=without)
    assert any(p.file == "town/rules.toml" and "missing" in p.message for p in found)


def test_parents_may_not_run_in_a_circle(tmp_path: Path) -> None:
    nation = changed(NATION, PACK, 'version = "1"', 'version = "1"\nparent = "town"')
    found = problems(tmp_path, nation=nation)
    assert {p.file for p in found if "circle" in p.message} >= {"town/pack.toml", "nation/pack.toml"}


def test_two_packs_of_one_id_are_a_problem(tmp_path: Path) -> None:
    found = problems(tmp_path, nation=changed(NATION, PACK, 'id = "nation"', 'id = "town"'))
    assert any("taken" in problem.message for problem in found)


def test_every_fault_is_told_in_one_run(tmp_path: Path) -> None:
    town = changed(TOWN, PERMIT, 'test = "complete"', 'test = "compleat"')
    town = changed(town, PERMIT, '["issue_permit"]', '["isue_permit"]')
    town = changed(town, RULES, 'instrument = "bylaw"', 'instrument = "bylow"')
    told = "\n".join(map(str, problems(tmp_path, town=town)))
    for fault in ("compleat", "isue_permit", "bylow"):
        assert fault in told


def test_a_problem_reads_as_one_line() -> None:
    problem = Problem("town/rules.toml", "rule.answer.limit", "answer", "It is laxer.", "Use the floor's.")
    assert str(problem) == "town/rules.toml: rule.answer.limit (answer): It is laxer. Use the floor's."


def test_a_folder_without_packs_is_a_problem(tmp_path: Path) -> None:
    library(tmp_path / "own")
    from_elsewhere = load_library(str(tmp_path / "nowhere"), own=tmp_path / "own")
    assert any("no rule pack here" in p.message for p in from_elsewhere.problems)
