"""Sealing to the end, on a server where other databases' transactions may hold the horizon back for a while."""

from __future__ import annotations

import time
from collections.abc import Callable

from audit.selectors import seal_lag
from audit.services import seal

PATIENCE = 60.0


def seal_all(work: Callable[[], int] = seal) -> int:
    """Seal until nothing is left open; how many blocks were made."""
    made, give_up = work(), time.monotonic() + PATIENCE
    while seal_lag():
        assert time.monotonic() < give_up, "a transaction elsewhere on this server does not end"
        time.sleep(0.02)
        made += work()
    return made
