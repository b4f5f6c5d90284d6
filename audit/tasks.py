"""Background work of the record."""

from __future__ import annotations

from celery import shared_task

from audit import services


@shared_task
def seal() -> int:
    """Close what was written since the last time into blocks; beat calls it every few seconds."""
    return services.seal()


@shared_task
def send_roots() -> int:
    """Write and mail the roots of the days that ended; beat calls it daily."""
    return len(services.send_roots())
