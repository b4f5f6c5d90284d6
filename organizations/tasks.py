"""Celery tasks of organizations."""

from __future__ import annotations

from celery import shared_task

from organizations import services


@shared_task
def mirror_all() -> int:
    return services.mirror_all()


@shared_task
def clear_sessions() -> None:
    services.clear_sessions()


@shared_task
def send_reset_mails() -> int:
    return services.send_reset_mails()
