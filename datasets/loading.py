"""A file becomes rows of a typed table: checked as a stream, staged by COPY, merged with its marker at the end.

Nothing here writes to the default database. Whatever happens before the marker is committed leaves no trace but
tables that nobody reads; a second attempt begins by dropping them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from uuid import UUID

from django.db import IntegrityError
from django.db.backends.utils import CursorWrapper
from psycopg2 import errorcodes, sql

from datasets import sources, store, workbooks
from datasets.checker import Checker
from datasets.columns import Column
from datasets.files import Format, inspect, match_header
from datasets.reasons import FileRefused
from datasets.rejects import RejectWriter

PER_COPY = 1 << 24
SHOWN_LINES = 5
SHEET_ROWS = 500

Progress = Callable[[int, Checker], None]
Texts = Iterator[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Job:
    """What to load. `table` is the resource's current table, empty when there is none or all is to be replaced."""

    token: UUID
    resource_id: int
    batch_id: int
    path: Path
    rejects: Path
    columns: tuple[Column, ...]
    mode: str
    table: str = ""

    @property
    def replaces(self) -> bool:
        return not self.table

    @property
    def staging(self) -> str:
        """Where rows go first: the new table itself when it replaces all, else a table beside the current one."""
        name = store.table_name if self.replaces else store.staging_name
        return name(self.resource_id, self.batch_id)


def load(job: Job, progress: Progress) -> store.Marker:
    """Do all of it. `progress(bytes_done, checker)` is called between commits. FileRefused: nothing is left behind."""
    try:
        with RejectWriter(job.rejects) as rejects:
            return _load(job, rejects, progress)
    except FileRefused:
        discard(job)
        raise


def discard(job: Job) -> None:
    """Drop what an attempt left behind. Never the current table of the resource."""
    with store.writing() as cursor:
        store.drop_table(cursor, job.staging)


def _load(job: Job, rejects: RejectWriter, progress: Progress) -> store.Marker:
    if not job.columns:
        raise FileRefused("no_items")
    form = inspect(job.path)
    header, texts = _open(job, form)
    columns = match_header(header, job.columns)
    checker = Checker(columns, rejects)
    _create(job)
    _stage(job, columns, checker, texts(checker), progress)
    if not checker.read:
        raise FileRefused("no_rows")
    doubled = _make_keys_unique(job, checker)
    summary = store.Summary(
        doubled=doubled, encoding=form.encoding or form.kind, columns=[asdict(column) for column in job.columns]
    )
    return _merge(job, checker, rejects, summary)


def _open(job: Job, form: Format) -> tuple[list[str], Callable[[Checker], Texts]]:
    """The heading, and a function that reads the rows behind it through a checker."""
    if form.kind == "xlsx":
        rows = workbooks.rows(job.path)
        first = next(rows, None)
        if first is None:
            raise FileRefused("empty")
        return workbooks.header_text(first), lambda checker: _workbook_texts(rows, checker)
    header = sources.csv_header(job.path, form.encoding)
    read = _record_texts if form.lone_returns else _block_texts
    return header, lambda checker: read(job.path, form.encoding, checker)


def _block_texts(path: Path, encoding: str, checker: Checker) -> Texts:
    """Blocks of lines, behind the heading, which is the first record that is not blank."""
    rest, line, heading = "", 1, True
    for block in sources.text_blocks(path, encoding):
        text = rest + block.text
        while heading and text:
            first = sources.read_record(text, 0, line, final=block.final)
            if first is None:
                break
            heading = not first.cells
            line += text.count("\n", 0, first.end)
            text = text[first.end :]
        if heading:
            rest = text
            continue
        fed = checker.feed(text, line, final=block.final)
        rest, line = text[fed.used :], fed.line
        yield fed.out, block.bytes_done


def _record_texts(path: Path, encoding: str, checker: Checker) -> Texts:
    records = sources.csv_records(path, encoding)
    next(records)
    waiting = 0
    done = 0
    for record in records:
        checker.record(record.line, record.cells)
        waiting, done = waiting + 1, record.bytes_done
        if waiting == 4000:
            waiting = 0
            yield checker.take(), done
    yield checker.take(), done


