"""Loading in the background. Nothing rests on the broker: the sweep takes up what no task was sent for."""

from __future__ import annotations

import structlog
from celery import shared_task
from kombu.exceptions import OperationalError

from datasets import services

logger = structlog.get_logger(__name__)


@shared_task
def load_batch(batch_id: int) -> None:
    services.load_batch(batch_id=batch_id)


@shared_task
def recover_batches() -> int:
    return services.recover_batches()


def enqueue(batch_id: int) -> None:
    """Have a batch loaded soon; when the broker is away, the next sweep does it."""
    try:
        load_batch.delay(batch_id)
    except OperationalError:
        logger.warning("dataset_load_not_sent", batch=batch_id)
