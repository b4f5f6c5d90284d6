"""Time runs out while nobody looks: a real worker and a real beat, twenty days later, under Debian's `faketime`.

`test_run` proves the same of the whole `make run`; here the two processes stand alone before the run's database, and
what they write is looked at: one breach, both leaders told, one urging task, whatever is stopped and started again.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from cases.models import Case, CaseEvent, Clock, UrgingTask
from portal.runtime.servers import wait_until
from tests.cast import Cast
from tests.scenes import act, filed, published_resource

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "datasets"])

LATER = timedelta(days=20)
FAKETIME = shutil.which("faketime")
CELERY = [sys.executable, "-m", "celery", "-A", "portal.celery", "--quiet"]
PATIENCE = 120.0


@pytest.fixture
def faketime() -> str:
    missing = "faketime (apt-get install faketime)" if FAKETIME is None else ""
    missing = missing or ("" if settings.REDIS_URL else "a broker (REDIS_URL)")
    if missing:
        warnings.warn(f"THE OVERDUE PATH IS NOT RUN: it needs {missing}", stacklevel=1)
        pytest.skip(f"needs {missing}")
    assert FAKETIME is not None
    return FAKETIME


def environment(home: Path) -> dict[str, str]:
    """Processes of their own before the database and the broker of this run; nothing of them is kept."""
    database = urlsplit(settings.DATABASE_URL)._replace(path=f"/{connection.settings_dict['NAME']}")
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "portal.settings.development",
        "DATABASE_URL": database.geturl(),
        "REDIS_URL": settings.REDIS_URL,
        "PORTAL_HOME": str(home),
        "SWEEP_SECONDS": "2",
    }


@contextmanager
def running(faketime: str, home: Path, name: str) -> Iterator[Path]:
    """Worker and beat, twenty days later, until the end of the block. Gives the worker's log."""
    commands = {
        "worker": [*CELERY, "worker", "--concurrency", "1", "--hostname", f"{name}@later", "--loglevel", "INFO"],
        "beat": [*CELERY, "beat", "--schedule", str(home / f"{name}-beat"), "--pidfile=", "--loglevel", "INFO"],
    }
    processes = []
    for process, command in commands.items():
        with (home / f"{name}-{process}.log").open("wb") as log:
            processes.append(
                subprocess.Popen(  # noqa: S603
                    [faketime, "-f", f"+{LATER.days}d", *command],
                    cwd=settings.ROOT,
                    env=environment(home),
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            )
    try:
        yield home / f"{name}-worker.log"
    finally:
        for process in processes:
            os.killpg(process.pid, signal.SIGTERM)
        for process in processes:
            process.wait(60)


def sweeps(log: Path) -> int:
    """How many sweeps a worker has finished, by its log."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    said = [json.loads(line) for line in lines if line.startswith("{")]
    ours = {entry.get("task_id") for entry in said if entry.get("task") == "cases.tasks.sweep"}
    return sum(entry["event"] == "task_succeeded" and entry.get("task_id") in ours for entry in said)


def wait_for(what: str, there: Callable[[], bool], log: Path) -> None:
    wait_until(there, what, log, seconds=PATIENCE)


def breaches(case: Case) -> list[CaseEvent]:
    return list(CaseEvent.objects.filter(case=case, kind=CaseEvent.Kind.DUE))


def test_a_limit_that_ran_out_unseen_is_one_breach_and_stays_one(
    cast: Cast, law: None, faketime: str, tmp_path: Path
) -> None:
    place = cast.enshi
    case = filed(place, published_resource(place))
    act(place.applicant_leader, case, "endorse")
    assert breaches(case) == []

    with running(faketime, tmp_path, "first") as log:
        wait_for("the breach", lambda: bool(breaches(case)), log)
    case.refresh_from_db()
    (breach,) = breaches(case)
    clock = Clock.objects.get(case=case, name="reply")
    assert (breach.clock, case.state, clock.status) == ("reply", "provider_reply", Clock.Status.OPEN)
    assert breach.at == clock.due_at
    assert breach.detected_at is not None
    assert breach.detected_at >= timezone.now() + LATER - timedelta(hours=1)
    told = set(case.notifications.filter(kind="overdue").values_list("user__username", flat=True))
    assert told >= {"enshi.applicant_leader", "enshi.provider_leader"}
    urging = UrgingTask.objects.get(case=case)
    assert (urging.organization, urging.closed_at) == (place.coordinator_office, None)
    before = written(case)

    with running(faketime, tmp_path, "second") as log:
        wait_for("two sweeps", partial(lambda path: sweeps(path) >= 2, log), log)
    assert written(case) == before
    assert len(breaches(case)) == UrgingTask.objects.count() == 1


def written(case: Case) -> tuple[int, int, datetime]:
    """How much there is of the case: events, notices, and when it last moved."""
    case.refresh_from_db()
    return case.events.count(), case.notifications.count(), case.last_at
