"""Fixtures that every test may use, and the servers of a run that was given none."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.test import TransactionTestCase
from pytest_django import DjangoDbBlocker

from portal import translations
from portal.runtime.testing import planned_servers
from statutes.models import CalendarVersion
from tests.cast import *  # noqa: F403
from tests.emptying import empty
from tests.scenes import *  # noqa: F403

LONGEST_FIRST = (
    "portal/test_run.py",
    "statutes/proof/test_walk.py",
    "browser/test_journey.py",
    "browser/test_pages.py",
    "browser/test_whole_life.py",
    "cases/test_recount_scale.py",
    "browser/test_law_pages.py",
    "browser/test_notices.py",
    "browser/test_workbench.py",
    "portal/test_outsider.py",
    "catalog/test_import.py",
    "browser/test_new_city.py",
    "browser/test_conversation.py",
    "browser/test_reports.py",
    "browser/test_catalogue.py",
    "portal/test_terminal.py",
    "statutes/proof/test_kills.py",
    "cases/test_versions.py",
    "portal/test_overdue_for_real.py",
    "benchmarks/test_small_runs.py",
)
"""Files that take more than ten seconds, by what they took when this was written; one that is gone does no harm."""


def pytest_sessionstart(session: pytest.Session) -> None:
    """Starts PostgreSQL and Valkey for this run unless DATABASE_URL names some; compiles the translations.

    Run in several processes, each has servers of its own: a long transaction of one would hold back the sealing of
    the audit record in another.
    """
    option = session.config.option
    is_worker = hasattr(session.config, "workerinput")
    directs_others = bool(getattr(option, "numprocesses", None)) and not is_worker
    servers = None if option.collectonly or directs_others else planned_servers()
    if servers:
        servers.start()
        session.config.add_cleanup(lambda: shutil.rmtree(servers.home.path, ignore_errors=True))
        session.config.add_cleanup(servers.stop)
    if not is_worker:
        translations.compile_all(settings.ROOT)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files come first, then those with most tests: side by side, no process is left with a long one."""
    files = [item.nodeid.partition("::")[0].removeprefix("tests/") for item in items]
    rank = {name: place for place, name in enumerate(LONGEST_FIRST)}
    many = Counter(files)
    order = sorted(range(len(items)), key=lambda n: (rank.get(files[n], len(rank)), -many[files[n]], files[n], n))
    items[:] = [items[n] for n in order]


@pytest.fixture(autouse=True, scope="session")
def _emptied_quickly() -> Iterator[None]:
    """Transactional tests are followed by our own emptying; the append-only triggers stay as they are."""
    original = TransactionTestCase._fixture_teardown

    def teardown(self: TransactionTestCase) -> None:
        for alias in self._databases_names(include_mirrors=False):
            empty(alias)

    TransactionTestCase._fixture_teardown = teardown
    yield
    TransactionTestCase._fixture_teardown = original


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """A database kept from an earlier run has its calendar again, whatever that run did to it."""
    with django_db_blocker.unblock():
        _restore_calendar()


@pytest.fixture(autouse=True)
def _calendar_as_migrated(request: pytest.FixtureRequest) -> Iterator[None]:
    """The flush leaves the calendar alone; a transactional test that changed it leaves it as it was."""
    marker = request.node.get_closest_marker("django_db")
    transactional = bool({"transactional_db", "live_server"} & set(request.fixturenames)) or (
        marker is not None and bool(marker.kwargs.get("transaction"))
    )
    if transactional:
        request.getfixturevalue("transactional_db")
    yield
    if transactional:
        _restore_calendar()


def _restore_calendar() -> None:
    """Reference data comes from a migration, which no flush repeats."""
    if list(CalendarVersion.objects.values_list("number", flat=True)) != [1]:
        reference = import_module("statutes.migrations.0002_calendar_days")
        reference.clear(apps, None)
        reference.fill(apps, None)


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
