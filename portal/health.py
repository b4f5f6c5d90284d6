"""`/healthz`: the process lives. `/readyz`: it can work (database, broker, migrations, rule packs), and how well."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from celery import current_app
from django.conf import settings
from django.db import DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse

from audit.selectors import seal_lag
from statutes.models import PackVersion

logger = structlog.get_logger(__name__)


def _database() -> str:
    for alias in settings.DATABASES:
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT 1")
    return ""


def _broker() -> str:
    with current_app.connection_for_write(connect_timeout=2) as connection:
        connection.ensure_connection(max_retries=1, timeout=2)
    return ""


def _migrations() -> str:
    executor = MigrationExecutor(connections["default"])
    pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{len(pending)} migrations have not been applied" if pending else ""


def _packs() -> str:
    return "" if PackVersion.objects.exists() else "no rule pack has been loaded"


CHECKS: dict[str, Callable[[], str]] = {
    "database": _database,
    "broker": _broker,
    "migrations": _migrations,
    "packs": _packs,
}


def failures() -> dict[str, str]:
    """Check name to what is wrong; empty when the process can serve people."""
    found = {}
    for name, check in CHECKS.items():
        try:
            problem = check()
        except Exception as error:  # whatever stops a check, the answer is that we are not ready
            logger.exception("not_ready", check=name)
            problem = type(error).__name__
        if problem:
            found[name] = problem
    return found


def _seal_lag() -> tuple[int | None, str]:
    """Seconds that the audit record is behind with its seals, and the sentence when they are too many."""
    try:
        seconds = int(seal_lag().total_seconds())
    except DatabaseError:  # `wrong` names the database then
        return None, ""
    limit = settings.AUDIT_SEAL_LAG_LIMIT
    late = seconds > limit
    return seconds, f"the oldest entry not sealed is {seconds} s old; at most {limit} is right" if late else ""


def readiness() -> dict[str, Any]:
    """`status` (ready, degraded, not ready), `wrong`, `degraded`: check name to sentence; `audit_seal_lag_seconds`.

    Degraded is what does not stop people's work and must not take the process out of service.
    """
    wrong = failures()
    lag, late = _seal_lag()
    degraded = {"audit_seal": late} if late else {}
    return {
        "status": "not ready" if wrong else "degraded" if degraded else "ready",
        "wrong": wrong,
        "degraded": degraded,
        "audit_seal_lag_seconds": lag,
    }


class HealthMiddleware:
    """Answers the two probes before hosts, sessions and languages are looked at."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/healthz":
            return JsonResponse({"status": "alive"})
        if request.path == "/readyz":
            found = readiness()
            return JsonResponse(found, status=503 if found["wrong"] else 200)
        return self.get_response(request)
