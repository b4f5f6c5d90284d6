"""Drawing lots so that anybody can prove the draw: the order follows from a random seed and from who was eligible."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from projects.models import PanelDraw

SEED_BYTES = 32


def order_of(seed: str, eligible: Iterable[int]) -> list[int]:
    """The ids by the SHA-256 of "seed:id": every order is equally likely for a seed that nobody chose."""
    return sorted(eligible, key=lambda key: hashlib.sha256(f"{seed}:{key}".encode()).digest())


def is_proven(draw: PanelDraw) -> bool:
    """Whether the recorded order follows from the recorded seed, and those seated by the draw stand first in it."""
    drawn = [row.expert_id for row in sorted(draw.panellists.all(), key=lambda row: row.pk)]
    first = drawn[: draw.at_once] == draw.order[: draw.at_once]
    return first and set(drawn) <= set(draw.order) and order_of(draw.seed, draw.eligible) == draw.order
