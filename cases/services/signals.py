"""Telling cases that something outside them has changed."""

from __future__ import annotations

from cases.models import Case, Signal


def signal(case_id: int, reason: str) -> Signal:
    """Tell an open case that something it may wait for has changed. The sweep lets it look."""
    return Signal.objects.create(case_id=case_id, reason=reason)


def signal_open_cases(case_ids: list[int], reason: str) -> int:
    """The same for many cases, closed ones left out. Returns the number signalled."""
    cases = Case.objects.filter(pk__in=case_ids, closed_at__isnull=True)
    return len(Signal.objects.bulk_create(Signal(case=case, reason=reason) for case in cases))