def _workbook_texts(rows: Iterator[workbooks.SheetRow], checker: Checker) -> Texts:
    while batch := list(islice(rows, SHEET_ROWS)):
        yield checker.sheet_rows(batch), 0


def _create(job: Job) -> None:
    with store.writing() as cursor:
        store.drop_table(cursor, job.staging)
        store.create_table(cursor, job.staging, job.columns, batch_id=job.batch_id, staging=not job.replaces)


class _Feed:
    """A file for COPY over checked texts. Ends after `PER_COPY` bytes, so that no transaction is long.

    An error in the texts ends the COPY and is kept in `error`: psycopg2 would hide it.
    """

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self._rest = memoryview(b"")
        self._given = 0
        self.bytes_done = 0
        self.finished = False
        self.error: Exception | None = None

    def read(self, size: int) -> bytes:
        while not self._rest and not self.finished and self._given < PER_COPY:
            self._next()
        piece, self._rest = bytes(self._rest[:size]), self._rest[size:]
        return piece

    def _next(self) -> None:
        try:
            text, self.bytes_done = next(self._texts)
        except StopIteration:
            self.finished = True
            return
        except Exception as error:
            self.error, self.finished = error, True
            return
        self._rest = memoryview(text.encode())
        self._given += len(self._rest)


def _stage(job: Job, columns: Sequence[Column], checker: Checker, texts: Texts, progress: Progress) -> None:
    finished = False
    while not finished:
        feed = _Feed(texts)
        with store.writing() as cursor:
            store.copy_in(cursor, job.staging, columns, feed)
            if feed.error is not None:
                raise feed.error
        finished = feed.finished
        progress(feed.bytes_done, checker)


def _make_keys_unique(job: Job, checker: Checker) -> int:
    """Add the key; rows of a file that share a key are all refused, since none can be told to be the right one."""
    if _try_key(job):
        return 0
    keys = [column for column in job.columns if column.is_key]
    with store.writing() as cursor:
        doubled = _refuse_doubles(cursor, job, keys, checker)
        store.add_key(cursor, job.staging, job.columns)
    return doubled


def _try_key(job: Job) -> bool:
    try:
        with store.writing() as cursor:
            store.add_key(cursor, job.staging, job.columns)
    except IntegrityError as error:
        if getattr(error.__cause__, "pgcode", "") != errorcodes.UNIQUE_VIOLATION:
            raise
        return False
    return True


def _refuse_doubles(cursor: CursorWrapper, job: Job, keys: Sequence[Column], checker: Checker) -> int:
    table, key = store.identifier(job.staging), store.names(keys)
    shown = sql.SQL(" || ' / ' || ").join(sql.SQL("{}::text").format(sql.Identifier(column.name)) for column in keys)
    cursor.execute(
        sql.SQL(
            "CREATE TEMPORARY TABLE doubled ON COMMIT DROP AS SELECT {key}, array_agg(row_id ORDER BY row_id) AS lines"
            " FROM {table} GROUP BY {key} HAVING count(*) > 1"
        ).format(key=key, table=table)
    )
    code = "+".join(column.code for column in keys)
    statement = sql.SQL(
        "SELECT line, {shown}, array_to_string((array_remove(lines, line))[1:{few}], ', ')"
        " FROM doubled, unnest(lines) AS line ORDER BY line"
    )
    doubled = 0
    with _named(cursor, statement.format(shown=shown, few=sql.Literal(SHOWN_LINES))) as rows:
        for line, value, lines in rows:
            checker.refuse_loaded(line, code, value, "duplicate_key", {"lines": lines})
            doubled += 1
    cursor.execute(
        sql.SQL("DELETE FROM {table} WHERE ({key}) IN (SELECT {key} FROM doubled)").format(table=table, key=key)
    )
    return doubled


def _named(cursor: CursorWrapper, statement: sql.Composable):  # noqa: ANN202 (a psycopg2 cursor; it has no public type)
    """A cursor on the server, so that no result is held here."""
    found = cursor.connection.cursor(name="datasets_doubles")
    found.itersize = 5000
    found.execute(statement)
    return found


