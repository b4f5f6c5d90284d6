"""The columns of a resource's data: their names and types in the database, and what their cells look like."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from catalog.models import ResourceItem
from organizations.identifiers import USCC_ALPHABET

DataType = ResourceItem.DataType

SQL_TYPES = {
    DataType.TEXT: "text",
    DataType.INTEGER: "bigint",
    DataType.NUMBER: "numeric",
    DataType.DATE: "date",
    DataType.DATETIME: "timestamp",
    DataType.BOOLEAN: "boolean",
    DataType.IDENTITY: "text",
    DataType.CREDIT_CODE: "text",
}
YEAR = "(?!0000)[0-9]{4}"
DAY = "(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"  # not 02-29
CANONICAL = {
    DataType.INTEGER: "(?:0|-?[1-9][0-9]{0,17}+)",
    DataType.NUMBER: r"(?:0|-?[1-9][0-9]{0,30}+|-?(?:0|[1-9][0-9]{0,30}+)\.[0-9]{1,30}+)",
    DataType.DATE: f"{YEAR}-{DAY}",
    DataType.DATETIME: f"{YEAR}-{DAY} (?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]",
    DataType.BOOLEAN: "(?:true|false)",
    DataType.IDENTITY: "([0-9]{17}[0-9X])",
    DataType.CREDIT_CODE: f"([{USCC_ALPHABET}]{{18}})",
}
ROUNDED = r"(?![0-9](?:\.[0-9]+)?[eE]\+[0-9])"  # a key that a spreadsheet may have made a rounded number of
PARTING = set(',"\r\n\0\x1f')
CHECKED = (DataType.IDENTITY, DataType.CREDIT_CODE)


@dataclass(frozen=True, slots=True)
class Column:
    """One item as its data is stored. `name` is generated from the item's id, never from what people typed."""

    item_id: int
    code: str
    title: str
    data_type: str
    length: int | None = None
    required: bool = False
    is_key: bool = False
    values: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"c_{self.item_id}"

    @property
    def sql_type(self) -> str:
        return SQL_TYPES[DataType(self.data_type)]

    @property
    def has_check_digit(self) -> bool:
        return self.data_type in CHECKED


def columns_of(items: Iterable[ResourceItem]) -> tuple[Column, ...]:
    """Columns for a resource's items, in their order. A key is always required."""
    return tuple(
        Column(
            item_id=item.pk,
            code=item.code,
            title=item.title,
            data_type=item.data_type,
            length=item.length,
            required=item.required or item.is_key,
            is_key=item.is_key,
            values=tuple(item.values),
        )
        for item in items
    )


def cell_pattern(column: Column, excluded: str) -> str:
    """A regular expression for cells that need no second look. `excluded`: characters a text cell cannot hold.

    What it does not match is not necessarily wrong: `cells.clean` decides. Cells with a check digit are captured.
    """
    if column.values:
        plain = [re.escape(value) for value in column.values if not set(value) & PARTING]
        usable = plain and column.data_type == DataType.TEXT
        return f"(?:{'|'.join(sorted(plain, key=len, reverse=True))})" if usable else "(?!)"
    if column.data_type == DataType.TEXT:
        rounded = ROUNDED if column.is_key else ""
        return f"{rounded}[^{excluded}]{{1,{column.length or ''}}}+"
    return CANONICAL[DataType(column.data_type)]


def record_pattern(columns: Sequence[Column], separator: str, excluded: str) -> str:
    """A regular expression for parsed cells joined by a separator that none of them holds."""
    cells = (cell_pattern(column, excluded) for column in columns)
    return separator.join(
        cell if column.required else f"(?:{cell})?" for column, cell in zip(columns, cells, strict=True)
    )


def line_pattern(columns: Sequence[Column]) -> str:
    """A regular expression for one line of CSV with its end, each cell with or without quotation marks around it.

    Cells with a check digit have two groups, of which one is taken. A line of nothing is no row.
    """
    cells = []
    for column in columns:
        bare, quoted = cell_pattern(column, r',"\r\n\0'), cell_pattern(column, r'"\r\n\0')
        cells.append(f'(?:{bare}|"{quoted}"){"" if column.required else "?"}')
    return f"(?=[^\r\n]){','.join(cells)}\r?\n"
