"""Commands without their database, and a restore into a portal that runs, say so in a sentence."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import ExitStack, closing
from pathlib import Path

import psycopg2
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from portal.runtime.ports import free_port

COMMANDS = [("audit_verify",), ("audit_roots",), ("load_dataset", "A/1", __file__), ("backup", "there")]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_a_command_without_a_reachable_database_says_one_sentence(command: tuple[str, ...], tmp_path: Path) -> None:
    address = f"postgresql://shutong:geheim@127.0.0.1:{free_port()}/none"
    arguments = [str(tmp_path / part) if part == "there" else part for part in command]
    done = subprocess.run(  # noqa: S603
        [sys.executable, "manage.py", *arguments],
        cwd=settings.ROOT,
        env={**os.environ, "DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "portal.settings.development"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "cannot be reached" in done.stderr or "Connection refused" in done.stderr
    assert "geheim" not in done.stderr


@pytest.mark.django_db(databases=["default", "datasets"])
def test_a_restore_into_a_portal_that_runs_is_refused_before_anything_changes(tmp_path: Path) -> None:
    """Another process of the portal is told by its connection; a database tool's connection does not count."""
    values = connection.settings_dict
    place = {"host": values["HOST"], "port": values["PORT"], "user": values["USER"], "password": values["PASSWORD"]}
    portal = values["OPTIONS"].get("application_name", "")
    file = tmp_path / "portal.backup"
    file.write_bytes(b"not looked at")

    def told() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
        with pytest.raises(CommandError, match=r"running on this database.*stop web worker beat") as refused:
            call_command("restore", str(file), "--replace")
        return int(re.search(r"(\d+) connections from", str(refused.value))[1])

    with ExitStack() as opened:

        def connect(name: str) -> None:
            opened.enter_context(closing(psycopg2.connect(**place, dbname=values["NAME"], application_name=name)))

        connect(portal)
        before = told()
        connect("psql")
        assert told() == before
        connect(portal)
        assert told() == before + 1
