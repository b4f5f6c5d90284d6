"""Loading data (performance goals, row 4): CSV with full validation against COPY alone, xlsx against calamine alone.

The peer of CSV is COPY of the same file into a table of the same types with its primary key, and nothing checked.
"""

from __future__ import annotations

import csv
import resource
import tempfile
import tracemalloc
from itertools import count
from pathlib import Path
from typing import Any

from benchmarks import common
from benchmarks import datasets as shared


def main() -> None:
    options = common.start(__doc__ or "")
    with tempfile.TemporaryDirectory() as folder, shared.scratch():
        path = shared.villages(Path(folder), options.size)
        _csv(path, rounds=3 if options.size == "full" else 1)
        _memory(path)
        _workbook(path, Path(folder) / "villages.xlsx", 200_000 if options.size == "full" else 5_000)


def _csv(path: Path, rounds: int) -> None:
    from datasets import loading, store

    store.prepare()
    columns, numbers = shared.columns(), count(1)
    rows = sum(1 for _line in path.open(encoding="utf-8")) - 1

    def checked() -> None:
        job = shared.job(path, next(numbers), columns)
        marker = loading.load(job, _quiet)
        assert marker.row_count == rows
        loading.discard(job)

    def copied() -> None:
        _copy(path, next(numbers), columns)

    times = common.interleaved({"checked": checked, "copied": copied}, rounds)
    own, peer = common.middle(times["checked"]), common.middle(times["copied"])
    common.show(f"COPY alone, {rows:,} rows, with key", f"{rows / peer:,.0f} rows/s")
    common.show("CSV with full validation", f"{rows / own:,.0f} rows/s", f"{peer / own:.0%}", "goal >= 50 %")


def _copy(path: Path, number: int, columns: tuple[Any, ...]) -> None:
    from psycopg2 import sql

    from datasets import store

    table = store.table_name(2, number)
    with store.writing() as cursor:
        store.create_table(cursor, table, columns, batch_id=number, staging=False)
        keys = [column for column in columns if column.is_key]
        cursor.execute(
            sql.SQL("ALTER TABLE {} ALTER row_id SET DEFAULT 0, ADD PRIMARY KEY ({})").format(
                store.identifier(table), store.names(keys)
            )
        )
        with path.open("rb") as file:
            statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv, HEADER)")
            cursor.cursor.copy_expert(statement.format(store.identifier(table), store.names(columns)), file, 1 << 18)
    with store.writing() as cursor:
        store.drop_table(cursor, table)


def _memory(path: Path) -> None:
    """Peak of Python's own memory over a load, which must not grow with the file."""
    from datasets import loading

    job = shared.job(path, 1_000_001, shared.columns())
    tracemalloc.start()
    loading.load(job, _quiet)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    loading.discard(job)
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    size = path.stat().st_size >> 20
    common.show(
        f"peak memory while loading {size} MB of CSV", f"{peak >> 20} MB", f"{resident} MB", "flat (resident beside)"
    )


def _workbook(path: Path, target: Path, rows: int) -> None:
    import xlsxwriter
    from python_calamine import CalamineWorkbook

    from datasets import loading

    book = xlsxwriter.Workbook(str(target), {"constant_memory": True})
    sheet = book.add_worksheet()
    with path.open(encoding="utf-8", newline="") as file:
        for number, cells in zip(range(rows + 1), csv.reader(file), strict=False):
            for place, cell in enumerate(cells):
                sheet.write_string(number, place, cell)
    book.close()
    numbers = count(2_000_000)

    def checked() -> None:
        job = shared.job(target, next(numbers), shared.columns())
        loading.load(job, _quiet)
        loading.discard(job)

    def read() -> None:
        for _row in CalamineWorkbook.from_path(target).get_sheet_by_index(0).iter_rows():
            pass

    times = common.interleaved({"checked": checked, "read": read}, 3)
    own, peer = common.middle(times["checked"]), common.middle(times["read"])
    common.show(f"calamine alone, {rows:,} rows", f"{rows / peer:,.0f} rows/s")
    common.show(
        "xlsx with full validation", f"{rows / own:,.0f} rows/s", f"{peer / own:.0%}", "goal >= 60 % of calamine"
    )


def _quiet(_done: int, _checker: object) -> None:
    """A load that nobody watches."""


if __name__ == "__main__":
    main()
