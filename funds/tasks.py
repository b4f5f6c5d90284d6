"""Background work of the room of funds."""

from __future__ import annotations

from celery import shared_task

from funds.services.establishing import wake_expired


@shared_task
def wake_expired_funds() -> int:
    """Funds whose term is over look whether they are."""
    return wake_expired()
