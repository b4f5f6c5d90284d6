"""Waking the cases that wait for data."""

from __future__ import annotations

from cases.models import Case
from cases.services import signal_open_cases


def data_arrived(resource_id: int) -> None:
    """Data was loaded: requests for it and objections to it look again. In the loader's transaction."""
    waiting = Case.objects.filter(closed_at__isnull=True)
    ids = [
        *waiting.filter(share_request__resource=resource_id).values_list("pk", flat=True),
        *waiting.filter(objection__resource=resource_id).values_list("pk", flat=True),
    ]
    signal_open_cases(ids, "data_loaded")
