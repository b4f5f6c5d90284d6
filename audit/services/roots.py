"""Sending roots out of the house: a chain that its owner signs alone can be re-made."""

from __future__ import annotations

import base64
import json
from datetime import date, datetime, time, timedelta
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.headers import header_hash
from audit.keys import encode_public, trusted_keys
from audit.models import AuditBlock

PREFIX = "audit-root-"


def export_roots(*, upto: date | None = None) -> list[Path]:
    """Write the file of every day that has none yet, from the first block's day to `upto` (yesterday if not given).

    One small JSON file a day in AUDIT_ROOTS_DIRECTORY: the last block's header, signature and hash, which commits
    to every block before it. Days that were missed are made up for. The paths written.
    """
    due = _due(upto)
    _write(due)
    return list(due)


def send_roots(*, upto: date | None = None) -> list[Path]:
    """Mail what is due to AUDIT_ROOTS_MAIL_TO, if anybody is named there, and write it. The paths written.

    Mail goes first: a file stands for a day that is done, so a failed mail is tried again.
    """
    due = _due(upto)
    if due and settings.AUDIT_ROOTS_MAIL_TO:
        _mail(due)
    _write(due)
    return list(due)


def _due(upto: date | None) -> dict[Path, str]:
    last_day = upto or timezone.localdate() - timedelta(days=1)
    first = AuditBlock.objects.only("sealed_at").order_by("number").first()
    if first is None:
        return {}
    start = timezone.localdate(first.sealed_at)
    days = [start + timedelta(days=offset) for offset in range((last_day - start).days + 1)]
    files = {Path(settings.AUDIT_ROOTS_DIRECTORY) / f"{PREFIX}{day.isoformat()}.json": day for day in days}
    missing = {file: day for file, day in files.items() if not file.exists()}
    return {file: json.dumps(root_of(day), indent=1, sort_keys=True) + "\n" for file, day in missing.items()}


def _write(contents: dict[Path, str]) -> None:
    for file, content in contents.items():
        file.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        draft = file.with_suffix(".part")
        draft.write_text(content)
        draft.replace(file)


def _mail(contents: dict[Path, str]) -> None:
    newest = list(contents)[-1]
    message = EmailMessage(
        subject=_("Audit record: root of %(day)s") % {"day": newest.stem.removeprefix(PREFIX)},
        body=_(
            "Please keep the attached file outside of this system. With it, `manage.py audit_verify --root FILE` "
            "shows whether the record up to that day is still the same."
        ),
        to=list(settings.AUDIT_ROOTS_MAIL_TO),
    )
    for file, content in contents.items():
        message.attach(file.name, content, "application/json")
    message.send()


def root_of(day: date) -> dict[str, object]:
    """What is sent out for a day: the last block sealed before its end. AuditBlock.DoesNotExist when there is none."""
    end = timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
    sealed = AuditBlock.objects.filter(sealed_at__lt=end)
    block = sealed.defer("ids", "leaves").latest("number")
    header = bytes(block.header)
    key = trusted_keys().get(block.key_id)
    return {
        "day": day.isoformat(),
        "block": block.number,
        "entries": sealed.aggregate(total=Sum("count"))["total"],
        "header": header.decode("ascii"),
        "header_hash": header_hash(header).hex(),
        "signature": base64.b64encode(bytes(block.signature)).decode(),
        "public_key": encode_public(key) if key else "",
    }
