"""A TOML table as it is read: each key is asked for by name and type, and what nobody asked for is an error."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from statutes.definitions import Text
from statutes.loader.problems import Place, Report, nearest

IDENTIFIER = re.compile(r"[a-z][a-z0-9_]{0,59}")
RULE_ID = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
LONGEST_TEXT = 4000
LONGEST_NAME = 80
LARGEST_NUMBER = 10**12

KINDS = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    date: "a date such as 2025-08-01",
    dict: "a table",
    list: "a list",
}


class Table:
    """One table. Every getter reports what is missing or of a wrong type and goes on with a harmless value."""

    def __init__(self, values: Mapping[str, Any], place: Place, report: Report) -> None:
        self.values = values
        self.place = place
        self.report = report
        self.asked: set[str] = set()

    def problem(self, key: str, message: str, mend: str) -> None:
        self.report.add(self.place.at(key) if key else self.place, message, mend)

    def has(self, key: str) -> bool:
        return key in self.values

    def raw(self, key: str) -> Any:
        """The value as TOML gives it, or None."""
        self.asked.add(key)
        return self.values.get(key)

    def close(self) -> None:
        """Report the keys that the format does not have."""
        for key in self.values:
            if key not in self.asked:
                self.problem(key, "This key is not part of the format.", nearest(key, self.asked))

    def _typed(self, key: str, kind: type, *, required: bool) -> Any:
        value = self.raw(key)
        if value is None:
            if required:
                self.problem(key, "This is missing.", f"Give {KINDS[kind]}.")
            return None
        if not _is(value, kind):
            self.problem(key, f"This has to be {KINDS[kind]}.", f"Give {KINDS[kind]}.")
            return None
        return value

    def string(self, key: str, *, required: bool = False, longest: int = LONGEST_TEXT) -> str:
        """A text without control characters, trimmed; "" when absent."""
        value: str | None = self._typed(key, str, required=required)
        if value is None:
            return ""
        if len(value) > longest or any(ord(c) < 32 and c not in "\n\t" for c in value):
            self.problem(
                key, "This text is too long or holds control characters.", f"Keep it under {longest} characters."
            )
            return ""
        if required and not value.strip():
            self.problem(key, "This is empty.", "Give a text.")
        return value.strip()

    def identifier(self, key: str, *, required: bool = False, pattern: re.Pattern[str] = IDENTIFIER) -> str:
        value = self.string(key, required=required, longest=LONGEST_NAME)
        if value and not pattern.fullmatch(value):
            self.problem(key, f"“{value}” is not a name in snake case.", "Use small letters, digits and “_”.")
            return ""
        return value

    def rule(self, key: str, *, required: bool = False) -> str:
        return self.identifier(key, required=required, pattern=RULE_ID)

    def strings(self, key: str) -> tuple[str, ...]:
        """A list of texts; () when absent."""
        values = self._typed(key, list, required=False) or []
        for index, value in enumerate(values):
            if not isinstance(value, str) or not value or len(value) > LONGEST_NAME:
                self.report.add(self.place.at(key).at(index), "This has to be a name.", "Give a name in quotes.")
                return ()
        return tuple(values)

    def one_or_more(self, key: str) -> tuple[str, ...]:
        """A name or a list of names; () when absent."""
        if not isinstance(self.raw(key), str):
            return self.strings(key)
        name = self.string(key, longest=LONGEST_NAME)
        return (name,) if name else ()

    def boolean(self, key: str, *, default: bool = False) -> bool:
        value = self._typed(key, bool, required=False)
        return default if value is None else value

    def integer(self, key: str, *, default: int = 0, least: int = 0, most: int = 10_000) -> int:
        value: int | None = self._typed(key, int, required=False)
        if value is None:
            return default
        if not least <= value <= most:
            self.problem(key, f"{_short(value)} is out of bounds.", f"Give a number from {least} to {most}.")
            return default
        return value

    def number(self, key: str) -> float:
        value = self._typed(key, float, required=True)
        if value is None:
            return 0.0
        if not math.isfinite(value) or abs(value) > LARGEST_NUMBER:
            self.problem(key, "This number is out of bounds.", f"Give a number up to {LARGEST_NUMBER}.")
            return 0.0
        return float(value)

    def date(self, key: str) -> date | None:
        value: date | None = self._typed(key, date, required=False)
        return value

    def one_of(self, key: str, allowed: Collection[str], *, default: str = "") -> str:
        """One of the words of the format; without default it is required."""
        value = self.string(key, required=not default, longest=LONGEST_NAME)
        if not value:
            return default or next(iter(allowed))
        if value not in allowed:
            self.problem(key, f"“{value}” is not one of the words of the format.", nearest(value, allowed))
            return default or next(iter(allowed))
        return value

    def text(self, key: str, *, required: bool = False) -> Text | None:
        """A sentence in both languages. A required one that is missing is reported and read as empty."""
        table = self.table(key, required=required)
        if table is None:
            return Text("", "") if required else None
        read = Text(table.string("zh", required=True), table.string("en", required=True))
        table.close()
        return read

    def label(self, key: str = "label") -> Text:
        return self.text(key, required=True) or Text("", "")

    def table(self, key: str, *, required: bool = False) -> Table | None:
        value = self._typed(key, dict, required=required)
        return None if value is None else Table(value, self.place.at(key), self.report)

    def tables(self, key: str) -> list[Table]:
        """The tables of an array such as `[[rule]]`, each placed by its index and named by its `id`."""
        read = []
        for index, value in enumerate(self._typed(key, list, required=False) or []):
            place = self.place.at(key).at(index)
            if not isinstance(value, dict):
                self.report.add(place, "This has to be a table.", "Write { … } or [[…]].")
                continue
            name = value.get("id")
            read.append(Table(value, place.named(name) if isinstance(name, str) else place, self.report))
        return read

    def named(self, key: str) -> Iterator[tuple[str, Table]]:
        """The tables `[key.NAME]`, with their names."""
        holder = self._typed(key, dict, required=False) or {}
        for name, value in holder.items():
            place = self.place.at(key).at(name).named(name)
            if not IDENTIFIER.fullmatch(name):
                self.report.add(place, f"“{name}” is not a name in snake case.", "Use small letters, digits and “_”.")
            elif not isinstance(value, dict):
                self.report.add(place, "This has to be a table.", f"Write [{key}.{name}].")
            else:
                yield name, Table(value, place, self.report)

    def mapping(self, key: str, allowed: Collection[str] = ()) -> dict[str, str]:
        """A table of names to words, such as `inputs`. `allowed` restricts the words."""
        table = self.table(key)
        if table is None:
            return {}
        read = {}
        for name in table.values:
            read[name] = table.one_of(name, allowed) if allowed else table.string(name, required=True)
        return read


def _is(value: Any, kind: type) -> bool:
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if kind is date:
        return isinstance(value, date) and not isinstance(value, datetime)
    return isinstance(value, kind)


def _short(value: int) -> str:
    return str(value) if abs(value) <= LARGEST_NUMBER else "This number"
