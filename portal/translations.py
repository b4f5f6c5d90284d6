"""The interface's words: found in the source, kept per room in .po files, compiled without gettext's tools.

A room is the top folder of a Python file, or `templates/<room>/`. English stands in the code; every message has
one translation per further language, in the `.po` of the room that uses it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polib
from django.utils.translation.template import templatize

LANGUAGE_FOLDER = "zh_Hans"
FUNCTIONS = {
    "gettext": (),
    "gettext_lazy": (),
    "gettext_noop": (),
    "ngettext": ("plural",),
    "ngettext_lazy": ("plural",),
    "pgettext": ("context",),
    "pgettext_lazy": ("context",),
    "npgettext": ("context", "plural"),
    "npgettext_lazy": ("context", "plural"),
}
SKIPPED_FOLDERS = {"migrations", "tests", "__pycache__"}
LITERAL = r"""u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
TEMPLATE_CALL = re.compile(rf"(?<![\w.])(_|n?p?gettext)\(\s*{LITERAL}(?:\s*,\s*{LITERAL})?(?:\s*,\s*{LITERAL})?")
PLACEHOLDER = re.compile(r"%\((\w+)\)[a-z]|\{(\w*)\}|%[sd]")


@dataclass(frozen=True, slots=True, order=True)
class Message:
    """One thing said, as gettext knows it: context and plural are empty where there is none."""

    msgid: str
    context: str = ""
    plural: str = ""


@dataclass(slots=True)
class RoomReport:
    """What is wrong with one room's translations; empty lists mean nothing is."""

    room: str
    missing: list[str] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)
    fuzzy: list[str] = field(default_factory=list)
    obsolete: list[str] = field(default_factory=list)
    placeholders: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        kinds = ("missing", "empty", "fuzzy", "obsolete", "placeholders")
        return [f"{self.room}: {kind}: {msgid!r}" for kind in kinds for msgid in getattr(self, kind)]


def _message(function: str, texts: list[str]) -> Message | None:
    extra = FUNCTIONS.get(function)
    if extra is None or len(texts) < 1 + len(extra):
        return None
    context = texts.pop(0) if "context" in extra else ""
    return Message(texts[0], context, texts[1] if "plural" in extra else "") if texts[0] else None


def _aliases(tree: ast.Module) -> dict[str, str]:
    return {
        name.asname or name.name: name.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for name in node.names
        if name.name in FUNCTIONS
    }


def python_messages(source: str) -> Iterator[Message]:
    """Yields the messages of one Python file; a message that is not a literal is somebody else's literal."""
    tree = ast.parse(source)
    aliases = _aliases(tree)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name):
            function = aliases.get(node.func.id, "")
        else:
            function = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        message = _message(function, texts)
        if message:
            yield message


def template_messages(source: str, name: str) -> Iterator[Message]:
    """Yields the messages of one template, as Django's own tags will look them up."""
    for match in TEMPLATE_CALL.finditer(templatize(source, origin=name)):
        function = "gettext" if match[1] == "_" else match[1]
        texts = [str(ast.literal_eval(text)) for text in match.groups()[1:] if text]
        message = _message(function, texts)
        if message:
            yield message


def _python_files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*.py")):
        if not SKIPPED_FOLDERS.intersection(path.relative_to(folder).parts):
            yield path


def _template_files(root: Path, room: str, rooms: Iterable[str]) -> Iterator[Path]:
    templates = root / "templates"
    for folder in (templates / room, root / room / "templates"):
        yield from (p for p in sorted(folder.rglob("*")) if p.suffix in {".html", ".txt"})
    if room == "portal":
        known = set(rooms)
        for path in sorted(templates.rglob("*")):
            if path.suffix in {".html", ".txt"} and path.relative_to(templates).parts[0] not in known:
                yield path


def room_messages(root: Path, room: str, rooms: Iterable[str]) -> set[Message]:
    """Every message that the room's Python and templates use."""
    found: set[Message] = set()
    for path in _python_files(root / room):
        found.update(python_messages(path.read_text(encoding="utf-8")))
    for path in _template_files(root, room, rooms):
        found.update(template_messages(path.read_text(encoding="utf-8"), str(path.relative_to(root))))
    return found


