"""What payments, money called back, changes and orders to put things right plug into the case engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from cases import families
from cases.engine.context import Matter
from cases.families import Condition, Context, Family
from cases.models import Case
from organizations.actors import AnyActor
from projects.contracts import change_limits, late_interest
from projects.models import Change, Payment, Project, Rectification
from projects.procedures.acceptance import REPORT_FILED
from projects.procedures.afterlife import ALLOWS_UPKEEP, FREE_TIME_OVER
from projects.procedures.shared import FIELDS, REVIEWED, asks, heading, in_words, owner_of, project_of
from projects.promised import all_kept
from projects.services import paying, rectifying, steps
from projects.standing import approved_of, contracted_of, in_county

HUNDRED = Decimal(100)
FILED, DONE = "filed", "done"


def _contract_filed(context: Context) -> bool:
    contract = context.subject.contract
    return Case.objects.filter(contract=contract, outcome=FILED).exists()


def _within_contract(context: Context) -> bool:
    payment: Payment = context.subject
    payment.contract.refresh_from_db(fields=["due", "paid"])
    return payment.amount <= payment.contract.left


def _within_stage(context: Context) -> bool:
    """No more than the stage's share, whatever was asked for or paid for it before."""
    payment: Payment = context.subject
    if payment.milestone is None:
        return True
    others = payment.milestone.payments.exclude(pk=payment.pk)
    counted = others.filter(Q(posted_on__isnull=False) | Q(case__closed_at__isnull=True))
    return sum((row.amount for row in counted), payment.amount) <= payment.milestone.amount


def rectified(project: Project) -> bool:
    """No order to put something right is open, nor did one end in anything but that it was done."""
    rows = project.rectifications.filter(case__isnull=False)
    return not rows.exclude(case__closed_at__isnull=False, case__outcome__in=(DONE, "lifted")).exists()


PAYMENT_FIELDS = FIELDS | {
    "payment_amount": lambda context: float(context.subject.amount),
    "payment_days": lambda context: float(context.subject.contract.payment_days or 0),
}
PAYMENT_CONDITIONS = {
    "plan_reviewed": REVIEWED,
    "contract_filed": Condition(
        _contract_filed,
        unmet=_("The contract is not signed and filed yet."),
        met=_("The contract is signed and filed."),
    ),
    "within_contract": Condition(
        _within_contract,
        unmet=_("This is more than what is left of the contract."),
        met=_("This lies within what is left of the contract."),
    ),
    "within_stage": Condition(
        _within_stage,
        unmet=_("This is more than what is left of the share of its stage."),
        met=_("This lies within the share of its stage."),
    ),
    "stage_payment": Condition(
        lambda context: context.subject.milestone_id is not None,
        unmet=_("This is no payment for a stage."),
        met=_("This is a payment for a stage."),
    ),
    "county_project": asks(
        lambda project: in_county(project.owner),
        unmet=_("This is no project of a county."),
        met=_("This is a project of a county."),
    ),
    "small_contractor": Condition(
        lambda context: context.subject.contract.firm.small,
        unmet=_("The contractor is no small or medium enterprise."),
        met=_("The contractor is a small or medium enterprise."),
    ),
    "term_agreed": Condition(
        lambda context: bool(context.subject.contract.payment_days),
        unmet=_("The contract sets no term of payment."),
        met=_("The contract sets a term of payment."),
    ),
    "acceptance_report_filed_or_not_due": REPORT_FILED,
    "shares_as_promised": Condition(
        lambda context: all_kept(project_of(context.subject), context.at),
        unmet=_("Data that the sharing plan promised is not published, loaded, fresh and delivered: see the board."),
        met=_("All data that the sharing plan promised is published, loaded, fresh and delivered."),
    ),
    "no_open_rectification": asks(
        rectified,
        unmet=_("An order to put something right has not been carried out."),
        met=_("No order to put something right is open."),
    ),
    "evaluation_allows_upkeep": ALLOWS_UPKEEP,
    "free_operation_over": FREE_TIME_OVER,
}


def _was_paid(context: Context) -> bool:
    payment: Payment = context.subject
    payment.contract.refresh_from_db(fields=["due", "paid"])
    return payment.amount <= payment.contract.paid


RECALL_CONDITIONS = {
    "was_paid": Condition(
        _was_paid,
        unmet=_("So much is not paid of this contract."),
        met=_("So much is paid of this contract."),
    )
}


def _change_percent(context: Context) -> float:
    """Every change since the project was last approved as a whole, this one too, in percent of what was approved then.

    An increase, a decrease and money put to another use all count, by their size.
    """
    change: Change = context.subject
    approved = list(change.project.changes.filter(approved_on__isnull=False).exclude(pk=change.pk).order_by("pk"))
    last = max((row.pk for row in approved if row.anew), default=0)
    since = [row for row in approved if row.pk > last]
    base = approved_of(change.project) - sum((row.delta for row in since), Decimal(0))
    changed = sum((abs(row.delta) + row.moved for row in [*since, change]), Decimal(0))
    return float(changed / base * HUNDRED) if base > 0 else 0.0