def _merge(job: Job, checker: Checker, rejects: RejectWriter, summary: store.Summary) -> store.Marker:
    """Rows and marker, in one transaction."""
    with store.writing() as cursor:
        summary.empty_cells = _empty_cells(cursor, job)
        table, count = job.staging, checker.accepted
        if not job.replaces:
            count = _merge_into(cursor, job, checker, summary)
            table = job.table
        if not checker.accepted:
            raise FileRefused("none_accepted", read=checker.read)
        rejects.settle()
        summary.read, summary.accepted, summary.rejected = checker.read, checker.accepted, checker.rejected
        summary.reject_entries = rejects.count
        marker = store.Marker(job.token, job.resource_id, job.batch_id, table, count, summary)
        store.write_marker(cursor, marker)
    return marker


def _empty_cells(cursor: CursorWrapper, job: Job) -> list[int]:
    """How many accepted rows have no value, per column; required columns have one in each."""
    optional = [column for column in job.columns if not column.required]
    if not optional:
        return [0] * len(job.columns)
    counts = sql.SQL(", ").join(
        sql.SQL("count(*) - count({})").format(sql.Identifier(column.name)) for column in optional
    )
    cursor.execute(sql.SQL("SELECT {} FROM {}").format(counts, store.identifier(job.staging)))
    found = iter(cursor.fetchone())
    return [0 if column.required else next(found) for column in job.columns]


def _merge_into(cursor: CursorWrapper, job: Job, checker: Checker, summary: store.Summary) -> int:
    """Add staged rows to the current table; rows whose key is there already update it or are refused."""
    table, staging = store.identifier(job.table), store.identifier(job.staging)
    keys = [column for column in job.columns if column.is_key]
    if keys and job.mode == "append":
        _refuse_existing(cursor, job, keys, checker)
    elif keys:
        cursor.execute(sql.SQL("SELECT count(*) FROM {} JOIN {} USING ({})").format(table, staging, store.names(keys)))
        summary.replaced = cursor.fetchone()[0]
    cursor.execute(sql.SQL("SELECT coalesce(max(row_id), 0) FROM {}").format(table))
    base = cursor.fetchone()[0]
    statement = sql.SQL(
        "INSERT INTO {table} (row_id, batch_id, {names})"
        " SELECT row_id + {base}, batch_id, {names} FROM {staging}{update}"
    )
    cursor.execute(
        statement.format(
            table=table,
            names=store.names(job.columns),
            base=sql.Literal(base),
            staging=staging,
            update=_update_clause(job, keys) if job.mode == "upsert" else sql.SQL(""),
        )
    )
    cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(table))
    count = cursor.fetchone()[0]
    store.drop_table(cursor, job.staging)
    return int(count)


def _update_clause(job: Job, keys: Sequence[Column]) -> sql.Composable:
    changed = [sql.Identifier(column.name) for column in job.columns if not column.is_key] + [
        sql.Identifier("batch_id")
    ]
    settings = sql.SQL(", ").join(sql.SQL("{0} = EXCLUDED.{0}").format(name) for name in changed)
    return sql.SQL(" ON CONFLICT ({}) DO UPDATE SET {}").format(store.names(keys), settings)


def _refuse_existing(cursor: CursorWrapper, job: Job, keys: Sequence[Column], checker: Checker) -> None:
    table, staging = store.identifier(job.table), store.identifier(job.staging)
    shown = sql.SQL(" || ' / ' || ").join(sql.SQL("{}::text").format(sql.Identifier(column.name)) for column in keys)
    code = "+".join(column.code for column in keys)
    found = sql.SQL("SELECT s.row_id, {shown} FROM {staging} s JOIN {table} t USING ({key}) ORDER BY s.row_id")
    with _named(cursor, found.format(shown=shown, staging=staging, table=table, key=store.names(keys))) as rows:
        for line, value in rows:
            checker.refuse_loaded(line, code, value, "existing_key", {})
    cursor.execute(
        sql.SQL("DELETE FROM {staging} WHERE ({key}) IN (SELECT {key} FROM {table})").format(
            staging=staging, table=table, key=store.names(keys)
        )
    )
