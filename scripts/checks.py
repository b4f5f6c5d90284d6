"""Every check that is not a test, two at a time; with --tests the tests after them, so that pytest speaks last."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = Path(sys.executable).parent
NOWHERE = "postgresql://nobody@127.0.0.1:9/none"


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    command: list[str]


@dataclass(frozen=True, slots=True)
class Outcome:
    check: Check
    status: int
    output: str
    seconds: float


def manage(*arguments: str) -> list[str]:
    return [sys.executable, "manage.py", *arguments]


CHECKS = [
    Check("types (mypy)", [str(TOOLS / "mypy")]),
    Check("lint (ruff)", [str(TOOLS / "ruff"), "check", "--quiet", "."]),
    Check("format (ruff)", [str(TOOLS / "ruff"), "format", "--check", "--quiet", "."]),
    Check("floors of the house (import-linter)", [str(TOOLS / "lint-imports"), "--no-cache"]),
    Check("settings and models (check)", manage("check", "--fail-level", "WARNING")),
    Check("the law (check_statutes)", manage("check_statutes")),
    Check("translations", manage("translations", "--check")),
]


SIDE_BY_SIDE = ["--numprocesses=2", "--dist=loadfile", "--no-loadscope-reorder"]


def environment() -> dict[str, str]:
    """Checks need no server: none is named, so that one which tries fails."""
    kept = {name: value for name, value in os.environ.items() if name not in {"DJANGO_SETTINGS_MODULE", "REDIS_URL"}}
    return {**kept, "DATABASE_URL": NOWHERE, "PYTHONWARNINGS": "ignore"}


def perform(check: Check) -> Outcome:
    began = time.monotonic()
    done = subprocess.run(  # noqa: S603
        check.command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False
    )
    return Outcome(check, done.returncode, (done.stdout + done.stderr).strip(), time.monotonic() - began)


def run_checks() -> list[Outcome]:
    """Runs all checks, shows what the failing ones said, and returns those."""
    failed = []
    with ThreadPoolExecutor(max_workers=2) as pool:
        for outcome in pool.map(perform, CHECKS):
            mark = "failed" if outcome.status else "ok"
            print(f"{mark:>6}  {outcome.check.name}  ({outcome.seconds:.0f} s)", flush=True)
            if outcome.status:
                print(outcome.output, flush=True)
                failed.append(outcome)
    return failed


def main() -> int:
    failed = run_checks()
    if "--tests" not in sys.argv:
        return 1 if failed else 0
    if failed:
        print(f"\n{len(failed)} checks failed (above); the tests run all the same:\n", flush=True)
    tests = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "pytest", *SIDE_BY_SIDE], cwd=ROOT, check=False
    ).returncode
    return tests or (1 if failed else 0)


if __name__ == "__main__":
    sys.exit(main())
