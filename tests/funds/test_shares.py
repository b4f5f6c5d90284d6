"""Shares by weighted factors: exact to the cent, whatever is shared among however many (art. 47)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from funds.shares import shares

cents = st.integers(1, 10**13).map(lambda count: Decimal(count) / 100)
parts = st.integers(1, 9_999)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(amount=cents, cut=parts, rows=st.lists(st.tuples(parts, parts), min_size=1, max_size=12))
def test_shares_add_up_to_the_cent_and_follow_the_factors(
    amount: Decimal, cut: int, rows: list[tuple[int, int]]
) -> None:
    weights = {"a": Decimal(cut) / 100, "b": Decimal(10_000 - cut) / 100}
    values = [{"a": Decimal(one), "b": Decimal(two)} for one, two in rows]
    found = shares(amount, weights, values)
    assert sum(found) == amount
    assert all(part >= 0 and part == part.quantize(Decimal("0.01")) for part in found)
    first, second = sum(one for one, _two in rows), sum(two for _one, two in rows)
    for part, (one, two) in zip(found, rows, strict=True):
        exact = amount * (weights["a"] * one / first + weights["b"] * two / second) / 100
        assert abs(part - exact) <= Decimal("0.0100001")


def test_what_rounding_leaves_goes_to_the_largest_remainders_first_of_equals() -> None:
    thirds = [{"a": Decimal(1)}] * 3
    assert shares(Decimal("100.00"), {"a": Decimal(100)}, thirds) == [
        Decimal("33.34"),
        Decimal("33.33"),
        Decimal("33.33"),
    ]


@pytest.mark.parametrize(
    ("weights", "values"),
    [
        ({"a": Decimal("99.99")}, [{"a": Decimal(1)}]),
        ({"a": Decimal("100.01")}, [{"a": Decimal(1)}]),
        ({"a": Decimal(100)}, []),
        ({"a": Decimal(100)}, [{"a": Decimal(0)}, {}]),
        ({"a": Decimal(100)}, [{"a": Decimal(-1)}, {"a": Decimal(5)}]),
    ],
)
def test_what_cannot_be_shared_is_refused(weights: dict[str, Decimal], values: list[dict[str, Decimal]]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        shares(Decimal(10), weights, values)
