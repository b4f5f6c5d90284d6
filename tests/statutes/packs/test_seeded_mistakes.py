"""Mistakes of the law's own kind, seeded one at a time: each is caught by file, key, id and mend."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.statutes.packs.support import NATION, TOWN, changed, problems

PACK, RULES, PERMIT = "pack.toml", "rules.toml", "procedures/permit.toml"
RULE = '[[rule]]\nid = "town.new"\npractice = true\ntreatment = "informed"\nsummary = { zh = "规则", en = "Rule" }\n'
SCHEDULE = '[[schedule]]\nid = "yearly"\nrule = "permit"\nprocedure = "permit"\n'
BY_SCHEDULE = 'by = ["applicant.handler", "schedule"]\nkind = "submit"'
BY_PARENT = 'by = ["applicant.handler", "parent"]\nkind = "submit"'
BY_HAND = 'by = ["applicant.handler"]\nkind = "submit"'
STATE_OFFERED = 'label = { zh = "待接受", en = "Offered" }'
EXAMINED = 'label = { zh = "审查中", en = "Being examined" }'
NOTE = """[[action]]
id = "note"
label = { zh = "记录", en = "Note" }
from = ["examined"]
by = ["office.reviewer"]
rule = "permit"
"""
SEND_BACK = """[[action]]
id = "send_back"
label = { zh = "退回", en = "Send back" }
from = ["offered"]
to = "examined"
by = ["applicant.handler"]
rule = "permit"
"""
VISIT = """id = "visit"
family = "permit"
rule = "permit"
label = { zh = "踏勘", en = "Visit" }
[state.due]
label = { zh = "待踏勘", en = "Due" }
awaits = ["office.reviewer"]
limit = "permit.answer"
opens = [{ procedure = "permit" }]
[state.seen]
label = { zh = "已踏勘", en = "Seen" }
outcome = "seen"
[[action]]
id = "open"
label = { zh = "启动", en = "Open" }
to = "due"
by = ["parent"]
rule = "permit"
[[action]]
id = "see"
label = { zh = "踏勘", en = "See" }
from = ["due"]
to = "seen"
by = ["office.reviewer"]
rule = "permit"
"""


def added(file: str, text: str) -> dict[str, str]:
    return {**TOWN, file: f"{TOWN[file]}\n{text}"}


def edited(*edits: tuple[str, str, str]) -> dict[str, str]:
    town = dict(TOWN)
    for file, old, new in edits:
        town = changed(town, file, old, new)
    return town


def scheduled(every: str) -> dict[str, str]:
    town = edited((PERMIT, BY_HAND, BY_SCHEDULE))
    return {**town, PERMIT: f"{town[PERMIT]}\n{SCHEDULE}every = {every}\n"}


SEEDED = {
    "a schedule that does not come out even": (
        scheduled('{ period = "year", times = 5 }'),
        (PERMIT, "schedule.yearly.every", "yearly", "do not come out in whole months", "Choose a period"),
    ),
    "a schedule of a week that is parted": (
        scheduled('{ period = "week", times = 2 }'),
        (PERMIT, "schedule.yearly.every", "yearly", "do not come out", "Choose a period"),
    ),
    "a schedule of a procedure that no schedule opens": (
        added(PERMIT, SCHEDULE + 'every = "year"'),
        (PERMIT, "schedule.yearly", "yearly", "opens a case by a schedule", 'by = ["schedule"]'),
    ),
    "an opening by a schedule that there is not": (
        edited((PERMIT, BY_HAND, BY_SCHEDULE)),
        (PERMIT, "action.apply.by", "apply", "No schedule opens this procedure", "Add a [[schedule]]"),
    ),
    "two schedules of one id": (
        {**scheduled('"year"'), PERMIT: scheduled('"year"')[PERMIT] + SCHEDULE + 'every = "month"\n'},
        (PERMIT, "schedule[1].id", "yearly", "defined twice", "its own id"),
    ),
    "a child of a procedure that no parent opens": (
        edited((PERMIT, STATE_OFFERED, STATE_OFFERED + '\nopens = [{ procedure = "permit" }]')),
        (PERMIT, "state.opens", "offered", "opens a case by a parent", 'by = ["parent"]'),
    ),
    "a procedure that opens itself": (
        edited(
            (PERMIT, BY_HAND, BY_PARENT),
            (PERMIT, STATE_OFFERED, STATE_OFFERED + '\nopens = [{ procedure = "permit" }]'),
        ),
        (PERMIT, "state.opens", "permit", "open each other without end", "Break the circle"),
    ),
    "two procedures that open each other": (
        {
            **edited(
                (PERMIT, BY_HAND, BY_PARENT),
                (PERMIT, STATE_OFFERED, STATE_OFFERED + '\nopens = [{ procedure = "visit" }]'),
            ),
            "procedures/visit.toml": VISIT,
        },
        ("procedures/visit.toml", "state.opens", "visit", "open each other without end", "Break the circle"),
    ),
    "children of an unknown procedure": (
        edited((PERMIT, STATE_OFFERED, STATE_OFFERED + '\nopens = [{ procedure = "visits" }]')),
        (PERMIT, "state.offered.opens", "offered", "no procedure “visits”", "permit"),
    ),
    "children for each of an unknown organ": (
        edited((PERMIT, STATE_OFFERED, STATE_OFFERED + '\nopens = [{ procedure = "permit", each = "organ:ofice" }]')),
        (PERMIT, "state.offered.opens", "offered", "no organ “ofice”", "office"),
    ),
    "children for each of an unknown resolver": (
        edited((PERMIT, STATE_OFFERED, STATE_OFFERED + '\nopens = [{ procedure = "permit", each = "permit_ofice" }]')),
        (PERMIT, "state.offered.opens", "offered", "no resolver “permit_ofice”", "permit_office"),
    ),
    "enforced by a clock that there is not": (
        added(RULES, RULE.replace("informed", "enforced") + 'handled_by = ["clock:permit.anwser"]'),
        (RULES, "rule.town.new.handled_by", "town.new", "There is no clock “permit.anwser”", "permit.answer"),
    ),
    "enforced by an action that there is not": (
        added(RULES, RULE.replace("informed", "enforced") + 'handled_by = ["action:permit.offers"]'),
        (RULES, "rule.town.new.handled_by", "town.new", "There is no action", "permit.offer"),
    ),
    "enforced by a condition that there is not": (
        added(RULES, RULE.replace("informed", "enforced") + 'handled_by = ["condition:compleat"]'),
        (RULES, "rule.town.new.handled_by", "town.new", "There is no condition", "complete"),
    ),
    "enforced by a page": (
        added(RULES, RULE.replace("informed", "enforced") + 'handled_by = ["page:law"]'),
        (RULES, "rule.town.new.handled_by", "town.new", "does not fit", "Name a procedure"),
    ),
    "enforced by nothing and cited by nothing": (
        added(RULES, RULE.replace("informed", "enforced")),
        (RULES, "rule.town.new.treatment", "town.new", "no procedure cites it", "handled_by"),
    ),
    "left outside without saying why": (
        added(RULES, RULE.replace("informed", "outside")),
        (RULES, "rule.town.new.why", "town.new", "says why", "`why`"),
    ),
    "a procedure defined twice": (
        {**TOWN, "procedures/again.toml": TOWN[PERMIT]},
        (PERMIT, "", "permit", "defined twice for the same days", "part their dates"),
    ),
    "a state that only a minimum period covers": (
        edited(
            (
                RULES,
                'limit = { amount = 5, unit = "working_day" }\nfloor = ["permit.answer"]',
                'limit = { amount = 5, unit = "working_day", bound = "earliest" }\nfloor = []',
            )
        ),
        (PERMIT, "state.examined", "examined", "under no time limit", "`unlimited`"),
    ),
    "a state that is entered again when its clock has been met in it": (
        {
            **TOWN,
            PERMIT: changed(TOWN, PERMIT, 'until = ["offer", "refuse"]', 'until = ["note", "refuse"]')[PERMIT]
            + NOTE
            + SEND_BACK,
        },
        (PERMIT, "state.examined", "examined", "under no time limit", "`unlimited`"),
    ),
    "an act by a clock that an action begins where it cannot be taken": (
        edited(
            (PERMIT, 'from = ["apply"]\nuntil', 'from = ["apply", "extend"]\nuntil'),
            (PERMIT, 'on_due = { notify = ["office.approver"] }', 'on_due = { act = "lapse" }'),
        ),
        (PERMIT, "action.lapse.from", "lapse", "may fall due in “examined”", "end the clock before it"),
    ),
    "an act by a clock that is no action": (
        edited((PERMIT, 'act = "lapse"', 'act = "laps"')),
        (PERMIT, "state.offered.on_due.act", "offered", "no action “laps”", "lapse"),
    ),
    "an opening into no state": (
        edited((PERMIT, 'to = "examined"\nby', "by")),
        (PERMIT, "action.apply.to", "apply", "opens a case in no state", "Name the first state"),
    ),
    "an action from no state": (
        edited((PERMIT, 'from = ["offered"]\nto = "issued"', 'from = []\nto = "issued"')),
        (PERMIT, "action[4].from", "accept", "names no state", "remove the key"),
    ),
    "an effect on entry that nobody knows": (
        edited((PERMIT, 'effects = ["issue_permit"]', 'effects = ["isue_permit"]')),
        (PERMIT, "state.issued.effects", "issued", "no effect", "issue_permit"),
    ),
    "a party bound that is bound at the opening": (
        edited(
            (
                PACK,
                'version = "1"',
                'version = "1"\n[input.who]\ntype = "organization"\nlabel = { zh = "谁", en = "W" }',
            ),
            (
                PERMIT,
                'inputs = { kind = "required" }',
                'inputs = { kind = "required", who = "required" }\nbinds = { applicant = "who" }',
            ),
        ),
        (PERMIT, "action.apply.binds", "apply", "bound when the case opens", 'from = "bound"'),
    ),
    "a party bound by a text": (
        edited(
            (PERMIT, "[state.examined]", '[party.builder]\nfrom = "bound"\n[state.examined]'),
            (PERMIT, 'inputs = { kind = "required" }', 'inputs = { kind = "required" }\nbinds = { builder = "kind" }'),
        ),
        (PERMIT, "action.apply.binds", "apply", "is no organization or person", "Name an input"),
    ),
    "a told hand that nobody is": (
        edited((PERMIT, 'notify = ["applicant.leader"]', 'notify = ["aplicant.leader"]')),
        (PERMIT, "state.offered.on_due.notify", "offered", "no party", "applicant"),
    ),
    "an extension by a rule without number": (
        edited((PERMIT, 'by = "town.extension", amount', 'by = "permit", amount')),
        (PERMIT, "action.extend.extends.by", "extend", "states no limit", "Name a rule with a limit"),
    ),
    "a parent that there is not": (
        edited((PERMIT, 'id = "permit"', 'id = "permit"\nparent = ["project"]')),
        (PERMIT, "parent", "permit", "no procedure “project”", ""),
    ),
}


@pytest.mark.parametrize("mistake", SEEDED.values(), ids=SEEDED.keys())
def test_a_seeded_mistake_is_caught_by_name(
    tmp_path: Path, mistake: tuple[dict[str, str], tuple[str, str, str, str, str]]
) -> None:
    town, (file, key, named, message, mend) = mistake
    found = problems(tmp_path, town=town)
    told = [p for p in found if (p.file, p.id) == (f"town/{file}", named) and key in p.key and message in p.message]
    assert any(mend in problem.mend for problem in told), "\n".join(map(str, found)) or "it went unseen"


FLOORS = {
    "a minimum period that is shorter": (
        'limit = { amount = 9, unit = "day", bound = "earliest" }',
        'limit = { amount = 8, unit = "day", bound = "earliest" }',
    ),
    "a threshold that lets more through": (
        'threshold = { field = "area", comparator = "<=", amount = 50, unit = "m2" }',
        'threshold = { field = "area", comparator = "<=", amount = 51, unit = "m2" }',
    ),
    "a threshold that includes its edge": (
        'threshold = { field = "area", comparator = "<", amount = 50, unit = "m2" }',
        'threshold = { field = "area", comparator = "<=", amount = 50, unit = "m2" }',
    ),
    "a wider range": ('range = { min = 1, max = 9, unit = "x" }', 'range = { min = 1, max = 10, unit = "x" }'),
    "a rarer period": ('every = "quarter"', 'every = "year"'),
    "a later day of the year": (
        'limit = { amount = "06-30", unit = "on" }',
        'limit = { amount = "07-01", unit = "on" }',
    ),
}


@pytest.mark.parametrize(("above", "below"), FLOORS.values(), ids=FLOORS.keys())
def test_a_number_laxer_than_its_floor_is_caught_by_name(tmp_path: Path, above: str, below: str) -> None:
    """And the floor's own number is in order."""
    nation = {
        **NATION,
        RULES: f"{NATION[RULES]}\n{RULE.replace('town.new', 'nation.new')}instrument = 'act'\n{above}\n",
    }
    named = RULE + 'floor = ["nation.new"]\n'
    assert problems(tmp_path / "same", nation=nation, town=added(RULES, named + above)) == []
    found = problems(tmp_path / "laxer", nation=nation, town=added(RULES, named + below))
    assert [(p.file, p.key, p.id) for p in found] == [("town/rules.toml", "rule.town.new", "town.new")]
    assert "laxer than its floor “nation.new”" in found[0].message
    assert "superseded" in found[0].mend
