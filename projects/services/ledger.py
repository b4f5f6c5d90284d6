"""Lines of a project's ledger, written by effects: each names the event that made it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils import timezone

from audit import services as audit
from cases.families import Context
from cases.models import Case
from projects.models import Contract, LedgerEntry, Project


def post(context: Context, kind: str, amount: Decimal, *, project: Project, contract: Contract | None = None) -> None:
    """Add a line for the event that the case has just written. Amount in yuan, signed as its kind asks."""
    case: Any = context.case
    LedgerEntry.objects.create(
        project=project,
        contract=contract,
        kind=kind,
        amount=amount,
        on=timezone.localdate(context.at),
        case=case,
        seq=case.seq,
    )
    _prove(context, case, kind, amount)


def _prove(context: Context, case: Case, kind: str, amount: Decimal) -> None:
    audit.record(
        verb=f"ledger.{kind}",
        who=context.actor.who,
        subject="case",
        subject_id=str(case.pk),
        data={"seq": case.seq, "amount": str(amount)},
    )


def post_approved(context: Context) -> None:
    """Effect of a project's approval: what it may cost."""
    project: Project = context.subject
    post(context, LedgerEntry.Kind.APPROVED, project.total, project=project)
