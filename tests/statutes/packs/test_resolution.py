"""Which number binds on a day: the nearest rule in force, or the floor that a laxer one stands on."""

from __future__ import annotations

from datetime import date

import pytest

from statutes.definitions import Limit
from statutes.resolution import NotInForceError, laxer, resolve_limit, standing
from statutes.wording import standing_text
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


def rewritten(amount: int, extra: str = "") -> dict[str, str]:
    """The town with another number, and more said of it."""
    town = changed(TOWN, RULES, "amount = 5", f"amount = {amount}")
    return changed(town, RULES, 'floor = ["permit.answer"]', f'floor = ["permit.answer"]\n{extra}')


def stood(town: dict[str, str], on: date = DAY, rule: str = "town.answer") -> tuple[str, str, str]:
    """Why, what binds, and since when."""
    found = standing(compiled(town), rule, on)
    return found.why, found.binding.id if found.binding else "", str(found.since or "")


@pytest.mark.parametrize(
    ("amount", "extra", "expected"),
    [
        (5, "", ("stricter", "town.answer", "2021-01-01")),
        (10, "", ("same", "town.answer", "2021-01-01")),
        (15, "", ("laxer", "permit.answer", "2021-01-01")),
        (15, "superseded = true", ("superseded", "town.answer", "2021-01-01")),
        (15, "in_force_to = 2025-07-31", ("ended", "permit.answer", "2025-08-01")),
        (5, "in_force_from = 2026-12-01", ("not_yet", "permit.answer", "2020-01-01")),
    ],
)
def test_a_page_says_which_of_two_numbers_binds_since_when_and_why(
    amount: int, extra: str, expected: tuple[str, str, str]
) -> None:
    town = rewritten(amount, extra)
    assert stood(town) == expected
    found = standing(compiled(town), "town.answer", DAY)
    assert found.both
    assert standing_text(found)


def test_numbers_of_two_units_are_shown_side_by_side_and_the_local_one_binds() -> None:
    town = changed(TOWN, RULES, 'amount = 5, unit = "working_day"', 'amount = 1, unit = "month"')
    assert stood(town) == ("incomparable", "town.answer", "2021-01-01")
    assert resolve_limit(compiled(town), "town.answer", DAY).limit.unit == "month"


def test_where_the_local_law_is_silent_the_one_above_binds() -> None:
    assert stood(TOWN, rule="permit.answer") == ("silent", "permit.answer", "2020-01-01")
    bare = changed(TOWN, RULES, 'limit = { amount = 5, unit = "working_day" }\n', "")
    assert stood(bare) == ("silent", "permit.answer", "2021-01-01")


def test_what_nobody_bounds_above_stands_alone_or_not_at_all() -> None:
    assert stood(TOWN, rule="town.lapse") == ("alone", "town.lapse", "")
    ended = changed(TOWN, RULES, 'id = "town.lapse"\n', 'id = "town.lapse"\nin_force_to = 2025-12-31\n')
    assert stood(ended, rule="town.lapse") == ("neither", "", "")
    assert stood(TOWN, date(2019, 1, 1), "permit.answer") == ("neither", "", "")
    with pytest.raises(KeyError):
        stood(TOWN, rule="no.such_rule")


def test_the_page_and_the_clock_agree_on_every_day() -> None:
    """What is said to bind is what a clock that starts on that day is given."""
    town = rewritten(15, "in_force_to = 2025-07-31")
    for on in (date(2021, 1, 1), date(2025, 7, 31), date(2020, 6, 1), DAY):
        for rule_id in ("town.answer", "permit.answer"):
            binding = standing(compiled(town), rule_id, on).binding
            try:
                resolved = resolve_limit(compiled(town), rule_id, on)
            except NotInForceError:
                continue
            assert binding == (resolved.floor or resolved.rule)


def test_other_numbers_than_limits_are_compared_too() -> None:
    """A local ceiling that lets more through gives way to the one above."""
    size = '[[rule]]\nid = "town.size"\ninstrument = "bylaw"\narticle = "8"\ntreatment = "informed"\n'
    size += 'summary = { zh = "面积", en = "Area" }\nfloor = ["permit.size"]\n'
    for amount, why, binding in ((200, "laxer", "permit.size"), (50, "stricter", "town.size")):
        number = f'threshold = {{ field = "area", comparator = "<=", amount = {amount}, unit = "m2" }}\n'
        town = {**TOWN, "rules/size.toml": size + number}
        assert stood(town, rule="town.size")[:2] == (why, binding)
