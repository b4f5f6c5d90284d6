"""Which living funds resemble one that is to be set up: by goal or by use, as the register of systems compares."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from catalog import folding
from funds.models import Fund

ALIKE, SAME = 0.35, 0.6
"""From ALIKE on the applicant has to say how the fund differs; from SAME on it is the same fund again."""
MOST = 5


@dataclass(frozen=True, slots=True)
class Similar:
    """A living fund that resembles another. `score`: 0 to 1."""

    fund: Fund
    score: float

    @property
    def percent(self) -> int:
        return round(self.score * 100)


def living(on: date) -> QuerySet[Fund]:
    """Funds that are established, not ended, and within their term on a day."""
    return Fund.objects.filter(established_on__isnull=False, term_until__gte=on).filter(
        Q(ended_on__isnull=True) | Q(ended_on__gt=on)
    )


def similar_funds(fund: Fund, on: date) -> list[Similar]:
    """Living funds of the place whose goal or use resembles the fund's, the nearest first.

    The fund that it renews is left out where that ends before this one begins.
    """
    rows = living(on).filter(jurisdiction=fund.jurisdiction_id).exclude(pk=fund.pk)
    before = fund.renews
    if before is not None and fund.term_from and before.term_until and before.term_until < fund.term_from:
        rows = rows.exclude(pk=before.pk)
    asked = [_pairs(fund.goal), _pairs(f"{fund.name} {fund.purpose}")]
    scored = []
    for row in rows.select_related("department"):
        known = [_pairs(row.goal), _pairs(f"{row.name} {row.purpose}")]
        score = round(max(_overlap(one, other) for one, other in zip(asked, known, strict=True)), 3)
        if score >= ALIKE:
            scored.append(Similar(row, score))
    return sorted(scored, key=lambda one: (-one.score, one.fund.pk))[:MOST]


def no_duplicate(fund: Fund, on: date) -> bool:
    """Whether nothing alive is the same fund, and what is similar is told apart by the applicant."""
    found = similar_funds(fund, on)
    return all(one.score < SAME for one in found) and (not found or bool(fund.difference))


def _pairs(text: str) -> set[str]:
    return {pair for word in folding.fold(text).split() for pair in folding.query_terms(word)}


def _overlap(one: Iterable[str], other: Iterable[str]) -> float:
    """Twice what both hold, by what they hold together: 1 for the same, 0 for nothing in common."""
    a, b = set(one), set(other)
    return 2 * len(a & b) / (len(a) + len(b)) if a and b else 0.0
