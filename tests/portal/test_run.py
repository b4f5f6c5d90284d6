"""`make run` itself, in a home of its own: starts, refuses, survives kill -9, stops, keeps the data."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from configparser import ConfigParser
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import psycopg2
import pytest
from django.conf import settings

from portal.runtime.home import Home, running_environment
from portal.runtime.launch import record_path
from portal.runtime.ports import free_port
from portal.runtime.processes import Identity, with_environment
from portal.runtime.servers import wait_until
from portal.runtime.supervision import Supervisor

OVERRIDES = {
    "DATABASE_URL",
    "REDIS_URL",
    "DJANGO_SETTINGS_MODULE",
    "SECRET_KEY",
    "PORT",
    "PORTAL_HOME",
    "STATUTES_PATH",
}
PROGRAMS = ("web", "worker", "beat")
FAKETIME = next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))), None)
BOOTSTRAP = {
    "jurisdiction": "riverton",
    "jurisdiction-name": "测试市",
    "jurisdiction-name-en": "Riverton",
    "region": "420000",
    "pack": "national",
    "organization": "测试市数据局",
    "organization-code": "T-1",
    "username": "boss",
    "full-name": "张三",
}


@dataclass(slots=True)
class Run:
    """One home and the `make run` in it."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def home(self) -> Home:
        return Home(self.folder)

    @property
    def said(self) -> str:
        return (self.folder.parent / "said.log").read_text(encoding="utf-8")

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in OVERRIDES}
        return {
            **kept,
            "PORTAL_HOME": str(self.folder),
            "PORT": str(self.port),
            "DEMO": "0",
            "WEB_WORKERS": "1",
            "SWEEP_SECONDS": "2",
            **more,
        }

    def start(self, *, days_later: int = 0) -> None:
        later = {"LD_PRELOAD": str(FAKETIME), "FAKETIME": f"+{days_later}d"} if days_later else {}
        with open(self.folder.parent / "said.log", "wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "portal.runtime"],
                cwd=settings.ROOT,
                env=self.environment(**later),
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        wait_until(self.is_up, "the portal", self.folder.parent / "said.log", seconds=120, failed=self.is_over)

    def is_up(self) -> bool:
        return "Ctrl-C stops everything" in self.said

    def is_over(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def attempt(self, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "portal.runtime"],
            cwd=settings.ROOT,
            env=self.environment(**more),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603
            [sys.executable, "manage.py", *arguments],
            cwd=settings.ROOT,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
        )

    @contextmanager
    def programs_stopped(self) -> Iterator[None]:
        """Web, worker and beat stand still, as the refused restore says how; the servers go on.

        They are up again when each has written who it is: `supervisorctl start` would look at each for eight seconds.
        """
        configuration = self.home.run / "supervisord.conf"
        command = [str(Path(sys.executable).with_name("supervisorctl")), "-c", str(configuration)]
        told = [subprocess.Popen([*command, "stop", name]) for name in PROGRAMS]  # noqa: S603
        assert [one.wait(60) for one in told] == [0, 0, 0]
        stopped = [self.identity(name) for name in PROGRAMS]
        yield
        read = ConfigParser(interpolation=None)
        read.read(configuration, encoding="utf-8")
        for name in PROGRAMS:
            Supervisor(Path(read["unix_http_server"]["file"])).start(name)
        log = self.home.logs / "supervisor.log"
        wait_until(lambda: all(self.identity(n) != old for n, old in zip(PROGRAMS, stopped, strict=True)), "all", log)

    def stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)

    def identity(self, name: str) -> Identity:
        record = json.loads(record_path(self.home, name).read_text(encoding="utf-8"))
        return Identity(int(record["pid"]), record["started"])

    def left_over(self) -> list[Identity]:
        run = json.loads((self.home.run / "run.json").read_text(encoding="utf-8"))["id"]
        return with_environment("PORTAL_RUN", run)

    def column(self, query: str) -> list[object]:
        connection = psycopg2.connect(running_environment(self.folder)["DATABASE_URL"])
        with connection.cursor() as cursor:
            cursor.execute(query)
            found = [value for (value,) in cursor.fetchall()]
        connection.close()
        return found

    def accounts(self) -> list[object]:
        return self.column("SELECT username FROM organizations_user WHERE username !~ '[.]' ORDER BY 1")

    def sweeps(self) -> int:
        """How many sweeps the worker has finished, over all starts."""
        lines = (self.home.logs / "worker.log").read_text(encoding="utf-8").splitlines()
        said = [json.loads(line) for line in lines if line.startswith("{")]
        ours = {entry["task_id"] for entry in said if entry.get("task") == "cases.tasks.sweep"}
        return sum(entry["event"] == "task_succeeded" and entry["task_id"] in ours for entry in said)

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    made = Run(tmp_path_factory.mktemp("run") / "home")
    made.start()
    yield made
    if not made.is_over():
        made.stop()


def test_the_portal_answers_and_is_ready(run: Run) -> None:
    assert run.get("/healthz") == (200, '{"status": "alive"}')
    status, text = run.get("/readyz")
    assert (status, json.loads(text)["wrong"]) == (200, {})


def test_the_logs_are_json_lines_with_request_ids(run: Run) -> None:
    lines = (run.home.logs / "web.log").read_text(encoding="utf-8").splitlines()
    requests = [json.loads(line) for line in lines if line.startswith("{")]
    assert [entry for entry in requests if entry["event"] == "request_finished" and entry["request_id"]]


