"""Keyset paging: the cursor is sealed, so that nobody can ask beside the filters."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core import signing
from django.db.models import Model, Q, QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from organizations.errors import BadInput

SALT = "reports.paging"


def cursor_of(row: Model, order: Sequence[str], report: str) -> str:
    """The place of a row in its report, sealed for that report."""
    values = [getattr(row, name) for name in order]
    plain = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    return signing.dumps(plain, salt=f"{SALT}.{report}")


def after(
    rows: QuerySet[Any], order: Sequence[str], cursor: str, report: str, *, ascending: bool = False
) -> QuerySet[Any]:
    """The rows behind a cursor; all of them for "". BadInput for a cursor that is not one of this report."""
    if not cursor:
        return rows
    try:
        values = [_read(value) for value in signing.loads(cursor, salt=f"{SALT}.{report}")]
    except signing.BadSignature as error:
        raise BadInput(_("This page of the report is not known. Start from the first one.")) from error
    way = "gt" if ascending else "lt"
    behind, equal = Q(), Q()
    for name, value in zip(order, values, strict=True):
        behind |= equal & Q(**{f"{name}__{way}": value})
        equal &= Q(**{name: value})
    return rows.filter(behind, **{f"{order[0]}__{way}e": values[0]})


def _read(value: Any) -> Any:
    return parse_datetime(value) if isinstance(value, str) else value
