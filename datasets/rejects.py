"""The file of everything that was refused in a batch: one entry per cell or row, written as they are found."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

EXCERPT = 60
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


class RejectEntry(NamedTuple):
    line: int
    column: str
    value: str
    code: str
    params: Mapping[str, Any]


class RejectWriter:
    """Writes entries to a file as they come; counts them. The file replaces an earlier attempt's."""

    def __init__(self, path: Path) -> None:
        self.count = 0
        self._path = path

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._path.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, line: int, column: str, value: str, code: str, params: Mapping[str, Any] | None = None) -> None:
        self.count += 1
        self._writer.writerow((line, column, excerpt(value), code, json.dumps(params or {}, ensure_ascii=False)))

    def settle(self) -> None:
        """Everything written so far is on the disk."""
        self._file.flush()
        os.fsync(self._file.fileno())


def excerpt(value: str) -> str:
    """The beginning of a value, on one line and without what a database cannot hold."""
    text = value.replace("\0", "").replace("\n", " ").replace("\r", " ")
    return text if len(text) <= EXCERPT else f"{text[: EXCERPT - 1]}…"


def read_entries(path: Path, limit: int | None = None) -> Iterator[RejectEntry]:
    """The entries of a file in the order they were found; none when there is no file."""
    if not path.exists():
        return
    with path.open(encoding="utf-8", newline="") as file:
        for line, column, value, code, params in islice(csv.reader(file), limit):
            yield RejectEntry(int(line), column, value, code, json.loads(params))


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA_SIGNS) else cell
