"""A list of entries in a file, as rows of text. Refuses a file that is not what it says; marks rows that are not."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from python_calamine import CalamineError, CalamineWorkbook

from organizations.errors import BadInput

MAX_BYTES = 64 * 1024 * 1024
MAX_UNPACKED_BYTES = 1024 * 1024 * 1024
EXACT_DIGITS = 15
OTHER_ENCODINGS = ("utf-8-sig", "gb18030", "big5hkscs", "utf-16")
WORKBOOKS, OLD_WORKBOOKS = (".xlsx", ".xlsm"), (".xls", ".ods")
ZIP_MARK, OLE_MARK = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, slots=True)
class FileShape:
    """How a list is written: encoding and delimiter of CSV, sheet ("" for the first) and heading row of a workbook."""

    encoding: str = "utf-8-sig"
    delimiter: str = ","
    sheet: str = ""
    heading_row: int = 1


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One row: its line (or row of the sheet), its cells as text by heading, and by heading why a cell is unfit."""

    line: int
    cells: Mapping[str, str]
    unfit: Mapping[str, str]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    headings: Sequence[str]
    rows: Sequence[SourceRow]
    digest: str


def read(path: Path, shape: FileShape) -> Table:
    """The whole list. Raises BadInput when the file is missing, too large, unreadable, or has no heading row."""
    content = _content(path)
    suffix = path.suffix.lower()
    if suffix in WORKBOOKS:
        lines = _workbook_lines(content, shape)
    elif suffix in OLD_WORKBOOKS:
        lines = _old_workbook_lines(content, shape)
    else:
        lines = _csv_lines(content, shape)
    return _table(lines, shape, hashlib.sha256(content).hexdigest())


def _content(path: Path) -> bytes:
    if not path.is_file():
        raise BadInput(_("There is no file %(path)s.") % {"path": path})
    limit = getattr(settings, "CATALOG_IMPORT_MAX_BYTES", MAX_BYTES)
    if path.stat().st_size > limit:
        text = _("The file has %(size)d MB; a list may have %(limit)d. Split it, or take out what is not a list.")
        raise BadInput(text % {"size": path.stat().st_size // 1024**2, "limit": limit // 1024**2})
    content = path.read_bytes()
    if not content.strip():
        raise BadInput(_("The file is empty."))
    return content


def _table(lines: Iterable[tuple[int, list[Any]]], shape: FileShape, digest: str) -> Table:
    headings: list[str] | None = None
    rows = []
    for number, (line, cells) in enumerate(lines, start=1):
        if number < shape.heading_row:
            continue
        if headings is None:
            headings = _headings(cells)
        elif any(_text(cell) for cell in cells):
            rows.append(_row(line, headings, cells))
    if headings is None or not any(headings):
        raise BadInput(_("There is no heading row."))
    return Table(headings, rows, digest)


def _headings(cells: Sequence[Any]) -> list[str]:
    texts = [_text(cell) for cell in cells]
    while texts and not texts[-1]:
        texts.pop()
    return texts


def _row(line: int, headings: Sequence[str], cells: Sequence[Any]) -> SourceRow:
    if len(cells) != len(headings):
        text = _("The row has %(found)d cells where the heading has %(wanted)d.")
        return SourceRow(line, {}, {}, text % {"found": len(cells), "wanted": len(headings)})
    unfit = {heading: why for heading, cell in zip(headings, cells, strict=True) if (why := _unfit(cell))}
    texts = {heading: _text(cell) for heading, cell in zip(headings, cells, strict=True)}
    return SourceRow(line, texts, unfit)


@dataclass(frozen=True, slots=True)
class Formula:
    """A cell that holds a formula instead of a value."""

    text: str
    place: str


def _unfit(cell: Any) -> str:
    """Why a cell cannot be taken as it stands, or ""."""
    if isinstance(cell, Formula):
        return _("Cell %(place)s holds a formula. Paste it as a value.") % {"place": cell.place}
    if isinstance(cell, str):
        if cell.startswith("="):
            return _("The cell begins with “=”, as a formula does. Paste it as a value.")
        if any(ord(char) < 32 and char not in "\t\n\r" for char in cell):
            return _("The cell holds control characters.")
    if isinstance(cell, int | float) and not isinstance(cell, bool) and abs(cell) >= 10**EXACT_DIGITS:
        return _("A number of more than 15 digits has lost its last digits. Store it as text.")
    return ""


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, Formula):
        return cell.text
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell).replace("\r\n", "\n").strip()


