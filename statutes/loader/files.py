"""Finding and reading the files of packs: any file may be missing, huge, of a wrong encoding or no TOML at all."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from statutes.loader.problems import Place, Report

PACK_FILE = "pack.toml"
RULES_FILE = "rules.toml"
RULES = "rules"
PROCEDURES = "procedures"
LARGEST_FILE = 512 * 1024
MOST_FILES = 200
DEEPEST = 24
OWN_PACKS = Path(__file__).resolve().parent.parent / "packs"


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that holds a pack, and where it came from: "portal", or the entry of STATUTES_PATH."""

    path: Path
    origin: str

    @property
    def name(self) -> str:
        return self.path.name


def folders(statutes_path: str, report: Report, own: Path = OWN_PACKS) -> list[Folder]:
    """Every folder with a pack: the portal's own, then those of STATUTES_PATH in its order."""
    found = [Folder(path, "portal") for path in _packs_in(own)]
    for entry in filter(None, statutes_path.split(os.pathsep)):
        path = Path(entry)
        packs = [path] if (path / PACK_FILE).is_file() else list(_packs_in(path))
        if not packs:
            report.add(
                Place(entry), "There is no rule pack here.", f"Name a folder with {PACK_FILE}, or one that holds such."
            )
        found += [Folder(pack, entry) for pack in packs]
    return found


def _packs_in(path: Path) -> Iterator[Path]:
    try:
        inside = sorted(path.iterdir())
    except OSError:
        return
    yield from (folder for folder in inside if (folder / PACK_FILE).is_file())


def read_folder(folder: Path, report: Report) -> dict[str, str]:
    """The texts of a pack's files by their path inside the folder. Faulty files are reported and left out."""
    parts = sorted((folder / RULES).glob("*.toml"))
    wanted = [folder / PACK_FILE, *parts, *sorted((folder / PROCEDURES).glob("*.toml"))]
    if not parts or (folder / RULES_FILE).exists():
        wanted.append(folder / RULES_FILE)
    if len(wanted) > MOST_FILES:
        report.add(Place(folder.name), f"A pack has at most {MOST_FILES} files.", "Split the pack.")
        return {}
    source = {}
    for path in wanted:
        name = path.relative_to(folder).as_posix()
        text = _text(path, Place(f"{folder.name}/{name}"), report)
        if text is not None:
            source[name] = text
    return source


def _text(path: Path, place: Place, report: Report) -> str | None:
    if path.exists() and not path.is_file():
        report.add(place, "This is no plain file.", "Replace it by a file.")
        return None
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        report.add(place, "The file is missing.", "Add it; it may be empty but for what it has to hold.")
        return None
    except OSError as error:
        report.add(place, f"The file cannot be read: {error.strerror}.", "Make it readable to the portal.")
        return None
    if len(content) > LARGEST_FILE:
        report.add(place, f"The file is larger than {LARGEST_FILE // 1024} KiB.", "Split it, or remove what is no law.")
        return None
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        report.add(place, f"The file is not UTF-8 (byte {error.start}).", "Save it as UTF-8.")
        return None


def parse(text: str, place: Place, report: Report) -> dict[str, Any] | None:
    """The TOML of one file, or None after reporting what is wrong with it."""
    try:
        values = tomllib.loads(text)
    except (ValueError, RecursionError, OverflowError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        report.add(place, f"This is not TOML: {reason}.", "Correct the line that is named.")
        return None
    if "\x00" in text or _depth(values) > DEEPEST:
        report.add(place, "The file is nested too deeply or holds NUL characters.", "Write it plainly.")
        return None
    return values


def _depth(value: Any) -> int:
    deepest, waiting = 0, [(value, 1)]
    while waiting:
        item, depth = waiting.pop()
        deepest = max(deepest, depth)
        inner = item.values() if isinstance(item, dict) else item if isinstance(item, list) else ()
        waiting += [(child, depth + 1) for child in inner]
    return deepest
