"""A year of the calendar as tables of months, for the calendar page."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from statutes.selectors.calendar import YearDay
from statutes.wording import holiday_name, why_text


@dataclass(frozen=True, slots=True)
class Cell:
    """A day; `mark` says off or work in a word, so that colour is not needed. `day` None: outside the month."""

    day: date | None
    css: str = "sh-day-other"
    mark: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Month:
    first: date
    weeks: tuple[tuple[Cell, ...], ...]
    working: int


@dataclass(frozen=True, slots=True)
class Span:
    """A holiday: its days off in a row, and the days worked to make up for it."""

    name: str
    first: date
    last: date
    days: int
    make_up: tuple[date, ...]


def month_table(days: list[YearDay], today: date, changed: Container[date] = (), own: Container[date] = ()) -> Month:
    """A month by weeks. Days in `changed` are underlined, those in `own` framed; their tooltips say so."""
    blank = Cell(None)
    cells = [blank] * days[0].date.weekday()
    cells += [_cell(day, today, changes=day.date in changed, own=day.date in own) for day in days]
    cells += [blank] * (-len(cells) % 7)
    weeks = tuple(tuple(cells[start : start + 7]) for start in range(0, len(cells), 7))
    return Month(days[0].date, weeks, sum(day.is_working for day in days))


def _cell(day: YearDay, today: date, *, changes: bool, own: bool) -> Cell:
    css, mark = {
        "working": ("", ""),
        "weekend": ("sh-day-off", ""),
        "make_up": ("sh-day-makeup", pgettext("mark of a make-up working day", "work")),
    }.get(day.why, ("sh-day-holiday", pgettext("mark of a holiday", "off")))
    if day.date == today:
        css = f"{css} sh-day-today".strip()
    title = _("%(date)s: %(why)s") % {"date": day.date.isoformat(), "why": why_text(day.why)}
    if own:
        mark = mark or pgettext("mark of a day worked by a place's own order", "work")
        css, title = f"{css} sh-day-own".strip(), _("%(day)s (a day of the place's own)") % {"day": title}
    if changes:
        css, title = f"{css} sh-day-due".strip(), _("%(day)s (changes)") % {"day": title}
    return Cell(day.date, css, mark, title)


def holidays_of(months: list[list[YearDay]]) -> list[Span]:
    """The holidays of a year in order; days in a row under one name are one holiday."""
    days = [day for month in months for day in month]
    runs: list[list[YearDay]] = []
    for before, day in zip([None, *days], days, strict=False):
        if not day.why.startswith("holiday"):
            continue
        if before is not None and before.why == day.why:
            runs[-1].append(day)
        else:
            runs.append([day])
    spans = [_span(run) for run in runs]
    worked = [day.date for day in days if day.why == "make_up"]
    return [_with_make_up(span, spans, worked) for span in spans]


def _span(run: list[YearDay]) -> Span:
    return Span(holiday_name(run[0].why.partition(":")[2]), run[0].date, run[-1].date, len(run), ())


def _with_make_up(span: Span, spans: list[Span], worked: list[date]) -> Span:
    """A make-up day belongs to the holiday nearest to it."""
    mine = tuple(day for day in worked if min(spans, key=lambda other: _distance(other, day)) is span)
    return Span(span.name, span.first, span.last, span.days, mine)


def _distance(span: Span, day: date) -> int:
    return min(abs((span.first - day).days), abs((span.last - day).days))
