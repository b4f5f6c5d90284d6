"""One file that holds a whole portal: database dumps, uploaded files, the site's keys, and a list of them by hash."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerUnreachable

from portal.celery import app
from portal.runtime.postgres import wheel_program

FORMAT = 1
MANIFEST = "manifest.json"
CHUNK = 1024 * 1024


class ArchiveError(Exception):
    """Says what is wrong with a backup, or why it could not be made or brought back."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says about itself. `files`: name in the archive to its SHA-256."""

    made_at: str
    databases: list[str]
    files: dict[str, str]


def _folders() -> dict[str, Path]:
    return {"media": Path(settings.MEDIA_ROOT), "keys": Path(settings.HOME) / "keys"}


def own_aliases() -> list[str]:
    """Aliases that hold data of their own: `datasets` only where it is another database than `default`."""
    places = {alias: _place(connections[alias].settings_dict) for alias in ("default", "datasets")}
    return ["default"] if places["datasets"] == places["default"] else ["default", "datasets"]


def _place(values: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(values.get(name) or "") for name in ("HOST", "PORT", "NAME"))


def _client_environment(alias: str) -> dict[str, str]:
    """How PostgreSQL's own programs reach a database: by environment, so that no password is on a command line."""
    values = connections[alias].settings_dict
    names = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGDATABASE": "NAME"}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    given = {name: str(values[key]) for name, key in names.items() if values.get(key)}
    ssl = values.get("OPTIONS", {}).get("sslmode")
    return {**kept, **given, **({"PGSSLMODE": ssl} if ssl else {})}


def _run(program: str, *arguments: str, alias: str, stdin: Any = subprocess.DEVNULL) -> None:
    command = [wheel_program(program), *arguments]
    done = subprocess.run(  # noqa: S603
        command, env=_client_environment(alias), stdin=stdin, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise ArchiveError(f"{program} failed: {done.stderr.strip()[-800:]}")


def _sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write(target: Path) -> Manifest:
    """Writes the whole portal to `target` (for its owner's eyes), complete or not at all."""
    partial = target.with_name(f".{target.name}.partial")
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=target.parent) as work:
        try:
            descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as raw, tarfile.open(fileobj=raw, mode="w") as archive:
                manifest = _fill(archive, Path(work))
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
    return manifest


def _fill(archive: tarfile.TarFile, work: Path) -> Manifest:
    files: dict[str, str] = {}
    aliases = own_aliases()
    for alias in aliases:
        dump = work / f"{alias}.dump"
        _run("pg_dump", "--format=custom", f"--file={dump}", alias=alias)
        _add(archive, dump, f"databases/{alias}.dump", files)
        dump.unlink()
    for name, folder in _folders().items():
        for path in sorted(folder.rglob("*")) if folder.is_dir() else []:
            if path.is_file() and not path.is_symlink():
                _add(archive, path, f"{name}/{path.relative_to(folder)}", files)
    manifest = Manifest(timezone.now().isoformat(), aliases, files)
    text = json.dumps(
        {"format": FORMAT, "made_at": manifest.made_at, "databases": aliases, "files": files}, ensure_ascii=False
    ).encode()
    entry = tarfile.TarInfo(MANIFEST)
    entry.size, entry.mode = len(text), 0o600
    archive.addfile(entry, io.BytesIO(text))
    return manifest


def _add(archive: tarfile.TarFile, path: Path, name: str, files: dict[str, str]) -> None:
    files[name] = _sha256(path)
    archive.add(path, name, recursive=False)


@contextmanager
def unpacked(source: Path) -> Iterator[tuple[Path, Manifest]]:
    """The archive's content in a folder for a while, every file compared with its hash. Raises ArchiveError."""
    with tempfile.TemporaryDirectory(prefix="shutong-restore-", dir=settings.HOME) as work:
        folder = Path(work)
        try:
            with tarfile.open(source) as archive:
                archive.extractall(folder, filter="data")
            found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            manifest = Manifest(found["made_at"], found["databases"], found["files"])
        except (tarfile.TarError, ValueError, KeyError, FileNotFoundError) as error:
            raise ArchiveError(f"{source} is not a backup of this portal, or is cut short ({error})") from None
        if found["format"] != FORMAT:
            raise ArchiveError(f"{source} has the format {found['format']}; this program reads {FORMAT}")
        for name, expected in manifest.files.items():
            path = folder / name
            if not path.is_file() or _sha256(path) != expected:
                raise ArchiveError(f"{source} is damaged: {name} is missing or not what was written")
        yield folder, manifest


