"""`make run`: starts everything in order, watches it, stops it in order."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import textwrap
import time
import urllib.error
import urllib.request
from functools import partial
from types import FrameType

from portal.runtime.home import Home, RuntimeFailure, read_json
from portal.runtime.launch import ROOT, launch, record_path
from portal.runtime.options import Options
from portal.runtime.ports import can_listen, free_port
from portal.runtime.postgres import Postgres, clean_environment
from portal.runtime.processes import Identity, with_environment
from portal.runtime.servers import last_lines, wait_until
from portal.runtime.supervision import (
    TASK_MAY_TAKE_SECONDS,
    Program,
    Supervisor,
    socket_path,
    supervisor_command,
    write_configuration,
)
from portal.runtime.valkey import Valkey

NAMES = ("supervisor", "beat", "web", "worker", "valkey", "postgres")
FIRST_RUN_MEGABYTES = 400
LATER_RUN_MEGABYTES = 60
LOW_MEGABYTES = 30


class Stopped(Exception):
    """Ctrl-C or SIGTERM."""


def say(text: str) -> None:
    try:
        print(text, flush=True)
    except OSError:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115


def _stop(number: int, frame: FrameType | None) -> None:
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    raise Stopped


def stop_orphans(home: Home) -> int:
    """Stops what a killed run left behind, by recorded id and start time; returns how many there were."""
    stopped = 0
    for name in NAMES:
        record = read_json(record_path(home, name))
        if record.get("pid", "").isdigit():
            identity = Identity(int(record["pid"]), record.get("started", ""))
            if identity.is_alive():
                stopped += 1
                identity.stop(signal.SIGINT if name == "postgres" else signal.SIGTERM, 30)
        record_path(home, name).unlink(missing_ok=True)
    run = read_json(home.run / "run.json").get("id", "")
    left = with_environment("PORTAL_RUN", run) if run else []
    for identity in left:
        identity.stop(signal.SIGTERM, 5)
    return stopped + len(left)


class Controller:
    """One run, from the first check to the last stop."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.home = Home(options.home)
        self.run_id = secrets.token_hex(8)
        self.supervisor_process: subprocess.Popen[bytes] | None = None
        self.postgres: Postgres | None = None
        self.valkey: Valkey | None = None
        self.environment: dict[str, str] = {}
        self._told: set[str] = set()

    def run(self) -> int:
        """Returns the exit status; raises RuntimeFailure with what the person can mend."""
        self.home.make()
        with self.home.lock():
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, _stop)
            try:
                self._start()
                return self._watch()
            except Stopped:
                return 0
            finally:
                self._stop_all()

    # Starting

    def _start(self) -> None:
        self.home.unpublish()
        left = stop_orphans(self.home)
        if left:
            say(f"· stopped {left} processes that an earlier run had left behind")
        self._check_port()
        fresh = not self.options.database_url and not (self.home.postgres / "data" / "PG_VERSION").exists()
        self.home.need_space(FIRST_RUN_MEGABYTES if fresh else LATER_RUN_MEGABYTES)
        kept = self.home.secrets()
        self._plan_servers(kept)
        self._start_supervisor()
        self._start_servers()
        self._prepare(kept)
        self._start_portal()
        self._greet()

    def _check_port(self) -> None:
        try:
            free = can_listen(self.options.host, self.options.port)
        except OSError as error:
            raise RuntimeFailure(f"HOST {self.options.host} cannot be used: {error.strerror}.") from None
        if not free:
            port = self.options.port
            raise RuntimeFailure(
                f"port {port} is in use by another program (or needs more rights). "
                f"Stop that program or choose another port: PORT={port + 1 if port < 65535 else 8000} make run"
            )

    def _plan_servers(self, kept: dict[str, str]) -> None:
        if not self.options.database_url:
            say("· PostgreSQL (embedded)")
            self.postgres = Postgres(self.home.postgres, free_port(), kept["postgres"])
            if self.postgres.initialize():
                self.home.loading_mark.touch()
        if not self.options.redis_url:
            self.valkey = Valkey(self.home.valkey, free_port(), kept["valkey"])
            self.valkey.configure()
        self.environment = clean_environment(
            {
                "PYTHONUNBUFFERED": "1",
                "PORTAL_HOME": str(self.home.path),
                "PORTAL_RUN": self.run_id,
                "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "portal.settings.development"),
                "SECRET_KEY": os.environ.get("SECRET_KEY") or kept["secret_key"],
                "DATABASE_URL": self.postgres.url if self.postgres else self.options.database_url,
                "REDIS_URL": self.valkey.url if self.valkey else self.options.redis_url,
                "ALLOWED_HOSTS": ",".join(filter(None, [os.environ.get("ALLOWED_HOSTS"), self._host_name()])),
                "DEMO_PASSWORD": self.options.demo_password or kept["demo"],
            }
        )

    def _host_name(self) -> str:
        return "" if self.options.host in {"0.0.0.0", "::"} else self.options.host  # noqa: S104

    def _programs(self) -> list[Program]:
        python = sys.executable
        web = [python, "-m", "gunicorn", "portal.wsgi:application", "--worker-class", "gthread"]
        web += ["--workers", str(self.options.web_workers), "--threads", "8", "--timeout", "120"]
        web += [
            "--preload",
            "--graceful-timeout",
            "20",
            "--no-control-socket",
            "--bind",
            self._bind(),
            "--log-level",
            "warning",
        ]
        celery = [python, "-m", "celery", "-A", "portal.celery", "--quiet"]
        worker = [*celery, "worker", "--concurrency", "2", "--hostname", "worker@%h", "--loglevel", "INFO"]
        beat = [*celery, "beat", "--schedule", str(self.home.run / "beat"), "--pidfile=", "--loglevel", "INFO"]
        slow = (("DATABASE_STATEMENT_TIMEOUT", "600"), ("DATABASE_IDLE_TIMEOUT", "600"))
        found = [
            Program("worker", worker, 30, stop_seconds=TASK_MAY_TAKE_SECONDS, environment=slow),
            Program("web", web, 40),
            Program("beat", beat, 50),
        ]
        if self.valkey:
            found.append(Program("valkey", self.valkey.command(), 20, steady_seconds=1))
        if self.postgres:
            found.append(
                Program(
                    "postgres", self.postgres.command(), 10, "INT", 60, steady_seconds=1, owner_of=self.postgres.data
                ),
            )
        return found

    def _bind(self) -> str:
        host = f"[{self.options.host}]" if ":" in self.options.host else self.options.host
        return f"{host}:{self.options.port}"

    def _start_supervisor(self) -> None:
        socket = socket_path(self.home)
        socket.unlink(missing_ok=True)
        configuration = write_configuration(self.home, socket, self._programs())
        (self.home.run / "run.json").write_text(f'{{"id": "{self.run_id}"}}', encoding="utf-8")
        log = self.home.logs / "supervisor.err.log"
        self.supervisor = Supervisor(socket)
        self.supervisor_process = launch(
            "supervisor", supervisor_command(configuration), log=log, environment=self.environment
        )
        wait_until(self.supervisor.answers, "the supervisor", log, seconds=120, failed=self._supervisor_is_gone)

    def _supervisor_is_gone(self) -> bool:
        return self.supervisor_process is not None and self.supervisor_process.poll() is not None

    def _has_failed(self, name: str) -> bool:
        return self._supervisor_is_gone() or self.supervisor.states().get(name) == "FATAL"

    def _start_servers(self) -> None:
        for name, server, label in (("postgres", self.postgres, "PostgreSQL"), ("valkey", self.valkey, "Valkey")):
            if server:
                self.supervisor.start(name)
                log = self.home.logs / f"{name}.log"
                wait_until(server.is_ready, label, log, seconds=300, failed=partial(self._has_failed, name))
        if self.postgres:
            if self.home.loading_mark.exists():
                self.postgres.drop_database()
            self.postgres.ensure_database()

    def _prepare(self, kept: dict[str, str]) -> None:
        """Migrates, compiles, loads packs and, into a new embedded database, the demonstration."""
        new = self.home.loading_mark.exists()
        demonstration = self.options.demo == "1" or (new and self.options.demo != "0")
        command = [sys.executable, str(ROOT / "manage.py"), "prepare", *(["--demonstration"] if demonstration else [])]
        environment = {**self.environment, "DATABASE_STATEMENT_TIMEOUT": "0", "DATABASE_IDLE_TIMEOUT": "0"}
        log = self.home.logs / "prepare.log"
        with open(log, "ab") as errors:
            process = subprocess.Popen(  # noqa: S603
                command,
                cwd=ROOT,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                start_new_session=True,
            )
        try:
            for line in process.stdout or ():
                say(line.rstrip())
            status = process.wait()
        except Stopped:
            process.terminate()
            process.wait()
            raise
        if status:
            raise RuntimeFailure(f"the database could not be prepared; the end of {log}:\n{last_lines(log, 3)}")
        self.home.loading_mark.unlink(missing_ok=True)

    def _start_portal(self) -> None:
        say("· web, worker and beat")
        for name in ("worker", "web", "beat"):
            self.supervisor.start(name)
        log = self.home.logs / "web.log"
        wait_until(self._web_answers, "the web server", log, seconds=240, failed=lambda: self._has_failed("web"))
        self.home.publish(
            {name: self.environment[name] for name in ("SECRET_KEY", "DATABASE_URL", "REDIS_URL")}
            | {"ADDRESS": self.options.address}
        )

    def _web_answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.options.address}healthz", timeout=5) as answer:  # noqa: S310
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def _greet(self) -> None:
        say(f"\n  数通 Shutong   {self.options.address}\n")
        demonstration = read_json(self.home.demonstration)
        if demonstration:
            say(f"  accounts, all with the password  {demonstration['password']}\n")
            for line in textwrap.wrap(demonstration["accounts"], 96, initial_indent="    ", subsequent_indent="    "):
                say(line)
        else:
            say("  no accounts yet; the first administrator: .venv/bin/python manage.py bootstrap")
        say(f"\n  data and logs: {self.home.path}   Ctrl-C stops everything\n")

    # Watching

    def _watch(self) -> int:
        """Runs until told to stop; returns 1 when a program cannot be kept alive."""
        while True:
            time.sleep(1)
            if self._supervisor_is_gone():
                say("the supervisor was killed; stopping the rest. Nothing is lost: make run starts again.")
                return 1
            failed = [name for name, state in self.supervisor.states().items() if state == "FATAL"]
            if failed:
                log = self.home.logs / f"{failed[0]}.log"
                say(f"{failed[0]} cannot be kept running; the end of {log}:\n{last_lines(log)}")
                return 1
            self._warn_of_full_disk()

    def _warn_of_full_disk(self) -> None:
        try:
            self.home.need_space(LOW_MEGABYTES)
        except RuntimeFailure as failure:
            if "disk" not in self._told:
                self._told.add("disk")
                say(str(failure))

    # Stopping

    def _stop_all(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        if self.supervisor_process and self.supervisor_process.poll() is None:
            say("stopping: running tasks finish first …")
            self.supervisor_process.terminate()
            try:
                self.supervisor_process.wait(TASK_MAY_TAKE_SECONDS + 150)
            except subprocess.TimeoutExpired:
                self.supervisor_process.kill()
        if self.supervisor_process:
            stop_orphans(self.home)
            say("everything is stopped")
        self.home.unpublish()


def describe(error: OSError) -> str:
    """One sentence for what the system refused."""
    place = f" ({error.filename})" if error.filename else ""
    return f"{error.strerror or error}{place}."


def main() -> int:
    try:
        return Controller(Options.read()).run()
    except RuntimeFailure as failure:
        print(f"cannot start: {failure}", file=sys.stderr)
    except OSError as error:
        print(f"cannot go on: {describe(error)}", file=sys.stderr)
    return 1
