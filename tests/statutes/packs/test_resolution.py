"""Which number binds on a day: the nearest rule in force, or the floor that a laxer one stands on."""

from __future__ import annotations

from datetime import date

import pytest

from statutes.definitions import Limit
from statutes.resolution import NotInForceError, laxer, resolve_limit
from tests.statutes.packs.support import NATION, TOWN, changed, compiled

DAY = date(2026, 3, 2)
RULES = "rules.toml"


def test_a_stricter_local_number_binds() -> None:
    resolved = resolve_limit(compiled(), "town.answer", DAY)
    assert (resolved.limit.amount, resolved.floor) == (5, None)


def test_under_a_laxer_local_number_the_floor_binds() -> None:
    resolved = resolve_limit(compiled(changed(TOWN, RULES, "amount = 5", "amount = 15")), "town.answer", DAY)
    assert resolved.limit.amount == 10
    assert resolved.rule.id == "town.answer"
    assert resolved.floor is not None
    assert resolved.floor.id == "permit.answer"


def test_a_floor_binds_from_the_day_it_is_in_force() -> None:
    """A case started before keeps the local number."""
    nation = changed(NATION, "pack.toml", "2020-01-01", "2025-08-01")
    packs = compiled(changed(TOWN, RULES, "amount = 5", "amount = 15"), nation)
    assert resolve_limit(packs, "town.answer", date(2025, 7, 31)).limit.amount == 15
    assert resolve_limit(packs, "town.answer", date(2025, 8, 1)).limit.amount == 10


def test_a_number_that_says_superseded_binds_although_it_is_laxer() -> None:
    town = changed(TOWN, RULES, "amount = 5", "amount = 15")
    town = changed(town, RULES, 'floor = ["permit.answer"]', 'floor = ["permit.answer"]\nsuperseded = true')
    assert resolve_limit(compiled(town), "town.answer", DAY).limit.amount == 15


def test_a_rule_of_the_same_id_is_its_own_floor() -> None:
    town = changed(TOWN, RULES, 'id = "town.answer"', 'id = "permit.answer"')
    town = changed(town, RULES, 'floor = ["permit.answer"]\n', "")
    assert resolve_limit(compiled(town), "permit.answer", DAY).limit.amount == 5
    laxer_town = changed(town, RULES, "amount = 5", "amount = 30")
    assert resolve_limit(compiled(laxer_town), "permit.answer", DAY).limit.amount == 10


def test_no_number_is_in_force_before_its_instrument() -> None:
    with pytest.raises(NotInForceError):
        resolve_limit(compiled(), "town.answer", date(2020, 12, 31))
    with pytest.raises(NotInForceError):
        resolve_limit(compiled(), "no.such_rule", DAY)


def test_a_rule_without_limit_resolves_to_none() -> None:
    with pytest.raises(NotInForceError):
        resolve_limit(compiled(), "permit", DAY)


@pytest.mark.parametrize(
    ("mine", "floor", "expected"),
    [
        (Limit("day", 5), Limit("day", 5), False),
        (Limit("day", 6), Limit("day", 5), True),
        (Limit("year", 2, bound="earliest"), Limit("year", 3, bound="earliest"), True),
        (Limit("year", 4, bound="earliest"), Limit("year", 3, bound="earliest"), False),
        (Limit("on", "09-01"), Limit("on", "08-31"), True),
        (Limit("on", "01-31", years=1), Limit("on", "08-31"), True),
        (Limit("on", "08-31"), Limit("on", "08-31", years=1), False),
        (Limit("working_day", 5), Limit("day", 5), None),
        (Limit("day", 5), Limit("day", 5, bound="earliest"), None),
        (Limit("set"), Limit("set"), False),
    ],
)
def test_laxer_is_more_time_to_act_or_less_time_kept(mine: Limit, floor: Limit, expected: bool | None) -> None:
    assert laxer(mine, floor) is expected
