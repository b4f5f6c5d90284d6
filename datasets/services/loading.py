"""Loading a batch: claimed, loaded into the datasets database, and finished here from the marker left there."""

from __future__ import annotations

import uuid
from datetime import timedelta
from itertools import islice

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from audit import services as audit
from audit.who import SYSTEM, Who
from catalog import services as catalog
from datasets import hooks, loading, store, uploads
from datasets.checker import Checker
from datasets.columns import Column, columns_of
from datasets.models import Batch, Dataset, DatasetColumn, QualityFigure, Reject
from datasets.reasons import FileRefused
from datasets.rejects import read_entries

ATTEMPTS = 5
SHOWN_REJECTS = 200
KEPT_FOR_READERS = timedelta(minutes=10)

logger = structlog.get_logger(__name__)


def load_batch(*, batch_id: int) -> Batch:
    """Load a received batch, or finish one that was interrupted. May be called any number of times, by anyone.

    1 take the resource's lock, held by the connection: when somebody else holds it, they are at work.
    2 a batch whose marker is there has been merged: finish it.  3 else drop what an attempt left, and load.
    """
    batch = _batch(batch_id)
    if not batch.is_open:
        return batch
    store.prepare()
    with store.resource_lock(batch.dataset.resource_id) as held:
        if not held:
            return batch
        batch = _batch(batch_id)
        return _attempt(batch) if batch.is_open else batch


def recover_batches() -> int:
    """Take up every batch that no process is working on, and drop tables that nobody reads. Answers how many."""
    waiting = list(Batch.objects.filter(state__in=Batch.OPEN).order_by("pk").values_list("pk", flat=True))
    for batch_id in waiting:
        try:
            load_batch(batch_id=batch_id)
        except Exception:
            logger.exception("dataset_recovery_failed", batch=batch_id)
    _drop_unread()
    return len(waiting)


def _batch(batch_id: int) -> Batch:
    return Batch.objects.select_related("dataset__resource").get(pk=batch_id)


def _attempt(batch: Batch) -> Batch:
    try:
        marker = store.marker_of(batch.token) or _load(batch)
    except FileRefused as refused:
        return _fail(batch.pk, refused)
    except (OperationalError, InterfaceError):
        raise  # the database went away: the batch stays open and is taken up again
    except Exception:
        error = uuid.uuid4().hex[:12]
        logger.exception("dataset_load_failed", batch=batch.pk, error=error)
        return _fail(batch.pk, FileRefused("failed", error=error))
    return _finish(batch.pk, marker)


def _load(batch: Batch) -> store.Marker:
    if batch.attempts >= ATTEMPTS:
        raise FileRefused("gave_up", attempts=batch.attempts)
    path = uploads.source_path(batch.token)
    if not path.exists():
        raise FileRefused("file_lost")
    columns = columns_of(batch.dataset.resource.items.order_by("position"))
    table = "" if batch.mode == Batch.Mode.REPLACE else batch.dataset.table
    if table and not _same_columns(batch.dataset, columns):
        raise FileRefused("items_changed")
    _note(batch.pk, state=Batch.State.CHECKING, attempts=batch.attempts + 1, started_at=timezone.now())
    job = loading.Job(
        token=batch.token,
        resource_id=batch.dataset.resource_id,
        batch_id=batch.pk,
        path=path,
        rejects=uploads.rejects_path(batch.token),
        columns=columns,
        mode=batch.mode,
        table=table,
    )

    def progress(done: int, checker: Checker) -> None:
        _note(
            batch.pk,
            bytes_done=min(done, batch.size),
            read=checker.read,
            accepted=checker.accepted,
            rejected=checker.rejected,
        )

    return loading.load(job, progress)


def _same_columns(dataset: Dataset, columns: tuple[Column, ...]) -> bool:
    loaded = {(row.name, row.data_type, row.is_key) for row in dataset.columns.all()}
    return loaded == {(column.name, column.data_type, column.is_key) for column in columns}


def _note(batch_id: int, **values: object) -> None:
    Batch.objects.filter(pk=batch_id, state__in=Batch.OPEN).update(**values)


@transaction.atomic
def _finish(batch_id: int, marker: store.Marker) -> Batch:
    """The batch is merged: its counts, the dataset's table, quality, freshness and the entry, all at once."""
    batch = Batch.objects.select_for_update(of=("self",)).select_related("dataset__resource").get(pk=batch_id)
    if not batch.is_open:
        return batch
    now = timezone.now()
    summary = marker.summary
    batch.state = Batch.State.MERGED
    batch.read, batch.accepted, batch.rejected = summary.read, summary.accepted, summary.rejected
    batch.replaced, batch.reject_entries, batch.encoding = summary.replaced, summary.reject_entries, summary.encoding
    batch.bytes_done, batch.finished_at = batch.size, now
    batch.save()
    _keep_rejects(batch)
    _keep_quality(batch, summary)
    _point_dataset(batch.dataset, marker)
    catalog.note_data_loaded(resource=batch.dataset.resource, at=now)
    hooks.call_loaded(batch.dataset.resource_id)
    figures = {"read": batch.read, "accepted": batch.accepted, "rejected": batch.rejected, "replaced": batch.replaced}
    _record(batch, "dataset.load", {**figures, "rows": marker.row_count, "table": marker.table})
    transaction.on_commit(lambda: uploads.forget_source(batch.token))
    return batch


