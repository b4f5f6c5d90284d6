"""Reading the record. The room above says whose eyes these are: jurisdictions are arguments here, not looked up."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection
from django.db.models import Q, QuerySet, Sum
from django.utils import timezone

from audit.canonical import BEGINNING, Key
from audit.headers import last_key
from audit.models import AuditBlock, AuditEntry
from audit.services.sealing import last_block


class EntryFilter(NamedTuple):
    """What entries are wanted; an empty value asks for everything. `until` is exclusive."""

    since: datetime | None = None
    until: datetime | None = None
    verb: str = ""
    subject: str = ""
    subject_id: str = ""
    person: str = ""
    organization_id: int = 0
    before_id: int = 0


def entries(*, jurisdictions: Collection[str], wanted: EntryFilter | None = None) -> QuerySet[AuditEntry]:
    """Entries of the given jurisdictions, newest first; none for none. "" stands for acts of the portal itself.

    `verb` may be a whole word group: `share_request` finds `share_request.refuse`. Page by `before_id`.
    """
    wanted = wanted or EntryFilter()
    conditions = {
        "recorded_at__gte": wanted.since,
        "recorded_at__lt": wanted.until,
        "subject": wanted.subject,
        "subject_id": wanted.subject_id,
        "person__contains": wanted.person,
        "organization_id": wanted.organization_id,
        "id__lt": wanted.before_id,
    }
    found = AuditEntry.objects.filter(jurisdiction__in=jurisdictions)
    found = found.filter(**{name: value for name, value in conditions.items() if value})
    if wanted.verb:
        found = found.filter(Q(verb=wanted.verb) | Q(verb__startswith=f"{wanted.verb}."))
    return found.order_by("-id")


def blocks() -> QuerySet[AuditBlock]:
    """Blocks, newest first, without their lists of rows. They tell nothing of what is in them but how much."""
    return AuditBlock.objects.defer("ids", "leaves").order_by("-number")


def sealed_upto() -> Key:
    """The place up to which the record is sealed; compare with an entry's (epoch, transaction, id)."""
    last = last_block()
    return last_key(last) if last else BEGINNING


def seal_lag(now: datetime | None = None) -> timedelta:
    """Age of the oldest entry that no block closes over yet; zero when there is none. The figure to alarm on."""
    place = sealed_upto()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT recorded_at FROM audit_auditentry WHERE (epoch, transaction, id) > (%s, %s::xid8, %s) "
            "ORDER BY epoch, transaction, id LIMIT 1",
            [place.epoch, str(place.transaction), place.id],
        )
        row = cursor.fetchone()
    return max((now or timezone.now()) - row[0], timedelta()) if row else timedelta()


class Totals(NamedTuple):
    """How much is sealed."""

    blocks: int
    entries: int


def totals() -> Totals:
    """Blocks and the entries that they close over."""
    newest = last_block()
    count = AuditBlock.objects.aggregate(total=Sum("count"))["total"]
    return Totals(newest.number if newest else 0, count or 0)
