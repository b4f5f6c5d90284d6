"""Where the calendar's days come from at first: the announced years of `chinesecalendar`, later ones projected.

Pure functions of published data. A projected year has the statutory days of the 全国年节及纪念日放假办法 (as
amended in 2024, art. 2), those that fall on a weekend made up on the next weekdays (art. 6), weekends off, and
no make-up working days: these only a notice can order.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from chinese_calendar.constants import holidays as announced_holidays
from chinese_calendar.constants import workdays as announced_workdays

NEW_YEAR = "New Year's Day"
SPRING_FESTIVAL = "Spring Festival"
TOMB_SWEEPING = "Tomb-sweeping Day"
LABOUR_DAY = "Labour Day"
DRAGON_BOAT = "Dragon Boat Festival"
MID_AUTUMN = "Mid-autumn Festival"
NATIONAL_DAY = "National Day"

FIRST_YEAR = min(day.year for day in announced_holidays)
LAST_ANNOUNCED_YEAR = max(day.year for day in announced_holidays)
LUNAR_DAYS: dict[int, list[date]] = {
    int(year): days
    for year, days in tomllib.loads(
        (Path(__file__).parent / "data" / "lunar_days.toml").read_text(encoding="utf-8")
    ).items()
}
LAST_YEAR = max(LUNAR_DAYS)
ONE_DAY = timedelta(days=1)


def announced_years() -> range:
    return range(FIRST_YEAR, LAST_ANNOUNCED_YEAR + 1)


def projected_years() -> range:
    return range(LAST_ANNOUNCED_YEAR + 1, LAST_YEAR + 1)


def announced_days() -> dict[date, tuple[bool, str]]:
    """date -> (is it worked, name of the holiday) for every day of the notices."""
    off = {day: (False, name) for day, name in announced_holidays.items()}
    return off | {day: (True, name) for day, name in announced_workdays.items()}


def fixed_days(year: int) -> list[tuple[date, str]]:
    """The statutory days that have the same date every year and were off before 2025 too, in order."""
    days = [(date(year, 10, day), NATIONAL_DAY) for day in (1, 2, 3)]
    return [(date(year, 1, 1), NEW_YEAR), (date(year, 5, 1), LABOUR_DAY), *days]


def statutory_days(year: int) -> list[tuple[date, str]]:
    """The thirteen days of art. 2, in order; fewer where two fall on one date. KeyError beyond LAST_YEAR."""
    new_year, tomb_sweeping, dragon_boat, mid_autumn = LUNAR_DAYS[year]
    named = {
        **{date(year, 10, day): NATIONAL_DAY for day in (1, 2, 3)},
        mid_autumn: MID_AUTUMN,
        dragon_boat: DRAGON_BOAT,
        **{date(year, 5, day): LABOUR_DAY for day in (1, 2)},
        tomb_sweeping: TOMB_SWEEPING,
        **{new_year + step * ONE_DAY: SPRING_FESTIVAL for step in (-1, 0, 1, 2)},
        date(year, 1, 1): NEW_YEAR,
    }
    return sorted(named.items())


def projected_days(year: int) -> dict[date, tuple[bool, str]]:
    """The days off of a year not announced: statutory days, and a weekday for each that falls on a weekend."""
    named = dict(statutory_days(year))
    days = dict(named)
    for day, name in sorted(named.items()):
        if day.weekday() < 5:
            continue
        substitute = day
        while substitute.weekday() >= 5 or substitute in days:
            substitute += ONE_DAY
        days[substitute] = name
    return {day: (False, name) for day, name in sorted(days.items())}


def all_days() -> Iterator[tuple[date, bool, str]]:
    """(date, is it worked, name) for every announced and projected year."""
    for day, (is_working, name) in sorted(announced_days().items()):
        yield day, is_working, name
    for year in projected_years():
        for day, (is_working, name) in projected_days(year).items():
            yield day, is_working, name
