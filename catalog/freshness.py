"""Whether the data behind an entry is as new as its update cycle promises."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import reduce

from django.db.models import Q

from catalog.models import Resource, UpdateCycle

ALLOWED = {
    UpdateCycle.REAL_TIME: timedelta(hours=24),
    UpdateCycle.DAILY: timedelta(hours=48),
    UpdateCycle.WEEKLY: timedelta(weeks=2),
    UpdateCycle.MONTHLY: timedelta(weeks=6),
    UpdateCycle.QUARTERLY: timedelta(weeks=17),
    UpdateCycle.HALF_YEARLY: timedelta(weeks=30),
    UpdateCycle.YEARLY: timedelta(weeks=56),
}
"""How old data of each cycle may be before it counts as stale: the cycle itself and some days to load it."""

FRESH, STALE, EMPTY = "fresh", "stale", "empty"


def state_of(resource: Resource, now: datetime) -> str:
    """fresh, stale, or empty (no data loaded). Irregular data is never stale."""
    if resource.data_updated_at is None:
        return EMPTY
    return STALE if is_stale(resource.update_cycle, resource.data_updated_at, now) else FRESH


def is_stale(cycle: str, updated_at: datetime, now: datetime) -> bool:
    """Whether data last loaded then is older than a cycle allows, be it the entry's or one that somebody promised."""
    allowed = ALLOWED.get(UpdateCycle(cycle))
    return allowed is not None and now - updated_at > allowed


def condition(state: str, now: datetime) -> Q:
    """The same as a filter; an unknown state filters nothing."""
    if state == EMPTY:
        return Q(data_updated_at__isnull=True)
    stale = reduce(
        Q.__or__, [Q(update_cycle=cycle, data_updated_at__lt=now - allowed) for cycle, allowed in ALLOWED.items()]
    )
    if state == STALE:
        return stale
    return Q(data_updated_at__isnull=False) & ~stale if state == FRESH else Q()
