"""`/healthz`: the process lives. `/readyz`: it can work (database, broker, migrations, rule packs)."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from celery import current_app
from django.conf import settings
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse

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


class HealthMiddleware:
    """Answers the two probes before hosts, sessions and languages are looked at."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/healthz":
            return JsonResponse({"status": "alive"})
        if request.path == "/readyz":
            wrong = failures()
            return JsonResponse(
                {"status": "not ready" if wrong else "ready", "wrong": wrong}, status=503 if wrong else 200
            )
        return self.get_response(request)
