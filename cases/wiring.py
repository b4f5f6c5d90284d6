"""What this room does when the law below it changes."""

from __future__ import annotations

from django.db import transaction

from cases import tasks
from statutes import hooks
from statutes.models import PackVersion


def connect() -> None:
    hooks.on_activated(take_open_cases_along)


def take_open_cases_along(version: PackVersion) -> None:
    """Begin at once after the commit; should the broker be away, beat begins a minute later."""
    transaction.on_commit(tasks.move_open_cases.delay, robust=True)
