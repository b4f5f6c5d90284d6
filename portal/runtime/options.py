"""What the environment asks of `make run`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from portal.runtime.home import RuntimeFailure
from portal.runtime.launch import ROOT


@dataclass(frozen=True, slots=True)
class Options:
    """`demo` is "1", "0" or empty (then: when the embedded database is new)."""

    home: Path
    host: str
    port: int
    database_url: str
    redis_url: str
    demo: str
    demo_password: str
    web_workers: int

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> Options:
        """Reads the variables; raises RuntimeFailure naming the one that makes no sense."""

        def text(name: str, default: str = "") -> str:
            return environment.get(name, "").strip() or default

        port = text("PORT", "8000")
        if not port.isdigit() or not 0 < int(port) < 65536:
            raise RuntimeFailure(f"PORT must be a number from 1 to 65535, not {port!r}.")
        demo = text("DEMO")
        if demo not in {"", "0", "1"}:
            raise RuntimeFailure(f"DEMO must be 1 or 0, not {demo!r}.")
        statutes = text("STATUTES_PATH")
        if statutes and not Path(statutes).is_dir():
            raise RuntimeFailure(f"STATUTES_PATH names {statutes}, which is not a folder.")
        database_url, redis_url = text("DATABASE_URL"), text("REDIS_URL")
        if database_url and not database_url.startswith(("postgres://", "postgresql://")):
            raise RuntimeFailure("DATABASE_URL must be a postgresql:// address.")
        if redis_url and not redis_url.startswith(("redis://", "rediss://", "unix://")):
            raise RuntimeFailure("REDIS_URL must be a redis:// address.")
        workers = text("WEB_WORKERS", "2")
        if not workers.isdigit() or int(workers) < 1:
            raise RuntimeFailure(f"WEB_WORKERS must be a positive number, not {workers!r}.")
        return cls(
            home=Path(text("PORTAL_HOME", str(ROOT / "var"))).expanduser().resolve(),
            host=text("HOST", "127.0.0.1"),
            port=int(port),
            database_url=database_url,
            redis_url=redis_url,
            demo=demo,
            demo_password=text("DEMO_PASSWORD"),
            web_workers=int(workers),
        )

    @property
    def address(self) -> str:
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)  # noqa: S104
        return f"http://{host}:{self.port}/"
