"""Who stands in for whom: for the auditor of a jurisdiction and for its bureau."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.stranding import in_bureau
from organizations import selectors as organizations
from organizations.actors import Actor
from organizations.models import Position
from reports.forms import ReportFilter


def may_read(actor: Actor) -> bool:
    return actor.kind == Position.Kind.AUDITOR or in_bureau(actor)


def delegations(actor: Actor, wanted: ReportFilter) -> QuerySet[Position]:
    """Delegations of the actor's jurisdiction whose period touches the days of a valid form."""
    if not may_read(actor):
        return Position.objects.none()
    rows = organizations.delegations(actor, actor.jurisdiction_id)
    given = wanted.cleaned_data
    if given["since"]:
        rows = rows.filter(Q(active_until__isnull=True) | Q(active_until__gte=given["since"]))
    if given["until"]:
        rows = rows.filter(active_from__lte=given["until"])
    return rows


@dataclass(frozen=True, slots=True)
class DelegationLine:
    """One delegation; `state` in words: to come, in force, over, ended early."""

    row: Position
    state: str
    css: str


def delegation_lines(actor: Actor, rows: Sequence[Position]) -> list[DelegationLine]:
    today = timezone.localdate()
    return [DelegationLine(row, *_state(row, today)) for row in rows]


def _state(row: Position, today: date) -> tuple[str, str]:
    if row.left_at is not None:
        return _("ended early"), "sh-hold"
    if row.active_from > today:
        return _("to come"), "sh-soon"
    return (_("in force now"), "sh-run") if row.is_held(today) else (_("over"), "sh-done")
