"""Firms, procurements and contracts. Amounts are yuan with two decimals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from audit import services as audit
from cases.engine import Matter, load
from cases.families import Context
from cases.hands import held_by
from cases.models import Case
from organizations.actors import Actor, AnyActor
from organizations.errors import BadInput, Conflict, NotKnown, NotPermitted
from organizations.models import Organization
from projects.models import (
    Bidder,
    Contract,
    Firm,
    LedgerEntry,
    Milestone,
    Procurement,
    Project,
    Supplement,
)
from projects.services.ledger import check_covered, hold_contract, post
from projects.services.steps import open_step

PROCUREMENT, CONTRACT, SUPPLEMENT = "procurement", "contract", "supplement"
HUNDRED = Decimal(100)
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Purchase:
    """What is to be procured. `budget` in yuan."""

    title: str
    kind: str
    method: str
    budget: Decimal
    method_reason: str = ""
    budget_reviewer: str = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a contract: `percent` of its amount, paid when it is reached."""

    title: str
    percent: Decimal
    planned_on: date


@dataclass(frozen=True, slots=True)
class Terms:
    """What a contract says. Money in yuan, times in the unit of their names."""

    number: str
    title: str
    amount: Decimal
    stages: Sequence[Stage]
    bond: Decimal = Decimal(0)
    begins_on: date | None = None
    ends_on: date | None = None
    deliverables: str = ""
    ownership: str = ""
    source_code: bool = False
    warranty_months: int | None = None
    response_hours: int | None = None
    payment_days: int | None = None


def begin_procurement(
    actor: Actor,
    *,
    project: Project,
    purchase: Purchase,
    given: Mapping[str, Any] | None = None,
    opinion: str = "",
    idempotency_key: str = "",
    at: datetime | None = None,
) -> Case:
    """Begin to procure something for a project. Returns the case.

    Raises BadInput for a budget that is not positive or of more than two decimals, and as open_step.
    """

    def subject(locked: Project) -> Procurement:
        wanted = {row.name: getattr(purchase, row.name) for row in fields(purchase)}
        if problems := _amounts(budget=purchase.budget):
            raise BadInput(_("Some entries are wrong."), problems)
        return Procurement.objects.create(project=locked, **wanted)

    return open_step(
        actor,
        family=PROCUREMENT,
        project=project,
        subject=subject,
        title=purchase.title,
        given=given,
        opinion=opinion,
        idempotency_key=idempotency_key,
        at=at,
    )


@transaction.atomic
def add_bidder(actor: Actor, *, procurement: Procurement, firm: Firm, price: Decimal) -> Bidder:
    """Enter a firm's offer, in yuan, while offers are taken. Whether the firm may win is judged at the award.

    Raises NotPermitted to whom the case does not await, Conflict for a second offer of the firm, BadInput.
    """
    _awaited(actor, procurement.case)
    if problems := _amounts(price=price):
        raise BadInput(_("Some entries are wrong."), problems)
    if firm.jurisdiction_id != procurement.project.jurisdiction_id:
        raise NotKnown(_("There is no such firm in the register."))
    if procurement.bidders.filter(firm=firm).exists():
        raise Conflict(_("This firm's offer has been entered already."))
    bidder = Bidder.objects.create(procurement=procurement, firm=firm, price=price)
    _prove(actor, "bidder.add", procurement.case, {"firm": firm.credit_code, "price": str(price)})
    return bidder


@transaction.atomic
def remove_bidder(actor: Actor, *, bidder: Bidder) -> None:
    """Take an offer out again while offers are taken. Raises NotPermitted, Conflict for the winner."""
    case = bidder.procurement.case
    _awaited(actor, case)
    if bidder.won:
        raise Conflict(_("This offer has won and stays."))
    data = {"firm": bidder.firm.credit_code, "price": str(bidder.price)}
    bidder.delete()
    _prove(actor, "bidder.remove", case, data)


