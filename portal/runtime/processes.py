"""Processes known for sure: by id and start time together, because the system uses ids again."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


def _stat_fields(pid: int) -> list[str]:
    """Fields of /proc/PID/stat from the third on (the second, the name, may hold blanks)."""
    try:
        text = (PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return text.rpartition(")")[2].split()


def boot_id() -> str:
    """Tells one start of the machine from the next: start times count from it."""
    return (PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def started_at(pid: int) -> str:
    """When a living process started, as the kernel counts; empty when it is gone or only waits to be buried."""
    fields = _stat_fields(pid)
    return f"{boot_id()}:{fields[19]}" if fields and fields[0] not in {"Z", "X"} else ""


def environment_of(pid: int) -> dict[str, str]:
    """The environment a process was started with; empty when it is not ours to read."""
    try:
        raw = (PROC / str(pid) / "environ").read_bytes()
    except OSError:
        return {}
    pairs = (part.partition(b"=") for part in raw.split(b"\0") if part)
    return {os.fsdecode(name): os.fsdecode(value) for name, _, value in pairs}


@dataclass(frozen=True, slots=True)
class Identity:
    """One process that was started once; never another with the same id."""

    pid: int
    started: str

    @classmethod
    def of(cls, pid: int) -> Identity:
        return cls(pid, started_at(pid))

    def is_alive(self) -> bool:
        return bool(self.started) and started_at(self.pid) == self.started

    def send(self, number: signal.Signals) -> None:
        if self.is_alive():
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                return

    def wait(self, seconds: float) -> bool:
        """Whether it ended within that time."""
        until = time.monotonic() + seconds
        while self.is_alive():
            if time.monotonic() > until:
                return False
            time.sleep(0.05)
        return True

    def stop(self, number: signal.Signals, seconds: float) -> None:
        """Asks it to end, and ends it when it has not after that time."""
        self.send(number)
        if not self.wait(seconds):
            self.send(signal.SIGKILL)
            self.wait(5)


def with_environment(name: str, value: str) -> list[Identity]:
    """Every living process (but this one) that was started with this variable set so."""
    found = []
    for entry in PROC.iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            pid = int(entry.name)
            if environment_of(pid).get(name) == value:
                found.append(Identity.of(pid))
    return [identity for identity in found if identity.started]
