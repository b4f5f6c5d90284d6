"""What every benchmark shares: a scratch database, fair interleaved timing, and one way to print a figure."""

from __future__ import annotations

import argparse
import atexit
import multiprocessing
import os
import secrets
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.process import BaseProcess
from pathlib import Path

import django
from django.db import connection, connections
from django.test.utils import setup_test_environment, teardown_test_environment

from portal.runtime.home import Home
from portal.runtime.ports import free_port
from portal.runtime.postgres import Postgres, clean_environment
from portal.runtime.servers import ServersForTests
from portal.runtime.valkey import Valkey

SIZES = ("small", "full")


def start(description: str) -> argparse.Namespace:
    """Read the command line and set Django up. `size`: small for a check that it runs, full for figures.

    Without DATABASE_URL a server of the benchmark's own is started, durable as in earnest, and gone afterwards.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--size", choices=SIZES, default="full")
    options = parser.parse_args()
    if not os.environ.get("DATABASE_URL"):
        _start_servers()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.test")
    django.setup()
    return options


def _start_servers() -> None:
    password, home = secrets.token_urlsafe(16), Home(Path(tempfile.mkdtemp(prefix="shutong-benchmark-")))
    servers = ServersForTests(
        home=home,
        postgres=Postgres(home.postgres, free_port(), password, durable=True),
        valkey=Valkey(home.valkey, free_port(), password),
        environment=clean_environment({"PORTAL_HOME": str(home.path)}),
    )
    atexit.register(shutil.rmtree, home.path, ignore_errors=True)
    atexit.register(servers.stop)
    servers.start()
    os.environ |= {"DATABASE_URL": servers.postgres.url, "REDIS_URL": servers.valkey.url, "PORTAL_HOME": str(home.path)}


@contextmanager
def scratch_database() -> Iterator[None]:
    """A migrated database of the benchmark's own, beside DATABASE_URL's, dropped at the end."""
    name = connection.settings_dict["NAME"]
    connection.settings_dict["TEST"]["NAME"] = f"benchmark_{os.getpid()}"
    setup_test_environment(debug=False)
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        print(f"PostgreSQL {server_version()}, {', '.join(f'{key}={value}' for key, value in durability().items())}")
        yield
    finally:
        connections.close_all()
        connection.creation.destroy_test_db(name, verbosity=0)
        teardown_test_environment()


def server_version() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return str(cursor.fetchone()[0])


def durability() -> dict[str, str]:
    """The settings that decide what a commit costs."""
    found = {}
    with connection.cursor() as cursor:
        for name in ("fsync", "synchronous_commit", "shared_buffers"):
            cursor.execute(f"SHOW {name}")
            found[name] = str(cursor.fetchone()[0])
    return found


def interleaved(works: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Seconds of every round of every work, taken in turn, so that a busy machine is unfair to all alike."""
    for work in works.values():
        work()
    times: dict[str, list[float]] = {name: [] for name in works}
    for _round in range(rounds):
        for name, work in works.items():
            begun = time.perf_counter()
            work()
            times[name].append(time.perf_counter() - begun)
    return times


MOST_WAITED = 60
"""Seconds that a client waits for the others before it gives up."""


def process(work: Callable[[], object]) -> BaseProcess:
    """A process that does the work with connections of its own, not yet started."""
    return multiprocessing.get_context("fork").Process(target=_alone, args=(work,))


def _alone(work: Callable[[], object]) -> None:
    """What a fork inherits is the parent's: it is let go of without a word to the server."""
    for alias in connections:
        with suppress(AttributeError):
            del connections[alias]
    try:
        work()
    finally:
        connections.close_all()


def together(work: Callable[[], object], clients: int, rounds: int) -> float:
    """Rounds a second of so many processes at once, each with its own connection. RuntimeError: what stopped one."""
    context = multiprocessing.get_context("fork")
    barrier, spans = context.Barrier(clients, timeout=MOST_WAITED), context.SimpleQueue()

    def client() -> None:
        try:
            work()
            barrier.wait()
            begun = time.perf_counter()
            for _round in range(rounds):
                work()
            spans.put((begun, time.perf_counter()))
        except Exception as error:
            barrier.abort()
            spans.put(repr(error))

    processes = [process(client) for _number in range(clients)]
    for one in processes:
        one.start()
    for one in processes:
        one.join()
    if killed := [one.exitcode for one in processes if one.exitcode]:
        raise RuntimeError(f"clients ended with {killed}")
    found = [spans.get() for _number in range(clients)]
    if stopped := [span for span in found if isinstance(span, str)]:
        raise RuntimeError("; ".join(stopped))
    return clients * rounds / (max(end for _begun, end in found) - min(begun for begun, _end in found))


def middle(times: Sequence[float]) -> float:
    return statistics.median(times)


def p95(times: Sequence[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)]


def show(what: str, figure: str, ratio: str = "", goal: str = "") -> None:
    print(f"{what:<58}{figure:>18}{ratio:>10}  {goal}")
    sys.stdout.flush()
