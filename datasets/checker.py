"""Checks rows and writes those that pass as COPY wants them; refuses the others with line, column and reason."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from typing import Any

from datasets.cells import CHECKS, clean
from datasets.columns import Column, row_pattern
from datasets.reasons import CellRefused
from datasets.rejects import RejectWriter
from datasets.workbooks import SheetRow, cell_text

QUOTE = '"'
SEPARATOR = "\x1f"
PLAIN_EXCLUDED = r',"\r\n\0'
SPECIAL = re.compile('["\r#]')
PARSED_EXCLUDED = r"\x1f\0"


class Checker:
    """Checks rows whose cells are in the order of `columns`. `read` = `accepted` + `rejected` at any time.

    Two ways lead to the same result: runs of lines that match one regular expression as a whole are taken at once;
    whatever does not match is looked at cell by cell (`cells.clean`).
    """

    def __init__(self, columns: Sequence[Column], rejects: RejectWriter) -> None:
        self.columns = tuple(columns)
        self.rejects = rejects
        self.read = self.accepted = self.rejected = 0
        plain = "(?=[^\n])" + row_pattern(columns, ",", PLAIN_EXCLUDED)
        self._run = re.compile(f"(?:{plain}\n)*+")
        self._line = re.compile(plain)
        self._record = re.compile(row_pattern(columns, SEPARATOR, PARSED_EXCLUDED))
        self._digits = [CHECKS[column.data_type] for column in columns if column.has_check_digit and not column.values]
        self._out = io.StringIO()
        self._writer = csv.writer(self._out, lineterminator="\n")

    def block(self, text: str, first_line: int) -> str:
        """Lines without quotes, each with its newline. Answers what COPY takes: line number and cells, as CSV."""
        if self._digits:
            return self._block_by_line(text, first_line)
        pieces: list[str] = []
        at, line = 0, first_line
        while at < len(text):
            end = self._run.match(text, at).end()  # type: ignore[union-attr]
            if end > at:
                lines = text[at : end - 1].split("\n")
                self.read += len(lines)
                self.accepted += len(lines)
                pieces.append("".join([f"{number},{row}\n" for number, row in enumerate(lines, line)]))
                line += len(lines)
            if end < len(text):
                stop = text.index("\n", end)
                pieces.append(self._slow_line(line, text[end:stop]))
                line += 1
                end = stop + 1
            at = end
        return "".join(pieces)

    def _block_by_line(self, text: str, first_line: int) -> str:
        pieces: list[str] = []
        for number, row in enumerate(text[:-1].split("\n"), first_line):
            match = self._line.fullmatch(row)
            if match is not None and self._digits_are_right(match):
                self.read += 1
                self.accepted += 1
                pieces.append(f"{number},{row}\n")
            else:
                pieces.append(self._slow_line(number, row))
        return "".join(pieces)

    def _digits_are_right(self, match: re.Match[str]) -> bool:
        return all(number is None or check(number) for check, number in zip(self._digits, match.groups(), strict=True))

    def _slow_line(self, line: int, row: str) -> str:
        if not row:
            return ""
        self.record(line, row.split(","))
        return self.take()

    def record(self, line: int, cells: list[str]) -> None:
        """One parsed row; what passes waits for `take`."""
        self.read += 1
        if len(cells) != len(self.columns):
            self._refuse_row(line, cells)
            return
        joined = SEPARATOR.join(cells)
        match = self._record.fullmatch(joined)
        if match is not None and self._digits_are_right(match):
            self.accepted += 1
            if "\r" in joined:
                self._write_quoted(line, cells)
            else:
                self._writer.writerow((line, *cells))
        else:
            self._by_cell(line, [(cell, None) for cell in cells])

    def sheet_rows(self, rows: Sequence[SheetRow]) -> str:
        """Rows of a workbook. Answers what COPY takes, as `block` does."""
        text = self._plain_text(rows)
        if text:
            return self.block(text, rows[0].line)
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
