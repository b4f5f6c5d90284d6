"""A table as an Excel workbook. What is in a cell never becomes a formula."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO

import xlsxwriter
from django.utils.translation import gettext as _

MOST_CHARACTERS = 32_000
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
HEAD_ROW = 2
MOST_OF_A_NAME = 31
A4 = 9


def workbook(
    title: str, lead: str, head: Sequence[str], rows: Iterable[Sequence[str]], widths: Sequence[int], name: str = ""
) -> BytesIO:
    """One sheet: title, a line on what is shown, then the table under a fixed head. `widths` in characters.

    `name`: of the sheet.
    """
    file = BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    body = {"valign": "top", "text_wrap": True}
    plain, quoted = book.add_format(body), book.add_format({**body, "quote_prefix": True})
    heads = book.add_format({"bold": True, "bottom": 1, "bg_color": "#F1F3F5", "text_wrap": True})
    sheet = book.add_worksheet((name or _("Comparison"))[:MOST_OF_A_NAME])
    sheet.write_string(0, 0, title, book.add_format({"bold": True, "font_size": 14}))
    sheet.write_string(1, 0, lead)
    for place, (label, width) in enumerate(zip(head, widths, strict=True)):
        sheet.set_column(place, place, width)
        sheet.write_string(HEAD_ROW, place, label, heads)
    last = HEAD_ROW
    for last, row in enumerate(rows, HEAD_ROW + 1):
        for place, text in enumerate(row):
            shape = quoted if text.startswith(FORMULA_STARTS) else plain
            sheet.write_string(last, place, text[:MOST_CHARACTERS], shape)
    sheet.autofilter(HEAD_ROW, 0, max(last, HEAD_ROW + 1), len(head) - 1)
    sheet.freeze_panes(HEAD_ROW + 1, 1)
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEAD_ROW)
    book.close()
    file.seek(0)
    return file