@transaction.atomic
def _fail(batch_id: int, refused: FileRefused) -> Batch:
    """Nothing of a refused batch is loaded, whatever a first look at its rows had counted as right."""
    batch = Batch.objects.select_for_update(of=("self",)).select_related("dataset__resource").get(pk=batch_id)
    if not batch.is_open:
        return batch
    batch.state = Batch.State.FAILED
    batch.error_code, batch.error_params = refused.code, refused.params
    batch.finished_at = timezone.now()
    batch.accepted = 0
    if refused.code == "none_accepted":
        batch.read = batch.rejected = refused.params["read"]
        batch.reject_entries = _keep_rejects(batch)
    batch.save()
    _record(batch, "dataset.load_failed", {"reason": refused.code, "read": batch.read, "rejected": batch.rejected})
    transaction.on_commit(lambda: uploads.forget_source(batch.token))
    return batch


def _keep_rejects(batch: Batch) -> int:
    """The first rejects go into the table, to be looked at; all stay in their file. Answers how many those are."""
    entries = read_entries(uploads.rejects_path(batch.token))
    first = sorted(islice(entries, SHOWN_REJECTS), key=lambda entry: entry.line)
    rows = [
        Reject(batch=batch, line=e.line, column=e.column[:40], value=e.value, code=e.code, params=dict(e.params))
        for e in first
    ]
    Reject.objects.bulk_create(rows)
    return len(rows) + sum(1 for _entry in entries)


def _keep_quality(batch: Batch, summary: store.Summary) -> None:
    cells = batch.accepted * len(summary.columns)
    QualityFigure.objects.create(
        batch=batch,
        complete=_percent(cells - sum(summary.empty_cells), cells),
        unique=_percent(batch.read - summary.doubled, batch.read),
        valid=_percent(batch.accepted, batch.read),
        empty_cells=summary.empty_cells,
    )


def _percent(part: int, whole: int) -> float:
    """Two places, and 100 only when nothing is missing."""
    return 100.0 if part == whole else min(99.99, round(part * 100 / whole, 2))


def _point_dataset(dataset: Dataset, marker: store.Marker) -> None:
    """From here on readers see the marked table."""
    dataset.row_count, dataset.status, dataset.updated_at = marker.row_count, Dataset.Status.READY, timezone.now()
    if dataset.table != marker.table:
        dataset.table = marker.table
        dataset.columns.all().delete()
        items = set(dataset.resource.items.values_list("pk", flat=True))
        DatasetColumn.objects.bulk_create(
            DatasetColumn(
                dataset=dataset,
                item_id=column["item_id"] if column["item_id"] in items else None,
                position=position,
                name=f"c_{column['item_id']}",
                code=column["code"],
                data_type=column["data_type"],
                is_key=column["is_key"],
            )
            for position, column in enumerate(marker.summary.columns)
        )
    dataset.save()


def _record(batch: Batch, verb: str, data: dict[str, object]) -> None:
    who = SYSTEM
    if batch.loaded_by is not None:
        provider = batch.dataset.resource.provider
        person = (batch.loaded_by.pk, batch.loaded_by.full_name, "")
        who = Who(*person, provider.pk, provider.name, provider.jurisdiction_id)
    details = {"batch": batch.pk, "sha256": batch.sha256, **data}
    audit.record(verb=verb, who=who, subject="resource", subject_id=batch.dataset.resource_id, data=details)


def _drop_unread() -> None:
    """Drop tables that were replaced a while ago or left by a failed load. What a reader holds is left for later."""
    found = store.tables()
    if not found:
        return
    loading_now = list(Batch.objects.filter(state__in=Batch.OPEN).values_list("dataset__resource_id", "pk"))
    kept = {name(*ids) for ids in loading_now for name in (store.table_name, store.staging_name)}
    current = Dataset.objects.exclude(table="").values_list("resource_id", "table", "updated_at")
    now, settling = timezone.now(), set()
    for resource_id, table, updated_at in current:
        kept.add(table)
        if now - updated_at < KEPT_FOR_READERS:
            settling.add(f"r_{resource_id}_")
    for table in found:
        if table not in kept and not table.startswith(tuple(settling)):
            _drop(table)


def _drop(table: str) -> None:
    try:
        with store.writing() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '200ms'")
            store.drop_table(cursor, table)
    except OperationalError:
        logger.info("dataset_table_in_use", table=table)
