"""Why a file, a row or a cell was not taken: stable codes, and the sentence for each in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

FILE_REASONS = {
    "empty": gettext_lazy("The file is empty."),
    "no_rows": gettext_lazy("The file has a heading but no rows."),
    "none_accepted": gettext_lazy("None of the %(read)s rows could be accepted; the data stays as it was."),
    "encoding": gettext_lazy(
        "The file is neither UTF-8 nor GB18030: the byte at offset %(offset)s fits neither. Save it as UTF-8."
    ),
    "broken_utf8": gettext_lazy(
        "The file is UTF-8 but damaged: the byte at offset %(offset)s is not valid. Export it again."
    ),
    "utf16": gettext_lazy("The file is UTF-16. Save it as “CSV UTF-8”."),
    "binary": gettext_lazy("The file is not text: there is a zero byte at offset %(offset)s. Send CSV or .xlsx."),
    "old_excel": gettext_lazy("The file is an old Excel workbook (.xls). Save it as .xlsx or CSV."),
    "xlsx": gettext_lazy("The Excel workbook cannot be read: it is damaged or protected by a password."),
    "xlsx_extent": gettext_lazy(
        "The sheet's cells span %(rows)s rows by %(columns)s columns; at most %(limit)s cells can be read. "
        "Delete what stands far off, or save it as CSV."
    ),
    "xlsx_cell": gettext_lazy("A cell of the workbook is longer than %(limit)s MB. Save it as CSV without that cell."),
    "xlsx_too_large": gettext_lazy(
        "The Excel workbook is too large when unpacked (%(size)s MB, the limit is %(limit)s MB). Save it as CSV."
    ),
    "header": gettext_lazy("The heading does not match the items of the resource. %(details)s"),
    "separator": gettext_lazy(
        "The heading is one column: the values seem to be separated by something other than a comma. "
        "Save the file with commas."
    ),
    "line_too_long": gettext_lazy("Line %(line)s does not end: a quotation mark may be open. Check that line."),
    "quotes": gettext_lazy("Line %(line)s cannot be read: its quotation marks do not match."),
    "no_items": gettext_lazy("The resource has no items yet. Enter them in the catalogue first."),
    "no_key": gettext_lazy("Rows cannot be updated by key: no item of the resource is marked as key."),
    "items_changed": gettext_lazy(
        "The items of the resource have changed since its data was loaded. Load all data again with “replace all data”."
    ),
    "file_lost": gettext_lazy("The uploaded file is no longer there. Upload it again."),
    "gave_up": gettext_lazy("Loading was interrupted %(attempts)s times and has been given up. Upload the file again."),
    "failed": gettext_lazy("Loading failed on our side; nothing was changed. The administrator finds it as %(error)s."),
}

ROW_REASONS = {
    "ragged": gettext_lazy("The row has %(found)s values, the heading has %(expected)s."),
    "required": gettext_lazy("A value is required."),
    "too_long": gettext_lazy("Longer than %(length)s characters."),
    "not_allowed": gettext_lazy("Not one of the allowed values."),
    "integer": gettext_lazy("Not a whole number (digits only, no separators, no exponent)."),
    "leading_zeros": gettext_lazy("A number with leading zeros: if it is a code, the item must be of type text."),
    "too_large": gettext_lazy("The number is too large."),
    "number": gettext_lazy("Not a number (digits and a decimal point, no separators, no exponent)."),
    "date": gettext_lazy("Not a date that exists (YYYY-MM-DD, YYYY/MM/DD, YYYYMMDD or YYYY年M月D日)."),
    "datetime": gettext_lazy("Not a date and time (YYYY-MM-DD hh:mm or YYYY-MM-DD hh:mm:ss)."),
    "boolean": gettext_lazy("Neither yes nor no (是/否, true/false, yes/no, 1/0)."),
    "identity": gettext_lazy("Not an identity number (17 digits and a digit or X)."),
    "identity_check": gettext_lazy("The check digit of the identity number is wrong."),
    "identity_as_number": gettext_lazy(
        "An identity number stored as a number: its last digits are lost. Format the column as text at the source."
    ),
    "code_as_number": gettext_lazy(
        "A code that Excel turned into a rounded number (such as 4.22801E+11): its digits are lost. Format the column "
        "as text at the source and export again."
    ),
    "credit_code": gettext_lazy("Not a unified social credit code (18 digits or capitals without I, O, S, V, Z)."),
    "credit_code_check": gettext_lazy("The check digit of the unified social credit code is wrong."),
    "number_as_text": gettext_lazy(
        "A number of more than 15 digits in a cell: Excel has lost its last digits. Format the column as text."
    ),
    "formula": gettext_lazy("The cell holds a formula. Paste its value."),
    "excel_error": gettext_lazy("The cell holds an Excel error."),
    "control_character": gettext_lazy("The value holds a zero character."),
    "duplicate_key": gettext_lazy("The key is also on line %(lines)s."),
    "existing_key": gettext_lazy("A row with this key is already loaded. Choose “add, and update” to change it."),
}

HEADER_PROBLEMS = {
    "missing": gettext_lazy("Missing: %(names)s."),
    "unknown": gettext_lazy("Unknown: %(names)s."),
    "duplicate": gettext_lazy("More than once: %(names)s."),
    "unnamed": gettext_lazy("Without a name: column %(names)s."),
}


def row_reason(code: str, params: Mapping[str, Any] | None = None) -> str:
    """The sentence for a refused row or cell."""
    return str(ROW_REASONS[code]) % dict(params or {})


def file_reason(code: str, params: Mapping[str, Any] | None = None) -> str:
    """The sentence for a refused file; empty for no code."""
    if not code:
        return ""
    values = dict(params or {})
    if code == "header":
        values["details"] = " ".join(header_problems(values))
    return str(FILE_REASONS[code]) % values


def header_problems(params: Mapping[str, Any]) -> list[str]:
    """One sentence per kind of problem with a heading: columns missing, unknown, twice, unnamed."""
    found = []
    for kind, sentence in HEADER_PROBLEMS.items():
        if names := params.get(kind):
            found.append(str(sentence) % {"names": _(", ").join(str(name) for name in names)})
    return found


class FileRefused(Exception):
    """The file as a whole cannot be loaded. `code` is a key of FILE_REASONS, `params` what its sentence names."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params


class CellRefused(Exception):
    """A cell cannot be loaded. `code` is a key of ROW_REASONS."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params