def po_path(root: Path, room: str) -> Path:
    return root / "locale" / room / LANGUAGE_FOLDER / "LC_MESSAGES" / "django.po"


def open_po(root: Path, room: str) -> polib.POFile:
    """The room's messages file, or a new one with its header."""
    path = po_path(root, room)
    if path.exists():
        return polib.pofile(str(path), wrapwidth=110)
    po = polib.POFile(wrapwidth=110)
    po.metadata = {
        "Language": LANGUAGE_FOLDER,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=1; plural=0;",
    }
    return po


def _key(entry: polib.POEntry) -> Message:
    return Message(entry.msgid, entry.msgctxt or "", entry.msgid_plural or "")


def _texts(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def _names(text: str) -> set[str]:
    return {match[0] for match in PLACEHOLDER.finditer(text)}


def _placeholders_agree(entry: polib.POEntry) -> bool:
    allowed = _names(entry.msgid) | _names(entry.msgid_plural or "")
    needed = allowed if not entry.msgid_plural else set()
    return all(needed <= _names(text) <= allowed for text in _texts(entry))


def inspect(root: Path, room: str, rooms: Iterable[str]) -> RoomReport:
    """Compares what the room says with what its .po translates."""
    used = room_messages(root, room, rooms)
    report = RoomReport(room)
    known = {}
    for entry in open_po(root, room):
        if entry.obsolete or _key(entry) not in used:
            report.obsolete.append(entry.msgid)
        else:
            known[_key(entry)] = entry
    report.missing = [message.msgid for message in sorted(used - known.keys())]
    for entry in known.values():
        if entry.fuzzy:
            report.fuzzy.append(entry.msgid)
        elif not all(_texts(entry)):
            report.empty.append(entry.msgid)
        elif not _placeholders_agree(entry):
            report.placeholders.append(entry.msgid)
    return report


def differing(root: Path, rooms: Iterable[str]) -> list[str]:
    """Messages that two rooms translate differently: Django would silently show one of the two everywhere."""
    first: dict[Message, tuple[str, str]] = {}
    lines = []
    for room in rooms:
        for entry in open_po(root, room):
            text = "|".join(_texts(entry))
            if entry.obsolete or not text:
                continue
            other, other_text = first.setdefault(_key(entry), (room, text))
            if other_text != text:
                lines.append(f"{room}: {entry.msgid!r} is {text!r} here and {other_text!r} in {other}")
    return lines


def synchronize(root: Path, room: str, rooms: Iterable[str], *, prune: bool = False) -> int:
    """Adds the room's missing messages with empty translations (and drops unused ones when `prune`).

    Returns the number of entries added and dropped.
    """
    used = room_messages(root, room, rooms)
    po = open_po(root, room)
    known = {_key(entry): entry for entry in po if not entry.obsolete}
    unused = [e for e in po if e.obsolete or _key(e) not in used] if prune else []
    for entry in unused:
        po.remove(entry)
    missing = sorted(used - known.keys())
    for message in missing:
        entry = polib.POEntry(msgid=message.msgid, msgctxt=message.context or None, msgid_plural=message.plural)
        if message.plural:
            entry.msgstr_plural = {0: ""}
        po.append(entry)
    if missing or unused:
        po_path(root, room).parent.mkdir(parents=True, exist_ok=True)
        po.save(str(po_path(root, room)))
    return len(missing) + len(unused)


def compile_all(root: Path) -> list[Path]:
    """Writes a .mo beside every .po that is newer than it; returns those written."""
    written = []
    for path in sorted((root / "locale").glob("*/*/LC_MESSAGES/*.po")):
        target = path.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= path.stat().st_mtime:
            continue
        partial = target.with_suffix(".mo.partial")
        polib.pofile(str(path)).save_as_mofile(str(partial))
        partial.replace(target)
        written.append(target)
    return written
