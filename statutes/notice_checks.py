"""What a notice would change, and every reason why it cannot be entered as it stands. Nothing is written here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from statutes import calendar_source
from statutes.notice_text import ONE_DAY, Problem, Reading, Span, read_notice
from statutes.wording import holiday_name, weekday_text
from statutes.workdays import Calendar, build_calendar

Day = tuple[bool, str]
EDGE = 12
"""The notice of a year may reach back into December of the year before."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A notice as it is to be entered.

    `jurisdiction`: "" for the State Council's, else whose own days these are. `whole_year`: the text names every day
    off of the year; otherwise only the days named change. `correction`: days that have passed may be changed too.
    """

    year: int
    text: str
    jurisdiction: str = ""
    whole_year: bool = True
    correction: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """A day that would be worked and was not, or the other way round. `before`, `after`: is it worked, and why."""

    date: date
    works: bool
    why_before: str
    why_after: str
    passed: bool


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a notice comes to. `days`: what would be written. `calendar`: how it would be afterwards.

    `amends`: the year was announced before. `first`, `last`: from which day to which something changes.
    """

    reading: Reading
    problems: list[Problem]
    days: dict[date, Day]
    changes: list[Change]
    amends: bool
    calendar: Calendar
    first: date | None = None
    last: date | None = None
    warnings: list[str] = field(default_factory=list)

    @property
    def passes(self) -> bool:
        return not self.problems

    def passed(self) -> list[Change]:
        return [change for change in self.changes if change.passed]


def judge(asked: Asked, known: Calendar, written: Mapping[date, Day], today: date) -> Judgement:
    """Read and check a notice against the calendar as it is.

    `known`: the calendar of the jurisdiction. `written`: the rows that it was built from, date -> (worked, name).
    """
    if not known.first.year < asked.year <= known.last.year:
        problem = Problem(
            0, _("The calendar does not know the year %(year)s.") % {"year": asked.year}, _("Correct it.")
        )
        return Judgement(Reading(), [problem], {}, [], False, known)
    reading = read_notice(asked.text, asked.year)
    days = _named(reading, asked)
    amends = bool(asked.jurisdiction) or asked.year in known.announced
    after = _calendar_after(asked, known, written, days)
    changes = list(_changes(asked, known, after, today))
    problems = [*reading.problems, *_problems(asked, reading, known, after, changes)]
    if amends and not changes and not problems:
        problems.append(_nothing_changes())
    first, last = _reach(asked, changes, amends)
    warnings = list(_warnings(asked, changes, amends))
    return Judgement(reading, problems, days, changes, amends, after, first, last, warnings)


def _named(reading: Reading, asked: Asked) -> dict[date, Day]:
    """The days with their festival: of several under one heading, the one whose statutory day it is."""
    statutory = dict(calendar_source.statutory_days(asked.year)) if asked.year in calendar_source.LUNAR_DAYS else {}
    days = reading.days()
    return {day: (works, name if works else statutory.get(day, name)) for day, (works, name) in days.items()}


def _calendar_after(asked: Asked, known: Calendar, written: Mapping[date, Day], days: Mapping[date, Day]) -> Calendar:
    kept = {day: value for day, value in written.items() if not (_replaces(asked) and day.year == asked.year)}
    years = {year: year in known.announced for year in range(known.first.year, known.last.year + 1)}
    if not asked.jurisdiction:
        years[asked.year] = True
    return build_calendar(years, {**kept, **days}, version=known.version)


def _replaces(asked: Asked) -> bool:
    return asked.whole_year and not asked.jurisdiction


def _changes(asked: Asked, before: Calendar, after: Calendar, today: date) -> Iterator[Change]:
    day, end = date(asked.year - 1, EDGE, 1), date(asked.year, 12, 31)
    while day <= end:
        if before.is_working(day) != after.is_working(day):
            yield Change(day, after.is_working(day), before.why(day), after.why(day), day < today)
        day += ONE_DAY


def _reach(asked: Asked, changes: list[Change], amends: bool) -> tuple[date | None, date | None]:
    touched = [change.date for change in changes]
    if not amends:
        touched += [date(asked.year, 1, 1), date(asked.year, 12, 31)]
    return (min(touched), max(touched)) if touched else (None, None)


# --- what is wrong -----------------------------------------------------------------------------------------


