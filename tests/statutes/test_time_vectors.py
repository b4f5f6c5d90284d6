"""Due dates worked by hand: our own vectors, and those of the reference beside the project where it is present."""

from __future__ import annotations

import tomllib
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from statutes import calendar_source
from statutes.timelimits import TZ, Calendar, Pause, derive
from statutes.workdays import build_calendar

REFERENCE = Path(__file__).resolve().parents[3] / "shared" / "law" / "examples.toml"
ROLLS = {"day", "month", "year"}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TZ)


def seeded_calendar(**overrides: str) -> Calendar:
    """The seeded calendar; an override makes its year announced and its day `work` or `off`."""
    years = dict.fromkeys(calendar_source.announced_years(), True)
    years |= dict.fromkeys(calendar_source.projected_years(), False)
    days = {day: (is_working, name) for day, is_working, name in calendar_source.all_days()}
    for text, what in overrides.items():
        day = date.fromisoformat(text)
        years[day.year] = True
        days[day] = (what == "work", "")
    return build_calendar(years, days)


CALENDAR = seeded_calendar()

# start, unit, amounts, pauses, due, provisional
Vector = tuple[str, Any, list[Any], list[tuple[str, str]], str, bool]
OWN: list[Vector] = [
    # make-up days: the Sunday of 18 February 2024, the Sunday of 26 January 2025, the Saturday of 14 February 2026
    ("2024-02-09T16:00", "working_day", [5], [], "2024-02-22", False),
    ("2025-01-24T08:30", "working_day", [5], [], "2025-02-07", False),
    ("2026-02-13T23:59:59", "working_day", [5], [], "2026-02-27", False),
    # a start on a day off: the next worked day is the first
    ("2024-02-10T12:00", "working_day", [1], [], "2024-02-18", False),
    # 00:00 belongs to the day that begins
    ("2026-03-03T00:00", "working_day", [1], [], "2026-03-04", False),
    ("2026-03-02T23:59", "working_day", [1], [], "2026-03-03", False),
    # the extension of the 2020 holiday: 31 January and 1, 2 February off
    ("2020-01-23T09:00", "working_day", [1], [], "2020-02-03", False),
    # the turn of a year: projected days make it provisional
    ("2026-12-28T09:00", "working_day", [5], [], "2027-01-05", True),
    ("2026-12-28T09:00", "working_day", [3], [], "2026-12-31", False),
    # base and extension are one count
    ("2026-03-02T09:00", "working_day", [10, 10], [], "2026-03-30", False),
    # a pause: both its days are given back, days off in it are not given twice
    ("2026-03-02T09:00", "working_day", [10], [("2026-03-04T15:00", "2026-03-09T09:00")], "2026-03-20", False),
    ("2026-03-02T09:00", "working_day", [5], [("2026-03-07T10:00", "2026-03-08T10:00")], "2026-03-09", False),
    # a pause on the start day alone gives nothing back, one after the end neither
    ("2026-03-02T09:00", "working_day", [5], [("2026-03-02T10:00", "2026-03-02T15:00")], "2026-03-09", False),
    ("2026-03-02T09:00", "working_day", [5], [("2026-03-10T10:00", "2026-03-12T15:00")], "2026-03-09", False),
    # two pauses on one day
    (
        "2026-03-02T09:00",
        "working_day",
        [5],
        [("2026-03-04T10:00", "2026-03-04T11:00"), ("2026-03-04T15:00", "2026-03-05T09:00")],
        "2026-03-11",
        False,
    ),
    # calendar days roll off a day off; not onto a day that is paused
    ("2026-03-02T09:00", "day", [12], [], "2026-03-16", False),
    ("2026-03-02T09:00", "day", [12], [("2026-03-15T09:00", "2026-03-16T09:00")], "2026-03-17", False),
    # a month has no 31st; leap years; a year from 29 February
    ("2026-08-31T09:00", "month", [1], [], "2026-09-30", False),
    ("2024-01-31T09:00", "month", [1], [], "2024-02-29", False),
    ("2024-02-29T09:00", "year", [1], [], "2025-02-28", False),
    ("2026-06-05T09:00", "month", [6], [("2026-06-05T10:00", "2026-06-08T09:00")], "2026-12-08", False),
    ("2026-11-30T09:00", "month", [3], [], "2027-03-01", True),
    # a date of the text and a date of an order do not roll
    ("2026-03-01T09:00", "on", ["11-08"], [], "2026-11-08", False),
    ("2026-03-01T09:00", "set", [date(2026, 5, 2)], [], "2026-05-02", False),
]


@pytest.mark.parametrize("vector", OWN)
def test_a_limit_ends_on_the_day_worked_out_by_hand(vector: Vector) -> None:
    start, unit, amounts, pauses, due, provisional = vector
    found = derive(
        start=at(start),
        unit=unit,
        amounts=amounts,
        roll=unit in ROLLS,
        pauses=[Pause(at(since), at(until)) for since, until in pauses],
        calendar=CALENDAR,
    )
    assert (found.due_on, found.provisional) == (date.fromisoformat(due), provisional)


def _reference() -> list[Any]:
    if not REFERENCE.is_file():
        return [pytest.param({}, marks=pytest.mark.skip(reason="the reference vectors are not beside the project"))]
    examples = tomllib.loads(REFERENCE.read_text(encoding="utf-8"))["example"]
    return [pytest.param(example, id=example["id"]) for example in examples]


@pytest.mark.parametrize("example", _reference())
def test_the_reference_vectors_hold(example: dict[str, Any]) -> None:
    amounts, years = example["amounts"], 0
    if example["unit"] == "on":
        amounts, years = amounts[:1], amounts[1]
    found = derive(
        start=example["start"],
        unit=example["unit"],
        amounts=amounts,
        roll=example.get("roll", example["unit"] in ROLLS),
        years=years,
        pauses=[Pause(since, until) for since, until in example.get("pauses", [])],
        calendar=seeded_calendar(**example.get("calendar", {})),
        explain=True,
    )
    assert found.due_on == example["due_on"]
    assert found.provisional == example.get("provisional", False)
    if "due_at" in example:
        assert found.due_at == example["due_at"]
