"""Papers set with typst from templates of our own and an embedded CJK font.

What people have written reaches a template as data, never as code: strings of a JSON value in `sys.inputs.content`.
"""

from __future__ import annotations

import json
import struct
import unicodedata
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn
import typst

BODY = "NotoSansSC-Regular.otf"
SELECTORS = ((0xFE00, 0xFE0F), (0xE0100, 0xE01EF))


def font_folder() -> Path:
    """The folder with the fonts that papers are set in."""
    return Path(pylopdf_fonts_zh_cn.__file__).parent


def set_paper(template: Path, content: Any, at: datetime) -> bytes:
    """The PDF of a template filled with `content`, dated `at`: the same content and moment make the same file."""
    inputs = {"content": json.dumps(plain(content), ensure_ascii=False)}
    folders = [str(font_folder())]
    made: bytes = typst.compile(
        str(template), font_paths=folders, ignore_system_fonts=True, sys_inputs=inputs, timestamp=int(at.timestamp())
    )
    return made


def plain(content: Any) -> Any:
    """The same value with every string printable: what no font of ours can show is named by its code point."""
    if isinstance(content, str):
        return "".join(_shown(char) for char in unicodedata.normalize("NFC", content.replace("\r\n", "\n")))
    if isinstance(content, dict):
        return {key: plain(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [plain(value) for value in content]
    return content


@lru_cache(maxsize=20_000)
def _shown(char: str) -> str:
    """A character as paper can show it. Controls, direction marks and variation selectors go; a tab is a space."""
    if char == "\n":
        return char
    code = ord(char)
    if char.isspace():
        return " "
    if unicodedata.category(char) in ("Cc", "Cf") or any(first <= code <= last for first, last in SELECTORS):
        return ""
    return char if code in covered() else f"〔U+{code:04X}〕"


@lru_cache(maxsize=1)
def covered() -> frozenset[int]:
    """The code points for which the font has a glyph, read from its `cmap` table (OpenType, format 12)."""
    data = (font_folder() / BODY).read_bytes()
    for place in range(struct.unpack_from(">H", data, 4)[0]):
        tag, _checksum, offset, _length = struct.unpack_from(">4sLLL", data, 12 + 16 * place)
        if tag == b"cmap":
            return _code_points(data, offset)
    raise LookupError(f"{BODY} has no cmap table")


def _code_points(data: bytes, cmap: int) -> frozenset[int]:
    for place in range(struct.unpack_from(">H", data, cmap + 2)[0]):
        table = cmap + struct.unpack_from(">L", data, cmap + 4 + 8 * place + 4)[0]
        if struct.unpack_from(">H", data, table)[0] == 12:
            groups = struct.unpack_from(">L", data, table + 12)[0]
            spans = (struct.unpack_from(">LL", data, table + 16 + 12 * group) for group in range(groups))
            return frozenset(code for first, last in spans for code in range(first, last + 1))
    raise LookupError(f"{BODY} has no cmap of format 12")
