"""Sharing an amount by weighted factors: exact to the cent, and adding up to the amount. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction

CENT = Decimal("0.01")
WHOLE = Decimal(100)


def shares(amount: Decimal, weights: Mapping[str, Decimal], values: Sequence[Mapping[str, Decimal]]) -> list[Decimal]:
    """What each of `values` gets of `amount` (yuan): by each factor its part of the factor's sum, times the weight.

    `weights` are percents that total 100. The cents that rounding down leaves go to the largest remainders, the
    first of equals. Raises ValueError for other weights, for negative values, and for a factor of which nobody has any.
    """
    if sum(weights.values()) != WHOLE:
        raise ValueError("weights total 100")
    if not values or any(row.get(name, Decimal(0)) < 0 for row in values for name in weights):
        raise ValueError("values are not negative")
    sums = {name: sum(Fraction(row.get(name, Decimal(0))) for row in values) for name in weights}
    if not all(sums.values()):
        raise ValueError("a factor of which nobody has any shares nothing")
    exact = [
        sum(
            Fraction(amount) * Fraction(weight) / 100 * Fraction(row.get(name, Decimal(0))) / sums[name]
            for name, weight in weights.items()
        )
        for row in values
    ]
    cents = [int(part * 100) for part in exact]
    rest = int(Fraction(amount) * 100) - sum(cents)
    order = sorted(range(len(exact)), key=lambda place: (-(exact[place] * 100 - cents[place]), place))
    for place in order[:rest]:
        cents[place] += 1
    return [(Decimal(count) * CENT).quantize(CENT, rounding=ROUND_DOWN) for count in cents]
