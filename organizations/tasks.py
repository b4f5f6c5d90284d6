"""Celery tasks of organizations."""

from __future__ import annotations

from celery import shared_task

from organizations import services


@shared_task(name="organizations.mirror_all")
def mirror_all() -> int:
    return services.mirror_all()
