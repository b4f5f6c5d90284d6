"""The parts of `make run`: who is an orphan and who a stranger, what is refused before anything starts."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from django.conf import settings

from portal.runtime.controller import stop_orphans
from portal.runtime.home import Home, RuntimeFailure, running_environment
from portal.runtime.launch import launch, record_path
from portal.runtime.options import Options
from portal.runtime.ports import free_port
from portal.runtime.postgres import DATABASE, Postgres, clean_environment
from portal.runtime.processes import Identity
from portal.runtime.servers import ServersForTests, wait_until
from portal.runtime.supervision import (
    Program,
    Supervisor,
    socket_path,
    supervisor_command,
    write_configuration,
)
from portal.runtime.valkey import Valkey

PASSWORD = "only-for-this-test"  # noqa: S105
WRONG = "not-it"
SLOW_TO_END = """
import signal, sys, time

def finish(*_):
    time.sleep(2)
    open(sys.argv[1], "w").close()
    sys.exit()

signal.signal(signal.SIGTERM, finish)
print("up", flush=True)
while True:
    time.sleep(0.1)
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.make()
    return made


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    """A living process that is nobody's business."""
    process = subprocess.Popen(["/bin/sleep", "300"])
    yield process
    process.kill()
    process.wait()


def servers(home: Home, *, durable: bool = False) -> ServersForTests:
    return ServersForTests(
        home=home,
        postgres=Postgres(home.postgres, free_port(), PASSWORD, durable=durable),
        valkey=Valkey(home.valkey, free_port(), PASSWORD),
        environment=clean_environment({"PORTAL_HOME": str(home.path)}),
    )


# Orphans and strangers


def note(home: Home, name: str, pid: int, started: str) -> None:
    record_path(home, name).write_text(json.dumps({"pid": str(pid), "started": started}), encoding="utf-8")


def test_a_process_that_only_has_the_id_of_one_of_ours_is_left_alone(
    home: Home, stranger: subprocess.Popen[bytes]
) -> None:
    note(home, "worker", stranger.pid, "another boot:1")
    assert stop_orphans(home) == 0
    assert stranger.poll() is None


def test_an_orphan_with_id_and_start_time_is_stopped(home: Home, stranger: subprocess.Popen[bytes]) -> None:
    note(home, "worker", stranger.pid, Identity.of(stranger.pid).started)
    assert stop_orphans(home) == 1
    assert stranger.wait(5) == -signal.SIGTERM


def test_children_of_a_dead_leader_are_found_by_their_run(home: Home) -> None:
    (home.run / "run.json").write_text('{"id": "run-of-this-test"}', encoding="utf-8")
    child = subprocess.Popen(["/bin/sleep", "300"], env={"PORTAL_RUN": "run-of-this-test"})
    assert stop_orphans(home) == 1
    assert child.wait(5) == -signal.SIGTERM


def test_what_is_launched_ends_with_the_one_who_launched_it(home: Home) -> None:
    parent = (
        "import sys, pathlib, time, os\n"
        "from portal.runtime.launch import launch\n"
        "launch('valkey', ['/bin/sleep', '300'], log=pathlib.Path(os.devnull), environment=dict(os.environ))\n"
        "time.sleep(300)"
    )
    environment = {**os.environ, "PORTAL_HOME": str(home.path)}
    process = subprocess.Popen([sys.executable, "-c", parent], cwd=settings.ROOT, env=environment)  # noqa: S603
    wait_until(record_path(home, "valkey").exists, "the child", home.logs / "none")
    pid = int(json.loads(record_path(home, "valkey").read_text(encoding="utf-8"))["pid"])
    wait_until(lambda: b"sleep" in Path(f"/proc/{pid}/cmdline").read_bytes(), "sleep", home.logs / "none")
    child = Identity.of(pid)
    process.kill()
    process.wait()
    assert child.wait(5)


# PostgreSQL


def test_a_stale_pid_file_that_names_a_living_stranger_neither_stops_the_start_nor_the_stranger(
    home: Home, stranger: subprocess.Popen[bytes]
) -> None:
    started = servers(home, durable=True)
    started.start()
    try:
        connection = psycopg2.connect(started.postgres.url)
        connection.autocommit = True
        connection.cursor().execute("CREATE TABLE kept AS SELECT 42 AS answer")
        connection.close()
        pid_file = started.postgres.data / "postmaster.pid"
        killed = Identity.of(int(pid_file.read_text(encoding="utf-8").splitlines()[0]))
        text = pid_file.read_text(encoding="utf-8")
        killed.send(signal.SIGKILL)
        assert killed.wait(10)
        pid_file.write_text(text.replace(str(killed.pid), str(stranger.pid), 1), encoding="utf-8")
        started.stop()
        again = servers(home, durable=True)
        again.start()
        started = again
        assert stranger.poll() is None
        connection = psycopg2.connect(again.postgres.url)
        cursor = connection.cursor()
        cursor.execute("SELECT answer, datctype FROM kept, pg_database WHERE datname = current_database()")
        assert cursor.fetchone() == (42, "C.UTF-8")
        connection.close()
    finally:
        started.stop()


