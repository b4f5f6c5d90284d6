"""Becomes one program of the portal: `python -m portal.runtime.launch NAME [--owner-of DATA] -- COMMAND…`.

Notes who it is (id and start time), so that the next start tells an orphan from a stranger; asks the kernel for a
signal when its parent dies; drops root for PostgreSQL; then becomes the program.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from portal.runtime.home import Home, write_private
from portal.runtime.postgres import bury_stale
from portal.runtime.processes import Identity

ROOT = Path(__file__).resolve().parent.parent.parent
PR_SET_PDEATHSIG = 1


def record_path(home: Home, name: str) -> Path:
    return home.run / f"{name}.process.json"


def launch_command(name: str, command: list[str], *, owner_of: Path | None = None) -> list[str]:
    """The command line by which a parent starts `command` through this module."""
    owner = ["--owner-of", str(owner_of)] if owner_of else []
    return [sys.executable, "-m", "portal.runtime.launch", name, *owner, "--", *command]


def launch(
    name: str, command: list[str], *, log: Path, environment: Mapping[str, str], owner_of: Path | None = None
) -> subprocess.Popen[bytes]:
    """Starts `command` as a child that ends with this process, in a session of its own."""
    with open(log, "ab") as output:
        return subprocess.Popen(  # noqa: S603
            launch_command(name, command, owner_of=owner_of),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=ROOT,
            env=dict(environment),
            start_new_session=True,
        )


def _become_owner(data: Path) -> str:
    """Takes the identity of the data's owner; returns a name of the folder that the owner can reach."""
    owner = data.stat()
    if owner.st_uid == os.geteuid():
        return str(data)
    descriptor = os.open(data, os.O_RDONLY | os.O_DIRECTORY)
    os.set_inheritable(descriptor, True)
    os.setgroups([])
    os.setgid(owner.st_gid)
    os.setuid(owner.st_uid)
    return f"/proc/self/fd/{descriptor}"


def main(arguments: list[str]) -> None:
    split = arguments.index("--")
    name, options, command = arguments[0], arguments[1:split], arguments[split + 1 :]
    parent = os.getppid()
    identity = Identity.of(os.getpid())
    record = json.dumps({"pid": str(identity.pid), "started": identity.started})
    write_private(record_path(Home(Path(os.environ["PORTAL_HOME"])), name), record)
    ending = signal.SIGTERM
    if options:
        data = Path(options[1])
        bury_stale(data)
        reachable = _become_owner(data)
        command = [reachable if part == options[1] else part for part in command]
        os.chdir("/")
        ending = signal.SIGINT
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(ending))
    if os.getppid() != parent:
        raise SystemExit("its parent is gone")
    os.execv(command[0], command)  # noqa: S606


if __name__ == "__main__":
    main(sys.argv[1:])
