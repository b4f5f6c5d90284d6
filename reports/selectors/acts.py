"""What is in the audit record itself, and the proof of one entry."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from audit import proofs
from audit.models import AuditEntry
from audit.selectors import EntryFilter, entries
from organizations.actors import Actor
from organizations.errors import NotKnown
from organizations.models import Position
from reports.forms import ActFilter


def acts(actor: Actor, wanted: ActFilter) -> QuerySet[AuditEntry]:
    """Entries of the auditor's jurisdiction, as narrowed by a valid form."""
    if actor.kind != Position.Kind.AUDITOR:
        return AuditEntry.objects.none()
    since, until = wanted.span()
    given = wanted.cleaned_data
    narrowed = EntryFilter(
        since=since,
        until=until,
        verb=given["verb"],
        subject=given["subject"],
        subject_id=given["subject_id"],
        person=given["person"],
    )
    return entries(jurisdictions=[actor.jurisdiction_id], wanted=narrowed)


@dataclass(frozen=True, slots=True)
class ActLine:
    """One entry; `details` is its data as text."""

    entry: AuditEntry
    details: str


def act_lines(actor: Actor, rows: Sequence[AuditEntry]) -> list[ActLine]:
    return [ActLine(row, json.dumps(row.data, ensure_ascii=False) if row.data else "") for row in rows]


def proof_of(actor: Actor, entry_id: int) -> dict[str, Any]:
    """The proof that an entry of the auditor's jurisdiction stands in a signed block. Raises NotKnown."""
    seen = actor.kind == Position.Kind.AUDITOR and entries(jurisdictions=[actor.jurisdiction_id]).filter(pk=entry_id)
    proof = proofs.prove(entry_id) if seen else None
    if proof is None:
        raise NotKnown(_("There is no such entry, or it is not sealed yet."))
    return proof
