"""A signing key of the test's own, entries to work on, a tamperer, a second connection."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.db import connection, transaction
from pytest_django import Settings

from audit.models import AuditEntry
from audit.services import record
from audit.who import Who

WHO = Who(7, "张三", "handler", 3, "民政局", "riverton", "10.0.0.9")


@pytest.fixture(autouse=True)
def signing_key(settings: Settings, tmp_path: Path) -> Path:
    """The embedded default's way: a key file that does not exist yet. Roots go beside it."""
    settings.AUDIT_KEY = ""
    settings.AUDIT_KEY_FILE = str(tmp_path / "keys" / "audit.pem")
    settings.AUDIT_KEY_FILE_CREATED = True
    settings.AUDIT_FORMER_KEYS = []
    settings.AUDIT_ROOTS_DIRECTORY = str(tmp_path / "roots")
    settings.AUDIT_ROOTS_MAIL_TO = []
    return Path(settings.AUDIT_KEY_FILE)


@pytest.fixture
def write() -> Callable[[int], list[AuditEntry]]:
    """Record and commit so many entries, in one transaction."""

    def written(count: int = 1) -> list[AuditEntry]:
        with transaction.atomic():
            return [
                record(verb="share_request.refuse", who=WHO, subject="case", subject_id=number, data={"n": number})
                for number in range(count)
            ]

    return written


@pytest.fixture
def tamper() -> Callable[..., None]:
    """What a database administrator with bad intent can do: a statement with the triggers switched off."""

    def run(statement: str, *params: object) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(statement, params)
            assert cursor.rowcount == 1

    return run


@pytest.fixture
def elsewhere() -> Iterator[Any]:
    """A second, real connection to the same database, as another process would have."""
    other = psycopg2.connect(**connection.get_connection_params() | {"cursor_factory": None})
    yield other
    other.close()
