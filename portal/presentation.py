"""How values are said and drawn: clocks and days. Pure functions of what they are given; no rule is decided here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy

from statutes.definitions import Rule
from statutes.wording import article_text, holiday_name

FOLD_ABOVE = 14
FOLD_HEAD = 7
FOLD_TAIL = 5

WEEKDAYS = (
    pgettext_lazy("weekday", "Mon"),
    pgettext_lazy("weekday", "Tue"),
    pgettext_lazy("weekday", "Wed"),
    pgettext_lazy("weekday", "Thu"),
    pgettext_lazy("weekday", "Fri"),
    pgettext_lazy("weekday", "Sat"),
    pgettext_lazy("weekday", "Sun"),
)
NARROW_WEEKDAYS = (
    pgettext_lazy("weekday, narrow", "Mon"),
    pgettext_lazy("weekday, narrow", "Tue"),
    pgettext_lazy("weekday, narrow", "Wed"),
    pgettext_lazy("weekday, narrow", "Thu"),
    pgettext_lazy("weekday, narrow", "Fri"),
    pgettext_lazy("weekday, narrow", "Sat"),
    pgettext_lazy("weekday, narrow", "Sun"),
)

CLOCK_CLASSES = {
    "running": "sh-run",
    "soon": "sh-soon",
    "overdue": "sh-over",
    "done": "sh-done",
    "met": "sh-done",
    "late": "sh-over",
    "suspended": "sh-hold",
    "paused": "sh-hold",
    "elapsed": "sh-hold",
    "void": "sh-hold",
}


def part(thing: Any, name: str, default: Any = None) -> Any:
    """An attribute or a key of that name; views hand over rows, dataclasses or dicts."""
    if isinstance(thing, Mapping):
        return thing.get(name, default)
    return getattr(thing, name, default)


def article(rule: Any) -> str:
    """第16条 or art. 16; "" for a rule without an article."""
    found = str(part(rule, "article", "") or "")
    return article_text(rule) if found and isinstance(rule, Rule) else found


def weekday(day: date) -> str:
    """周五 or Fri."""
    return str(WEEKDAYS[day.weekday()])


def weekday_narrow(day: date) -> str:
    """五 or Fri."""
    return str(NARROW_WEEKDAYS[day.weekday()])


def local_day(value: date | datetime) -> date:
    """The day that a moment falls on here."""
    if isinstance(value, datetime):
        return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return value


def day_text(value: date | datetime) -> str:
    """2026-11-27 周五."""
    day = local_day(value)
    return f"{day.isoformat()} {weekday(day)}"


def moment_text(value: datetime) -> str:
    """2026-11-27 15:42."""
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return local.strftime("%Y-%m-%d %H:%M")


# --- clocks ----------------------------------------------------------------------------------------------


def clock_class(clock: Any) -> str:
    """The colour class of a clock, with a dashed edge when its due date is provisional."""
    chosen = CLOCK_CLASSES.get(str(part(clock, "status", "")), "sh-hold")
    return f"{chosen} sh-prov" if part(clock, "provisional", False) else chosen


def clock_text(clock: Any) -> str:
    """还剩 3 个工作日, 今日到期, 超期 3 个工作日, and the like. `left`: units left, or units over when overdue.

    None left before a due date that is a day off names that day; none over says that no working day has passed yet.
    """
    status = str(part(clock, "status", ""))
    left = part(clock, "left")
    due_on = part(clock, "due_on")
    if status in ("running", "soon") and left == 0 and due_on is not None and due_on > timezone.localdate():
        said = _("Due %(day)s") % {"day": day_text(due_on)}
    else:
        said = _counted_text(status, abs(int(left)) if left is not None else None, str(part(clock, "unit", "")))
    if part(clock, "provisional", False) and status in ("running", "soon"):
        return _("%(clock)s · provisional") % {"clock": said}
    return said


def _counted_text(status: str, count: int | None, unit: str) -> str:
    if status in ("running", "soon"):
        return _left_text(count, unit)
    if status == "overdue":
        return _over_text(count, unit)
    return {
        "done": _("Met in time"),
        "met": _("Met in time"),
        "late": _("Met late"),
        "suspended": _("Suspended"),
        "paused": _("Suspended"),
        "elapsed": _("Period over"),
        "void": _("No longer runs"),
    }.get(status, _("No time limit"))


def _left_text(count: int | None, unit: str) -> str:
    if count is None:
        return _("Running")
    if unit == "hour":
        return ngettext("%(n)s hour left", "%(n)s hours left", count) % {"n": count}
    if count == 0:
        return _("Due today")
    if unit == "working_day":
        return ngettext("%(n)s working day left", "%(n)s working days left", count) % {"n": count}
    return ngettext("%(n)s day left", "%(n)s days left", count) % {"n": count}


def _over_text(count: int | None, unit: str) -> str:
    if count == 0 and unit == "working_day":
        return _("Less than a working day overdue")
    if not count:
        return _("Overdue")
    if unit == "hour":
        return ngettext("%(n)s hour overdue", "%(n)s hours overdue", count) % {"n": count}
    if unit == "working_day":
        return ngettext("%(n)s working day overdue", "%(n)s working days overdue", count) % {"n": count}
    return ngettext("%(n)s day overdue", "%(n)s days overdue", count) % {"n": count}


# --- the day strip ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cell:
    """One box of a day strip. `folded` > 0: the box stands for that many days."""

    date: date | None
    day: str
    weekday: str
    label: str
    css: str
    folded: int = 0


def strip_cells(
    steps: Iterable[Any], due_on: date | None, today: date | None = None, *, running: bool = False
) -> list[Cell]:
    """Boxes of a derivation's days; a long run is folded in the middle. `running`: today ends a strip that is overdue.

    A step has `date`, `number` (which counted day), `counted` and `why`: start, working, make_up, weekend,
    holiday:NAME, calendar, paused, landing, rolled, instant.
    """
    found: list[Cell] = []
    for step in steps:
        found.append(_cell(step, due_on, today, first=not found))
    folded = _fold(found)
    if running and due_on and today and today > due_on:
        folded += _past(due_on, today)
    return folded


def _past(due_on: date, today: date) -> list[Cell]:
    """What lies between the due date and today, and today."""
    between = (today - due_on).days - 1
    text = ngettext("%(n)s day between", "%(n)s days between", between) % {"n": between}
    gap = [Cell(None, "…", "", text, "sh-day-gap", between)] if between else []
    return [*gap, Cell(today, today.strftime("%m-%d"), weekday_narrow(today), _("Today, overdue"), "sh-day-past")]


def _cell(step: Any, due_on: date | None, today: date | None, *, first: bool) -> Cell:
    day: date = part(step, "date")
    due = day == due_on and str(part(step, "why", "")) != "start"
    state, label = _state_and_label(step, due)
    css = f"sh-day-{state}"
    if day == today:
        css += " sh-day-today"
    shown = day.strftime("%m-%d") if first or day.day == 1 else str(day.day)
    return Cell(day, shown, weekday_narrow(day), label, css)


def _state_and_label(step: Any, due: bool) -> tuple[str, str]:
    why = str(part(step, "why", ""))
    number = part(step, "number")
    if due:
        return "due", _("Day %(n)s, due") % {"n": number} if number else _("Due")
    if why == "start":
        return "start", _("Start, not counted")
    if why == "paused":
        return "paused", _("Suspended")
    if why == "weekend" or why.startswith("holiday"):
        return "off", _("Day off") if why == "weekend" else holiday_name(why.partition(":")[2]) or _("Holiday")
    if part(step, "counted", False):
        counted = _("Day %(n)s") % {"n": number}
        return ("makeup", _("%(day)s, make-up") % {"day": counted}) if why == "make_up" else ("counted", counted)
    return "off", _("Falls on a day off") if why in ("landing", "rolled") else ""


def _fold(cells: list[Cell]) -> list[Cell]:
    if len(cells) <= FOLD_ABOVE:
        return cells
    hidden = cells[FOLD_HEAD:-FOLD_TAIL]
    text = ngettext("%(n)s day between", "%(n)s days between", len(hidden)) % {"n": len(hidden)}
    gap = Cell(None, "…", "", text, "sh-day-gap", len(hidden))
    return [*cells[:FOLD_HEAD], gap, *cells[-FOLD_TAIL:]]
