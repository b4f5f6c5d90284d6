"""What people write in the cells of a list: items in many styles, dates in several calendars, providers with codes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from itertools import count

from django.utils import timezone
from pypinyin import Style, lazy_pinyin

from catalog.folding import fold
from catalog.services.resources import Field

SEPARATORS = "、，,;；\t\n|"
OPENING, CLOSING = "(（[【", ")）]】"
LONGEST_TITLE, LONGEST_MEANING, LONGEST_CODE = 120, 300, 30
MOST_ITEMS = 400
NUMBERING = re.compile(r"^(?:[(（]?[0-9一二三四五六七八九十]{1,3}[)）.]|[0-9]{1,2}[、.])\s*(?=\D)")
DESCRIBED = re.compile(r"^(?P<name>[^(（]+?)\s*[(（](?P<meaning>.*)[)）]$", re.DOTALL)
LABELLED = re.compile(r"^(?P<name>[^:：]{1,40})[:：](?P<meaning>.+)$", re.DOTALL)
SPACED = re.compile(r"^\S{1,20}(?: +\S{1,20}){2,}$")
DATE = re.compile(
    r"^(?:民国|民國)?\s*(?P<year>\d{1,4})\s*[-/.年]\s*(?P<month>\d{1,2})(?:\s*[-/.月]\s*(?P<day>\d{1,2})\s*日?|月)?"
    r"(?:[T ]\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?(?:\.\d+)?)?$"
)
COMPACT_DATE = re.compile(r"^(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})$")
REPUBLIC_BEGAN = 1911
"""Years of fewer than four digits count from 1912 as year 1."""


def items_of(text: str) -> list[Field]:
    """The items that a cell lists: `name(meaning)、name、…`, by comma, tab, line or space, each with a code.

    Names that repeat are one item if they mean the same, else numbered. Texts that list nothing are one item.
    """
    found: list[Field] = []
    codes: set[str] = set()
    for part in _parts(text.strip()):
        name, meaning = _named(part)
        if not name or any(field.title == name and field.meaning == meaning for field in found):
            continue
        code = _code(name, codes)
        codes.add(code)
        found.append(Field(code=code, title=name, meaning=meaning))
    return found[:MOST_ITEMS]


def _parts(text: str) -> list[str]:
    parts = list(_split(text, nested=True))
    if len(parts) == 1 and len(parts[0]) > LONGEST_TITLE:
        parts = list(_split(text, nested=False))
    if len(parts) == 1 and SPACED.match(parts[0]):
        parts = parts[0].split()
    return parts


def _split(text: str, *, nested: bool) -> Iterator[str]:
    """Parts between separators; with `nested`, separators in brackets do not separate."""
    depth, part = 0, ""
    for char in text:
        depth += (char in OPENING) - (char in CLOSING and depth > 0)
        if char in SEPARATORS and (depth == 0 or not nested):
            if part.strip():
                yield part.strip()
            part = ""
        else:
            part += char
    if part.strip():
        yield part.strip()


def _named(part: str) -> tuple[str, str]:
    """Name and meaning of one part; the meaning is "" when it only repeats the name."""
    part = NUMBERING.sub("", part).strip()
    match = DESCRIBED.match(part) or LABELLED.match(part)
    name, meaning = (match["name"].strip(), match["meaning"].strip()) if match else (part, "")
    if len(name) > LONGEST_TITLE:
        name, meaning = f"{name[: LONGEST_TITLE - 1]}…", meaning or name
    return name, "" if meaning == name else meaning[:LONGEST_MEANING]


def _code(name: str, taken: set[str]) -> str:
    """An identifier: the name itself where it is one, else the initials of its pinyin; numbered when taken."""
    plain = fold(name)
    if not re.fullmatch(r"[a-z_][a-z0-9_]*", plain):
        initials = "".join(lazy_pinyin(plain, style=Style.FIRST_LETTER, errors="default")).lower()
        plain = re.sub(r"[^a-z0-9]+", "_", initials).strip("_") or "item"
        plain = f"n{plain}" if plain[0].isdigit() else plain
    plain = plain[:LONGEST_CODE].rstrip("_") or "item"
    return next(code for n in count(1) if (code := plain if n == 1 else f"{plain}_{n}") not in taken)


def moment_of(text: str) -> datetime:
    """A date, with or without a time, in the portal's zone: 2017-08-18, 2017/8/18, 20170818, 106年8月18日, 2017-08.

    Raises ValueError when it is none, or one that does not exist.
    """
    match = DATE.match(text.strip()) or COMPACT_DATE.match(text.strip())
    if match is None:
        raise ValueError(text)
    parts = {name: int(value) for name, value in match.groupdict().items() if value is not None}
    year = parts["year"] + (REPUBLIC_BEGAN if len(match["year"]) < 4 else 0)
    naive = (parts["month"], parts.get("day", 1), parts.get("hour", 0), parts.get("minute", 0), parts.get("second", 0))
    return timezone.make_aware(datetime(year, *naive))  # noqa: DTZ001 - made aware in the portal's zone


def values_of(text: str, separator: str) -> list[str]:
    """The values of a cell that holds several, each once, in order."""
    return list(dict.fromkeys(part for raw in re.split(separator, text) if (part := raw.strip())))
