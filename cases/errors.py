"""Refusals that only cases know."""

from __future__ import annotations

from collections.abc import Sequence

from cases.conditions import Reason
from organizations.errors import NotPermitted


class DoorClosed(NotPermitted):
    """The action exists and the actor holds the hand, but a condition closes it. `reasons` say why, with rules."""

    def __init__(self, message: object, reasons: Sequence[Reason]) -> None:
        super().__init__(message)
        self.reasons = list(reasons)
