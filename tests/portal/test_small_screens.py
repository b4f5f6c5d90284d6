"""Lists on a small screen: every cell says which column it belongs to."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

TEMPLATES = sorted(Path(settings.ROOT, "templates").rglob("*.html"))
LISTS = [path for path in TEMPLATES if "sh-table-list" in path.read_text(encoding="utf-8")]
CELL = re.compile(r"<td\b((?:\{%.*?%\}|[^>{])*)>(.*?)</td>", re.S)


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
def test_every_cell_of_a_list_names_its_column_but_the_first_and_those_of_buttons(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    for table in re.findall(r'<table class="sh-table sh-table-list.*?</table>', source, re.S):
        for row in re.findall(r"<tr\b.*?</tr>", table.partition("</thead>")[2], re.S):
            cells = CELL.findall(row)
            rest = cells if "<th" in row else cells[1:]
            told = [(attrs, content) for attrs, content in rest if "<form" not in content and "colspan" not in attrs]
            bare = [attrs for attrs, _content in told if "data-label" not in attrs]
            assert bare == [], row
