"""Payments of contracts, money called back, and changes of what was approved. Amounts are yuan."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.families import Context
from cases.models import Case
from organizations.actors import Actor
from organizations.errors import BadInput, Conflict, NotKnown
from projects.models import Change, Contract, LedgerEntry, Milestone, Payment, Project
from projects.services.ledger import check_covered, hold, hold_contract, post
from projects.services.steps import open_step

PAYMENT, RECALL, CHANGE = "payment", "recall", "change"
CENT = Decimal("0.01")


def begin_payment(
    actor: Actor,
    *,
    contract: Contract,
    amount: Decimal,
    milestone: Milestone | None = None,
    given: Mapping[str, Any] | None = None,
    opinion: str = "",
    idempotency_key: str = "",
    at: datetime | None = None,
) -> Case:
    """Ask for a payment of a contract: of one of its stages, or else of operation. Returns the case.

    `given`: what the opening of the procedure asks. Raises BadInput for an amount beyond what is left, NotKnown for a
    stage of another contract, and as open_step.
    """
    kind = Payment.Kind.OPERATION if milestone is None else Payment.Kind.STAGE

    def subject(locked: Project) -> Payment:
        if milestone is not None and milestone.contract_id != contract.pk:
            raise NotKnown(_("There is no such stage of this contract."))
        contract.refresh_from_db(fields=["due", "paid"])
        _check_amount(amount, contract.left - _on_the_way(contract))
        return Payment.objects.create(project=locked, contract=contract, milestone=milestone, kind=kind, amount=amount)

    return open_step(
        actor,
        family=PAYMENT,
        project=contract.project,
        subject=subject,
        title=milestone.title if milestone else contract.title,
        given=given,
        opinion=opinion,
        idempotency_key=idempotency_key,
        at=at,
    )


def begin_recall(
    actor: Actor,
    *,
    contract: Contract,
    amount: Decimal,
    given: Mapping[str, Any] | None = None,
    opinion: str = "",
    idempotency_key: str = "",
    at: datetime | None = None,
) -> Case:
    """Call money of a contract back. Returns the case. Raises BadInput beyond what was paid, and as open_step."""

    def subject(locked: Project) -> Payment:
        contract.refresh_from_db(fields=["paid"])
        _check_amount(amount, contract.paid)
        return Payment.objects.create(project=locked, contract=contract, kind=Payment.Kind.RECALL, amount=amount)

    return open_step(
        actor,
        family=RECALL,
        project=contract.project,
        subject=subject,
        title=contract.title,
        given=given,
        opinion=opinion,
        idempotency_key=idempotency_key,
        at=at,
    )


def begin_change(
    actor: Actor,
    *,
    project: Project,
    kind: str,
    description: str,
    reason: str,
    delta: Decimal = Decimal(0),
    moved: Decimal = Decimal(0),
    given: Mapping[str, Any] | None = None,
    opinion: str = "",
    idempotency_key: str = "",
    at: datetime | None = None,
) -> Case:
    """Apply for a change of what was approved. Returns the case.

    `delta` adds to the investment or takes from it, `moved` is money put to another use. Raises BadInput, Conflict
    while an earlier change is open, and as open_step.
    """

    def subject(locked: Project) -> Change:
        problems = _change_problems(locked, description, reason, delta, moved)
        if problems:
            raise BadInput(_("Some entries are wrong."), problems)
        if earlier := locked.changes.filter(case__closed_at__isnull=True).select_related("case").first():
            raise Conflict(_("A change is applied for already."), {"number": earlier.case.number})
        return Change.objects.create(
            project=locked, kind=kind, description=description.strip(), reason=reason.strip(), delta=delta, moved=moved
        )

    return open_step(
        actor,
        family=CHANGE,
        project=project,
        subject=subject,
        title=project.name,
        given=given,
        opinion=opinion,
        idempotency_key=idempotency_key,
        at=at,
    )


def accept_stage(context: Context) -> None:
    """Effect: the stage that is to be paid is accepted on the day of the act."""
    milestone = context.subject.milestone
    if milestone is not None:
        milestone.reached_on = timezone.localdate(context.at)
        milestone.save(update_fields=["reached_on"])


def post_payment(context: Context) -> None:
    """Effect: the money is paid. The contract's row is locked, and the database holds that no more is paid than due."""
    _post(context, LedgerEntry.Kind.PAID, 1)


