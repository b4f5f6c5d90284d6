"""Writes of the cases room beside the engine: signals, notices read, attachments, mail."""

from __future__ import annotations

import hashlib
import logging
from typing import IO

import puremagic
from django.conf import settings
from django.core import mail as django_mail
from django.core.files import File
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from audit import services as audit
from cases import wording
from cases.engine import act, load, open_case, open_scheduled, opened_before, settle_case, sweep
from cases.models import Attachment, Case, Notification, Signal
from organizations.actors import Actor
from organizations.errors import BadInput, NotPermitted

__all__ = [
    "act",
    "load",
    "open_case",
    "open_scheduled",
    "opened_before",
    "read_notices",
    "send_mail",
    "settle_case",
    "signal",
    "signal_open_cases",
    "store_attachment",
    "sweep",
]

logger = logging.getLogger(__name__)

CONTENT_TYPES = {
    ".pdf": {"application/pdf"},
    ".png": {"image/png"},
    ".jpg": {"image/jpeg"},
    ".jpeg": {"image/jpeg"},
    ".doc": {"application/msword", "application/x-ole-storage", "application/vnd.ms-office"},
    ".xls": {"application/vnd.ms-excel", "application/x-ole-storage", "application/vnd.ms-office"},
    ".docx": {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", "application/zip"},
    ".xlsx": {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/zip"},
    ".ofd": {"application/zip", "application/ofd"},
    ".zip": {"application/zip"},
}


def signal(case_id: int, reason: str) -> Signal:
    """Tell an open case that something it may wait for has changed. The sweep lets it look."""
    return Signal.objects.create(case_id=case_id, reason=reason)


def signal_open_cases(case_ids: list[int], reason: str) -> int:
    """The same for many cases, closed ones left out. Returns the number signalled."""
    cases = Case.objects.filter(pk__in=case_ids, closed_at__isnull=True)
    return len(Signal.objects.bulk_create(Signal(case=case, reason=reason) for case in cases))


def read_notices(actor: Actor, *, ids: list[int] | None = None) -> int:
    """Mark the actor's notices as read, all of them without `ids`. Returns how many were unread."""
    rows = Notification.objects.filter(user=actor.user, read_at__isnull=True)
    if ids is not None:
        rows = rows.filter(pk__in=ids)
    return rows.update(read_at=timezone.now())


@transaction.atomic
def store_attachment(actor: Actor, *, name: str, stream: IO[bytes], size: int) -> Attachment:
    """Keep a file by its digest. Type is read from the content, not believed from the name.

    Raises BadInput for an empty or too large file, an unknown ending, or content that is something else.
    """
    if actor.organization is None:
        raise NotPermitted(_("You hold no position in which you could hand in a file."))
    suffix = _check_name_and_size(name, size)
    head = stream.read(64 * 1024)
    stream.seek(0)
    content_type = _content_type(head, name, suffix)
    digest = hashlib.sha256()
    for chunk in iter(lambda: stream.read(1024 * 1024), b""):
        digest.update(chunk)
    stream.seek(0)
    attachment = Attachment(
        name=name[-200:],
        size=size,
        content_type=content_type,
        digest=digest.hexdigest(),
        uploaded_by=actor.user,
        organization=actor.organization,
    )
    attachment.file.save(f"{digest.hexdigest()}{suffix}", File(stream), save=False)
    attachment.save()
    audit.record(
        verb="attachment.store",
        who=actor.who,
        subject="attachment",
        subject_id=str(attachment.pk),
        data={"name": attachment.name, "size": size, "digest": attachment.digest, "type": content_type},
    )
    return attachment


def _check_name_and_size(name: str, size: int) -> str:
    suffix = f".{name.rpartition('.')[2].lower()}" if "." in name else ""
    if suffix not in CONTENT_TYPES:
        raise BadInput(
            _("Files of this kind are not accepted."),
            {"file": _("Accepted: %(kinds)s.") % {"kinds": " ".join(sorted(CONTENT_TYPES))}},
        )
    if size == 0:
        raise BadInput(_("The file is empty."), {"file": _("Choose a file with content.")})
    if size > settings.ATTACHMENT_MAX_BYTES:
        raise BadInput(
            _("The file is too large."),
            {"file": _("At most %(size)s MB.") % {"size": settings.ATTACHMENT_MAX_BYTES // 1024**2}},
        )
    return suffix


def _content_type(head: bytes, name: str, suffix: str) -> str:
    try:
        found = {match.mime_type for match in puremagic.magic_string(head)}
    except puremagic.PureError:
        found = set()
    expected = CONTENT_TYPES[suffix] & found
    if not expected:
        raise BadInput(
            _("The content of “%(name)s” is not what its name says.") % {"name": name},
            {"file": _("Save the document again in its own format and hand that in.")},
        )
    return sorted(expected)[0]


MAIL_CHUNK = 100
MAIL_ATTEMPTS = 5


def send_mail() -> int:
    """Send notices that have not been mailed to people who have an address. Returns how many were sent.

    Rows are claimed and skipped while somebody else holds them; a failure is counted and tried again.
    """
    with transaction.atomic():
        waiting = (
            Notification.objects.filter(mailed_at__isnull=True, mail_attempts__lt=MAIL_ATTEMPTS)
            .exclude(user__email="")
            .select_related("user", "case")
            .select_for_update(of=("self",), skip_locked=True)
            .order_by("id")[:MAIL_CHUNK]
        )
        return sum(_mail(notice) for notice in waiting)


def _mail(notice: Notification) -> bool:
    with translation.override(notice.user.language):
        subject, body = wording.sentence(notice), wording.mail_body(notice)
    notice.mail_attempts += 1
    try:
        django_mail.send_mail(subject, body, None, [notice.user.email])
    except OSError:
        logger.warning("notice %s could not be mailed", notice.pk, exc_info=True)
    else:
        notice.mailed_at = timezone.now()
    notice.save(update_fields=["mailed_at", "mail_attempts"])
    return notice.mailed_at is not None
