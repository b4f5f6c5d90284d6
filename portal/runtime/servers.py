"""The two embedded servers together: what `make run` and the test run share."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen, TimeoutExpired

from portal.runtime.home import Home, RuntimeFailure
from portal.runtime.launch import launch
from portal.runtime.postgres import Postgres
from portal.runtime.valkey import Valkey


def wait_until(
    ready: Callable[[], bool], what: str, log: Path, *, seconds: float = 60, failed: Callable[[], bool] | None = None
) -> None:
    """Waits for a server. Raises RuntimeFailure with the end of its log when it does not come."""
    until = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > until or (failed and failed()):
            raise RuntimeFailure(f"{what} does not start; the end of {log}:\n{last_lines(log)}")
        time.sleep(0.1)


def last_lines(log: Path, count: int = 5) -> str:
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return "  (nothing)"
    return "\n".join(f"  {line[:300]}" for line in lines[-count:]) or "  (nothing)"


@dataclass(slots=True)
class ServersForTests:
    """PostgreSQL and Valkey as children of this process, on memory's terms: fast, and gone with the run."""

    home: Home
    postgres: Postgres
    valkey: Valkey
    environment: Mapping[str, str]
    _children: list[Popen[bytes]] = field(init=False, default_factory=list)

    def start(self) -> None:
        self.home.make()
        self.postgres.initialize()
        self.valkey.configure()
        logs = self.home.logs
        self._children = [
            launch(
                "postgres",
                self.postgres.command(),
                log=logs / "postgres.log",
                environment=self.environment,
                owner_of=self.postgres.data,
            ),
            launch("valkey", self.valkey.command(), log=logs / "valkey.log", environment=self.environment),
        ]
        wait_until(self.postgres.is_ready, "PostgreSQL", logs / "postgres.log")
        wait_until(self.valkey.is_ready, "Valkey", logs / "valkey.log")
        self.postgres.ensure_database()

    def stop(self) -> None:
        for child in self._children:
            child.send_signal(signal.SIGINT)  # to PostgreSQL: at once, whoever is connected
        for child in self._children:
            try:
                child.wait(10)
            except TimeoutExpired:
                child.kill()
                child.wait()
