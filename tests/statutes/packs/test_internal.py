"""What a pack may keep inside the house that acted: drafts, and nothing that the others have a right to read."""

from __future__ import annotations

from pathlib import Path

import pytest

from statutes.loader import load_library
from tests.statutes.packs.support import NATION, TOWN, changed, problems

PERMIT = "procedures/permit.toml"
EXTEND = 'once = true\nrule = "town.extension"'


def test_a_plain_act_by_hand_may_be_internal(tmp_path: Path) -> None:
    assert problems(tmp_path, NATION, changed(TOWN, PERMIT, EXTEND, f"internal = true\n{EXTEND}")) == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('kind = "submit"', 'kind = "submit"\ninternal = true', "opens or decides"),
        ('kind = "refuse"', 'kind = "refuse"\ninternal = true', "opens or decides"),
        ('by = ["clock"]', 'by = ["clock"]\ninternal = true', "by itself"),
        (
            f'{EXTEND}\nwhen = [{{ clock = "answer", is = "running" }}, {{ input = "apply.kind", is = "large" }}]\n'
            'inputs = { days = "required" }',
            f"internal = true\n{EXTEND}\n"
            'when = [{ clock = "answer", is = "running" }, { input = "apply.kind", is = "large" }]\n'
            'inputs = { days = "required", plan = "optional" }',
            "would be read by all",
        ),
    ],
    ids=["opening", "refusal", "clock", "file"],
)
def test_what_the_others_have_a_right_to_is_not_internal(tmp_path: Path, old: str, new: str, words: str) -> None:
    town = changed(TOWN, PERMIT, old, new)
    plan = '[input.plan]\ntype = "file"\nlabel = { zh = "方案", en = "Plan" }\n[[action]]\nid = "apply"'
    town = changed(town, PERMIT, '[[action]]\nid = "apply"', plan)
    found = problems(tmp_path, NATION, town)
    assert [words in problem.message for problem in found] == [True], found


def test_the_packs_keep_every_draft_for_the_own_leader_internal() -> None:
    """A submission that does not come from who opened the case is a draft of the house that answers it."""
    for pack in load_library("").packs.values():
        for procedure in pack.pack.procedures:
            opening = [hand.party for action in procedure.actions.values() if action.opens_case for hand in action.by]
            for action in procedure.actions.values():
                others = action.kind == "submit" and opening and not {h.party for h in action.by} & set(opening)
                told = {hand.party for hand in action.notify} - {hand.party for hand in action.by}
                assert not others or action.internal or told, f"{procedure.id}: {action.id}"
