"""The Celery application and everything that beat repeats."""

from __future__ import annotations

import os
from logging.config import dictConfig

from celery import Celery
from celery.signals import setup_logging
from django.conf import settings
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.development")

app = Celery("shutong")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(DjangoStructLogInitStep)

# Beat may miss any number of these: each task looks at everything that is due, never at a window of time.
app.conf.beat_schedule = {
    "cases-sweep": {
        "task": "cases.tasks.sweep",
        "schedule": float(settings.SWEEP_SECONDS),
        "options": {"expires": settings.SWEEP_SECONDS},
    },
    "cases-open-scheduled": {"task": "cases.tasks.open_scheduled", "schedule": 300.0, "options": {"expires": 300}},
    "cases-recount": {"task": "cases.tasks.recount_pending", "schedule": 60.0, "options": {"expires": 60}},
    "cases-move-open-cases": {"task": "cases.tasks.move_open_cases", "schedule": 60.0, "options": {"expires": 60}},
    "cases-send-mail": {"task": "cases.tasks.send_mail", "schedule": 60.0, "options": {"expires": 60}},
    "cases-send-digests": {"task": "cases.tasks.send_digests", "schedule": 300.0, "options": {"expires": 300}},
    "cases-tell-followers": {"task": "cases.tasks.tell_followers", "schedule": 30.0, "options": {"expires": 30}},
    "cases-end-lost-followings": {
        "task": "cases.tasks.end_lost_followings",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "organizations-send-reset-mails": {
        "task": "organizations.tasks.send_reset_mails",
        "schedule": 10.0,
        "options": {"expires": 10},
    },
    "audit-seal": {"task": "audit.tasks.seal", "schedule": 5.0, "options": {"expires": 5}},
    "audit-send-roots": {"task": "audit.tasks.send_roots", "schedule": 3600.0, "options": {"expires": 3600}},
    "datasets-recover": {"task": "datasets.tasks.recover_batches", "schedule": 60.0, "options": {"expires": 60}},
    "sharing-expire-grants": {"task": "sharing.tasks.expire_grants", "schedule": 60.0, "options": {"expires": 60}},
    "funds-wake-expired": {
        "task": "funds.tasks.wake_expired_funds",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "organizations-mirror": {
        "task": "organizations.tasks.mirror_all",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "organizations-clear-sessions": {
        "task": "organizations.tasks.clear_sessions",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "sharing-close-unknown-reads": {
        "task": "sharing.tasks.close_unknown_reads",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
}


@setup_logging.connect
def _use_our_logging(**_: object) -> None:
    dictConfig(settings.LOGGING)
