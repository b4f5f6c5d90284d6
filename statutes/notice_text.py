"""Reading a notice on holidays as it was pasted: the State Council's customary wording, or a plain list of dates.

Pure but for the language of its sentences. What cannot be read is named with its line and how to mend it; what is
read is not judged here (see `statutes.notice_checks`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.utils.translation import gettext as _

from statutes.calendar_source import (
    DRAGON_BOAT,
    LABOUR_DAY,
    MID_AUTUMN,
    NATIONAL_DAY,
    NEW_YEAR,
    SPRING_FESTIVAL,
    TOMB_SWEEPING,
)

MOST_CHARACTERS = 10_000
LONGEST_SPAN = 31
ONE_DAY = timedelta(days=1)
FESTIVALS = {
    "元旦": NEW_YEAR,
    "春节": SPRING_FESTIVAL,
    "清明": TOMB_SWEEPING,
    "劳动": LABOUR_DAY,
    "端午": DRAGON_BOAT,
    "中秋": MID_AUTUMN,
    "国庆": NATIONAL_DAY,
}
WEEKDAYS = "一二三四五六日"
NUMERALS = "零一二三四五六七八九十"

NUMBERING = re.compile(r"^(?:[一二三四五六七八九十]+、|\(?\d+[.)、](?!\d))")
HEADING = re.compile(r"^([^:\d]{1,20}):")
DAY = r"(?:(?:(?P<{0}year>\d{{4}})年)?(?P<{0}month>\d{{1,2}})月)?(?P<{0}day>\d{{1,2}})日(?:\((?P<{0}note>[^()]*)\))?"
SPAN = re.compile(DAY.format("") + r"(?:(?P<to>至|到|-|—+|–|~)" + DAY.format("end_") + ")?")
WEEKDAY = re.compile(r"(?:周|星期|礼拜)([一二三四五六日天])")
TOTAL = re.compile(r"(?:共|放假|休假|连休)(\d{1,2}|[一二三四五六七八九十])天")
OFF = re.compile(r"放假|休息|(?<!不)调休|休假|公休|连休")
WORKED = re.compile(r"上班|补班")
ADVICE = re.compile(r"鼓励|建议|结合带薪")
EXTENDED = re.compile(r"延长")
TITLE_YEAR = re.compile(r"(\d{4})年[^。]{0,12}(?:节假日|放假)安排")
ALONE = re.compile(r"^\d{4}年\d{1,2}月\d{1,2}日$")
LISTED = re.compile(r"^([+-]?)(\d{4}-\d{2}-\d{2})(?:(?:\.\.|~|—|至)(\d{4}-\d{2}-\d{2}))?(?:[ ,:]*(.*))?$")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong: the line it stands in (0: the whole), the words, and how to mend it."""

    line: int
    message: str
    mend: str


@dataclass(frozen=True, slots=True)
class Span:
    """Days in a row that a notice names, both ends included. `weekdays`: what it says of a day, 0 for Monday."""

    first: date
    last: date
    works: bool
    name: str
    line: int
    weekdays: tuple[tuple[date, int], ...] = ()

    def dates(self) -> Iterator[date]:
        return (self.first + step * ONE_DAY for step in range((self.last - self.first).days + 1))


@dataclass(slots=True)
class Reading:
    """All that was read. `year_named`: the year in the notice's title, 0 if there is none."""

    spans: list[Span] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    year_named: int = 0

    def days(self) -> dict[date, tuple[bool, str]]:
        """date -> (is it worked, name), in order. Where a day stands twice the last word counts."""
        found = {day: (span.works, span.name) for span in self.spans for day in span.dates()}
        return dict(sorted(found.items()))


@dataclass(slots=True)
class _Line:
    """Where the reader stands."""

    year: int
    number: int
    festivals: list[str]
    reading: Reading

    def problem(self, message: str, mend: str) -> None:
        self.reading.problems.append(Problem(self.number, message, mend))


def read_notice(text: str, year: int) -> Reading:
    """What a pasted notice orders for a year. Never raises; what cannot be read is in `problems`."""
    reading = Reading()
    if len(text) > MOST_CHARACTERS:
        message = _("The text is longer than %(most)s characters.") % {"most": MOST_CHARACTERS}
        reading.problems.append(Problem(0, message, _("Paste only the part of the notice that names the days.")))
        return reading
    festivals: list[str] = []
    for number, raw in enumerate(text.splitlines(), start=1):
        plain = unicodedata.normalize("NFKC", raw).strip()
        line = _Line(year, number, festivals, reading)
        if listed := LISTED.match(plain):
            _read_listed(line, listed)
        elif plain:
            festivals = _read_sentences(line, re.sub(r"\s+", "", plain))
    if not reading.spans and not reading.problems:
        reading.problems.append(_nothing_found())
    return reading


def _nothing_found() -> Problem:
    return Problem(
        0,
        _("No day was found in the text."),
        _("Paste the notice as it was published, or write one date or range a line, with + before days worked."),
    )


# --- a plain list ------------------------------------------------------------------------------------------


def _read_listed(line: _Line, match: re.Match[str]) -> None:
    sign, first_text, last_text, name = match.groups()
    first, last = _iso(line, first_text), _iso(line, last_text or first_text)
    if first is None or last is None:
        return
    if _in_order(line, first, last):
        works = sign == "+"
        line.reading.spans.append(Span(first, last, works, (name or "").strip(), line.number))


