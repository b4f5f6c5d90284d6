"""Pages of lists by what the last row was, sealed: page N costs as much as page 1, and no row is seen twice."""

from __future__ import annotations

from django.core import signing
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from catalog.models import Resource
from datasets.models import Batch
from organizations.errors import BadInput

SIZE = 50
SALT = "datasets.paging.cursor"


def entries(rows: QuerySet[Resource], cursor: str) -> tuple[list[Resource], str]:
    """A page of entries by name, and the cursor of the next ("" at the end). BadInput for a cursor not made here."""
    if cursor:
        key, pk = _opened(cursor, str, int)
        rows = rows.filter(Q(sort_key__gt=key) | Q(sort_key=key, pk__gt=pk))
    found = list(rows.order_by("sort_key", "pk")[: SIZE + 1])
    last = found[:SIZE][-1:] if len(found) > SIZE else []
    return found[:SIZE], signing.dumps([last[0].sort_key, last[0].pk], salt=SALT) if last else ""


def batches(rows: QuerySet[Batch], cursor: str) -> tuple[list[Batch], str]:
    """The same of batches, the newest first."""
    if cursor:
        rows = rows.filter(pk__lt=_opened(cursor, int)[0])
    found = list(rows.order_by("-pk")[: SIZE + 1])
    return found[:SIZE], signing.dumps([found[SIZE - 1].pk], salt=SALT) if len(found) > SIZE else ""


def _opened(cursor: str, *types: type) -> list[object]:
    try:
        parts = signing.loads(cursor, salt=SALT)
    except signing.BadSignature:
        parts = []
    if [type(part) for part in parts] != list(types):
        raise BadInput(_("This page of the list is not known. Start from the first one."))
    return list(parts)
