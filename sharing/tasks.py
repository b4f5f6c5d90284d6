"""Background work of the sharing room: each task is one call of a service and may run any number of times."""

from __future__ import annotations

from celery import shared_task

from sharing.services import grants, reading


@shared_task(name="sharing.tasks.expire_grants", ignore_result=True)
def expire_grants() -> int:
    return grants.expire_grants()


@shared_task(name="sharing.tasks.close_unknown_reads", ignore_result=True)
def close_unknown_reads() -> int:
    return reading.close_unknown()
