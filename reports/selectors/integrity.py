"""Whether the record is whole: blocks, lag and verifications."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from audit import selectors as record
from audit.headers import header_hash
from audit.models import AuditBlock
from organizations.actors import Actor
from organizations.errors import NotKnown
from organizations.models import Position
from reports.forms import ReportFilter
from reports.models import Verification


def sealed_blocks(actor: Actor, wanted: ReportFilter) -> QuerySet[AuditBlock]:
    """Blocks of the record, of every jurisdiction: they say how much there is, not what."""
    if actor.kind != Position.Kind.AUDITOR:
        return AuditBlock.objects.none()
    since, until = wanted.span()
    rows = record.blocks()
    if since:
        rows = rows.filter(sealed_at__gte=since)
    if until:
        rows = rows.filter(sealed_at__lt=until)
    return rows


@dataclass(frozen=True, slots=True)
class BlockLine:
    """A block with its hashes in hexadecimal."""

    block: AuditBlock
    root: str
    header_hash: str


def block_lines(actor: Actor, rows: Sequence[AuditBlock]) -> list[BlockLine]:
    return [BlockLine(row, bytes(row.root).hex(), header_hash(bytes(row.header)).hex()) for row in rows]


def verifications(actor: Actor) -> QuerySet[Verification]:
    """Verifications that anybody asked for, newest first: the record is one, whoever looks."""
    if actor.kind != Position.Kind.AUDITOR:
        return Verification.objects.none()
    return Verification.objects.select_related("requested_by")


def verification_for(actor: Actor, verification_id: int) -> Verification:
    """One verification. Raises NotKnown."""
    found = verifications(actor).filter(pk=verification_id).first()
    if found is None:
        raise NotKnown(_("There is no such verification."))
    return found
