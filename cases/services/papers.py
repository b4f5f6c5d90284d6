"""Files handed in with actions: checked by content, kept by digest."""

from __future__ import annotations

import hashlib
from typing import IO

from django.core.files import File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import services as audit
from cases import attachments, documents
from cases.models import Attachment, Case
from cases.selectors import can_see
from organizations.actors import Actor
from organizations.errors import NotKnown, NotPermitted


@transaction.atomic
def store_attachment(actor: Actor, *, name: str, stream: IO[bytes], size: int) -> Attachment:
    """Keep a file by its digest, under its name made plain. Type is read from the content, not believed from the name.

    Raises BadInput for an empty or too large file, an unknown ending, content that is something else, protected or
    with macros, and for what the scanner refuses.
    """
    if actor.organization is None:
        raise NotPermitted(_("You hold no position in which you could hand in a file."))
    name = attachments.clean_name(name)
    suffix = attachments.suffix_of(name)
    attachments.check_size(size)
    content_type = attachments.content_type(stream, name, suffix)
    scanned_by = attachments.scan(stream)
    digest = _sha256(stream)
    attachment = Attachment(
        name=name,
        size=size,
        content_type=content_type,
        digest=digest,
        scanned_by=scanned_by,
        uploaded_by=actor.user,
        organization=actor.organization,
    )
    attachment.file.save(f"{digest}{suffix}", File(stream), save=False)
    attachment.save()
    audit.record(
        verb="attachment.store",
        who=actor.who,
        subject="attachment",
        subject_id=str(attachment.pk),
        data={"name": name, "size": size, "digest": digest, "type": content_type, "scanned_by": scanned_by},
    )
    return attachment


def _sha256(stream: IO[bytes]) -> str:
    digest = hashlib.sha256()
    for chunk in iter(lambda: stream.read(1024 * 1024), b""):
        digest.update(chunk)
    stream.seek(0)
    return digest.hexdigest()


@transaction.atomic
def export_case_file(actor: Actor, case: Case) -> bytes:
    """The file of a case as PDF; the audit record keeps who took it, as the case stood, and its hash. NotKnown."""
    if not can_see(actor, case):
        raise NotKnown(_("There is no such case."))
    made = documents.case_file(case, actor, timezone.now())
    audit.record(
        verb="case.export",
        who=actor.who,
        subject="case",
        subject_id=str(case.pk),
        data={"number": case.number, "seq": case.seq, "sha256": hashlib.sha256(made).hexdigest()},
    )
    return made
