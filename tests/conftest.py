"""Fixtures that every test may use, and the servers of a run that was given none."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.db.backends.postgresql.operations import DatabaseOperations

from portal import translations
from portal.runtime.testing import planned_servers
from statutes.models import CalendarVersion
from tests.cast import *  # noqa: F403
from tests.scenes import *  # noqa: F403


def pytest_sessionstart(session: pytest.Session) -> None:
    """Starts PostgreSQL and Valkey for this run unless DATABASE_URL names some; compiles the translations."""
    servers = None if session.config.option.collectonly else planned_servers()
    if servers:
        servers.start()
        session.config.add_cleanup(lambda: shutil.rmtree(servers.home.path, ignore_errors=True))
        session.config.add_cleanup(servers.stop)
    translations.compile_all(settings.ROOT)


@pytest.fixture(autouse=True, scope="session")
def _flush_past_triggers() -> Iterator[None]:
    """Lets the flush of transactional tests truncate what the append-only triggers guard; the guard stays as it is."""
    original = DatabaseOperations.sql_flush

    def sql_flush(self: DatabaseOperations, *args: Any, **kwargs: Any) -> list[str]:
        statements = original(self, *args, **kwargs)
        return ["SET LOCAL session_replication_role = replica;", *statements] if statements else statements

    DatabaseOperations.sql_flush = sql_flush
    yield
    DatabaseOperations.sql_flush = original


@pytest.fixture(autouse=True)
def _calendar_after_a_flush(request: pytest.FixtureRequest) -> None:
    """A transactional test begins with empty tables: give it the calendar that migrating gives to every other."""
    marker = request.node.get_closest_marker("django_db")
    flushed = {"transactional_db", "live_server"} & set(request.fixturenames)
    if flushed or (marker is not None and marker.kwargs.get("transaction")):
        request.getfixturevalue("transactional_db")
        if not CalendarVersion.objects.exists():
            import_module("statutes.migrations.0002_calendar_days").fill(apps, None)


@pytest.fixture(autouse=True, scope="session")
def _media_of_this_run() -> Iterator[Path]:
    """Uploaded files of tests go to a folder of their own and with it."""
    with tempfile.TemporaryDirectory(prefix="shutong-media-") as folder:
        kept, settings.MEDIA_ROOT = settings.MEDIA_ROOT, Path(folder)
        yield Path(folder)
        settings.MEDIA_ROOT = kept


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    yield
    cache.clear()


@pytest.fixture(scope="session")
def shared_folder() -> Path:
    """The folder of real input beside the project; tests that need it are skipped where it is absent."""
    folder = Path(os.environ.get("SHARED_FOLDER", settings.ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip("the folder of real input (shared/) is not beside the project")
    return folder
