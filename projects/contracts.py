"""What may be read of procurements, contracts, payments and changes of a project. Amounts are yuan."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.engine.context import Matter
from cases.selectors import case_by_number, visible_cases
from organizations.actors import Actor, AnyActor
from organizations.errors import NotKnown
from projects.models import Bidder, Contract, LedgerEntry, Milestone, Payment, Procurement, Project
from statutes.definitions import All, Cond, Not, OverThreshold, Rule
from statutes.definitions import Any as OneOf

SMALL_FIRM_CLOCK, LATE_INTEREST = "small_firm", "payment.sme_interest"
CENT, HUNDRED = Decimal("0.01"), Decimal(100)


def procurement_for(actor: Actor, number: str) -> Procurement:
    """The procurement whose case has this number. Raises NotKnown."""
    case = case_by_number(actor, number)
    found = Procurement.objects.select_related("project__jurisdiction", "case").filter(case=case).first()
    if found is None:
        raise NotKnown(_("There is no such case."))
    return found


def bidder_for(procurement: Procurement, bidder_id: int) -> Bidder:
    """One offer of a procurement. Raises NotKnown."""
    found = procurement.bidders.select_related("firm", "procurement__case").filter(pk=bidder_id).first()
    if found is None:
        raise NotKnown(_("There is no such offer."))
    return found


def contract_for(actor: Actor, number: str) -> Contract:
    """The contract whose case has this number. Raises NotKnown."""
    case = case_by_number(actor, number)
    rows = Contract.objects.select_related("project__jurisdiction", "project__owner", "project__case", "case", "firm")
    found = rows.select_related("procurement").filter(case=case).first()
    if found is None:
        raise NotKnown(_("There is no such case."))
    return found


def seen_numbers(actor: AnyActor, cases: Iterable[int | None]) -> dict[int, str]:
    """Of these cases those that the actor may see, by key with their numbers."""
    keys = {key for key in cases if key is not None}
    return dict(visible_cases(actor).filter(pk__in=keys).values_list("pk", "number"))


@dataclass(frozen=True, slots=True)
class Line:
    """A row with the number of its case; "" when the reader may not open that."""

    row: Any
    number: str


def lines(actor: AnyActor, rows: Iterable[Any]) -> list[Line]:
    """Rows that each have a case, in their order, with the numbers that the actor may open."""
    found = list(rows)
    numbers = seen_numbers(actor, [row.case_id for row in found])
    return [Line(row, numbers.get(row.case_id, "")) for row in found]


def contracts_of(actor: AnyActor, project: Project) -> list[Line]:
    """The contracts of a project, oldest first."""
    return lines(actor, project.contracts.select_related("firm").order_by("pk"))


def procurements_of(actor: AnyActor, project: Project) -> list[Line]:
    """What was or is procured for a project, oldest first."""
    return lines(actor, project.procurements.select_related("case").order_by("pk"))


def changes_of(actor: AnyActor, project: Project) -> list[Line]:
    """Changes applied for, oldest first."""
    return lines(actor, project.changes.select_related("case").order_by("pk"))


def ledger_of(project: Project) -> QuerySet[LedgerEntry]:
    """The lines of a project's ledger in the order in which they were written."""
    return project.ledger.select_related("contract__firm").order_by("pk")


@dataclass(frozen=True, slots=True)
class StageRow:
    """A stage with what is `paid` of its share, and what is `asked` for and not decided."""

    stage: Milestone
    paid: Decimal
    asked: Decimal

    @property
    def left(self) -> Decimal:
        return self.stage.amount - self.paid - self.asked


def stages_of(contract: Contract) -> list[StageRow]:
    """The stages of a contract in their order."""
    waiting = Q(payments__posted_on__isnull=True, payments__case__closed_at__isnull=True)
    rows = contract.milestones.annotate(
        paid=Sum("payments__amount", filter=Q(payments__posted_on__isnull=False)),
        asked=Sum("payments__amount", filter=waiting),
    )
    return [StageRow(row, row.paid or Decimal(0), row.asked or Decimal(0)) for row in rows.order_by("number")]


def payable(project: Project) -> list[Contract]:
    """Signed contracts of a project of which something is left to pay."""
    rows = project.contracts.filter(signed_on__isnull=False).select_related("firm", "project__owner")
    return [row for row in rows.order_by("pk") if row.left > 0]


def recallable(project: Project) -> list[Contract]:
    """Contracts of a project of which something was paid."""
    return list(project.contracts.filter(paid__gt=0).select_related("firm", "project__owner").order_by("pk"))


# --- what panels show beside the rows


@dataclass(frozen=True, slots=True)
class LateInterest:
    """What a late payment to a small firm costs: `per_day` and `sum` in yuan for so many `days`, by `rule`."""

    days: int
    per_day: Decimal
    sum: Decimal
    rule: Rule


def late_interest(matter: Matter, payment: Payment) -> LateInterest | None:
    """Interest on a payment whose time limit for small firms is over, at the rate of the law; None when it is not.

    The days are those after the due date up to the payment, or up to today.
    """
    clock = matter.last_clock(SMALL_FIRM_CLOCK)
    if clock is None or clock.due_on is None:
        return None
    until = payment.posted_on or timezone.localdate()
    days = (until - clock.due_on).days
    if days <= 0 or (payment.posted_on is None and matter.case.closed_at is not None):
        return None
    try:
        rule = matter.compiled.rule(LATE_INTEREST, until)
    except KeyError:
        return None
    if rule.threshold is None:
        return None
    exact = payment.amount * Decimal(str(rule.threshold.amount)) / HUNDRED
    return LateInterest(days, exact.quantize(CENT), (exact * days).quantize(CENT), rule)


def change_limits(matter: Matter) -> list[Rule]:
    """Rules of the law that measure a change in percent of what was approved, as the procedure names them."""
    named = {cond.threshold for action in matter.procedure.actions.values() for cond in _thresholds(action.when)}
    rules = [matter.compiled.rule(name) for name in sorted(named)]
    return [rule for rule in rules if rule.threshold is not None and rule.threshold.field == "change_percent"]


def _thresholds(conditions: Iterable[Cond]) -> Iterable[OverThreshold]:
    for cond in conditions:
        match cond:
            case OverThreshold():
                yield cond
            case All(items=items) | OneOf(items=items):
                yield from _thresholds(items)
            case Not(item=item):
                yield from _thresholds([item])
