"""The folder that holds everything a running portal keeps (`PORTAL_HOME`, default `var/`)."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

RUNNING_FILE = "running.json"
MEGABYTE = 1024 * 1024


class RuntimeFailure(Exception):
    """Something the person at the terminal can mend; its text is all they see."""


def write_private(path: Path, text: str) -> None:
    """Writes a file that its owner alone may read, whole or not at all."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def read_json(path: Path) -> dict[str, str]:
    """The file's object, or an empty one when it is missing, cut short or not ours to read."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True)
class Home:
    """Paths below PORTAL_HOME."""

    path: Path

    @property
    def run(self) -> Path:
        return self.path / "run"

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def postgres(self) -> Path:
        return self.path / "postgres"

    @property
    def valkey(self) -> Path:
        return self.path / "valkey"

    @property
    def media(self) -> Path:
        return self.path / "media"

    @property
    def loading_mark(self) -> Path:
        """Present while the demonstration is being loaded into a database that nobody has used yet."""
        return self.path / "demonstration.loading"

    @property
    def demonstration(self) -> Path:
        """The demonstration's accounts and password, once it has been loaded."""
        return self.path / "demonstration.json"

    def make(self) -> None:
        """Makes the folders; raises RuntimeFailure when that is impossible."""
        try:
            for folder in (self.path, self.run, self.logs, self.valkey, self.media):
                folder.mkdir(parents=True, exist_ok=True)
            os.chmod(self.run, 0o700)
        except OSError as error:
            raise RuntimeFailure(
                f"cannot use {self.path}: {error.strerror}. Set PORTAL_HOME to a folder of yours."
            ) from None

    def need_space(self, megabytes: int) -> None:
        free = shutil.disk_usage(self.path).free // MEGABYTE
        if free < megabytes:
            raise RuntimeFailure(
                f"the disk under {self.path} is full: {free} MB are free, {megabytes} MB are needed. "
                "Nothing was changed. Make room, or set PORTAL_HOME to another disk."
            )

    def lock(self) -> IO[str]:
        """Holds the folder for this process until the returned file is closed or the process ends."""
        file = open(self.run / "lock", "a+", encoding="utf-8")  # noqa: SIM115
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            address = read_json(self.run / RUNNING_FILE).get("ADDRESS", "")
            at = f" at {address}" if address else ""
            raise RuntimeFailure(f"the portal of {self.path} is already running{at}.") from None
        return file

    def secrets(self) -> dict[str, str]:
        """Passwords of the embedded servers and the signing key, made on the first run and kept."""
        path = self.path / "secrets.json"
        kept = read_json(path)
        if path.exists() and not kept:
            raise RuntimeFailure(f"{path} cannot be read; restore it from a backup of this folder.")
        made = {
            "secret_key": secrets.token_urlsafe(60),
            "postgres": secrets.token_urlsafe(24),
            "valkey": secrets.token_urlsafe(24),
            "demo": "-".join(secrets.token_hex(2) for _ in range(3)),
        }
        found = {**made, **kept}
        if found != kept:
            write_private(path, json.dumps(found, indent=1))
        return found

    def publish(self, environment: Mapping[str, str]) -> None:
        """Leaves the addresses of the running servers for `manage.py` in another terminal."""
        write_private(self.run / RUNNING_FILE, json.dumps(dict(environment), indent=1))

    def unpublish(self) -> None:
        (self.run / RUNNING_FILE).unlink(missing_ok=True)


def running_environment(path: Path) -> dict[str, str]:
    """What `publish` left under the home at `path`; empty when nothing runs there."""
    return read_json(Home(path).run / RUNNING_FILE)
