"""Loading Excel: formulas and numbers that Excel has damaged are refused, everything else is as in CSV."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from catalog.models import Resource
from datasets import reading
from datasets.models import Batch, Dataset
from datasets.reasons import file_reason

pytestmark = pytest.mark.django_db(databases=["default", "datasets"])


@pytest.fixture
def workbook(tmp_path: Path) -> Callable[..., Path]:
    def made(rows: Sequence[Sequence[Any]], at: int = 1) -> Path:
        book = openpyxl.Workbook()
        sheet = book.active
        for number, row in enumerate(rows):
            for place, value in enumerate(row, start=1):
                sheet.cell(row=at + number, column=place, value=value)
        path = tmp_path / f"data{len(list(tmp_path.iterdir()))}.xlsx"
        book.save(path)
        return path

    return made


def records(resource: Resource) -> list[dict[str, Any]]:
    dataset = Dataset.objects.get(resource=resource)
    return reading.page_json(dataset, [c.code for c in dataset.columns.all()], masks={}).records


def rejects_of(batch: Batch) -> list[tuple[int, str, str]]:
    return [(reject.line, reject.column, reject.code) for reject in batch.rejects.all()]


def test_texts_numbers_dates_and_yes_or_no_are_taken(
    make: Callable[..., Resource], load: Callable[..., Batch], workbook: Callable[..., Path]
) -> None:
    resource = make(
        ("t", {}),
        ("n", {"data_type": "integer"}),
        ("x", {"data_type": "number"}),
        ("d", {"data_type": "date"}),
        ("m", {"data_type": "datetime"}),
        ("b", {"data_type": "boolean"}),
    )
    moment = datetime(2024, 2, 29, 8, 30)  # noqa: DTZ001
    rows = [
        ["t", "n", "x", "d", "m", "b"],
        ["甲", 7, 0.1, date(2024, 2, 29), moment, True],
        [110101, 8, 2, None, None, "否"],
    ]
    batch = load(resource, workbook(rows))
    assert (batch.state, batch.accepted, batch.encoding) == ("merged", 2, "xlsx")
    assert records(resource) == [
        {"t": "甲", "n": 7, "x": "0.1", "d": "2024-02-29", "m": "2024-02-29 08:30:00", "b": "true"},
        {"t": "110101", "n": 8, "x": "2", "d": None, "m": None, "b": "false"},
    ]


def test_an_identity_number_stored_as_a_number_is_refused(
    make: Callable[..., Resource], load: Callable[..., Batch], workbook: Callable[..., Path]
) -> None:
    """Whatever its digits: Excel keeps fifteen of them. The same for long codes in a text column."""
    resource = make(("id", {"data_type": "identity"}), ("code", {}))
    rows = [["id", "code"], [110105194912310021, "1"], ["11010519491231002X", 123456789012345678], ["", "ok"]]
    batch = load(resource, workbook(rows))
    assert rejects_of(batch) == [(2, "id", "identity_as_number"), (3, "code", "number_as_text")]
    assert records(resource) == [{"id": None, "code": "ok"}]


def test_formulas_and_errors_are_refused_where_they_stand(
    make: Callable[..., Resource], load: Callable[..., Batch], workbook: Callable[..., Path]
) -> None:
    resource = make(("a", {}), ("b", {}))
    rows = [["a", "b"], ["1", "=1+1"], ["2", "x"], ["=A2", "y"], ["#N/A", "z"]]
    batch = load(resource, workbook(rows))
    assert rejects_of(batch) == [(2, "b", "formula"), (4, "a", "formula"), (5, "a", "excel_error")]
    assert records(resource) == [{"a": "2", "b": "x"}]


def test_lines_are_those_of_the_sheet_and_empty_rows_are_no_rows(
    make: Callable[..., Resource], load: Callable[..., Batch], workbook: Callable[..., Path]
) -> None:
    resource = make(("a", {"required": True}), ("b", {}))
    batch = load(resource, workbook([["b", "a"], ["1", "x"], [None, None], ["2", None], ["3", "y", "extra"]], at=3))
    assert rejects_of(batch) == [(6, "a", "required"), (7, "", "ragged")]
    assert (batch.read, records(resource)) == (3, [{"a": "x", "b": "1"}])


def test_commas_quotes_and_line_ends_in_cells_are_text(
    make: Callable[..., Resource], load: Callable[..., Batch], workbook: Callable[..., Path]
) -> None:
    resource = make(("a", {}), ("b", {}))
    load(resource, workbook([["a", "b"], ["x,y", 'say "no"'], ["1\n2", "plain"]]))
    assert records(resource) == [{"a": "x,y", "b": 'say "no"'}, {"a": "1\n2", "b": "plain"}]


SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)
TEXT = '<row r="{row}"><c r="{place}" t="inlineStr"><is><t>{text}</t></is></c></row>'


def with_sheet(path: Path, content: str) -> Path:
    """The same workbook with another first sheet, as no spreadsheet program would write it."""
    made = path.with_name("made.xlsx")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, SHEET.format(content) if name == "xl/worksheets/sheet1.xml" else source.read(name))
    return made


def test_a_cell_in_the_last_corner_is_refused_and_does_not_take_the_worker_along(
    make: Callable[..., Resource], load: Callable[..., Batch], workbook: Callable[..., Path]
) -> None:
    """A workbook of a kilobyte that spans 17 thousand million cells would end the process."""
    content = TEXT.format(row=1, place="A1", text="t") + TEXT.format(row=1048576, place="XFD1048576", text="x")
    batch = load(make(("t", {})), with_sheet(workbook([["t"]]), content))
    assert (batch.state, batch.error_code) == ("failed", "xlsx_extent")
    assert "1048576" in file_reason(batch.error_code, batch.error_params)


def test_a_cell_longer_than_any_text_is_refused_at_once(
    make: Callable[..., Resource], load: Callable[..., Batch], workbook: Callable[..., Path]
) -> None:
    content = TEXT.format(row=1, place="A1", text="t" * (12 << 20))
    batch = load(make(("t", {})), with_sheet(workbook([["t"]]), content))
    assert (batch.state, batch.error_code) == ("failed", "xlsx_cell")


def test_a_workbook_that_unpacks_beyond_the_limit_is_refused_before_it_is_read(
    make: Callable[..., Resource], load: Callable[..., Batch], workbook: Callable[..., Path]
) -> None:
    path = workbook([["t"]])
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as book,
        book.open("xl/bomb.xml", "w", force_zip64=True) as bomb,
    ):
        for _megabyte in range(1030):
            bomb.write(bytes(1 << 20))
    batch = load(make(("t", {})), path)
    assert (batch.state, batch.error_code) == ("failed", "xlsx_too_large")
