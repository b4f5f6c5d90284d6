"""Reads of this room. Facts about data (is there any, since when) are everybody's; batches are their provider's."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _
from psycopg2 import sql

from catalog.models import Resource, ResourceItem, Sensitivity, SharingClass
from datasets import masking, store, uploads
from datasets.models import Batch, Dataset
from datasets.policies import VIEWERS, check_may_load, check_may_see
from datasets.reasons import row_reason
from datasets.rejects import harmless, read_entries
from organizations.actors import AnyActor
from organizations.errors import NotKnown

PREVIEW_ROWS = 5


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows, masked where they have to be. `items` are the columns, `rows` texts (None: no value)."""

    items: list[ResourceItem]
    rows: list[tuple[str | None, ...]]


def has_data(resource_id: int) -> bool:
    """Whether rows have been loaded behind an entry."""
    return Dataset.objects.filter(resource_id=resource_id, status=Dataset.Status.READY).exists()


def loaded_since(resource_id: int, moment: datetime) -> bool:
    """Whether a batch has been merged into an entry's data since a moment."""
    merged = Batch.objects.filter(dataset__resource_id=resource_id, state=Batch.State.MERGED)
    return merged.filter(finished_at__gte=moment).exists()


def dataset_of(resource_id: int) -> Dataset | None:
    """The data behind an entry, with its columns; None where nothing has been loaded."""
    ready = Dataset.objects.filter(resource_id=resource_id, status=Dataset.Status.READY)
    return ready.select_related("resource").prefetch_related("columns").first()


def item_masks(dataset: Dataset) -> dict[str, str]:
    """Code to mask for each column, as the catalogue says now. A column whose item is gone is hidden."""
    masks = dict(dataset.resource.items.values_list("code", "mask"))
    return {column.code: masks.get(column.code, masking.Mask.FULL) for column in dataset.columns.all()}


def masks_of(dataset: Dataset, codes: Collection[str]) -> dict[str, str]:
    """Code to mask for columns that are to be read masked. Where the catalogue names no mask, identity numbers show
    their first and last characters and everything else is hidden."""
    masks = item_masks(dataset)
    types = {column.code: column.data_type for column in dataset.columns.all()}
    return {code: masking.at_least(masks[code], types[code]) for code in codes if code in masks}


def preview_masks(items: Sequence[ResourceItem], resource: Resource) -> dict[str, str]:
    """Code to mask for readers without a grant: general data in clear, all else hidden at least as far as a masked
    column is; what is withheld shows nothing.

    An entry that holds personal information or commercial secrets, or one above the general level of whose items
    none is said to be, counts as a whole: the catalogue does not say which of its items the reader may see.
    """
    graded = any(item.sensitivity != Sensitivity.GENERAL for item in items)
    above = resource.sensitivity != Sensitivity.GENERAL and not graded
    whole = above or resource.holds_personal or resource.holds_commercial
    return {item.code: _preview_mask(item, resource, whole) for item in items}


def _preview_mask(item: ResourceItem, resource: Resource, whole: bool) -> str:
    if (item.sharing_class or resource.sharing_class) == SharingClass.WITHHELD:
        return masking.Mask.FULL
    guarded = whole or item.sensitivity != Sensitivity.GENERAL or item.data_type == ResourceItem.DataType.IDENTITY
    return masking.at_least(item.mask, item.data_type) if guarded else item.mask


def masked_preview(actor: AnyActor | None, resource: Resource) -> Preview | None:
    """The first rows for whoever sees the entry; None without data. The caller has checked that the actor sees it."""
    dataset = dataset_of(resource.pk) if actor is not None else None
    if dataset is None:
        return None
    columns = {column.code: column for column in dataset.columns.all()}
    items = [item for item in resource.items.order_by("position") if item.code in columns]
    if not items:
        return None
    masks = preview_masks(items, resource)
    shown = sql.SQL(", ").join(
        sql.SQL("({})::text").format(
            masking.shown(columns[item.code].name, columns[item.code].data_type, masks[item.code])
        )
        for item in items
    )
    statement = sql.SQL("SELECT {} FROM {} ORDER BY row_id LIMIT {}")
    with store.reading() as cursor:
        cursor.execute(statement.format(shown, store.identifier(dataset.table), sql.Literal(PREVIEW_ROWS)))
        return Preview(items, cursor.fetchall())


def own_resources(actor: AnyActor) -> QuerySet[Resource]:
    """Entries of the actor's organization with `rows`, `loaded_at`, `batch_id` and `batch_state` of the last batch."""
    organization = getattr(actor, "organization", None)
    if organization is None or actor.kind not in VIEWERS:
        return Resource.objects.none()
    last = Batch.objects.filter(dataset__resource=OuterRef("pk")).order_by("-pk")
    rows = Resource.objects.filter(provider=organization).exclude(status=Resource.Status.WITHDRAWN)
    return rows.select_related("dataset").annotate(
        batch_id=Subquery(last.values("pk")[:1]), batch_state=Subquery(last.values("state")[:1])
    )


def resource_for_loading(actor: AnyActor, resource_id: int) -> Resource:
    """An entry that the actor may load into. NotKnown, NotPermitted."""
    resource = _resource(resource_id)
    check_may_load(actor, resource)
    return resource


def resource_for_viewing(actor: AnyActor, resource_id: int) -> Resource:
    """An entry whose batches the actor may see. NotKnown, NotPermitted."""
    resource = _resource(resource_id)
    check_may_see(actor, resource)
    return resource


def _resource(resource_id: int) -> Resource:
    resource = Resource.objects.select_related("provider").filter(pk=resource_id).first()
    if resource is None:
        raise NotKnown(_("There is no such resource."))
    return resource


def batches(actor: AnyActor, resource: Resource) -> QuerySet[Batch]:
    """An entry's batches, the newest first."""
    check_may_see(actor, resource)
    return Batch.objects.filter(dataset__resource=resource).select_related("quality").order_by("-pk")


def batch_for(actor: AnyActor, batch_id: int, *, resource_id: int | None = None) -> Batch:
    """One batch with its entry. NotKnown (also for one of another entry than `resource_id`), NotPermitted."""
    rows = Batch.objects.select_related("dataset__resource__provider", "quality").filter(pk=batch_id)
    if resource_id is not None:
        rows = rows.filter(dataset__resource_id=resource_id)
    batch = rows.first()
    if batch is None:
        raise NotKnown(_("There is no such batch."))
    check_may_see(actor, batch.dataset.resource)
    return batch


def reject_rows(actor: AnyActor, batch: Batch) -> Iterator[tuple[Any, ...]]:
    """Everything refused in a batch, with a heading, for a spreadsheet: no cell begins like a formula."""
    check_may_see(actor, batch.dataset.resource)
    yield _("line"), _("column"), _("value"), _("code"), _("reason")
    for entry in read_entries(uploads.rejects_path(batch.token)):
        reason = row_reason(entry.code, entry.params)
        yield entry.line, entry.column, harmless(entry.value), entry.code, harmless(reason)
