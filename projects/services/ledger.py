"""Lines of a project's ledger, written by effects: each names the event that made it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from audit import services as audit
from cases.families import Context
from cases.models import Case
from organizations.errors import Conflict
from projects.models import Contract, LedgerEntry, Project
from projects.standing import money_of


def hold(project_id: int) -> Project:
    """Lock a project's money. Whoever books takes this lock first and then the contract's, so that none waits in a
    circle; rows that refer to the project are not kept waiting by it."""
    return Project.objects.select_for_update(of=("self",), no_key=True).get(pk=project_id)


def hold_contract(contract: Contract) -> Contract:
    """Lock a contract for booking, its project before it. Returns it as it stands now."""
    hold(contract.project_id)
    return Contract.objects.select_for_update(of=("self",), no_key=True).get(pk=contract.pk)


def check_covered(project: Project) -> None:
    """What is contracted lies within what is approved, in sum. Call with the project held, after booking."""
    money = money_of(project)
    if money.contracted > money.approved:
        raise Conflict(
            _("Contracts would come to %(contracted)s yuan, and %(approved)s yuan are approved.")
            % {"contracted": f"{money.contracted:,.2f}", "approved": f"{money.approved:,.2f}"}
        )


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
