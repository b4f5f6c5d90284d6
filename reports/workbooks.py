"""Reports as Excel workbooks, row by row in constant memory.

What people typed never becomes a formula: every text is written as a text cell, and one that would read as a formula
when edited carries Excel's quote prefix.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from tempfile import TemporaryFile
from typing import IO, Any

import xlsxwriter
from django.utils import timezone
from django.utils.translation import gettext as _
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from organizations.actors import Actor
from organizations.errors import BadInput
from reports.definitions import Report

MOST_ROWS = 200_000
MOST_CHARACTERS = 32_000
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
HEAD_ROWS = 5


@dataclass(frozen=True, slots=True)
class Cover:
    """What stands above the table: which report, for whom, narrowed how."""

    report: Report
    actor: Actor
    applied: list[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Formats:
    title: Format
    head: Format
    text: Format
    quoted: Format
    moment: Format
    day: Format


def write_workbook(cover: Cover, lines: Iterable[Any]) -> tuple[IO[bytes], int]:
    """The workbook as an open file at its start, and how many lines it holds. BadInput above 200,000 lines."""
    file = TemporaryFile()  # noqa: SIM115 - handed to the response, which closes it
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(file, options)
    formats = _formats(book)
    sheet = book.add_worksheet(str(cover.report.title)[:31])
    _head(sheet, cover, formats)
    count = 0
    for line in lines:
        if count == MOST_ROWS:
            file.close()
            raise BadInput(_("This is more than %(most)s lines. Narrow the filters.") % {"most": MOST_ROWS})
        for place, column in enumerate(cover.report.columns):
            _cell(sheet, HEAD_ROWS + 1 + count, place, column.value(line), formats)
        count += 1
    sheet.autofilter(HEAD_ROWS, 0, HEAD_ROWS + max(count, 1), len(cover.report.columns) - 1)
    book.close()
    file.seek(0)
    return file, count


def _formats(book: xlsxwriter.Workbook) -> Formats:
    body = {"valign": "top", "text_wrap": True}
    return Formats(
        title=book.add_format({"bold": True, "font_size": 14}),
        head=book.add_format({"bold": True, "bottom": 1, "bg_color": "#F1F3F5", "text_wrap": True}),
        text=book.add_format(body),
        quoted=book.add_format({**body, "quote_prefix": True}),
        moment=book.add_format({**body, "num_format": "yyyy-mm-dd hh:mm:ss"}),
        day=book.add_format({**body, "num_format": "yyyy-mm-dd"}),
    )


def _head(sheet: Worksheet, cover: Cover, formats: Formats) -> None:
    for place, column in enumerate(cover.report.columns):
        sheet.set_column(place, place, column.width)
    who = cover.actor.who
    narrowed = "; ".join(f"{label}: {value}" for _name, label, value in cover.applied) or _("nothing narrowed")
    sheet.write_string(0, 0, str(cover.report.title), formats.title)
    sheet.write_string(1, 0, _("Filters: %(filters)s") % {"filters": narrowed})
    sheet.write_string(
        2, 0, _("Made for %(person)s, %(organization)s") % {"person": who.person, "organization": who.organization}
    )
    sheet.write_string(3, 0, _("Made at %(moment)s") % {"moment": f"{timezone.localtime():%Y-%m-%d %H:%M}"})
    for place, column in enumerate(cover.report.columns):
        sheet.write_string(HEAD_ROWS, place, str(column.label), formats.head)
    sheet.freeze_panes(HEAD_ROWS + 1, 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEAD_ROWS)


def _cell(sheet: Worksheet, row: int, place: int, value: Any, formats: Formats) -> None:
    if value is None or value == "":
        sheet.write_blank(row, place, None, formats.text)
    elif isinstance(value, datetime):
        sheet.write_datetime(row, place, timezone.localtime(value).replace(tzinfo=None), formats.moment)
    elif isinstance(value, date):
        sheet.write_datetime(row, place, datetime(value.year, value.month, value.day), formats.day)  # noqa: DTZ001
    elif isinstance(value, int) and not isinstance(value, bool):
        sheet.write_number(row, place, value, formats.text)
    else:
        text = str(value)[:MOST_CHARACTERS]
        sheet.write_string(row, place, text, formats.quoted if text.startswith(FORMULA_STARTS) else formats.text)
