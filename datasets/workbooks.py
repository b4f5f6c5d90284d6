"""Rows out of an Excel workbook (.xlsx): its first visible sheet, with formulas and damaged numbers found out."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, NamedTuple
from xml.etree import ElementTree

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from datasets.columns import Column, DataType
from datasets.reasons import CellRefused, FileRefused

UNPACKED_LIMIT = 1 << 30
MOST_CELLS = 20_000_000
LONGEST_GAP = 1 << 23
BLOCK = 1 << 18
EXACT = 10**15
CELL = re.compile(rb"<c ([^>]*)>\s*(<f[ >/])?")
PLACE = re.compile(rb'\br="([A-Z]+)([0-9]+)"')
ERROR_TYPE = b't="e"'
ERRORS = frozenset({"#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NULL!", "#NUM!", "#GETTING_DATA", "#SPILL!"})
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


class SheetRow(NamedTuple):
    """`flaws`: place of a cell (from 0, in `cells`) to the reason why what it holds cannot be taken."""

    line: int
    cells: list[Any]
    flaws: Mapping[int, str]


class Flaw(NamedTuple):
    """A cell that is a formula or an error. `row` counts from 1, `column` from 0."""

    row: int
    column: int
    code: str


def rows(path: Path) -> Iterator[SheetRow]:
    """The rows of the first visible sheet, heading included, empty ones left out. FileRefused `xlsx`."""
    _check_size(path)
    try:
        with CalamineWorkbook.from_path(path) as book, zipfile.ZipFile(path) as archive:
            name = _sheet_name(book)
            member_name = _sheet_member(archive, name)
            with archive.open(member_name) as member:
                _check_extent(member)
            with archive.open(member_name) as member:
                yield from _rows(book.get_sheet_by_name(name), _flaws(member))
    except (CalamineError, zipfile.BadZipFile, KeyError, ElementTree.ParseError, RuntimeError):
        raise FileRefused("xlsx") from None


def header_text(row: SheetRow) -> list[str]:
    """The heading as texts, without the empty cells behind it."""
    texts = [str(cell) for cell in row.cells]
    while texts and not texts[-1].strip():
        texts.pop()
    return texts


def cell_text(column: Column, value: Any) -> str:
    """What a cell of a workbook says, as a CSV would have it. Raises CellRefused for what Excel has damaged."""
    if isinstance(value, str):
        if value in ERRORS:
            raise CellRefused("excel_error")
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _number_text(column, value)
    if isinstance(value, datetime):
        midnight = (value.hour, value.minute, value.second) == (0, 0, 0)
        day_only = column.data_type != DataType.DATETIME and midnight
        return value.date().isoformat() if day_only else value.replace(microsecond=0).isoformat(sep=" ")
    if isinstance(value, date):
        return f"{value.isoformat()} 00:00:00" if column.data_type == DataType.DATETIME else value.isoformat()
    return "" if value is None else str(value)


def _number_text(column: Column, value: float) -> str:
    if column.has_check_digit:
        raise CellRefused("identity_as_number")
    whole = float(value).is_integer()
    if whole and abs(value) >= EXACT and column.data_type in {DataType.TEXT, DataType.INTEGER}:
        raise CellRefused("number_as_text")
    return str(int(value)) if whole else format(Decimal(repr(value)), "f")


def _check_size(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(info.file_size for info in archive.infolist())
    except zipfile.BadZipFile:
        raise FileRefused("xlsx") from None
    if size > UNPACKED_LIMIT:
        raise FileRefused("xlsx_too_large", size=size >> 20, limit=UNPACKED_LIMIT >> 20)


def _check_extent(member: IO[bytes]) -> None:
    """Refuses a sheet whose cells span more than memory can hold: calamine keeps the whole rectangle between them.

    FileRefused `xlsx_extent`. A few bytes of a workbook may name the last cell of the last column.
    """
    rows, columns = [0, 0], [0, 0]
    for text in _whole_cells(member):
        for match in PLACE.finditer(text):
            row, column = int(match[2]), _column_number(match[1]) + 1
            rows = [min(rows[0] or row, row), max(rows[1], row)]
            columns = [min(columns[0] or column, column), max(columns[1], column)]
    high, wide = rows[1] - rows[0] + 1, columns[1] - columns[0] + 1
    if high * wide > MOST_CELLS:
        raise FileRefused("xlsx_extent", rows=high, columns=wide, limit=MOST_CELLS)


def _whole_cells(member: IO[bytes]) -> Iterator[bytes]:
    """The text of a sheet in pieces that begin where a cell begins. FileRefused `xlsx_cell`, so that none grows."""
    held = b""
    while block := member.read(BLOCK):
        text = held + block
        cut = max(text.rfind(b"<c "), 0)
        held = text[cut:]
        if len(held) > LONGEST_GAP:
            raise FileRefused("xlsx_cell", limit=LONGEST_GAP >> 20)
        yield text[:cut]
    yield held


def _sheet_name(book: CalamineWorkbook) -> str:
    for sheet in book.sheets_metadata:
        if sheet.visible == SheetVisibleEnum.Visible and sheet.typ == SheetTypeEnum.WorkSheet:
            return sheet.name
    raise FileRefused("xlsx")


def _sheet_member(archive: zipfile.ZipFile, name: str) -> str:
    """The archive's member that holds a sheet."""
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314 (expat bounds entity expansion)
    wanted = next(sheet.get(RELATION) for sheet in book.iter(f"{MAIN}sheet") if sheet.get("name") == name)
    relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    target = next(str(row.get("Target")) for row in relations if row.get("Id") == wanted)
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _rows(sheet: CalamineSheet, flaws: Iterator[Flaw]) -> Iterator[SheetRow]:
    """calamine counts rows from the top of the sheet, and cells from the first column that is in use."""
    if sheet.start is None:
        return
    pending = next(flaws, None)
    for line, cells in enumerate(sheet.iter_rows(), start=1):
        found = {}
        while pending is not None and pending.row <= line:
            found[pending.column - sheet.start[1]] = pending.code
            pending = next(flaws, None)
        if cells[0] != "" or found or any(cell != "" for cell in cells):
            yield SheetRow(line, cells, found)


def _flaws(member: IO[bytes]) -> Iterator[Flaw]:
    """Formulas and errors in the file's order: calamine shows the value of the first and nothing of the second."""
    for text in _whole_cells(member):
        yield from _flaws_in(text)


def _flaws_in(text: bytes) -> Iterator[Flaw]:
    if b"<f" not in text and ERROR_TYPE not in text:
        return
    for match in CELL.finditer(text):
        if (match[2] or ERROR_TYPE in match[1]) and (place := PLACE.search(match[1])):
            yield Flaw(int(place[2]), _column_number(place[1]), "formula" if match[2] else "excel_error")


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1
