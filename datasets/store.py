"""The datasets database: generated tables in a schema of their own, and the markers of what has been loaded.

No transaction is shared with the default database. A load commits its marker together with its rows; whatever the
default database says about a batch follows from the marker. Names are made from ids, never from what people typed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any, BinaryIO
from uuid import UUID

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.utils import CursorWrapper
from django.db.utils import OperationalError
from psycopg2 import sql

from datasets.columns import Column

SCHEMA = "datastore"
ROLE = "shutong_datasets"
NAME = re.compile(r"[rs]_[0-9]+_[0-9]+")
LOCK_SPACE = 0x5354_0000_0000_0000
SETUP_LOCK = LOCK_SPACE - 1
MARKERS = sql.SQL(
    """
CREATE TABLE {} (
    token uuid PRIMARY KEY,
    resource_id bigint NOT NULL,
    batch_id bigint NOT NULL,
    table_name text NOT NULL,
    row_count bigint NOT NULL,
    summary jsonb NOT NULL,
    loaded_at timestamptz NOT NULL DEFAULT clock_timestamp()
)"""
)


@dataclass(frozen=True, slots=True)
class Marker:
    """What a load left behind with its rows. `summary` holds the counts of the batch and the table's columns."""

    token: UUID
    resource_id: int
    batch_id: int
    table: str
    row_count: int
    summary: Summary


@dataclass(slots=True)
class Summary:
    """Counts of one load. `columns` are those of the table, in its order; `empty_cells` one figure for each."""

    read: int = 0
    accepted: int = 0
    rejected: int = 0
    replaced: int = 0
    doubled: int = 0
    reject_entries: int = 0
    encoding: str = ""
    columns: list[dict[str, Any]] = field(default_factory=list)
    empty_cells: list[int] = field(default_factory=list)


def alias() -> str:
    """The database alias of the data: `datasets`, or the default where that is not configured."""
    return "datasets" if "datasets" in settings.DATABASES else DEFAULT_DB_ALIAS


def table_name(resource_id: int, batch_id: int) -> str:
    """The typed table of a resource, as the batch that replaces everything makes it."""
    return f"r_{int(resource_id)}_{int(batch_id)}"


def staging_name(resource_id: int, batch_id: int) -> str:
    return f"s_{int(resource_id)}_{int(batch_id)}"


def identifier(table: str) -> sql.Identifier:
    """A generated table in its schema. ValueError for any other name."""
    if not NAME.fullmatch(table):
        raise ValueError(f"not a generated table name: {table!r}")
    return sql.Identifier(SCHEMA, table)


def names(columns: Sequence[Column]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(column.name) for column in columns)


@contextmanager
def writing() -> Iterator[CursorWrapper]:
    """One transaction in the datasets database, under the role that owns the tables where it exists."""
    with transaction.atomic(using=alias()), connections[alias()].cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        _take_role(cursor)
        yield cursor


@contextmanager
def reading() -> Iterator[CursorWrapper]:
    """A cursor for short reads."""
    with connections[alias()].cursor() as cursor:
        yield cursor


def _take_role(cursor: CursorWrapper) -> None:
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s AND pg_has_role(current_user, oid, 'MEMBER')", [ROLE])
    if cursor.fetchone():
        cursor.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(ROLE)))


def prepare() -> None:
    """The schema and the table of markers exist afterwards. Safe to call at any time, by any number of processes."""
    with reading() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [f"{SCHEMA}.loaded_batches"])
        if cursor.fetchone()[0]:
            return
    with transaction.atomic(using=alias()), connections[alias()].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SETUP_LOCK])
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE])
        owner = sql.SQL(" AUTHORIZATION {}").format(sql.Identifier(ROLE)) if cursor.fetchone() else sql.SQL("")
        cursor.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}{}").format(sql.Identifier(SCHEMA), owner))
        cursor.execute("SELECT to_regclass(%s)", [f"{SCHEMA}.loaded_batches"])
        if not cursor.fetchone()[0]:
            _take_role(cursor)
            cursor.execute(MARKERS.format(sql.Identifier(SCHEMA, "loaded_batches")))