def _reviewed_afresh(context: Context) -> bool:
    change: Change = context.subject
    passed = change.project.reviews.filter(case__outcome="passed", case__opened_at__gte=change.case.opened_at)
    return change.case is not None and passed.exists()


CHANGE_CONDITIONS = {
    "contracts_covered": Condition(
        lambda context: (
            contracted_of(context.subject.project) <= approved_of(context.subject.project) + context.subject.delta
        ),
        unmet=_("The project's contracts come to more than would be approved after this change."),
        met=_("What would be approved after this change covers the project's contracts."),
    ),
    "raises_investment": Condition(
        lambda context: context.subject.delta > 0,
        unmet=_("The change does not raise the investment."),
        met=_("The change raises the investment."),
    ),
    "reviewed_afresh": Condition(
        _reviewed_afresh,
        unmet=_("The plan has not passed a review that began after this change was applied for."),
        met=_("The plan with its change has passed review."),
    ),
    "project_approved": asks(
        lambda project: approved_of(project) > 0,
        unmet=_("The project is not approved yet."),
        met=_("The project is approved."),
    ),
}


def _payment_facts(payment: Payment) -> Sequence[tuple[str, str]]:
    contract = payment.contract
    return [
        *heading(payment),
        (_now("Contract"), f"{contract} ({contract.firm.name})"),
        (_now("Kind of payment"), str(payment.get_kind_display())),
        (_now("Stage"), str(payment.milestone or "—")),
        (_now("Amount of money"), in_words(payment.amount)),
        (_now("Contract with supplements"), in_words(contract.due)),
        (_now("Paid of it so far"), in_words(contract.paid)),
    ]


def _change_facts(change: Change) -> Sequence[tuple[str, str]]:
    return [
        *heading(change),
        (_now("What changes"), f"{change.get_kind_display()}: {change.description}"),
        (_now("Why it changes"), change.reason),
        (_now("Change of the investment"), in_words(change.delta)),
        (_now("Money put to another use"), in_words(change.moved)),
    ]


def _rectification_facts(row: Rectification) -> Sequence[tuple[str, str]]:
    kind = str(row.get_kind_display())
    return [*heading(row), (_now("What has to be put right"), kind), (_now("Findings"), row.findings)]


def _payment_panel(matter: Matter, actor: AnyActor) -> dict[str, Any]:
    payment = matter.subject
    return {
        "project": payment.project,
        "payment": payment,
        "contract": payment.contract,
        "late": late_interest(matter, payment),
    }


def _change_panel(matter: Matter, actor: AnyActor) -> dict[str, Any]:
    change = matter.subject
    context = matter.context(actor, matter.case.last_at, {})
    return {
        "project": change.project,
        "change": change,
        "percent": _change_percent(context) if change.approved_on is None else None,
        "limits": change_limits(matter),
    }


def _rectification_panel(matter: Matter, actor: AnyActor) -> dict[str, Any]:
    return {"project": matter.subject.project, "rectification": matter.subject}


def register() -> None:
    """Called once when the app is ready."""
    shared: dict[str, Any] = {"link": steps.link, "resolvers": {"project_owner": owner_of}}
    _register_payments(shared)
    families.register(
        Family(
            id=paying.CHANGE,
            prefix="BG",
            label=_("change of a project"),
            subject_model=Change,
            related=("project__owner",),
            conditions=CHANGE_CONDITIONS,
            fields=FIELDS | {"change_percent": _change_percent},
            effects={"apply_change": paying.apply_change, "apply_change_anew": paying.apply_change_anew},
            facts=_change_facts,
            panel="projects/_change_panel.html",
            panel_context=_change_panel,
            **shared,
        )
    )
    families.register(
        Family(
            id=rectifying.RECTIFICATION,
            prefix="ZG",
            label=_("order to put a project right"),
            subject_model=Rectification,
            related=("project__owner",),
            facts=_rectification_facts,
            panel="projects/_rectification_panel.html",
            panel_context=_rectification_panel,
            **shared,
        )
    )


def _register_payments(shared: Mapping[str, Any]) -> None:
    of_payment: dict[str, Any] = {
        "subject_model": Payment,
        "related": ("project__owner", "contract__firm", "milestone"),
        "facts": _payment_facts,
        "panel": "projects/_payment_panel.html",
        "panel_context": _payment_panel,
        **shared,
    }
    families.register(
        Family(
            id=paying.PAYMENT,
            prefix="ZF",
            label=_("payment of a contract"),
            conditions=PAYMENT_CONDITIONS,
            fields=PAYMENT_FIELDS,
            effects={"accept_stage": paying.accept_stage, "post_payment": paying.post_payment},
            **of_payment,
        )
    )
    families.register(
        Family(
            id=paying.RECALL,
            prefix="SH",
            label=_("money called back"),
            conditions=RECALL_CONDITIONS,
            effects={"post_recall": paying.post_recall},
            **of_payment,
        )
    )
