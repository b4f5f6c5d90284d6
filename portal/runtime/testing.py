"""Servers for a test run: addresses are chosen when settings load, the servers start when the run does."""

from __future__ import annotations

import os
import secrets
import tempfile
from functools import cache

from portal.runtime.ports import free_port


@cache
def _plan() -> dict[str, str]:
    password = secrets.token_urlsafe(16)
    return {
        "SHUTONG_TEST_HOME": tempfile.gettempdir() + f"/shutong-test-{os.getpid()}",
        "SHUTONG_TEST_PASSWORD": password,
        "DATABASE_URL": f"postgresql://shutong:{password}@127.0.0.1:{free_port()}/shutong",
        "REDIS_URL": f"redis://:{password}@127.0.0.1:{free_port()}/0",
    }


def planned_environment() -> dict[str, str]:
    """The variables to add: none where the environment names its own servers."""
    if os.environ.get("DATABASE_URL"):
        return {}
    return _plan()
