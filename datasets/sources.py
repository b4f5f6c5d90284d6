"""Rows out of a CSV file, with the line that each began on: as blocks of text, or parsed where there are quotes."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from datasets.reasons import FileRefused

BLOCK = 1 << 19
LONGEST_LINE = 1 << 22
LONGEST_CELL = 1 << 20


class TextBlock(NamedTuple):
    """Whole lines without a quotation mark, each ended by a newline; `bytes_done` of the file have been read."""

    text: str
    first_line: int
    bytes_done: int


class Record(NamedTuple):
    line: int
    cells: list[str]
    bytes_done: int


def text_blocks(path: Path, encoding: str) -> Iterator[TextBlock]:
    """A plain CSV in blocks of whole lines, heading included. Memory: one block. FileRefused `line_too_long`."""
    decoder = codecs.getincrementaldecoder(encoding)()
    rest, line, done = "", 1, 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            done += len(block)
            text = (rest + decoder.decode(block)).replace("\r\n", "\n")
            cut = text.rfind("\n") + 1
            rest = text[cut:]
            if len(rest) > LONGEST_LINE:
                raise FileRefused("line_too_long", line=line + text.count("\n", 0, cut))
            if cut:
                whole = text[:cut]
                yield TextBlock(whole, line, done)
                line += whole.count("\n")
    rest += decoder.decode(b"", final=True)
    if rest:
        yield TextBlock(f"{rest}\n", line, done)


def csv_records(path: Path, encoding: str) -> Iterator[Record]:
    """A CSV with quotation marks, record by record, heading included; blank lines left out. FileRefused `quotes`."""
    csv.field_size_limit(LONGEST_CELL)
    with path.open(encoding=encoding, newline="") as text:
        reader = csv.reader(text, strict=True)
        began = 1
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                code = "line_too_long" if "limit" in str(error) else "quotes"
                raise FileRefused(code, line=began) from None
            if cells:
                yield Record(began, cells, text.buffer.tell())
            began = reader.line_num + 1


def csv_header(path: Path, encoding: str) -> list[str]:
    """The first record of a CSV. FileRefused `empty`."""
    record = next(csv_records(path, encoding), None)
    if record is None:
        raise FileRefused("empty")
    return record.cells
