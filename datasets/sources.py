"""Rows out of a CSV file, with the line that each began on: as blocks of text, or record by record."""

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
    """Whole lines, each ended by a newline. `final`: there are no more; `bytes_done` of the file have been read."""

    text: str
    bytes_done: int
    final: bool = False


class Parsed(NamedTuple):
    """One record out of a text: its cells (none for a blank line) and where the next one begins."""

    cells: list[str]
    end: int


class Record(NamedTuple):
    line: int
    cells: list[str]
    bytes_done: int


def text_blocks(path: Path, encoding: str) -> Iterator[TextBlock]:
    """A CSV in blocks of whole lines, heading included; the last one is final. Memory: one block."""
    decoder = codecs.getincrementaldecoder(encoding)()
    rest, done = "", 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            done += len(block)
            text = rest + decoder.decode(block)
            cut = text.rfind("\n") + 1
            rest = text[cut:]
            if cut:
                yield TextBlock(text[:cut], done)
    rest += decoder.decode(b"", final=True)
    yield TextBlock(f"{rest}\n" if rest else "", done, final=True)


def read_record(text: str, at: int, line: int, *, final: bool) -> Parsed | None:
    """The record that begins at a place; None when it goes on behind the text. FileRefused `quotes`, `line_too_long`.

    `text` ends with a newline; `final` says that nothing follows it. Line ends inside of quotation marks are kept.
    """
    csv.field_size_limit(LONGEST_CELL)
    end = at

    def lines() -> Iterator[str]:
        nonlocal end
        while end < len(text):
            begin, end = end, text.index("\n", end) + 1
            yield text[begin:end]

    try:
        return Parsed(next(csv.reader(lines(), strict=True)), end)
    except csv.Error as error:
        unfinished = "unexpected end" in str(error)
        if unfinished and not final and len(text) - at < LONGEST_LINE:
            return None
        code = "line_too_long" if "limit" in str(error) or (unfinished and not final) else "quotes"
        raise FileRefused(code, line=line) from None


def csv_records(path: Path, encoding: str) -> Iterator[Record]:
    """A CSV record by record, heading included, whatever ends its lines; blank ones left out. FileRefused `quotes`."""
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
