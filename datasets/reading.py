"""Reading data out: as a stream of CSV, and as pages of records. Who may read is decided above.

Rows come in the order in which they were loaded. Only the columns that are named leave the database, masked in the
database. A stream holds a few hundred kilobytes at a time, whatever the size of the table.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext as _
from psycopg2 import sql

from datasets import masking, store
from datasets.cells import typed_text
from datasets.copying import CopyStream, StillAllowed
from datasets.models import Dataset, DatasetColumn
from organizations.errors import BadInput, Conflict, NotKnown

CURSOR_SALT = "datasets.reading.cursor"
LARGEST_PAGE = 1000
OPERATORS = {"eq": "=", "ge": ">=", "gt": ">", "le": "<=", "lt": "<"}


@dataclass(frozen=True, slots=True)
class Filter:
    """`code` an item's code; `operator` eq, ge, gt, le, lt, in or prefix; `value` text, for `in` a list of texts."""

    code: str
    operator: str
    value: Any


@dataclass(frozen=True, slots=True)
class Page:
    """Records as `code: value`, the sealed cursor of the next page (empty on the last), and the size as JSON."""

    records: list[dict[str, Any]]
    next: str
    count: int
    bytes: int


def stream_csv(
    dataset: Dataset,
    columns: Sequence[str],
    *,
    filters: Sequence[Filter] = (),
    scope: Sequence[Filter] = (),
    row_limit: int | None = None,
    masks: Mapping[str, str],
    still_allowed: StillAllowed | None = None,
) -> CopyStream:
    """The rows as UTF-8 CSV with the items' codes as heading, exactly as loaded (not altered for spreadsheets).

    `columns`: items' codes. `filters`: the reader's wishes, on unmasked named columns only. `scope`: rows that the
    grant is about, on any column. `masks`: code to mask, for each column that has one. `still_allowed` is asked
    before each chunk; when it answers False the stream ends and `ended` is "stopped". The answer is an iterator of
    bytes with `rows`, `bytes` and `ended`; close it. BadInput, NotKnown.
    """
    selection = _Selection.of(dataset, columns, masks)
    limit = sql.SQL("") if row_limit is None else sql.SQL(" LIMIT {}").format(sql.Literal(int(row_limit)))
    query = sql.SQL("SELECT {} FROM {}{} ORDER BY row_id{}").format(
        selection.shown(), store.identifier(dataset.table), selection.where(filters, scope), limit
    )
    heading = io.StringIO()
    csv.writer(heading, lineterminator="\n").writerow(selection.codes)
    return CopyStream(query, heading.getvalue().encode(), still_allowed)


def page_json(
    dataset: Dataset,
    columns: Sequence[str],
    *,
    after: str = "",
    limit: int = 100,
    filters: Sequence[Filter] = (),
    scope: Sequence[Filter] = (),
    masks: Mapping[str, str],
) -> Page:
    """One page of records. `after`: the cursor of the page before, good for the same columns, filters and data only.

    Page N costs as much as page 1. Numbers with decimals, dates and masked values are texts. BadInput for a cursor
    that was not made here for this, Conflict when the data was replaced since, NotKnown without data.
    """
    selection = _Selection.of(dataset, columns, masks)
    limit = max(1, min(limit, LARGEST_PAGE))
    seal = _seal(dataset, columns, filters, scope, masks)
    start = _opened(after, dataset, seal)
    where = selection.where(filters, scope, after=start)
    query = sql.SQL("SELECT row_id, {} FROM {}{} ORDER BY row_id LIMIT {}").format(
        selection.shown(), store.identifier(dataset.table), where, sql.Literal(limit + 1)
    )
    with store.reading() as cursor:
        cursor.execute(query)
        rows = cursor.fetchall()
    more, rows = len(rows) > limit, rows[:limit]
    records = [dict(zip(selection.codes, _plain(row[1:]), strict=True)) for row in rows]
    following = signing.dumps([dataset.table, rows[-1][0], seal], salt=CURSOR_SALT) if more else ""
    size = len(json.dumps(records, cls=DjangoJSONEncoder, ensure_ascii=False).encode())
    return Page(records, following, len(records), size)


def count_rows(dataset: Dataset, *, scope: Sequence[Filter] = ()) -> int:
    """How many rows there are; with a scope they are counted."""
    if not scope:
        return dataset.row_count
    selection = _Selection.of(dataset, [], {})
    statement = sql.SQL("SELECT count(*) FROM {}{}")
    with store.reading() as cursor:
        cursor.execute(statement.format(store.identifier(dataset.table), selection.where((), scope)))
        return int(cursor.fetchone()[0])