def _iso(line: _Line, text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        line.problem(_no_such_day(text), _("Correct the date."))
        return None


def _no_such_day(text: str) -> str:
    return _("There is no day %(day)s.") % {"day": text}


def _in_order(line: _Line, first: date, last: date) -> bool:
    named = {"first": first.isoformat(), "last": last.isoformat()}
    if last < first:
        line.problem(
            _("The range from %(first)s to %(last)s ends before it begins.") % named,
            _("Exchange its ends, or write the year of the first day before its month."),
        )
        return False
    if (last - first).days >= LONGEST_SPAN:
        line.problem(
            _("The range from %(first)s to %(last)s is longer than a month.") % named,
            _("Correct its last day."),
        )
        return False
    return True


# --- the customary wording ---------------------------------------------------------------------------------


def _read_sentences(line: _Line, text: str) -> list[str]:
    """Read one line of prose; returns the festivals that the following lines speak of."""
    if titled := TITLE_YEAR.search(text):
        line.reading.year_named = int(titled[1])
        return line.festivals
    if ALONE.match(text):
        return line.festivals
    text = NUMBERING.sub("", text)
    heading = HEADING.match(text)
    places = {heading[1].find(word): festival for word, festival in FESTIVALS.items()} if heading else {}
    named = [festival for place, festival in sorted(places.items()) if place >= 0]
    if heading and named:
        line.festivals = named
        text = text[heading.end() :]
    for sentence in re.split(r"[。;]", text):
        if EXTENDED.search(sentence):
            line.problem(
                _("“%(words)s” does not say which days are added.") % {"words": sentence[:40]},
                _("Write the added days as a range, for example 1月31日至2月2日放假."),
            )
        elif not ADVICE.search(sentence):
            _read_sentence(line, sentence)
    return line.festivals


def _read_sentence(line: _Line, sentence: str) -> None:
    """Dates, and after them what holds for them; several such pairs may follow each other."""
    found = list(SPAN.finditer(sentence))
    waiting: list[re.Match[str]] = []
    month: tuple[str | None, str | None] = (None, None)
    for place, match in enumerate(found):
        if not match["month"] and month[1] is None:
            continue
        month = (match["end_year"] or match["year"] or month[0], match["end_month"] or match["month"] or month[1])
        waiting.append(match)
        following = found[place + 1].start() if place + 1 < len(found) else len(sentence)
        said = sentence[match.end() : following]
        works = bool(WORKED.search(said))
        if works or OFF.search(said):
            _take(line, waiting, works, said)
            waiting = []
    if waiting:
        line.problem(
            _("“%(words)s” names days but not whether they are off or worked.") % {"words": sentence[:40]},
            _("Write 放假 after days off and 上班 after days worked."),
        )


def _take(line: _Line, matches: list[re.Match[str]], works: bool, said: str) -> None:
    """Turn dates that share one verb into spans; the number of days that the notice gives must be theirs."""
    month: tuple[str | None, str | None] = (None, None)
    spans: list[Span] = []
    for match in matches:
        month = (match["year"] or (month[0] if not match["month"] else None), match["month"] or month[1])
        span = _span(line, match, month, works)
        if match["to"]:
            month = (match["end_year"] or month[0], match["end_month"] or month[1])
        if span is not None:
            spans.append(span)
    line.reading.spans += spans
    total, count = TOTAL.search(said), sum((span.last - span.first).days + 1 for span in spans)
    if total and len(spans) == len(matches) and _number(total[1]) != count:
        line.problem(
            _("The notice says %(said)s days, but %(first)s to %(last)s are %(count)s.")
            % {"said": total[1], "first": spans[0].first, "last": spans[-1].last, "count": count},
            _("Correct the dates or the number of days."),
        )


def _span(line: _Line, match: re.Match[str], month: tuple[str | None, str | None], works: bool) -> Span | None:
    start_month = int(month[1] or 0)
    end_month = int(match["end_month"] or start_month)
    before = match["to"] and end_month < start_month
    last_year = int(match["end_year"]) if match["end_year"] else _year(line, end_month)
    first_year = int(month[0]) if month[0] else (last_year - 1 if before else _year(line, start_month))
    if month[0] and not match["end_year"]:
        last_year = first_year + 1 if before else first_year
    first = _day(line, first_year, start_month, int(match["day"]))
    last = _day(line, last_year, end_month, int(match["end_day"])) if match["to"] else first
    if first is None or last is None or not _in_order(line, first, last):
        return None
    weekdays = tuple(
        (day, _weekday(found[1]))
        for day, note in ((first, match["note"]), (last, match["end_note"]))
        if note and (found := WEEKDAY.search(note))
    )
    name = line.festivals[0] if line.festivals else ""
    return Span(first, last, works, name, line.number, weekdays)


def _year(line: _Line, month: int) -> int:
    """A December day that the notice names for New Year's Day belongs to the year before."""
    return line.year - 1 if month == 12 and NEW_YEAR in line.festivals else line.year


def _day(line: _Line, year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        line.problem(_no_such_day(f"{year}-{month:02d}-{day:02d}"), _("Correct the date."))
        return None


def _weekday(character: str) -> int:
    return 6 if character == "天" else WEEKDAYS.index(character)


def _number(text: str) -> int:
    return int(text) if text.isdigit() else NUMERALS.index(text)
