"""Reading data out (performance goals, row 5): the masked CSV stream against COPY of the same table to a file.

The grant's own check and the access record belong to the floor above; here `still_allowed` answers at once.
"""

from __future__ import annotations

import os
import tempfile
import time
import tracemalloc
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import common
from benchmarks import datasets as shared


@dataclass(frozen=True)
class Columns:
    """Stands for a dataset's related manager: the benchmark has tables but no catalogue."""

    rows: list[Any]

    def all(self) -> list[Any]:
        return self.rows


@dataclass(frozen=True)
class Loaded:
    table: str
    columns: Columns
    resource_id: int = 1
    row_count: int = 0


def main() -> None:
    options = common.start(__doc__ or "")
    with tempfile.TemporaryDirectory() as folder, shared.scratch():
        path = shared.villages(Path(folder), options.size)
        _measure(_loaded(path), rounds=5 if options.size == "full" else 1)


def _loaded(path: Path) -> Loaded:
    from datasets import loading, store

    store.prepare()
    columns = shared.columns()
    marker = loading.load(shared.job(path, 1, columns), lambda _done, _checker: None)
    return Loaded(marker.table, Columns(list(columns)), row_count=marker.row_count)


def _measure(data: Loaded, rounds: int) -> None:
    from datasets import reading

    masks = {"name": "name"}

    def streamed(chosen: dict[str, str]) -> None:
        with reading.stream_csv(data, shared.CODES, masks=chosen, still_allowed=lambda: True) as stream:
            for _chunk in stream:
                pass
        assert stream.rows == data.row_count

    works = {"copy": lambda: _copy(data), "plain": lambda: streamed({}), "masked": lambda: streamed(masks)}
    times = common.interleaved(works, rounds)
    peer = common.middle(times["copy"])
    common.show(f"COPY to a file, {data.row_count:,} rows", f"{data.row_count / peer:,.0f} rows/s")
    for name in ("plain", "masked"):
        own = common.middle(times[name])
        common.show(
            f"stream, {name}", f"{data.row_count / own:,.0f} rows/s", f"{peer / own:.0%}", "goal >= 70 % of COPY"
        )
    _first_byte(data, masks)
    _memory(data, masks)
    _pages(data, masks)


def _copy(data: Loaded) -> None:
    from psycopg2 import sql

    from datasets import store

    with store.reading() as cursor, open(os.devnull, "wb") as file:
        statement = sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT (FORMAT csv, HEADER)")
        names = store.names(data.columns.all())
        cursor.cursor.copy_expert(statement.format(names, store.identifier(data.table)), file)


def _first_byte(data: Loaded, masks: dict[str, str]) -> None:
    from datasets import reading

    waits = []
    for _round in range(20):
        begun = time.perf_counter()
        with reading.stream_csv(data, shared.CODES, masks=masks) as stream:
            next(stream)
            waits.append(time.perf_counter() - begun)
    common.show("first byte, p95", f"{common.p95(waits) * 1000:.0f} ms", "", "goal <= 200 ms")


def _memory(data: Loaded, masks: dict[str, str]) -> None:
    from datasets import reading

    tracemalloc.start()
    with reading.stream_csv(data, shared.CODES, masks=masks) as stream:
        for _chunk in stream:
            pass
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    common.show(f"peak memory over {stream.bytes >> 20} MB", f"{peak / (1 << 20):.1f} MB", "", "flat")


def _pages(data: Loaded, masks: dict[str, str]) -> None:
    """A page in the middle costs what the first one costs."""
    from datasets import reading

    first, cursors = [], [""]
    for _round in range(50):
        begun = time.perf_counter()
        page = reading.page_json(data, shared.CODES, after=cursors[-1], limit=100, masks=masks)
        first.append(time.perf_counter() - begun)
        cursors.append(page.next)
    common.show("page of 100 records, first", f"{first[0] * 1000:.1f} ms")
    common.show("page of 100 records, fiftieth", f"{first[-1] * 1000:.1f} ms")


if __name__ == "__main__":
    main()
