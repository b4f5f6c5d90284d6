"""Checks rows and writes those that pass as COPY wants them; refuses the others with line, column and reason."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from datasets.cells import CHECKS, clean
from datasets.columns import Column, line_pattern, record_pattern
from datasets.reasons import CellRefused
from datasets.rejects import RejectWriter
from datasets.sources import read_record
from datasets.workbooks import SheetRow, cell_text

QUOTE = '"'
SEPARATOR = "\x1f"
SPECIAL = re.compile('["\r#]')
PARSED_EXCLUDED = r"\x1f\0"


class Fed(NamedTuple):
    """What came of a text: lines for COPY, how many characters were used up, and the line that comes next."""

    out: str
    used: int
    line: int


class Checker:
    """Checks rows whose cells are in the order of `columns`. `read` = `accepted` + `rejected` at any time.

    Two ways lead to the same result: runs of lines that match one regular expression as a whole are taken at once;
    whatever does not match is parsed and looked at cell by cell (`cells.clean`).
    """

    def __init__(self, columns: Sequence[Column], rejects: RejectWriter) -> None:
        self.columns = tuple(columns)
        self.rejects = rejects
        self.read = self.accepted = self.rejected = 0
        line = line_pattern(columns)
        self._run = re.compile(f"(?:{line})*+")
        self._line = re.compile(line)
        self._record = re.compile(record_pattern(columns, SEPARATOR, PARSED_EXCLUDED))
        self._digits = [CHECKS[column.data_type] for column in columns if column.has_check_digit and not column.values]
        self._digits_twice = [check for check in self._digits for _time in range(2)]
        self._out = io.StringIO()
        self._writer = csv.writer(self._out, lineterminator="\n")

    def feed(self, text: str, line: int, *, final: bool) -> Fed:
        """Whole lines of CSV, the first of which is number `line`. What is not used up begins a record that goes on
        behind the text; give it again in front of the next one. FileRefused for quotation marks that do not match."""
        pieces: list[str] = []
        at = 0
        while at < len(text):
            end = self._end_of_run(text, at)
            if end > at:
                pieces.append(self._whole_lines(text[at:end], line))
                line += text.count("\n", at, end)
                at = end
            elif parsed := read_record(text, at, line, final=final):
                if parsed.cells:
                    self.record(line, parsed.cells)
                    pieces.append(self.take())
                line += text.count("\n", at, parsed.end)
                at = parsed.end
            else:
                break
        return Fed("".join(pieces), at, line)

    def _end_of_run(self, text: str, at: int) -> int:
        """Where the lines end that are right as they stand."""
        if not self._digits:
            match = self._run.match(text, at)
            return match.end() if match else at
        while (match := self._line.match(text, at)) and _right(self._digits_twice, match):
            at = match.end()
        return at

    def _whole_lines(self, text: str, first_line: int) -> str:
        lines = (text.replace("\r\n", "\n") if "\r" in text else text)[:-1].split("\n")
        self.read += len(lines)
        self.accepted += len(lines)
        return "".join([f"{number},{row}\n" for number, row in enumerate(lines, first_line)])

    def record(self, line: int, cells: list[str]) -> None:
        """One parsed row; what passes waits for `take`."""
        self.read += 1
        if len(cells) != len(self.columns):
            self._refuse_row(line, cells)
            return
        joined = SEPARATOR.join(cells)
        match = self._record.fullmatch(joined)
        if match is not None and _right(self._digits, match):
            self.accepted += 1
            if "\r" in joined:
                self._write_quoted(line, cells)
            else:
                self._writer.writerow((line, *cells))
        else:
            self._by_cell(line, [(cell, None) for cell in cells])

    def sheet_rows(self, rows: Sequence[SheetRow]) -> str:
        """Rows of a workbook. Answers what COPY takes."""
        text = self._plain_text(rows)
        if text:
            return self.feed(text, rows[0].line, final=True).out
        for row in rows:
            self.sheet_row(row)
        return self.take()

    def _plain_text(self, rows: Sequence[SheetRow]) -> str:
        """Rows of nothing but text as plain CSV; empty when some cell needs a closer look or a line is missing."""
        gaps = rows[-1].line - rows[0].line != len(rows) - 1
        if gaps or len(rows[0].cells) != len(self.columns) or any(row.flaws for row in rows):
            return ""
        try:
            text = "\n".join([",".join(row.cells) for row in rows])
        except TypeError:
            return ""
        straight = text.count(",") == len(rows) * (len(self.columns) - 1) and text.count("\n") == len(rows) - 1
        return f"{text}\n" if straight and not SPECIAL.search(text) else ""

    def sheet_row(self, row: SheetRow) -> None:
        """One row of a workbook; what passes waits for `take`."""
        cells = list(row.cells)
        while len(cells) > len(self.columns) and cells[-1] == "" and len(cells) - 1 not in row.flaws:
            cells.pop()
        if len(cells) != len(self.columns):
            self.read += 1
            self._refuse_row(row.line, [str(cell) for cell in cells])
            return
        texts = [self._sheet_cell(place, cell, row) for place, cell in enumerate(cells)]
        if any(wrong for _text, wrong in texts):
            self.read += 1
            self._by_cell(row.line, texts)
        else:
            self.record(row.line, [text for text, _wrong in texts])

    def _sheet_cell(self, place: int, value: Any, row: SheetRow) -> tuple[str, CellRefused | None]:
        if place in row.flaws:
            return str(value), CellRefused(row.flaws[place])
        try:
            return cell_text(self.columns[place], value), None
        except CellRefused as refused:
            return str(value), refused

    def _by_cell(self, line: int, cells: Sequence[tuple[str, CellRefused | None]]) -> None:
        cleaned: list[str] = []
        for column, (text, wrong) in zip(self.columns, cells, strict=True):
            try:
                if wrong is not None:
                    raise wrong
                cleaned.append(clean(column, text))
            except CellRefused as refused:
                self.rejects.add(line, column.code, text, refused.code, refused.params)
        if len(cleaned) == len(self.columns):
            self.accepted += 1
            self._write_quoted(line, cleaned)
        else:
            self.rejected += 1

    def _write_quoted(self, line: int, cells: Sequence[str]) -> None:
        """As the csv module does, which leaves a carriage return alone that COPY wants quoted."""
        quoted = (f'"{cell.replace(QUOTE, QUOTE * 2)}"' if cell else "" for cell in cells)
        self._out.write(f"{line},{','.join(quoted)}\n")

    def _refuse_row(self, line: int, cells: Sequence[str]) -> None:
        self.rejected += 1
        params = {"found": len(cells), "expected": len(self.columns)}
        self.rejects.add(line, "", ",".join(cells), "ragged", params)

    def refuse_loaded(self, line: int, column: str, value: str, code: str, params: dict[str, Any]) -> None:
        """A row that had passed is refused after all: its key is not its own."""
        self.accepted -= 1
        self.rejected += 1
        self.rejects.add(line, column, value, code, params)

    def take(self) -> str:
        """What has passed since the last call, as CSV for COPY."""
        text = self._out.getvalue()
        self._out.seek(0)
        self._out.truncate()
        return text


def _right(checks: Sequence[Callable[[str], bool]], match: re.Match[str]) -> bool:
    """Whether every number that was captured has the right check digit."""
    return all(number is None or check(number) for check, number in zip(checks, match.groups(), strict=True))