@contextmanager
def resource_lock(resource_id: int) -> Iterator[bool]:
    """Whether this process alone may load into a resource now. Gone with the connection, however the process ends."""
    key = LOCK_SPACE + int(resource_id)
    with reading() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        held = bool(cursor.fetchone()[0])
    try:
        yield held
    finally:
        if held:
            _unlock(key)


def _unlock(key: int) -> None:
    try:
        with reading() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [key])
    except OperationalError:
        connections[alias()].close()  # the lock went with the connection


def create_table(cursor: CursorWrapper, table: str, columns: Sequence[Column], *, batch_id: int, staging: bool) -> None:
    """A table without keys, to be filled by COPY. `row_id` is the line of the file until rows are merged."""
    cells = [
        sql.SQL("{} {}{}").format(
            sql.Identifier(column.name),
            sql.SQL(column.sql_type),
            sql.SQL(" NOT NULL" if column.required else ""),
        )
        for column in columns
    ]
    statement = sql.SQL("CREATE {}TABLE {} (row_id bigint NOT NULL, batch_id bigint NOT NULL DEFAULT {}, {})")
    unlogged = sql.SQL("UNLOGGED " if staging else "")
    cursor.execute(statement.format(unlogged, identifier(table), sql.Literal(int(batch_id)), sql.SQL(", ").join(cells)))


def copy_in(cursor: CursorWrapper, table: str, columns: Sequence[Column], file: BinaryIO | Any) -> int:
    """COPY lines `row_id, cells…` in the order of `columns`. Answers the number of rows."""
    statement = sql.SQL("COPY {} (row_id, {}) FROM STDIN (FORMAT csv)").format(identifier(table), names(columns))
    raw = cursor.cursor
    with connections[alias()].wrap_database_errors:
        raw.copy_expert(statement, file, size=1 << 18)
    return int(raw.rowcount)


def add_key(cursor: CursorWrapper, table: str, columns: Sequence[Column]) -> None:
    """The primary key: the items marked as key, else the row's number. It begins with the distribution column."""
    keys = [column for column in columns if column.is_key]
    key = names(keys) if keys else sql.Identifier("row_id")
    cursor.execute(sql.SQL("ALTER TABLE {} ADD PRIMARY KEY ({})").format(identifier(table), key))
    if keys:
        cursor.execute(sql.SQL("CREATE INDEX ON {} (row_id)").format(identifier(table)))


def drop_table(cursor: CursorWrapper, table: str) -> None:
    cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(identifier(table)))


def write_marker(cursor: CursorWrapper, marker: Marker) -> None:
    """In the transaction of the merge."""
    cursor.execute(
        sql.SQL(
            "INSERT INTO {} (token, resource_id, batch_id, table_name, row_count, summary)"
            " VALUES (%s, %s, %s, %s, %s, %s)"
        ).format(sql.Identifier(SCHEMA, "loaded_batches")),
        [
            str(marker.token),
            marker.resource_id,
            marker.batch_id,
            marker.table,
            marker.row_count,
            json.dumps(asdict(marker.summary)),
        ],
    )


def marker_of(token: UUID) -> Marker | None:
    """The marker of a batch, or None while its rows are not in."""
    with reading() as cursor:
        cursor.execute(
            sql.SQL(
                "SELECT resource_id, batch_id, table_name, row_count, summary::text FROM {} WHERE token = %s"
            ).format(sql.Identifier(SCHEMA, "loaded_batches")),
            [str(token)],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    resource_id, batch_id, table, row_count, summary = row
    return Marker(token, resource_id, batch_id, table, row_count, Summary(**json.loads(summary)))


def tables() -> list[str]:
    """Every generated table there is."""
    with reading() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY tablename", [SCHEMA])
        return [name for (name,) in cursor.fetchall() if NAME.fullmatch(name)]
