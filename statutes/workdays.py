"""The working-day calendar as a value: a sorted array and bisection. Pure, without database or Django."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType


class OutOfCalendarError(ValueError):
    """A date lies outside the years that the calendar knows."""


@dataclass(frozen=True, eq=False)
class Calendar:
    """Working days from the first of January of one year to the end of another.

    `working`: ordinals of every working day, ascending. `names`: days that differ from the plain week or bear
    the name of a holiday. `announced`: the years that rest on a notice; all others are projected.
    """

    first: date
    last: date
    working: tuple[int, ...]
    names: Mapping[date, str]
    announced: frozenset[int]
    version: int = 0

    def is_working(self, day: date) -> bool:
        index = self._count_to(day)
        return index > 0 and self.working[index - 1] == day.toordinal()

    def is_projected(self, day: date) -> bool:
        return day.year not in self.announced

    def why(self, day: date) -> str:
        """Why a day is worked or off: working, make_up, weekend, or holiday:NAME."""
        if self.is_working(day):
            return "make_up" if day.weekday() >= 5 else "working"
        name = self.names.get(day)
        return f"holiday:{name}" if name is not None else "weekend"

    def nth_working_day(self, after: date, n: int) -> date:
        """The nth working day after `after`, which is itself not counted; n = 0 is `after` itself."""
        if n == 0:
            return after
        return self._at(self._count_to(after) + n - 1)

    def nth_working_day_before(self, before: date, n: int) -> date:
        """The nth working day before `before`, which is itself not counted; n = 0 is `before` itself."""
        if n == 0:
            return before
        self._check(before)
        return self._at(bisect_left(self.working, before.toordinal()) - n)

    def next_working_day(self, day: date) -> date:
        """`day` if it is worked, else the first working day after it."""
        self._check(day)
        return self._at(bisect_left(self.working, day.toordinal()))

    def last_working_day(self, day: date) -> date:
        """`day` if it is worked, else the last working day before it."""
        return self._at(self._count_to(day) - 1)

    def working_days_between(self, after: date, to: date) -> int:
        """How many working days lie after `after`, up to and including `to`; 0 if `to` is not later."""
        return max(0, self._count_to(to) - self._count_to(after))

    def _count_to(self, day: date) -> int:
        """Number of working days up to and including `day`."""
        self._check(day)
        return bisect_right(self.working, day.toordinal())

    def _check(self, day: date) -> None:
        if not self.first <= day <= self.last:
            raise OutOfCalendarError(f"{day} is outside the calendar ({self.first} to {self.last})")

    def _at(self, index: int) -> date:
        if not 0 <= index < len(self.working):
            raise OutOfCalendarError(f"the count leaves the calendar ({self.first} to {self.last})")
        return date.fromordinal(self.working[index])


def build_calendar(years: Mapping[int, bool], days: Mapping[date, tuple[bool, str]], *, version: int = 0) -> Calendar:
    """A calendar of whole consecutive years.

    `years`: year -> whether it rests on a notice. `days`: date -> (is it worked, name) where it differs from the
    plain week of Monday to Friday. Raises ValueError if years are missing in between.
    """
    ordered = sorted(years)
    if not ordered or ordered[-1] - ordered[0] + 1 != len(ordered):
        raise ValueError("a calendar needs consecutive years")
    first, last = date(ordered[0], 1, 1), date(ordered[-1], 12, 31)
    working = set(_weekdays(first, last))
    for day, (is_working, _name) in days.items():
        (working.add if is_working else working.discard)(day.toordinal())
    inside = sorted(number for number in working if first.toordinal() <= number <= last.toordinal())
    names = MappingProxyType({day: name for day, (_working, name) in days.items()})
    announced = frozenset(year for year, is_announced in years.items() if is_announced)
    return Calendar(first, last, tuple(inside), names, announced, version)


def _weekdays(first: date, last: date) -> Iterator[int]:
    """Ordinals of Monday to Friday; ordinal 1 is a Monday."""
    return (number for number in range(first.toordinal(), last.toordinal() + 1) if (number - 1) % 7 < 5)