def test_the_cluster_is_closed_to_who_has_no_password_and_readable_by_its_owner_alone(home: Home) -> None:
    running = servers(home)
    running.start()
    try:
        with pytest.raises(psycopg2.OperationalError, match=r"password|authentication"):
            psycopg2.connect(
                host="127.0.0.1", port=running.postgres.port, user="shutong", dbname=DATABASE, password=WRONG
            )
        assert running.postgres.data.stat().st_mode & 0o077 == 0
        administer(running, "DROP DATABASE shutong")
        administer(running, "CREATE DATABASE shutong TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'")
        with pytest.raises(RuntimeFailure, match=r"C\.UTF-8"):
            running.postgres.ensure_database()
    finally:
        running.stop()


def administer(running: ServersForTests, statement: str) -> None:
    connection = psycopg2.connect(running.postgres.url.rpartition("/")[0] + "/postgres")
    connection.autocommit = True
    connection.cursor().execute(statement)
    connection.close()


def test_a_cluster_cut_short_while_being_made_is_made_again(home: Home) -> None:
    half = home.postgres / "data.partial"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n", encoding="ascii")
    postgres = Postgres(home.postgres, free_port(), PASSWORD, durable=False)
    assert postgres.initialize()
    assert not half.exists()
    assert not postgres.initialize()


# The supervisor


def test_programs_stop_in_order_and_one_at_work_finishes(home: Home) -> None:
    done, script = home.path / "task.done", home.path / "worker.py"
    script.write_text(SLOW_TO_END, encoding="utf-8")
    programs = [
        Program("postgres", ["/bin/sleep", "300"], 10, steady_seconds=0),
        Program("worker", [sys.executable, str(script), str(done)], 30, stop_seconds=20, steady_seconds=0),
        Program("beat", ["/bin/sleep", "300"], 50, steady_seconds=0),
    ]
    socket = socket_path(home)
    configuration = write_configuration(home, socket, programs)
    environment = {**os.environ, "PORTAL_HOME": str(home.path)}
    process = launch(
        "supervisor", supervisor_command(configuration), log=home.logs / "supervisor.err.log", environment=environment
    )
    supervisor = Supervisor(socket)
    wait_until(supervisor.answers, "the supervisor", home.logs / "supervisor.err.log")
    for program in programs:
        supervisor.start(program.name)
    log = home.logs / "worker.log"
    wait_until(lambda: log.exists() and "up" in log.read_text(encoding="utf-8"), "the worker", log)
    process.terminate()
    assert process.wait(30) == 0
    assert done.exists()
    lines = (home.logs / "supervisor.log").read_text(encoding="utf-8").splitlines()
    stopped = [line.split("stopped: ")[1].split()[0] for line in lines if "stopped: " in line]
    assert stopped == ["beat", "worker", "postgres"]


def test_no_secret_stands_in_the_supervisors_configuration(home: Home) -> None:
    path = write_configuration(home, socket_path(home), [Program("web", ["x"], 1)])
    assert path.stat().st_mode & 0o077 == 0
    assert PASSWORD not in path.read_text(encoding="utf-8")


# What is refused before anything starts


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "many", "PORT must be a number"),
        ("PORT", "70000", "PORT must be a number"),
        ("DEMO", "perhaps", "DEMO must be 1 or 0"),
        ("STATUTES_PATH", "/no/such/folder", "is not a folder"),
        ("DATABASE_URL", "mysql://x/y", "must be a postgresql:// address"),
        ("REDIS_URL", "http://x", "must be a redis:// address"),
    ],
)
def test_a_variable_that_makes_no_sense_is_named(name: str, value: str, said: str) -> None:
    with pytest.raises(RuntimeFailure, match=said):
        Options.read({name: value})


def test_a_full_disk_is_said_before_anything_is_written(home: Home) -> None:
    with pytest.raises(RuntimeFailure, match="is full"):
        home.need_space(10**9)


def test_secrets_are_made_once_and_readable_by_their_owner_alone(home: Home) -> None:
    first = home.secrets()
    assert home.secrets() == first
    assert (home.path / "secrets.json").stat().st_mode & 0o077 == 0


def test_secrets_cut_short_are_not_replaced_by_new_ones(home: Home) -> None:
    home.secrets()
    (home.path / "secrets.json").write_text('{"postgres": "abc', encoding="utf-8")
    with pytest.raises(RuntimeFailure, match="cannot be read"):
        home.secrets()


def test_a_home_is_held_by_one_run_at_a_time(home: Home) -> None:
    with home.lock(), pytest.raises(RuntimeFailure, match="already running"):
        home.lock()
    home.lock().close()


def test_manage_py_finds_the_running_servers_and_nothing_afterwards(home: Home) -> None:
    home.publish({"DATABASE_URL": "postgresql://x"})
    assert running_environment(home.path) == {"DATABASE_URL": "postgresql://x"}
    home.unpublish()
    assert running_environment(home.path) == {}


def test_a_start_time_tells_two_processes_with_one_id_apart() -> None:
    process = subprocess.Popen(["/bin/sleep", "300"])
    identity = Identity.of(process.pid)
    assert identity.is_alive()
    assert not Identity(process.pid, "earlier").is_alive()
    process.kill()
    time.sleep(0.1)
    assert not identity.is_alive()
    process.wait()
