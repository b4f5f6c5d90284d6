"""Taking a file in: kept, counted and recorded. Loading it is another step."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from audit import services as audit
from catalog.models import Resource
from datasets import uploads
from datasets.models import Batch, Dataset
from datasets.policies import check_may_load
from datasets.reasons import file_reason
from organizations.actors import AnyActor
from organizations.errors import BadInput, Conflict

Enqueue = Callable[[int], object]


def receive_upload(
    *, actor: AnyActor, resource: Resource, upload: UploadedFile, mode: str, enqueue: Enqueue | None = None
) -> Batch:
    """Take a file that came with a request. `enqueue(batch_id)` is called after the commit.

    NotKnown, NotPermitted, BadInput (too large, unknown mode, no key to update by), Conflict (a batch is under way).
    """
    uploads.check_size(upload.size or 0)
    blocks = upload.chunks(uploads.BLOCK)
    return _receive(actor, resource, name=upload.name or "", mode=mode, blocks=blocks, enqueue=enqueue)


def receive_path(
    *, actor: AnyActor, resource: Resource, path: Path, mode: str, enqueue: Enqueue | None = None
) -> Batch:
    """Take a file of this machine; otherwise as `receive_upload`."""
    uploads.check_size(path.stat().st_size)
    blocks = uploads.file_blocks(path)
    return _receive(actor, resource, name=path.name, mode=mode, blocks=blocks, enqueue=enqueue)


def _receive(
    actor: AnyActor, resource: Resource, *, name: str, mode: str, blocks: Iterable[bytes], enqueue: Enqueue | None
) -> Batch:
    check_may_load(actor, resource)
    _check_mode(resource, mode)
    token = uuid.uuid4()
    saved = uploads.save(token, blocks)
    try:
        with transaction.atomic():
            batch = _record(actor, resource, token=token, name=name, mode=mode, saved=saved)
            if enqueue is not None:
                transaction.on_commit(partial(enqueue, batch.pk))
    except BaseException:
        uploads.remove(token)
        raise
    return batch


def _check_mode(resource: Resource, mode: str) -> None:
    if mode not in Batch.Mode.values:
        raise BadInput(_("The mode is not known."), {"mode": _("Choose replace, append or upsert.")})
    items = list(resource.items.all())
    code = ""
    if not items:
        code = "no_items"
    elif mode == Batch.Mode.UPSERT and not any(item.is_key for item in items):
        code = "no_key"
    if code:
        raise BadInput(file_reason(code), {"mode" if code == "no_key" else "file": file_reason(code)})


def _record(
    actor: AnyActor, resource: Resource, *, token: uuid.UUID, name: str, mode: str, saved: uploads.Saved
) -> Batch:
    Dataset.objects.get_or_create(resource=resource)
    dataset = Dataset.objects.select_for_update().get(resource=resource)
    if Batch.objects.filter(dataset=dataset, state__in=Batch.OPEN).exists():
        raise Conflict(_("A file is being loaded into this resource. Wait until it is done."))
    batch = Batch.objects.create(
        token=token,
        dataset=dataset,
        mode=mode,
        file_name=Path(name).name[-200:],
        size=saved.size,
        sha256=saved.sha256,
        loaded_by=None if actor.is_system else actor.user,
        loaded_by_name=actor.who.person[:120],
    )
    audit.record(
        verb="dataset.upload",
        who=actor.who,
        subject="resource",
        subject_id=resource.pk,
        data={"batch": batch.pk, "file": batch.file_name, "size": saved.size, "sha256": saved.sha256, "mode": mode},
    )
    return batch
