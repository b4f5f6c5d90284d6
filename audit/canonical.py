"""Canonical bytes of an entry: what its leaf hash is taken over.

One line in PostgreSQL's COPY text format, UTF-8, with the columns of `COLUMNS` in that order, tabs between and one
line feed at the end. Moments are UTC without zone, at most six decimals without trailing zeros; `data` is JSON as
`jsonb` writes it: keys by byte length then bytes, ", " and ": " between, numbers in plain decimals. The database
writes such a line faster than anything in Python could, and `line` below writes the same from a row, so that the
record can be checked without PostgreSQL.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from audit.models import AuditEntry

COLUMNS = (
    *("id", "epoch", "transaction", "recorded_at", "at", "verb", "person_id", "person", "position"),
    *("organization_id", "organization", "jurisdiction", "address", "subject", "subject_id", "data"),
)
MOMENTS = ("recorded_at", "at")
SELECT = ", ".join(f"timezone('UTC', {column})" if column in MOMENTS else column for column in COLUMNS)
ESCAPES = str.maketrans(
    {"\\": r"\\", "\b": r"\b", "\f": r"\f", "\n": r"\n", "\r": r"\r", "\t": r"\t", "\v": r"\v"},
)


class Key(NamedTuple):
    """Place of an entry in the order of sealing."""

    epoch: int
    transaction: int
    id: int

    @property
    def sql(self) -> str:
        return f"({int(self.epoch)}, '{int(self.transaction)}'::xid8, {int(self.id)}::bigint)"


BEGINNING = Key(0, 0, 0)
ORDER = "(epoch, transaction, id)"


class Sink:
    """What `copy_expert` writes to: it hands over one row at a time."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self.write = write


def copy_lines(
    write: Callable[[bytes], object], *, after: Key, upto: Key | None, extra: str = "", limit: int = 0
) -> None:
    """Hand the canonical line of each entry after a key, up to and including another, to `write`, in order.

    `extra`: a further SQL condition made by the caller from its own numbers, never from input.
    """
    conditions = [f"{ORDER} > {after.sql}"]
    conditions += [f"{ORDER} <= {upto.sql}"] if upto else []
    conditions += [extra] if extra else []
    query = f"SELECT {SELECT} FROM audit_auditentry WHERE {' AND '.join(conditions)} ORDER BY epoch, transaction, id"  # noqa: S608
    query += f" LIMIT {int(limit)}" if limit else ""
    with connection.cursor() as cursor:
        cursor.cursor.copy_expert(f"COPY ({query}) TO STDOUT", Sink(write))


def key_of(line_: bytes) -> Key:
    entry_id, epoch, transaction, _ = line_.split(b"\t", 3)
    return Key(int(epoch), int(transaction), int(entry_id))


def stored_line(entry_id: int) -> bytes | None:
    """The canonical line of one entry, or None when there is no such entry."""
    lines: list[bytes] = []
    query = f"SELECT {SELECT} FROM audit_auditentry WHERE id = {int(entry_id)}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.cursor.copy_expert(f"COPY ({query}) TO STDOUT", Sink(lines.append))
    return lines[0] if lines else None


def line(entry: AuditEntry) -> bytes:
    """The same bytes from a row in Python, as somebody outside would make them."""
    fields = (getattr(entry, column) for column in COLUMNS)
    return ("\t".join(_text(field).translate(ESCAPES) for field in fields) + "\n").encode()


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        moment = value.astimezone(UTC)
        decimals = f".{moment.microsecond:06d}".rstrip("0").rstrip(".") if moment.microsecond else ""
        return f"{moment:%Y-%m-%d %H:%M:%S}{decimals}"
    return "".join(_json(value)) if isinstance(value, dict) else str(value)


def _json(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        items = sorted(value.items(), key=lambda item: (len(item[0].encode()), item[0].encode()))
        yield "{" + ", ".join(f"{_string(key)}: {''.join(_json(inner))}" for key, inner in items) + "}"
    elif isinstance(value, list | tuple):
        yield "[" + ", ".join("".join(_json(inner)) for inner in value) + "]"
    elif isinstance(value, bool) or value is None:
        yield json.dumps(value)
    elif isinstance(value, int | float | Decimal):
        yield _number(Decimal(str(value)))
    else:
        yield _string(str(value))


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _number(number: Decimal) -> str:
    return f"{number.copy_abs() if number.is_zero() else number:f}"
