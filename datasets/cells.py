"""What a cell must hold to be taken, type by type, and the one way in which each value is written down.

`clean` is the authority. The patterns of `columns` only spare it the cells that are plainly right.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime

from datasets.columns import Column, DataType
from datasets.reasons import CellRefused
from organizations.identifiers import CITIZEN_PATTERN, USCC_ALPHABET, USCC_PATTERN

BIGINT = range(-(2**63), 2**63)
INTEGER = re.compile(r"-?[0-9]{1,19}")
NUMBER = re.compile(r"-?[0-9]{1,100}(?:\.[0-9]{1,100})?")
EXPONENT = re.compile(r"[0-9](?:\.[0-9]+)?[eE]\+?[0-9]{1,3}")
SCIENTIFIC = re.compile(r"[0-9](?:\.[0-9]+)?[eE]\+[0-9]{1,3}")
LOST_DIGITS = re.compile(r"[0-9]{15}000|[0-9]{15,18}\.0+")
DATE = re.compile(
    r"(?:(?P<y1>[0-9]{4})(?P<sep>[-/])(?P<m1>[0-9]{1,2})(?P=sep)(?P<d1>[0-9]{1,2})"
    r"|(?P<y2>[0-9]{4})(?P<m2>[0-9]{2})(?P<d2>[0-9]{2})"
    r"|(?P<y3>[0-9]{4})年(?P<m3>[0-9]{1,2})月(?P<d3>[0-9]{1,2})日)"
)
TIME = re.compile(r"(?P<date>[^ T]+)[ T](?P<h>[0-9]{1,2}):(?P<m>[0-9]{2})(?::(?P<s>[0-9]{2}))?")
TRUE = {"true", "yes", "y", "1", "是", "t"}
FALSE = {"false", "no", "n", "0", "否", "f"}

# A check over 17 digits is a sum of weights; tables over groups of three digits make it six look-ups.
CITIZEN_GROUPS = [
    {f"{n:03d}": sum(w * int(d) for w, d in zip(ws, f"{n:03d}", strict=True)) for n in range(1000)}
    for ws in ((7, 9, 10), (5, 8, 4), (2, 1, 6), (3, 7, 9), (10, 5, 8))
]
CITIZEN_TAIL = {f"{n:02d}": 4 * (n // 10) + 2 * (n % 10) for n in range(100)}
CITIZEN_CHECKS = "10X98765432"
USCC_VALUES = {char: value for value, char in enumerate(USCC_ALPHABET)}
USCC_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))


def citizen_check_is_right(number: str) -> bool:
    """GB 11643 (ISO 7064 MOD 11-2) for a number of the right form."""
    first, second, third, fourth, fifth = CITIZEN_GROUPS
    total = (
        first[number[:3]]
        + second[number[3:6]]
        + third[number[6:9]]
        + fourth[number[9:12]]
        + fifth[number[12:15]]
        + CITIZEN_TAIL[number[15:17]]
    )
    return CITIZEN_CHECKS[total % 11] == number[17]


def uscc_check_is_right(number: str) -> bool:
    """GB 32100 for a code of the right form."""
    total = sum(map(int.__mul__, USCC_WEIGHTS, map(USCC_VALUES.__getitem__, number)))
    return USCC_ALPHABET[-total % 31] == number[17]


CHECKS: dict[str, Callable[[str], bool]] = {
    DataType.IDENTITY: citizen_check_is_right,
    DataType.CREDIT_CODE: uscc_check_is_right,
}


def clean(column: Column, text: str) -> str:
    """The value as it is stored, empty for none. Raises CellRefused."""
    if not text:
        if column.required:
            raise CellRefused("required")
        return ""
    if "\0" in text:
        raise CellRefused("control_character")
    value = CLEANERS[DataType(column.data_type)](text)
    if column.values and value not in column.values:
        raise CellRefused("not_allowed")
    if column.is_key and not column.values and column.data_type == DataType.TEXT and SCIENTIFIC.fullmatch(value):
        raise CellRefused("code_as_number")
    if column.length and column.data_type == DataType.TEXT and len(value) > column.length:
        raise CellRefused("too_long", length=column.length)
    return value


def _text(text: str) -> str:
    return text


def _integer(text: str) -> str:
    if not INTEGER.fullmatch(text):
        raise CellRefused("integer")
    if len(digits := text.lstrip("-")) > 1 and digits.startswith("0"):
        raise CellRefused("leading_zeros")
    if int(text) not in BIGINT:
        raise CellRefused("too_large")
    return text


def _number(text: str) -> str:
    if not NUMBER.fullmatch(text):
        raise CellRefused("number")
    whole = text.lstrip("-").partition(".")[0]
    if len(whole) > 1 and whole.startswith("0"):
        raise CellRefused("leading_zeros")
    return text


def _date(text: str) -> str:
    match = DATE.fullmatch(text)
    if match is None:
        raise CellRefused("date")
    numbers = [int(part) for name, part in match.groupdict().items() if part is not None and name != "sep"]
    try:
        return date(*numbers).isoformat()
    except ValueError:
        raise CellRefused("date") from None


def _datetime(text: str) -> str:
    match = TIME.fullmatch(text)
    if match is None:
        raise CellRefused("datetime")
    try:
        day = date.fromisoformat(_date(match["date"]))
        moment = datetime(day.year, day.month, day.day, int(match["h"]), int(match["m"]), int(match["s"] or 0))  # noqa: DTZ001
    except (CellRefused, ValueError):
        raise CellRefused("datetime") from None
    return moment.isoformat(sep=" ")


def _boolean(text: str) -> str:
    folded = text.casefold()
    if folded in TRUE:
        return "true"
    if folded in FALSE:
        return "false"
    raise CellRefused("boolean")


def _identity(text: str) -> str:
    number = text.upper()
    if EXPONENT.fullmatch(text):
        raise CellRefused("identity_as_number")
    if CITIZEN_PATTERN.fullmatch(number) and citizen_check_is_right(number):
        return number
    if LOST_DIGITS.fullmatch(text):
        raise CellRefused("identity_as_number")
    raise CellRefused("identity_check" if CITIZEN_PATTERN.fullmatch(number) else "identity")


def _credit_code(text: str) -> str:
    code = text.upper()
    if EXPONENT.fullmatch(text):
        raise CellRefused("identity_as_number")
    if not USCC_PATTERN.fullmatch(code):
        raise CellRefused("credit_code")
    if not uscc_check_is_right(code):
        raise CellRefused("credit_code_check")
    return code


CLEANERS: dict[DataType, Callable[[str], str]] = {
    DataType.TEXT: _text,
    DataType.INTEGER: _integer,
    DataType.NUMBER: _number,
    DataType.DATE: _date,
    DataType.DATETIME: _datetime,
    DataType.BOOLEAN: _boolean,
    DataType.IDENTITY: _identity,
    DataType.CREDIT_CODE: _credit_code,
}


def typed_text(value: object, data_type: str) -> str | None:
    """A value that somebody compares a column with, as that column's cells are written; None when it is no such."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    try:
        cleaned = clean(Column(0, "", "", data_type), text)
    except CellRefused:
        return text if data_type in {DataType.IDENTITY, DataType.CREDIT_CODE} and "\0" not in text else None
    return cleaned or None
