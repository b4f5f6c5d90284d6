"""What is in the audit record itself, and the proof of one entry."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from audit import proofs
from audit.models import AuditEntry
from audit.selectors import EntryFilter, entries, sealed_upto
from cases.selectors import visible_cases
from organizations.actors import Actor
from organizations.errors import NotKnown
from organizations.models import Position
from reports import verbs
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
        subject=given["subject"],
        subject_id=given["subject_id"],
        person=given["person"],
    )
    found = entries(jurisdictions=[actor.jurisdiction_id], wanted=narrowed)
    return found.filter(_is_act(given["verb"], verbs.names_of(actor))) if given["verb"] else found


def _is_act(wanted: str, names: Mapping[str, str]) -> Q:
    """An act by its code, by the group of codes that it begins with, or by words of its name."""
    return Q(verb=wanted) | Q(verb__startswith=f"{wanted}.") | Q(verb__in=verbs.matching(wanted, names))


@dataclass(frozen=True, slots=True)
class ActLine:
    """One entry; `act`, `subject`: what was done to what in words; `details` its data as text; `sealed` whether a
    block closes over it."""

    entry: AuditEntry
    act: str
    subject: str
    details: str
    sealed: bool


def act_lines(actor: Actor, rows: Sequence[AuditEntry]) -> list[ActLine]:
    upto, names = sealed_upto(), verbs.names_of(actor)
    return [
        ActLine(
            entry=row,
            act=names.get(row.verb, row.verb),
            subject=verbs.subject_named(row.subject),
            details=json.dumps(row.data, ensure_ascii=False) if row.data else "",
            sealed=(row.epoch, row.transaction, row.pk) <= upto,
        )
        for row in rows
    ]


def acts_on(actor: Actor, subject: str, subject_id: str) -> list[ActLine]:
    """Everything in the record about one thing that the auditor may see, the portal's own acts included."""
    if actor.kind != Position.Kind.AUDITOR:
        return []
    wanted = EntryFilter(subject=subject, subject_id=subject_id)
    return act_lines(actor, list(entries(jurisdictions=[actor.jurisdiction_id, ""], wanted=wanted)))


def proof_of(actor: Actor, entry_id: int) -> dict[str, Any]:
    """The proof that an entry stands in a signed block. Raises NotKnown.

    Entries of the auditor's jurisdiction, and what the portal itself did to a case that the auditor may see.
    """
    proof = proofs.prove(entry_id) if _may_see(actor, entry_id) else None
    if proof is None:
        raise NotKnown(_("There is no such entry, or it is not sealed yet."))
    return proof


def _may_see(actor: Actor, entry_id: int) -> bool:
    if actor.kind != Position.Kind.AUDITOR:
        return False
    if entries(jurisdictions=[actor.jurisdiction_id]).filter(pk=entry_id).exists():
        return True
    own = entries(jurisdictions=[""]).filter(pk=entry_id, subject="case").first()
    return own is not None and visible_cases(actor).filter(pk=int(own.subject_id)).exists()