def refuse_while_running() -> None:
    """Raises ArchiveError when a worker answers, or other processes of the portal are connected to our databases.

    A worker that is between two tasks holds no connection, so it is asked over the broker.
    """
    signs = [f"{count} connections from {place}" for place, count in sorted(_other_connections().items())]
    signs += [f"worker {name} answers" for name in _workers()]
    if signs:
        configuration = Path(settings.HOME) / "run" / "supervisord.conf"
        raise ArchiveError(
            f"the portal is running on this database ({', '.join(signs)}). "
            "Stop web, worker and beat first and start them again afterwards: docker compose stop web worker beat; "
            f"beside make run: .venv/bin/supervisorctl -c {configuration} stop web worker beat"
        )


def _other_connections() -> Counter[str]:
    """Where connections of the portal's other processes come from, and how many."""
    found: Counter[str] = Counter()
    own = [_own_process(alias) for alias in settings.DATABASES]
    for alias in own_aliases():
        with connections[alias].cursor() as cursor:
            cursor.execute(
                "SELECT coalesce(host(client_addr), 'this machine') FROM pg_stat_activity WHERE pid <> ALL(%s) "
                "AND datname = current_database() AND backend_type = 'client backend' AND application_name = %s",
                [own, connections[alias].settings_dict["OPTIONS"].get("application_name", "")],
            )
            found.update(place for (place,) in cursor.fetchall())
    return found


def _workers() -> list[str]:
    """Names of the workers that answer; none when there is no broker."""
    try:
        with app.connection_for_write(connect_timeout=2) as connection:
            connection.ensure_connection(max_retries=1, timeout=2)
            answers = app.control.ping(timeout=2, connection=connection)
    except (OSError, BrokerUnreachable):
        return []
    return sorted(name for answer in answers for name in answer)


def _own_process(alias: str) -> int:
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def restore_databases(folder: Path, manifest: Manifest) -> None:
    """Replaces the databases by the dumps, each in one transaction: wholly or not at all."""
    missing = sorted(set(manifest.databases) - set(own_aliases()))
    if missing:
        raise ArchiveError("this backup has the datasets in a database of their own: set DATASETS_DATABASE_URL first")
    for alias in manifest.databases:
        script = folder / f"{alias}.sql"
        _run("pg_restore", f"--file={script}", str(folder / "databases" / f"{alias}.dump"), alias=alias)
        joined = folder / f"{alias}.whole.sql"
        with open(joined, "wb") as whole, open(script, "rb") as dump:
            whole.write(_emptying(alias).encode())
            shutil.copyfileobj(dump, whole, CHUNK)
        connections[alias].close()
        _run(
            "psql",
            "--no-psqlrc",
            "--quiet",
            "--single-transaction",
            "-v",
            "ON_ERROR_STOP=1",
            "-f",
            str(joined),
            alias=alias,
        )


def _emptying(alias: str) -> str:
    """SQL that drops every schema of ours, before the dump makes them again."""
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(nspname) FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'"
        )
        names = [name for (name,) in cursor.fetchall()]
    drops = "".join(f"DROP SCHEMA IF EXISTS {name} CASCADE;\n" for name in names)
    return (
        f"SET client_min_messages = warning;\n{drops}CREATE SCHEMA public;\nGRANT USAGE ON SCHEMA public TO PUBLIC;\n"
    )


def restore_files(folder: Path) -> None:
    """Puts uploaded files and keys back; what is there already under the same name is replaced, nothing is deleted."""
    for name, target in _folders().items():
        source = folder / name
        for path in sorted(source.rglob("*")) if source.is_dir() else []:
            if path.is_file():
                place = target / path.relative_to(source)
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.move(path, place)
