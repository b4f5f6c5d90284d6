"""Keyset paging of lists in ascending order: the cursor is sealed for its list, so that nobody can ask beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from organizations.errors import BadInput

PER_PAGE = 50
SALT = "organizations.paging"


@dataclass(frozen=True, slots=True)
class Page:
    """The rows of one page, the cursors of those beside it ("" where there is none), and how many rows there are."""

    rows: Sequence[Any]
    previous: str
    next: str
    total: int


def one_page(rows: QuerySet[Any], order: Sequence[str], cursor: str, listing: str, size: int = PER_PAGE) -> Page:
    """A page of `rows` by the text or number columns `order`, the last of them unique.

    Raises BadInput for a cursor that is not one of the list `listing`.
    """
    total = rows.order_by().count()
    place, back = _opened(cursor, listing, len(order))
    ordered = rows.order_by(*(f"-{name}" for name in order) if back else order)
    if place is not None:
        ordered = ordered.filter(_beyond(order, place, "lt" if back else "gt"))
    found = list(ordered[: size + 1])
    more, found = len(found) > size, found[:size]
    if back:
        found.reverse()
    before, behind = (more, True) if back else (place is not None, more)
    return Page(
        found,
        _sealed(found[0], order, listing, back=True) if found and before else "",
        _sealed(found[-1], order, listing, back=False) if found and behind else "",
        total,
    )


def _beyond(order: Sequence[str], place: Sequence[Any], way: str) -> Q:
    beyond, equal = Q(), Q()
    for name, value in zip(order, place, strict=True):
        beyond |= equal & Q(**{f"{name}__{way}": value})
        equal &= Q(**{name: value})
    return beyond


def _sealed(row: Model, order: Sequence[str], listing: str, *, back: bool) -> str:
    return signing.dumps([back, *(getattr(row, name) for name in order)], salt=f"{SALT}.{listing}")


def _opened(cursor: str, listing: str, columns: int) -> tuple[list[Any] | None, bool]:
    """The row that a page lies beside, None for the first page, and whether the page lies before it."""
    if not cursor:
        return None, False
    try:
        back, *place = signing.loads(cursor, salt=f"{SALT}.{listing}")
        if len(place) != columns:
            raise ValueError(cursor)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise BadInput(_("This page of the list is not known. Start from the first one.")) from error
    return place, bool(back)
