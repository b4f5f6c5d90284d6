"""Acts on several cases at once: the pack says which, and may not say it where each case has to be weighed."""

from __future__ import annotations

from pathlib import Path

import pytest

from statutes.loader import load_library
from tests.statutes.packs.support import NATION, TOWN, changed, problems

PERMIT = "procedures/permit.toml"
REFUSE = 'rule = "town.answer"\ninputs = { reason = "required" }'


def test_a_plain_decision_may_be_taken_on_several_cases(tmp_path: Path) -> None:
    town = changed(TOWN, PERMIT, 'from = ["offered"]\nto = "issued"', 'bulk = true\nfrom = ["offered"]\nto = "issued"')
    assert problems(tmp_path, NATION, town) == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (REFUSE, f"{REFUSE}\nbulk = true", "one by one"),
        ('kind = "submit"', 'kind = "submit"\nbulk = true', "one by one"),
        ("extends =", "bulk = true\nextends =", "plain act"),
        (
            'from = ["offered"]\nto = "issued"',
            'bulk = true\ninputs = { kind = "required" }\nfrom = ["offered"]\nto = "issued"',
            "differs from case to case",
        ),
    ],
    ids=["refusal", "submission", "extension", "more than an opinion"],
)
def test_an_act_that_weighs_each_case_is_not_taken_on_several(tmp_path: Path, old: str, new: str, words: str) -> None:
    found = problems(tmp_path, NATION, changed(TOWN, PERMIT, old, new))
    assert [words in problem.message for problem in found] == [True], found


def test_no_pack_lets_several_cases_be_refused_or_filed_at_once() -> None:
    actions = [
        action
        for pack in load_library("").packs.values()
        for procedure in pack.pack.procedures
        for action in procedure.actions.values()
        if action.bulk
    ]
    assert actions
    assert {action.kind for action in actions} == {"decide"}