def test_a_second_run_in_the_same_home_is_told_where_the_first_is(run: Run) -> None:
    done = run.attempt()
    assert done.returncode == 1
    assert f"already running at http://127.0.0.1:{run.port}/" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_in_use_is_a_sentence_with_a_way_out(run: Run, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = run.attempt(PORTAL_HOME=str(tmp_path / "other"), PORT=str(taken.getsockname()[1]))
    assert done.returncode == 1
    assert "is in use" in done.stderr
    assert "Traceback" not in done.stderr


def test_bootstrap_makes_the_first_administrator_once(run: Run) -> None:
    options = [part for name, value in BOOTSTRAP.items() for part in (f"--{name}", value)]
    first = run.manage("bootstrap", *options, "--outside-code")
    assert first.returncode == 0, first.stderr
    assert run.accounts() == ["boss"]
    again = run.manage("bootstrap", *options, "--outside-code")
    assert again.returncode == 1
    assert "has accounts already" in again.stderr


def test_a_backup_brings_back_what_was_there_and_a_damaged_one_changes_nothing(run: Run, tmp_path: Path) -> None:
    (run.home.media / "cases").mkdir(parents=True)
    paper = run.home.media / "cases" / "paper.txt"
    paper.write_text("附件", encoding="utf-8")
    target, damaged = tmp_path / "portal.backup", tmp_path / "damaged.backup"
    assert run.manage("backup", str(target)).returncode == 0
    assert target.stat().st_mode & 0o077 == 0
    content = bytearray(target.read_bytes())
    content[len(content) // 3] ^= 0xFF
    damaged.write_bytes(content)
    paper.unlink()
    running = run.manage("restore", str(target), "--replace")
    assert running.returncode == 1
    assert "the portal is running on this database" in running.stderr
    with run.programs_stopped():
        broken = run.manage("restore", str(damaged), "--replace")
        assert broken.returncode == 1
        assert "is damaged" in broken.stderr or "is not a backup" in broken.stderr
        assert "Traceback" not in broken.stderr
        assert (run.accounts(), paper.exists()) == (["boss"], False)
        refused = run.manage("restore", str(target))
        assert refused.returncode == 1
        assert "--replace" in refused.stderr
        restored = run.manage("restore", str(target), "--replace")
        assert restored.returncode == 0, restored.stderr
    assert "epoch 2" in restored.stdout
    assert run.accounts() == ["boss"]
    assert paper.read_text(encoding="utf-8") == "附件"


def test_a_worker_killed_comes_back(run: Run) -> None:
    killed = run.identity("worker")
    killed.send(signal.SIGKILL)
    wait_until(lambda: run.identity("worker") != killed, "the worker", run.home.logs / "worker.log", seconds=30)


def test_a_supervisor_killed_takes_everything_along_and_the_next_start_keeps_the_data(run: Run) -> None:
    run.identity("supervisor").send(signal.SIGKILL)
    assert run.process is not None
    assert run.process.wait(60) == 1
    assert "Nothing is lost" in run.said
    assert "Traceback" not in run.said
    assert run.left_over() == []
    run.start()
    assert run.accounts() == ["boss"]


def test_everything_killed_at_once_leaves_no_orphan_and_no_loss(run: Run) -> None:
    before = [run.identity(name) for name in ("postgres", "valkey", "worker", "web", "beat")]
    assert run.process is not None
    for identity in (run.identity("supervisor"), Identity.of(run.process.pid), before[0]):
        identity.send(signal.SIGKILL)
    run.process.wait(10)
    run.start()
    assert not [identity for identity in before if identity.is_alive()]
    assert run.accounts() == ["boss"]


FILE_A_REQUEST = """
from tests.cast import build_place
from tests.scenes import act, filed, published_resource
place = build_place("enshi")
act(place.applicant_leader, filed(place, published_resource(place)), "endorse")
"""
BREACHES = "SELECT clock FROM cases_caseevent WHERE kind = 'due'"
URGINGS = "SELECT id FROM cases_urgingtask"


@pytest.mark.skipif(FAKETIME is None, reason="faketime is not installed: passing time cannot be tested")
def test_twenty_days_later_the_breach_is_recorded_once_and_a_restart_adds_none(run: Run) -> None:
    made = run.manage("shell", "-c", FILE_A_REQUEST)
    assert made.returncode == 0, made.stderr
    assert run.column(BREACHES) == []
    for _start in range(2):
        run.stop()
        before = run.sweeps()
        run.start(days_later=20)
        wait_until(partial(lambda count: run.sweeps() > count, before), "a sweep", run.home.logs / "worker.log")
        assert run.column(BREACHES) == ["reply"]
        assert len(run.column(URGINGS)) == 1


def test_ctrl_c_stops_all_of_it_in_order(run: Run) -> None:
    assert run.stop() == 0
    assert "everything is stopped" in run.said
    assert run.left_over() == []
    lines = (run.home.logs / "supervisor.log").read_text(encoding="utf-8").splitlines()
    stopped = [line.split("stopped: ")[1].split()[0] for line in lines if "stopped: " in line]
    assert stopped[-5:] == ["beat", "web", "worker", "valkey", "postgres"]
