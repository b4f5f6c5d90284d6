"""What an uploaded file is: its format, its encoding, its heading. Reads as a stream; holds one block in memory."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from datasets.columns import Column
from datasets.reasons import FileRefused

BLOCK = 1 << 20
WINDOW = 1 << 16
LONGEST_LINE = 1 << 24
ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
LONE_RETURN = re.compile(rb"\r(?!\n)")


@dataclass(frozen=True, slots=True)
class Format:
    """`kind` csv or xlsx; `encoding` a Python codec, utf-8-sig with a byte order mark; `lone_returns`: some line ends
    or cells hold a carriage return without a newline, so that lines cannot be told apart by newlines alone."""

    kind: str
    encoding: str = ""
    lone_returns: bool = False


def inspect(path: Path) -> Format:
    """The format of a file, by its content alone. Reads it once. Raises FileRefused naming the byte at fault."""
    with path.open("rb") as file:
        start = file.read(len(OLE))
        if not start:
            raise FileRefused("empty")
        if start.startswith(ZIP):
            return Format("xlsx")
        if start == OLE:
            raise FileRefused("old_excel")
        if start.startswith(UTF16):
            raise FileRefused("utf16")
        file.seek(0)
        return _inspect_text(file)


def _inspect_text(file: BinaryIO) -> Format:
    lone = False
    decoder = codecs.getincrementaldecoder("utf-8")()
    wrong: int | None = None
    offset, held, line, since = 0, b"", 1, 0
    for block in _blocks(file):
        line, since = line + block.count(b"\n"), (since + len(block) if b"\n" not in block else 0)
        if since > LONGEST_LINE:
            raise FileRefused("line_too_long", line=line)
        if (zero := block.find(b"\0")) >= 0:
            raise FileRefused("binary", offset=offset + zero)
        ended = held + block
        held = b"\r" if ended.endswith(b"\r") else b""
        lone = lone or LONE_RETURN.search(ended.removesuffix(held) if held else ended) is not None
        if wrong is None:
            pending = len(decoder.getstate()[0])
            try:
                decoder.decode(block)
            except UnicodeDecodeError as error:
                wrong = offset - pending + error.start
        offset += len(block)
    if wrong is None and (pending := len(decoder.getstate()[0])):
        wrong = offset - pending
    lone = lone or bool(held)
    if wrong is not None:
        _check_gb18030(file, wrong)
        return Format("csv", "gb18030", lone)
    file.seek(0)
    marked = file.read(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8
    return Format("csv", "utf-8-sig" if marked else "utf-8", lone)


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    while block := file.read(BLOCK):
        yield block


def _check_gb18030(file: BinaryIO, wrong: int) -> None:
    """Refuses what is not GB18030 either. `wrong`: offset of the first byte that is not UTF-8."""
    file.seek(max(0, wrong - WINDOW // 2))
    if _looks_like_utf8(file.read(WINDOW)):
        raise FileRefused("broken_utf8", offset=wrong)
    file.seek(0)
    decoder = codecs.getincrementaldecoder("gb18030")()
    for block in _blocks(file):
        try:
            text = decoder.decode(block)
        except UnicodeDecodeError:
            raise FileRefused("encoding", offset=wrong) from None
        if any(unicodedata.category(char) in {"Cn", "Co"} for char in set(text)):
            raise FileRefused("encoding", offset=wrong)
    if decoder.getstate()[0]:
        raise FileRefused("encoding", offset=wrong)


def _looks_like_utf8(window: bytes) -> bool:
    """Most characters beyond ASCII decode: the file is UTF-8 with damage, not another encoding.

    Two-byte sequences do not count: pairs of GB18030 bytes look like them.
    """
    text = window.decode("utf-8", errors="replace")
    damaged = text.count("\ufffd")
    whole = sum(1 for char in text if char > "\u07ff") - damaged
    return whole > damaged


def match_header(header: Sequence[str], columns: Sequence[Column]) -> tuple[Column, ...]:
    """The columns in the order of the file's heading, which names items by code or title.

    FileRefused `header` lists what is missing, unknown, doubled or unnamed; nothing has been staged by then.
    """
    known = {_folded(column.title): column for column in columns}
    known |= {_folded(column.code): column for column in columns}
    found: list[Column] = []
    unknown, duplicate, unnamed = [], [], []
    for number, cell in enumerate(header, start=1):
        name = cell.strip()
        column = known.get(_folded(name))
        if not name:
            unnamed.append(number)
        elif column is None:
            unknown.append(name[:40])
        elif column in found:
            duplicate.append(name[:40])
        else:
            found.append(column)
    missing = [_both_names(column) for column in columns if column not in found]
    if len(header) == 1 and len(columns) > 1 and re.search(r"[;\t|，]", header[0]):
        raise FileRefused("separator")
    if missing or unknown or duplicate or unnamed:
        raise FileRefused("header", missing=missing, unknown=unknown[:20], duplicate=duplicate[:20], unnamed=unnamed)
    return tuple(found)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip().casefold()


def _both_names(column: Column) -> str:
    return column.code if column.code == column.title else f"{column.code}（{column.title}）"