def award(context: Context) -> None:
    """Effect: the offer named by the input `winner` wins."""
    won = named_bidder(context)
    won.won = True
    won.save(update_fields=["won"])


def named_bidder(context: Context) -> Bidder:
    """The offer that the input `winner` names. Raises BadInput when it is none of this procurement."""
    values = context.inputs.get("winner") or []
    key = values[0] if isinstance(values, list) else values
    bidder = context.subject.bidders.select_related("firm").filter(pk=int(key)).first() if len(values) == 1 else None
    if bidder is None:
        raise BadInput(_("Some entries are wrong."), {"winner": _("Name one of the offers.")})
    return bidder


def spawn_contract(parent: Case | None, organization: Organization | None, at: datetime) -> Contract:
    """The contract that follows from an award: with the winner, for the price of the offer."""
    procurement = Procurement.objects.select_related("project").get(case=parent)
    winner = procurement.bidders.select_related("firm").get(won=True)
    return Contract.objects.create(
        project=procurement.project,
        procurement=procurement,
        firm=winner.firm,
        kind=procurement.kind,
        title=procurement.title,
        amount=winner.price,
    )


@transaction.atomic
def save_contract(actor: Actor, *, contract: Contract, terms: Terms, version: int | None = None) -> Contract:
    """Write what a contract says, until it is signed. Returns it.

    Raises NotPermitted to whom the case does not await, Conflict when it is signed or was saved elsewhere, BadInput
    for amounts, an amount that is not the price that won, dates out of order or stages that do not come to 100 percent.
    """
    locked = Contract.objects.select_for_update(of=("self",)).select_related("case", "procurement").get(pk=contract.pk)
    _awaited(actor, locked.case)
    if locked.signed_on is not None:
        raise Conflict(_("The contract is signed: a supplementary contract adds to it."))
    if version is not None and version != locked.version:
        raise Conflict(_("This contract was saved elsewhere meanwhile. Open it again to see the newer one."))
    if problems := _terms_problems(locked, terms):
        raise BadInput(_("Some entries are wrong."), problems)
    for row in fields(terms):
        if row.name != "stages":
            setattr(locked, row.name, getattr(terms, row.name))
    locked.version += 1
    locked.save()
    _write_stages(locked, terms.stages)
    _prove(actor, "contract.save", locked.case, {"amount": str(locked.amount), "version": locked.version})
    return locked


def _terms_problems(contract: Contract, terms: Terms) -> dict[str, Any]:
    problems: dict[str, Any] = _amounts(amount=terms.amount)
    won = contract.procurement.bidders.filter(won=True).first() if contract.procurement else None
    if won is not None and terms.amount != won.price:
        problems["amount"] = _("The offer that won is %(price)s yuan: the contract is made for that.") % {
            "price": f"{won.price:,.2f}"
        }
    if terms.begins_on and terms.ends_on and terms.ends_on < terms.begins_on:
        problems["ends_on"] = _("The work ends before it begins.")
    if terms.bond < 0 or terms.bond > terms.amount:
        problems["bond"] = _("The bond lies between nothing and the amount of the contract.")
    problems |= _stage_problems(terms.stages)
    if not problems and any(share <= 0 for share in _shares(terms.amount, terms.stages)):
        problems["stages"] = _("Each stage has a share of more than nothing.")
    return problems


def _stage_problems(stages: Sequence[Stage]) -> dict[str, Any]:
    if not stages:
        return {"stages": _("Name at least one stage at which money is paid.")}
    if any(stage.percent <= 0 for stage in stages):
        return {"stages": _("Each stage has a share of more than nothing.")}
    if (together := sum((stage.percent for stage in stages), Decimal(0))) != HUNDRED:
        return {"stages": _("The stages come to %(sum)s percent and have to come to 100.") % {"sum": f"{together:f}"}}
    dates = [stage.planned_on for stage in stages]
    return {} if dates == sorted(dates) else {"stages": _("A stage is planned before the one that it follows.")}


