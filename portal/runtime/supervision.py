"""The supervisor's programs: who starts how, who stops after whom, and how to ask about them."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any
from xmlrpc.client import Fault, ServerProxy

from supervisor.xmlrpc import SupervisorTransport

from portal.runtime.home import Home, write_private
from portal.runtime.launch import ROOT, launch_command

SOCKET_PATH_LIMIT = 100
TASK_MAY_TAKE_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Program:
    """One supervised program. Started by rising priority, stopped by falling, one after the other."""

    name: str
    command: list[str]
    priority: int
    stop_signal: str = "TERM"
    stop_seconds: int = 30
    steady_seconds: int = 8
    owner_of: Path | None = None
    environment: tuple[tuple[str, str], ...] = ()


def _quoted(part: str) -> str:
    return '"' + part.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%") + '"'


def _section(home: Home, program: Program) -> str:
    command = " ".join(
        _quoted(part) for part in launch_command(program.name, program.command, owner_of=program.owner_of)
    )
    environment = ",".join(f"{name}={_quoted(value)}" for name, value in program.environment)
    log = str(home.logs / f"{program.name}.log").replace("%", "%%")
    return f"""
[program:{program.name}]
command={command}
directory={str(ROOT).replace("%", "%%")}
environment={environment}
priority={program.priority}
autostart=false
autorestart=true
startsecs={program.steady_seconds}
startretries=4
stopsignal={program.stop_signal}
stopwaitsecs={program.stop_seconds}
killasgroup=true
redirect_stderr=true
stdout_logfile={log}
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=5
"""


def socket_path(home: Home) -> Path:
    """Where the supervisor listens; in a private folder elsewhere when the home's name is too long for a socket."""
    path = home.run / "supervisor.sock"
    if len(str(path)) < SOCKET_PATH_LIMIT:
        return path
    return Path(tempfile.mkdtemp(prefix="shutong-")) / "supervisor.sock"


def write_configuration(home: Home, socket: Path, programs: list[Program]) -> Path:
    """Writes supervisord.conf and returns its path. Secrets are not in it: they come by the environment."""
    head = f"""[supervisord]
nodaemon=true
silent=true
logfile={str(home.logs / "supervisor.log").replace("%", "%%")}
logfile_maxbytes=10MB
logfile_backups=3
pidfile={str(home.run / "supervisord.pid").replace("%", "%%")}
childlogdir={str(home.logs).replace("%", "%%")}
minfds=1024

[unix_http_server]
file={str(socket).replace("%", "%%")}
chmod=0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface

[supervisorctl]
serverurl=unix://{str(socket).replace("%", "%%")}
"""
    path = home.run / "supervisord.conf"
    write_private(path, head + "".join(_section(home, program) for program in programs))
    return path


def supervisor_command(configuration: Path) -> list[str]:
    return [sys.executable, "-m", "supervisor.supervisord", "-n", "-c", str(configuration)]


class Supervisor:
    """Asks the running supervisor, over its socket."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket

    def _call(self, method: str, *arguments: Any) -> Any:
        transport = SupervisorTransport(None, None, f"unix://{self._socket}")
        with ServerProxy("http://127.0.0.1", transport=transport) as proxy:
            return getattr(proxy.supervisor, method)(*arguments)

    def answers(self) -> bool:
        try:
            return bool(self._call("getState")["statename"] == "RUNNING")
        except (OSError, HTTPException, Fault):
            return False

    def start(self, name: str) -> None:
        self._call("startProcess", name, False)

    def states(self) -> dict[str, str]:
        """Program name to state name; empty when the supervisor does not answer."""
        try:
            return {row["name"]: row["statename"] for row in self._call("getAllProcessInfo")}
        except (OSError, HTTPException, Fault):
            return {}
