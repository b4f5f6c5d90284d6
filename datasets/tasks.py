"""Loading in the background."""

from __future__ import annotations

from celery import shared_task

from datasets import services


@shared_task
def load_batch(batch_id: int) -> None:
    services.load_batch(batch_id=batch_id)


@shared_task
def recover_batches() -> int:
    return services.recover_batches()
