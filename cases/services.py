"""Writes of the cases room beside the engine: signals, notices read, attachments, mail."""

from __future__ import annotations

import hashlib
import logging
from typing import IO

from django.core import mail as django_mail
from django.core.files import File
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from audit import services as audit
from cases import attachments, wording
from cases.engine import act, load, move_open_cases, open_case, open_scheduled, opened_before, settle_case, sweep
from cases.engine.recount import apply_notice
from cases.engine.recount import run as recount
from cases.engine.recount import run_pending as recount_pending
from cases.models import Attachment, Case, Notification, Signal
from organizations.actors import Actor
from organizations.errors import NotPermitted

__all__ = [
    "act",
    "apply_notice",
    "load",
    "move_open_cases",
    "open_case",
    "open_scheduled",
    "opened_before",
    "read_notices",
    "recount",
    "recount_pending",
    "send_mail",
    "settle_case",
    "signal",
    "signal_open_cases",
    "store_attachment",
    "sweep",
]

logger = logging.getLogger(__name__)


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
