"""Handing data over under a grant: pages of records and streams of CSV, each opened and closed in the record."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Mapping
from io import BytesIO, StringIO

from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import Resource
from datasets import reading as rows
from datasets import selectors as datasets
from datasets.models import Dataset
from organizations.errors import BadInput, NotKnown, Refused
from sharing.models import AccessClosed, AccessOpened
from sharing.services import reading
from sharing.services.reading import Reader, Reading, Wanted
from statutes.sheets import workbook

RESERVED = {"fields", "limit", "cursor", "format"}
MOST_SHEET_ROWS = 20_000
SHEET_WIDTH = 22
ENDINGS = {
    "complete": AccessClosed.Ending.COMPLETE,
    "stopped": AccessClosed.Ending.STOPPED,
    "closed": AccessClosed.Ending.BROKEN,
}


class NoCredential(Refused):
    """No key was sent at all."""

    status = 401


def records(reader: Reader, resource: Resource, params: Mapping[str, str]) -> rows.Page:
    """One page of records. Parameters named like an item filter by value; `fields`, `limit`, `cursor` are ours.

    Raises NotPermitted, TooMany (see open_read), BadInput for wrong parameters, NotKnown without data.
    """
    fields = [code for code in params.get("fields", "").split(",") if code]
    wanted_filters = {name: value for name, value in params.items() if name not in RESERVED}
    channel = AccessOpened.Channel.ONLINE if reader.actor else AccessOpened.Channel.API
    opened = reading.open_read(reader, Wanted(resource, channel, fields, wanted_filters, rows=_page_size(params)))
    delivered, size, ending = 0, 0, AccessClosed.Ending.FAILED
    try:
        page = _page(opened, resource, params, wanted_filters)
        delivered, ending = page.count, AccessClosed.Ending.COMPLETE
        size = page.bytes if page.count else 0
    finally:
        reading.close_read(opened, rows=delivered, size=size, ending=ending)
    return page


def _page_size(params: Mapping[str, str]) -> int:
    return reading.positive(params.get("limit"), "limit", rows.LARGEST_PAGE)


def _page(opened: Reading, resource: Resource, params: Mapping[str, str], wanted: Mapping[str, str]) -> rows.Page:
    dataset = _dataset(resource)
    limit = min(opened.row_limit or rows.LARGEST_PAGE, opened.grant.rows_per_call)
    return rows.page_json(
        dataset,
        opened.columns,
        after=params.get("cursor", ""),
        limit=limit,
        filters=[rows.Filter(code, "eq", value) for code, value in wanted.items()],
        masks=_masks(opened, dataset),
    )


def _dataset(resource: Resource) -> Dataset:
    dataset = datasets.dataset_of(resource.pk)
    if dataset is None:
        raise NotKnown(_("No data has been loaded yet."))
    return dataset


def _masks(opened: Reading, dataset: Dataset) -> dict[str, str]:
    masks = datasets.masks_of(dataset, opened.masked)
    return {code: masks[code] for code in opened.columns if code in masks}


def csv_stream(reader: Reader, resource: Resource, *, for_people: bool = False) -> Iterator[bytes]:
    """All rows as CSV. The read is decided and recorded before this returns; the rest streams.

    `for_people`: with the mark by which spreadsheets know UTF-8; programs get none.
    """
    opened = reading.open_read(reader, Wanted(resource, AccessOpened.Channel.CSV))
    try:
        dataset = _dataset(resource)
    except NotKnown:
        reading.close_read(opened, rows=0, size=0, ending=AccessClosed.Ending.FAILED)
        raise
    return _stream(opened, dataset, codecs.BOM_UTF8 if for_people else b"")


def sheet(reader: Reader, resource: Resource) -> BytesIO:
    """All rows as a workbook of text cells, so that no long number is rounded. BadInput above 20,000 rows."""
    dataset = _dataset(resource)
    if dataset.row_count > MOST_SHEET_ROWS:
        raise BadInput(_("More than %(most)s rows: download them as CSV.") % {"most": MOST_SHEET_ROWS})
    text = b"".join(csv_stream(reader, resource)).decode()
    head, *lines = csv.reader(StringIO(text, newline=""))
    lead = _("As of %(moment)s") % {"moment": f"{timezone.localtime():%Y-%m-%d %H:%M}"}
    return workbook(resource.title, lead, head, lines, [SHEET_WIDTH] * len(head), _("Records"))


def _stream(opened: Reading, dataset: Dataset, mark: bytes = b"") -> Iterator[bytes]:
    stream = rows.stream_csv(
        dataset,
        opened.columns,
        row_limit=opened.row_limit,
        masks=_masks(opened, dataset),
        still_allowed=lambda: reading.still_allowed(opened.grant.pk),
    )
    try:
        if mark:
            yield mark
        yield from stream
    finally:
        stream.close()
        ending = ENDINGS.get(stream.ended, AccessClosed.Ending.FAILED)
        reading.close_read(opened, rows=stream.rows, size=stream.bytes, ending=ending)