def _csv_lines(content: bytes, shape: FileShape) -> Iterator[tuple[int, list[Any]]]:
    if content.startswith((ZIP_MARK, OLE_MARK)):
        raise BadInput(_("This is a workbook, not CSV. Give it its own ending (.xlsx or .xls)."))
    reader = csv.reader(io.StringIO(_decoded(content, shape), newline=""), delimiter=shape.delimiter, strict=True)
    line = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            text = _("Line %(line)d is no proper CSV: %(error)s. A quotation mark may not be closed.")
            raise BadInput(text % {"line": line, "error": error}) from error
        yield line, list(cells)
        line = reader.line_num + 1


def _decoded(content: bytes, shape: FileShape) -> str:
    try:
        text = content.decode(shape.encoding)
    except LookupError as error:
        raise BadInput(_("The mapping names an unknown encoding: %(name)s.") % {"name": shape.encoding}) from error
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        message = _(
            "The file is not %(encoding)s: line %(line)d has bytes that mean nothing in it. Readable as: %(others)s."
        )
        others = ", ".join(_readable_as(content, shape.encoding)) or _("none that is known")
        raise BadInput(message % {"encoding": shape.encoding, "line": line, "others": others}) from error
    return text.removeprefix("\ufeff")


def _readable_as(content: bytes, wrong: str) -> Iterator[str]:
    for encoding in OTHER_ENCODINGS:
        if encoding == wrong or (encoding == "utf-16" and not content.startswith((b"\xff\xfe", b"\xfe\xff"))):
            continue
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        yield encoding


def _workbook_lines(content: bytes, shape: FileShape) -> Iterator[tuple[int, list[Any]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(info.file_size for info in packed.infolist()) > MAX_UNPACKED_BYTES:
                raise BadInput(_("The workbook unpacks to far more than a list has."))
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
        raise BadInput(_("This is no readable workbook. Save it again as .xlsx.")) from error
    sheet = book[_sheet(book.sheetnames, shape)]
    width = 0
    for number, row in enumerate(sheet.iter_rows(), start=1):
        cells = [_workbook_cell(cell, number, at) for at, cell in enumerate(row, start=1)]
        width = width or len(_headings(cells)) if number == shape.heading_row else width
        yield number, _to_width(cells, width)


def _workbook_cell(cell: Any, row: int, column: int) -> Any:
    if cell.data_type == "f":
        return Formula(str(cell.value), f"{get_column_letter(column)}{row}")
    return cell.value


def _old_workbook_lines(content: bytes, shape: FileShape) -> Iterator[tuple[int, list[Any]]]:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    except CalamineError as error:
        raise BadInput(_("This is no readable workbook. Save it again as .xlsx.")) from error
    width = 0
    rows = book.get_sheet_by_name(_sheet(book.sheet_names, shape)).to_python(skip_empty_area=False)
    for number, cells in enumerate(rows, start=1):
        width = width or len(_headings(cells)) if number == shape.heading_row else width
        yield number, _to_width(cells, width)


def _sheet(names: Sequence[str], shape: FileShape) -> str:
    if shape.sheet and shape.sheet not in names:
        text = _("There is no sheet “%(sheet)s”, only %(names)s.")
        raise BadInput(text % {"sheet": shape.sheet, "names": ", ".join(names)})
    return shape.sheet or names[0]


def _to_width(cells: list[Any], width: int) -> list[Any]:
    """A row of a sheet ends where its last cell is: fill it up to the heading, and drop empty cells beyond it."""
    if not width:
        return cells
    kept = cells + [None] * (width - len(cells))
    while len(kept) > width and not _text(kept[-1]):
        kept.pop()
    return kept
