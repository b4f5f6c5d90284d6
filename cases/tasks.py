"""Background work of the cases room: each task is one call of a service and may run any number of times."""

from __future__ import annotations

import structlog
from celery import shared_task
from kombu.exceptions import OperationalError

from cases import services

logger = structlog.get_logger(__name__)


@shared_task(name="cases.tasks.sweep", ignore_result=True)
def sweep() -> int:
    return services.sweep()


@shared_task(name="cases.tasks.open_scheduled", ignore_result=True)
def open_scheduled() -> int:
    return services.open_scheduled()


@shared_task(name="cases.tasks.recount", ignore_result=True)
def recount(version: int) -> None:
    services.recount(version)


@shared_task(name="cases.tasks.recount_pending", ignore_result=True)
def recount_pending() -> int:
    return services.recount_pending()


def enqueue_recount(version: int) -> None:
    """Have the clocks counted again soon; when the broker is away, the next beat does it."""
    try:
        recount.delay(version)
    except OperationalError:
        logger.warning("recount_not_sent", version=version)


@shared_task(name="cases.tasks.move_open_cases", ignore_result=True)
def move_open_cases() -> int:
    return services.move_open_cases()


@shared_task(name="cases.tasks.send_mail", ignore_result=True)
def send_mail() -> int:
    return services.send_mail()


@shared_task(name="cases.tasks.tell_followers", ignore_result=True)
def tell_followers() -> int:
    return services.tell_followers()


@shared_task(name="cases.tasks.end_lost_followings", ignore_result=True)
def end_lost_followings() -> int:
    return services.end_lost_followings()


@shared_task(name="cases.tasks.send_digests", ignore_result=True)
def send_digests() -> int:
    return services.send_digests()