def post_recall(context: Context) -> None:
    """Effect: the money has come back."""
    _post(context, LedgerEntry.Kind.RECALLED, -1)


def _post(context: Context, kind: str, sign: int) -> None:
    payment: Payment = context.subject
    amount = sign * payment.amount
    contract = hold_contract(payment.contract)
    if not 0 <= contract.paid + amount <= contract.due:
        raise Conflict(
            _("Of this contract %(paid)s of %(due)s yuan are paid: this does not fit any more.")
            % {"paid": f"{contract.paid:,.2f}", "due": f"{contract.due:,.2f}"}
        )
    contract.paid += amount
    contract.save(update_fields=["paid"])
    payment.posted_on = timezone.localdate(context.at)
    payment.save(update_fields=["posted_on"])
    post(context, kind, amount, project=payment.project, contract=contract)


def apply_change(context: Context) -> None:
    """Effect: the change is approved, and the investment is what it makes of it."""
    _approve_change(context, anew=False)


def apply_change_anew(context: Context) -> None:
    """Effect: the project with its change is approved afresh: later changes are measured by what stands now."""
    _approve_change(context, anew=True)


def _approve_change(context: Context, *, anew: bool) -> None:
    change: Change = context.subject
    hold(change.project_id)
    change.approved_on, change.anew = timezone.localdate(context.at), anew
    change.save(update_fields=["approved_on", "anew"])
    if change.delta:
        _spread(change.project, change.delta)
        Project.objects.filter(pk=change.project_id).update(
            total=F("total") + change.delta, updated_at=timezone.now(), version=F("version") + 1
        )
        post(context, LedgerEntry.Kind.CHANGED, change.delta, project=change.project)
        check_covered(change.project)


def _spread(project: Project, delta: Decimal) -> None:
    """The years go on adding up to the total: more is spent in the last year, less from the last year backwards."""
    left = delta
    for year in project.years.select_for_update().order_by("-year"):
        taken = max(left, -year.amount)
        year.amount += taken
        year.save(update_fields=["amount"])
        left -= taken


def _on_the_way(contract: Contract) -> Decimal:
    """What is asked for of a contract and neither paid nor refused yet."""
    asked = contract.payments.filter(posted_on__isnull=True, case__closed_at__isnull=True)
    return sum((row.amount for row in asked.exclude(kind=Payment.Kind.RECALL)), Decimal(0))


def _check_amount(amount: Decimal, most: Decimal) -> None:
    problem: Any = ""
    if amount <= 0:
        problem = _("State an amount of more than nothing.")
    elif amount != amount.quantize(CENT):
        problem = _("Amounts in yuan have two decimals at the most.")
    elif amount > most:
        problem = _("At most %(most)s yuan are left for this.") % {"most": f"{most:,.2f}"}
    if problem:
        raise BadInput(_("Some entries are wrong."), {"amount": problem})


def _change_problems(project: Project, description: str, reason: str, delta: Decimal, moved: Decimal) -> dict[str, Any]:
    problems: dict[str, Any] = {}
    if not description.strip():
        problems["description"] = _("Say what changes.")
    if not reason.strip():
        problems["reason"] = _("Say why it changes.")
    for name, amount in (("delta", delta), ("moved", moved)):
        if amount != amount.quantize(CENT):
            problems[name] = _("Amounts in yuan have two decimals at the most.")
    if moved < 0 or moved > project.total:
        problems["moved"] = _("This lies between nothing and the investment of the project.")
    if project.total + delta <= 0:
        problems["delta"] = _("Nothing would be left of the investment.")
    return problems