def _problems(
    asked: Asked, reading: Reading, before: Calendar, after: Calendar, changes: list[Change]
) -> Iterator[Problem]:
    if reading.year_named and reading.year_named != asked.year:
        yield Problem(
            1,
            _("The notice is about %(named)s, not about %(year)s.") % {"named": reading.year_named, "year": asked.year},
            _("Choose its year, or paste the notice of the year chosen."),
        )
    yield from _outside(asked, reading)
    yield from _weekdays(reading)
    yield from _twice(reading)
    if not asked.jurisdiction:
        yield from _make_up(asked, reading, before)
        if reading.spans:
            yield from _statutory(asked.year, after)
    passed = [change.date for change in changes if change.passed]
    if passed and not asked.correction:
        yield Problem(
            0,
            _("These days have passed and would change: %(days)s") % {"days": listed(passed)},
            _("If the calendar was wrong about them, mark the notice as a correction."),
        )


def _outside(asked: Asked, reading: Reading) -> Iterator[Problem]:
    first = date(asked.year, 1, 1) if asked.jurisdiction else date(asked.year - 1, EDGE, 1)
    for span in reading.spans:
        if span.first < first or span.last.year > asked.year:
            yield Problem(
                span.line,
                _("%(days)s: outside the year %(year)s.") % {"days": _span_text(span), "year": asked.year},
                _("A notice names days of its year and, at its beginning, of the December before."),
            )


def _weekdays(reading: Reading) -> Iterator[Problem]:
    for span in reading.spans:
        for day, weekday in span.weekdays:
            if day.weekday() != weekday:
                yield Problem(
                    span.line,
                    _("%(day)s is a %(weekday)s, not what the notice says in parentheses.")
                    % {"day": day.isoformat(), "weekday": weekday_text(day)},
                    _("Correct the date or the day of the week."),
                )


def _twice(reading: Reading) -> Iterator[Problem]:
    seen: dict[date, Span] = {}
    for span in reading.spans:
        for day in span.dates():
            other = seen.setdefault(day, span)
            if other is span:
                continue
            named = {"day": day.isoformat(), "line": other.line}
            yield Problem(
                span.line,
                _("%(day)s is both off and worked (see line %(line)s).") % named
                if other.works != span.works
                else _("%(day)s is named twice (see line %(line)s).") % named,
                _("Name each day once."),
            )


def _make_up(asked: Asked, reading: Reading, before: Calendar) -> Iterator[Problem]:
    """Days worked are Saturdays and Sundays; an amendment may also take a day off back."""
    for span in reading.spans:
        wrong = [day for day in span.dates() if span.works and day.weekday() < 5]
        if not asked.whole_year:
            wrong = [day for day in wrong if day.year != asked.year or before.is_working(day)]
        if wrong:
            yield Problem(
                span.line,
                _("A make-up working day is a Saturday or Sunday; these are not: %(days)s") % {"days": listed(wrong)},
                _("Correct the date."),
            )


def _statutory(year: int, after: Calendar) -> Iterator[Problem]:
    """Every statutory day of the year is off, as far as the almanac of this release goes."""
    missing = [(day, name) for day, name in statutory_days(year) if after.is_working(day)]
    if missing:
        named = [f"{day.isoformat()} {holiday_name(name)}" for day, name in missing]
        yield Problem(
            0,
            _("These statutory holidays are missing: %(days)s") % {"days": ", ".join(named)},
            _("Add them; when only some days of an announced year change, choose “only the days named”."),
        )


def statutory_days(year: int) -> list[tuple[date, str]]:
    """The days that have to be off; of years without an almanac those of fixed date."""
    if year in calendar_source.LUNAR_DAYS:
        return calendar_source.statutory_days(year)
    return calendar_source.fixed_days(year)


def _nothing_changes() -> Problem:
    return Problem(
        0,
        _("The calendar already says all this; nothing would change."),
        _("Nothing needs to be entered. If something should change, see whether the text names it."),
    )


def _warnings(asked: Asked, changes: list[Change], amends: bool) -> Iterator[str]:
    if amends and not asked.jurisdiction:
        yield _("%(year)s has been announced before: this amends it.") % {"year": asked.year}
    passed = [change.date for change in changes if change.passed]
    if passed and asked.correction:
        yield ngettext(
            "This corrects %(n)s day that has passed: %(days)s",
            "This corrects %(n)s days that have passed: %(days)s",
            len(passed),
        ) % {"n": len(passed), "days": listed(passed)}


def listed(days: list[date]) -> str:
    return ", ".join(day.isoformat() for day in days)


def _span_text(span: Span) -> str:
    return span.first.isoformat() if span.first == span.last else f"{span.first} – {span.last}"
