"""Background work of the cases room: each task is one call of a service and may run any number of times."""

from __future__ import annotations

from celery import shared_task

from cases import services


@shared_task(name="cases.tasks.sweep", ignore_result=True)
def sweep() -> int:
    return services.sweep()


@shared_task(name="cases.tasks.open_scheduled", ignore_result=True)
def open_scheduled() -> int:
    return services.open_scheduled()


@shared_task(name="cases.tasks.send_mail", ignore_result=True)
def send_mail() -> int:
    return services.send_mail()