@dataclass(frozen=True, slots=True)
class _Selection:
    codes: list[str]
    columns: dict[str, DatasetColumn]
    masks: Mapping[str, str]

    @classmethod
    def of(cls, dataset: Dataset, codes: Sequence[str], masks: Mapping[str, str]) -> _Selection:
        if not dataset.table:
            raise NotKnown(_("No data has been loaded into this resource yet."))
        columns = {column.code: column for column in dataset.columns.all()}
        if unknown := [code for code in codes if code not in columns]:
            message = _("The data has no column %(names)s.") % {"names": ", ".join(unknown)}
            raise BadInput(message, {"columns": message})
        return cls(list(codes), columns, masks)

    def shown(self) -> sql.Composable:
        return sql.SQL(", ").join(
            masking.shown(self.columns[code].name, self.columns[code].data_type, self.masks.get(code, "none"))
            for code in self.codes
        )

    def where(self, filters: Sequence[Filter], scope: Sequence[Filter], *, after: int | None = None) -> sql.Composable:
        conditions = [self._condition(wish, self._readable(wish)) for wish in filters]
        conditions += [self._condition(limit, self._column(limit)) for limit in scope]
        if after is not None:
            conditions.append(sql.SQL("row_id > {}").format(sql.Literal(after)))
        return sql.SQL(" WHERE {}").format(sql.SQL(" AND ").join(conditions)) if conditions else sql.SQL("")

    def _readable(self, wish: Filter) -> DatasetColumn:
        """A reader filters by what the reader sees: never by a masked column, nor by one that was not granted."""
        if wish.code not in self.codes:
            raise _bad_filter(wish, _("There is no such column here to filter by."))
        if self.masks.get(wish.code, "none") != "none":
            raise _bad_filter(wish, _("A masked column cannot be filtered by."))
        return self._column(wish)

    def _column(self, wish: Filter) -> DatasetColumn:
        column = self.columns.get(wish.code)
        if column is None:
            raise _bad_filter(wish, _("There is no such column here to filter by."))
        return column

    def _condition(self, wish: Filter, column: DatasetColumn) -> sql.Composable:
        name = sql.Identifier(column.name)
        if wish.operator == "in":
            values = sql.SQL(", ").join(_literal(wish, value, column) for value in wish.value)
            return sql.SQL("{} IN ({})").format(name, values) if wish.value else sql.SQL("false")
        if wish.operator == "prefix" and isinstance(wish.value, str):
            return sql.SQL("starts_with({}::text, {})").format(name, sql.Literal(wish.value.replace("\0", "")))
        if wish.operator not in OPERATORS:
            raise _bad_filter(wish, _("This comparison is not known."))
        return sql.SQL("{} {} {}").format(name, sql.SQL(OPERATORS[wish.operator]), _literal(wish, wish.value, column))


def _literal(wish: Filter, value: Any, column: DatasetColumn) -> sql.Composable:
    """A value of the column's type, written as the column's cells are. BadInput when it is not one."""
    text = typed_text(value, column.data_type)
    if text is None:
        raise _bad_filter(wish, _("The value does not fit the type of the column."))
    return sql.Literal(text)


def _bad_filter(wish: Filter, sentence: str) -> BadInput:
    return BadInput(sentence, {wish.code: sentence})


def _plain(values: Sequence[Any]) -> Iterator[Any]:
    """Values as JSON has them: whole numbers as numbers, everything else that is not text as text."""
    for value in values:
        yield value if value is None or isinstance(value, int | str) else str(value)


def _seal(
    dataset: Dataset,
    columns: Sequence[str],
    filters: Sequence[Filter],
    scope: Sequence[Filter],
    masks: Mapping[str, str],
) -> str:
    """What a cursor is bound to: the resource, the columns, the masks and the conditions."""
    wishes = [[(wish.code, wish.operator, wish.value) for wish in part] for part in (filters, scope)]
    bound = json.dumps([dataset.resource_id, list(columns), wishes, sorted(masks.items())], cls=DjangoJSONEncoder)
    return hashlib.sha256(bound.encode()).hexdigest()[:32]


def _opened(cursor: str, dataset: Dataset, seal: str) -> int | None:
    if not cursor:
        return None
    try:
        table, row_id, sealed = signing.loads(cursor, salt=CURSOR_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        sealed, table, row_id = "", "", 0
    if sealed != seal:
        message = _("The cursor is not valid for this query. Start from the first page.")
        raise BadInput(message, {"cursor": message})
    if table != dataset.table:
        raise Conflict(_("The data has been replaced since the first page. Start from the first page."))
    return int(row_id)
