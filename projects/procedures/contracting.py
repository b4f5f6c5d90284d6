"""What procurement, contracts and supplements plug into the case engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from cases import families
from cases.engine.context import Matter
from cases.families import Choice, Condition, Context, Family
from cases.models import CaseEvent
from organizations.actors import AnyActor
from projects.in_plan import IN_PLAN
from projects.models import Bidder, Contract, Procurement, Supplement
from projects.procedures.shared import FIELDS, MAJOR, REVIEWED, asks, heading, in_words, owner_of, project_of
from projects.services import contracting, steps
from projects.services.firms import barred_on
from projects.standing import approved_of, contracted_of, in_county

HUNDRED = Decimal(100)
AGREED_TERM = "payment.sme_agreed"
"""The rule that says how long a term of payment agreed with a small or medium enterprise may be."""


def _of_winner(test: Callable[[Context, Bidder], bool]) -> Callable[[Context], bool]:
    """A test of the offer that an award names. Before one is named nothing is closed: the award cannot go without."""
    return lambda context: "winner" not in context.inputs or test(context, contracting.named_bidder(context))


def _no_author(context: Context, bidder: Bidder) -> bool:
    author = project_of(context.subject).design_firm.strip()
    return not author or bidder.firm.name.strip() != author


def _qualified(context: Context, bidder: Bidder) -> bool:
    firm, on = bidder.firm, timezone.localdate(context.at)
    return bool(firm.qualification) and (firm.qualified_until is None or firm.qualified_until >= on)


def _within_approved(context: Context) -> bool:
    contract: Contract = context.subject
    return contracted_of(contract.project) + contract.amount <= approved_of(contract.project)


def _budget_within_approved(context: Context) -> bool:
    return context.subject.budget <= approved_of(context.subject.project)


def _contract_complete(contract: Contract) -> bool:
    said = (contract.number, contract.deliverables, contract.ownership, contract.ends_on, contract.warranty_months)
    return all(said) and contract.milestones.exists()


def _has_supervisor(context: Context) -> bool:
    """A contract on supervision is signed, or the procurement is that of the supervisor itself."""
    project = project_of(context.subject)
    if context.subject.kind != Procurement.Kind.BUILD:
        return True
    return project.contracts.filter(kind=Procurement.Kind.SUPERVISION, signed_on__isnull=False).exists()


PROCUREMENT_CONDITIONS = IN_PLAN | {
    "plan_reviewed": REVIEWED,
    "project_approved": asks(
        lambda project: approved_of(project) > 0,
        unmet=_("The project is not approved yet."),
        met=_("The project is approved."),
    ),
    "budget_within_approved": Condition(
        _budget_within_approved,
        unmet=_("The budget of this procurement is more than what was approved for the project."),
        met=_("The budget lies within what was approved for the project."),
    ),
    "budget_reviewed": Condition(
        lambda context: bool(context.subject.budget_reviewer),
        unmet=_("No intermediary is named that has reviewed the budget."),
        met=_("An intermediary has reviewed the budget."),
    ),
    "tender_method": Condition(
        lambda context: context.subject.method in Procurement.TENDERS,
        unmet=_("The method is no tender."),
        met=_("The method is a tender."),
    ),
    "county_project": asks(
        lambda project: in_county(project.owner),
        unmet=_("This is no project of a county."),
        met=_("This is a project of a county."),
    ),
    "bids_received": Condition(
        lambda context: context.subject.bidders.exists(),
        unmet=_("No offer has been entered."),
        met=_("Offers have been entered."),
    ),
    "winner_not_author": Condition(
        _of_winner(_no_author),
        unmet=_("The firm that wrote the plan may not build what it planned."),
        met=_("The firm did not write the plan."),
    ),
    "winner_qualified": Condition(
        _of_winner(_qualified),
        unmet=_("The register names no qualification of this firm that holds today."),
        met=_("The firm is qualified."),
    ),
    "winner_not_barred": Condition(
        _of_winner(lambda context, bidder: barred_on(bidder.firm, timezone.localdate(context.at)) is None),
        unmet=_("This firm is barred today: the register of firms says until when and why."),
        met=_("The firm is not barred."),
    ),
    "winner_within_budget": Condition(
        _of_winner(lambda context, bidder: bidder.price <= context.subject.budget),
        unmet=_("The offer is more than the budget of the procurement."),
        met=_("The offer lies within the budget."),
    ),
}


def _term_lawful(context: Context) -> bool:
    """A term agreed with a small or medium enterprise is no longer than the rule of the place on it says, in days."""
    contract: Contract = context.subject
    longest = context.compiled.rule(AGREED_TERM, timezone.localdate(context.at)).limit
    if not contract.firm.small or longest is None:
        return True
    return (contract.payment_days or 0) <= int(longest.amount or 0)


CONTRACT_CONDITIONS = {
    "tendered": Condition(
        lambda context: context.subject.procurement.method in Procurement.TENDERS,
        unmet=_("The contract does not follow from a tender."),
        met=_("The contract follows from a tender."),
    ),
    "contract_complete": Condition(
        lambda context: _contract_complete(context.subject),
        unmet=_(
            "The contract is not complete: number, what is handed over, ownership, end of work, warranty and stages."
        ),
        met=_("The contract is complete."),
    ),
    "source_handed_over": Condition(
        lambda context: context.subject.source_code,
        unmet=_("The contract does not say that source code and design files are handed over."),
        met=_("The contract says that source code and design files are handed over."),
    ),
    "contract_within_approved": Condition(
        _within_approved,
        unmet=_("With this contract the project's contracts come to more than what was approved."),
        met=_("The project's contracts lie within what was approved."),
    ),
    "major_project": MAJOR,
    "supervised": Condition(
        _has_supervisor,
        unmet=_("The project has no supervisor yet: a contract on supervision comes first."),
        met=_("The project has a supervisor."),
    ),
    "payment_term_lawful": Condition(
        _term_lawful,
        unmet=_("The contract lets a small or medium enterprise wait longer for its money than the law allows."),
        met=_("The term of payment lies within what the law allows."),
    ),
    "warranty_stated": Condition(
        lambda context: bool(context.subject.warranty_months),
        unmet=_("The contract states no warranty."),
        met=_("The contract states its warranty."),
    ),
}


SUPPLEMENT_CONDITIONS = {
    "supplement_within_approved": Condition(
        lambda context: (
            contracted_of(context.subject.project) + context.subject.amount <= approved_of(context.subject.project)
        ),
        unmet=_("With this supplement the project's contracts come to more than what was approved."),
        met=_("The project's contracts with this supplement lie within what was approved."),
    ),
}


def _bond_share(context: Context) -> float:
    return float(context.subject.bond / context.subject.amount * HUNDRED)


def _supplement_share(context: Context) -> float:
    """All supplements of the contract, this one too, in percent of its first amount."""
    supplement: Supplement = context.subject
    signed = supplement.contract.supplements.filter(signed_on__isnull=False).exclude(pk=supplement.pk)
    together = sum((row.amount for row in signed), supplement.amount)
    return float(together / supplement.contract.amount * HUNDRED)


def bids(procurement: Procurement, events: Sequence[CaseEvent]) -> Sequence[Choice]:
    """The offers that an award may name."""
    rows = procurement.bidders.select_related("firm")
    return [Choice(str(row.pk), f"{row.firm.name} · {in_words(row.price)}") for row in rows]


def _procurement_facts(procurement: Procurement) -> Sequence[tuple[str, str]]:
    rows = procurement.bidders.select_related("firm")
    return [
        *heading(procurement),
        (_now("What is procured"), f"{procurement.title} ({procurement.get_kind_display()})"),
        (_now("Method of procurement"), str(procurement.get_method_display())),
        (_now("Budget of the procurement"), in_words(procurement.budget)),
        (_now("Offers"), _now(", ").join(_bid_in_words(row) for row in rows) or "—"),
    ]


def _bid_in_words(bidder: Bidder) -> str:
    said = f"{bidder.firm.name} {in_words(bidder.price)}"
    return _now("%(bid)s (winner)") % {"bid": said} if bidder.won else said


def _contract_facts(contract: Contract) -> Sequence[tuple[str, str]]:
    stages = (f"{row.number}. {row.title} {row.percent}% {in_words(row.amount)}" for row in contract.milestones.all())
    return [
        *heading(contract),
        (_now("Contractor"), f"{contract.firm.name} {contract.firm.credit_code}"),
        (_now("Contract number"), contract.number or "—"),
        (_now("Amount of money"), in_words(contract.amount)),
        (_now("What is handed over"), contract.deliverables or "—"),
        (_now("To whom the results belong"), contract.ownership or "—"),
        (_now("Stages"), _now(", ").join(stages) or "—"),
    ]


def _supplement_facts(supplement: Supplement) -> Sequence[tuple[str, str]]:
    return [
        *heading(supplement),
        (_now("Contract"), str(supplement.contract)),
        (_now("What is added"), supplement.title),
        (_now("Amount of money"), in_words(supplement.amount)),
    ]


def _procurement_panel(matter: Matter, actor: AnyActor) -> dict[str, Any]:
    procurement = matter.subject
    return {
        "project": procurement.project,
        "procurement": procurement,
        "law": matter.compiled,
        "bidders": list(procurement.bidders.select_related("firm").prefetch_related("firm__bans")),
        "today": timezone.localdate(),
        "may_enter": contracting.may_write(actor, matter) and not procurement.bidders.filter(won=True).exists(),
    }


def _contract_panel(matter: Matter, actor: AnyActor) -> dict[str, Any]:
    contract = matter.subject
    return {
        "project": contract.project,
        "contract": contract,
        "milestones": list(contract.milestones.all()),
        "supplements": list(contract.supplements.filter(signed_on__isnull=False)),
        "payments": list(contract.payments.filter(posted_on__isnull=False).select_related("case")),
        "may_write": contract.signed_on is None and contracting.may_write(actor, matter),
    }


def _supplement_panel(matter: Matter, actor: AnyActor) -> dict[str, Any]:
    supplement = matter.subject
    return {"project": supplement.project, "supplement": supplement, "contract": supplement.contract}


def register() -> None:
    """Called once when the app is ready."""
    shared: dict[str, Any] = {"link": steps.link, "resolvers": {"project_owner": owner_of}}
    families.register(
        Family(
            id=contracting.PROCUREMENT,
            prefix="CG",
            label=_("procurement for a project"),
            subject_model=Procurement,
            related=("project__owner",),
            conditions=PROCUREMENT_CONDITIONS,
            fields=FIELDS | {"procurement_budget": lambda context: float(context.subject.budget)},
            effects={"award": contracting.award},
            items=bids,
            facts=_procurement_facts,
            panel="projects/_procurement_panel.html",
            panel_context=_procurement_panel,
            **shared,
        )
    )
    families.register(
        Family(
            id=contracting.CONTRACT,
            prefix="HT",
            label=_("contract of a project"),
            subject_model=Contract,
            related=("project__owner", "firm", "procurement"),
            spawn=contracting.spawn_contract,
            conditions=CONTRACT_CONDITIONS,
            fields=FIELDS | {"bond_share": _bond_share},
            effects={"sign_contract": contracting.sign_contract},
            facts=_contract_facts,
            panel="projects/_contract_panel.html",
            panel_context=_contract_panel,
            **shared,
        )
    )
    families.register(
        Family(
            id=contracting.SUPPLEMENT,
            prefix="BC",
            label=_("supplementary contract"),
            subject_model=Supplement,
            related=("contract__project__owner", "contract__firm"),
            conditions=SUPPLEMENT_CONDITIONS,
            fields={"supplement_share": _supplement_share},
            effects={"sign_supplement": contracting.sign_supplement},
            facts=_supplement_facts,
            panel="projects/_supplement_panel.html",
            panel_context=_supplement_panel,
            **shared,
        )
    )
