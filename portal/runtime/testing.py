"""Servers for a test run: addresses are chosen when settings load, the servers start when the run does."""

from __future__ import annotations

import os
import secrets
import tempfile
from functools import cache
from pathlib import Path

from portal.runtime.home import Home
from portal.runtime.ports import free_port
from portal.runtime.postgres import Postgres, clean_environment
from portal.runtime.servers import ServersForTests
from portal.runtime.valkey import Valkey

PLANNED = "PLANNED_DATABASE_URL"


@cache
def _plan() -> ServersForTests:
    password = secrets.token_urlsafe(16)
    home = Home(Path(tempfile.mkdtemp(prefix="shutong-test-")))
    return ServersForTests(
        home=home,
        postgres=Postgres(home.postgres, free_port(), password, durable=False),
        valkey=Valkey(home.valkey, free_port(), password),
        environment=clean_environment({"PORTAL_HOME": str(home.path)}),
    )


def planned_servers() -> ServersForTests | None:
    """The servers that this run is to start; None where DATABASE_URL named some before."""
    return _plan() if _plan.cache_info().currsize else None


def planned_environment() -> dict[str, str]:
    """The variables to add: none where the environment names its own servers.

    What the run's directing process planned is not meant for its workers: each plans its own. What a worker
    starts, though, uses the worker's.
    """
    worker, named = os.environ.get("PYTEST_XDIST_WORKER", ""), os.environ.get("DATABASE_URL", "")
    if named and not (worker and os.environ.get(PLANNED) == f"@{named}"):
        return {}
    servers = _plan()
    return {
        "DATABASE_URL": servers.postgres.url,
        "REDIS_URL": servers.valkey.url,
        PLANNED: f"{worker}@{servers.postgres.url}",
    }