def _shares(amount: Decimal, stages: Sequence[Stage]) -> list[Decimal]:
    """The shares in yuan; what rounding leaves over goes to the last stage, so that they add up to the cent."""
    shares = [(amount * stage.percent / HUNDRED).quantize(CENT) for stage in stages]
    shares[-1] += amount - sum(shares)
    return shares


def _write_stages(contract: Contract, stages: Sequence[Stage]) -> None:
    shares = _shares(contract.amount, stages)
    contract.milestones.all().delete()
    Milestone.objects.bulk_create(
        Milestone(
            contract=contract,
            number=number,
            title=stage.title,
            percent=stage.percent,
            amount=share,
            planned_on=stage.planned_on,
        )
        for number, (stage, share) in enumerate(zip(stages, shares, strict=True), start=1)
    )


def sign_contract(context: Context) -> None:
    """Effect: the contract is signed on the day of the input `signed_on`, and stands in the ledger."""
    contract = hold_contract(context.subject)
    contract.signed_on = date.fromisoformat(str(context.inputs["signed_on"]))
    contract.due = contract.amount
    contract.save(update_fields=["signed_on", "due"])
    post(context, LedgerEntry.Kind.CONTRACTED, contract.amount, project=contract.project, contract=contract)
    check_covered(contract.project)


def begin_supplement(
    actor: Actor,
    *,
    contract: Contract,
    title: str,
    amount: Decimal,
    given: Mapping[str, Any] | None = None,
    opinion: str = "",
    idempotency_key: str = "",
    at: datetime | None = None,
) -> Case:
    """Begin a supplementary contract, in yuan. Returns its case. Raises BadInput, Conflict while unsigned."""

    def subject(locked: Project) -> Supplement:
        if problems := _amounts(amount=amount):
            raise BadInput(_("Some entries are wrong."), problems)
        if contract.signed_on is None:
            raise Conflict(_("The contract is not signed yet: change it instead."))
        return Supplement.objects.create(contract=contract, title=title, amount=amount)

    return open_step(
        actor,
        family=SUPPLEMENT,
        project=contract.project,
        subject=subject,
        title=title,
        given=given,
        opinion=opinion,
        idempotency_key=idempotency_key,
        at=at,
    )


def sign_supplement(context: Context) -> None:
    """Effect: the supplementary contract is signed, and adds to what its contract comes to."""
    supplement: Supplement = context.subject
    contract = hold_contract(supplement.contract)
    supplement.signed_on = date.fromisoformat(str(context.inputs["signed_on"]))
    supplement.save(update_fields=["signed_on"])
    contract.due += supplement.amount
    contract.save(update_fields=["due"])
    post(context, LedgerEntry.Kind.SUPPLEMENTED, supplement.amount, project=contract.project, contract=contract)
    check_covered(contract.project)


def may_write(actor: AnyActor, matter: Matter) -> bool:
    """Whether the case is open and awaits a hand of the actor's."""
    return matter.case.closed_at is None and held_by(matter, actor, matter.state.awaits) is not None


def _amounts(**amounts: Decimal) -> dict[str, Any]:
    """Problems of amounts in yuan: more than nothing, cents at the finest."""
    problems = {}
    for name, amount in amounts.items():
        if amount <= 0:
            problems[name] = _("State an amount of more than nothing.")
        elif amount != amount.quantize(CENT):
            problems[name] = _("Amounts in yuan have two decimals at the most.")
    return problems


def _awaited(actor: Actor, case: Case | None) -> None:
    """Only a hand that the case awaits now writes what belongs to it. Raises NotPermitted, Conflict."""
    if case is None or case.closed_at is not None:
        raise Conflict(_("This matter is closed: nothing in it changes any more."))
    if not may_write(actor, load(case)):
        raise NotPermitted(_("The matter does not await you now."))


def _prove(actor: Actor, verb: str, case: Any, data: dict[str, Any]) -> None:
    audit.record(verb=verb, who=actor.who, subject="case", subject_id=str(case.pk), data=data)
