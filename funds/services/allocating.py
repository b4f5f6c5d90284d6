"""Allocating a year's money: by factors to places, or to projects that were approved; then issuing it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.families import Context
from cases.models import Case
from cases.services import open_case, opened_before, signal_open_cases
from funds.models import (
    AllocationFactor,
    AllocationLine,
    FactorValue,
    FundAllocation,
    FundApplication,
    FundEntry,
    FundTransfer,
    FundYear,
    Publication,
)
from funds.services.ledger import amount_in, book, day_in, locked_transfer, locked_year
from funds.services.planning import CENT
from funds.services.years import check_year_end
from funds.shares import shares
from organizations.actors import Actor
from organizations.errors import BadInput, Conflict
from organizations.models import Organization

FAMILY, TRANSFER = "fund_allocation", "fund_transfer"
Kind = FundEntry.Kind


@dataclass(frozen=True, slots=True)
class AllocationPlan:
    """What is to be allocated, in yuan.

    By factors: `weights` (percent by name) and `values` (receiver's id to value by name). To projects: `projects`
    (application's id to amount).
    """

    method: str
    amount: Decimal
    weights: Mapping[str, Decimal] = field(default_factory=dict)
    values: Mapping[int, Mapping[str, Decimal]] = field(default_factory=dict)
    projects: Mapping[int, Decimal] = field(default_factory=dict)


def open_allocation(actor: Actor, *, year: FundYear, plan: AllocationPlan, idempotency_key: str = "") -> Case:
    """Work out an allocation and send it to the own head. Returns its case.

    Raises BadInput with the fields: weights that do not total 100, shares that do not add up, unknown receivers.
    """
    if earlier := opened_before(actor, idempotency_key):
        return earlier
    with transaction.atomic():
        locked = locked_year(year.pk)
        if locked.case is None:
            raise Conflict(_("This year of the fund has no budget yet."))
        amounts = (
            _by_factors(locked, plan) if plan.method == FundAllocation.Method.FACTOR else _to_projects(locked, plan)
        )
        row = FundAllocation.objects.create(year=locked, method=plan.method, amount=plan.amount)
        _write_lines(row, plan, amounts)
        return open_case(
            actor,
            family=FAMILY,
            procedure=FAMILY,
            jurisdiction=locked.fund.jurisdiction,
            subject=row,
            title=f"{locked.fund.name} {locked.year}",
            idempotency_key=idempotency_key,
            parent=locked.case,
        )


def issue_transfer(
    actor: Actor,
    *,
    line: AllocationLine,
    issued_on: date,
    mode: str = FundTransfer.Mode.REGULAR,
    idempotency_key: str = "",
) -> Case:
    """Issue a line of a decided allocation to its city or county. Returns the case of the transfer.

    Raises Conflict for a line that is not decided, is for a project, or was issued already.
    """
    if earlier := opened_before(actor, idempotency_key):
        return earlier
    if mode not in FundTransfer.Mode.values:
        raise BadInput(_("Some entries are wrong."), {"mode": _("Say how it is issued.")})
    with transaction.atomic():
        locked_year(line.allocation.year_id)
        fresh = AllocationLine.objects.select_related("allocation__year__fund__jurisdiction", "receiver").get(
            pk=line.pk
        )
        if fresh.allocation.decided_on is None or fresh.receiver is None or fresh.amount <= 0:
            raise Conflict(_("Only what is allocated to a city or county is issued to it."))
        if FundTransfer.objects.filter(line=fresh).exists():
            raise Conflict(_("This has been issued already."))
        row = FundTransfer.objects.create(line=fresh, mode=mode, amount=fresh.amount)
        return open_case(
            actor,
            family=TRANSFER,
            procedure=TRANSFER,
            jurisdiction=fresh.allocation.year.fund.jurisdiction,
            subject=row,
            title=f"{fresh.allocation.year.fund.name} {fresh.allocation.year.year} · {fresh.receiver.name}",
            given={"issued_on": issued_on.isoformat()},
            idempotency_key=idempotency_key,
            parent=fresh.allocation.year.case,
        )


def link(subject: FundAllocation | FundTransfer, case: Case) -> None:
    """Store the case of an allocation or a transfer. Inside the opening's transaction."""
    subject.case = case
    subject.save(update_fields=["case"])


def allocate(context: Context) -> None:
    """Effect: the allocation is decided: each line stands in the ledger, and the projects hear of theirs."""
    row: FundAllocation = context.subject
    year = locked_year(row.year_id)
    lines = list(row.lines.select_related("receiver", "application").order_by("pk"))
    for line in lines:
        if line.amount > 0:
            book(context, year, Kind.ALLOCATED, line.amount, receiver=line.receiver, application=line.application)
    row.decided_on = timezone.localdate(context.at)
    row.save(update_fields=["decided_on"])
    signal_open_cases([line.application.case_id for line in lines if line.application], "allocated")


def publish_allocation(context: Context) -> None:
    """Effect: the allocation was published."""
    row: FundAllocation = context.subject
    organization = getattr(context.actor, "organization", None)
    Publication.objects.create(
        fund=row.year.fund,
        year=row.year,
        kind=Publication.Kind.ALLOCATION,
        title=_("Allocation of the year %(year)s") % {"year": row.year.year},
        text=str(context.inputs.get("text", "")),
        published_on=day_in(context, "published_on"),
        publisher=organization or row.year.fund.department,
        case=context.case,
    )


def book_issue(context: Context) -> None:
    """Effect: the transfer was issued."""
    row: FundTransfer = context.subject
    book(
        context,
        locked_year(row.year.pk),
        Kind.ISSUED,
        row.amount,
        on=day_in(context, "issued_on"),
        receiver=row.receiver,
    )


def book_passing_on(context: Context) -> None:
    """Effect: city or county finance passed money on. Raises Conflict beyond what it has."""
    year = locked_year(context.subject.year.pk)
    row = locked_transfer(context.subject.pk)
    amount = amount_in(context)
    if amount > row.left:
        raise Conflict(_("Only %(most)s yuan of this transfer are left.") % {"most": f"{row.left:,.2f}"})
    book(context, year, Kind.PASSED_ON, amount, on=day_in(context, "passed_day"), receiver=row.receiver)
    FundTransfer.objects.filter(pk=row.pk).update(passed_on=F("passed_on") + amount)


def check_carrying(context: Context) -> None:
    """Effect: a transfer is carried over at the end of its budget year, not before. Raises BadInput."""
    check_year_end(day_in(context, "carried_on"), context.subject.year.year, "carried_on")


def return_rest(context: Context) -> None:
    """Effect: what city or county finance did not pass on goes back to the province."""
    year = locked_year(context.subject.year.pk)
    row = locked_transfer(context.subject.pk)
    left = row.left
    if left <= 0:
        raise Conflict(_("Nothing is left to be recalled."))
    book(context, year, Kind.RETURNED, left, receiver=row.receiver)
    FundTransfer.objects.filter(pk=row.pk).update(returned=F("returned") + left)


def _by_factors(year: FundYear, plan: AllocationPlan) -> dict[int, Decimal]:
    """Receiver's id to its share. Raises BadInput."""
    problems = _money_problems(plan)
    if sum(plan.weights.values()) != 100:
        total = sum(plan.weights.values(), Decimal(0))
        problems["weights"] = _("The weights total %(total)s percent, not 100.") % {"total": f"{total:.2f}"}
    known = Organization.objects.filter(pk__in=plan.values).exclude(pk=year.fund.department_id)
    if not plan.values or known.count() < len(plan.values):
        problems["values"] = _("Name the cities and counties among which the amount is shared.")
    if not problems:
        try:
            parts = shares(plan.amount, plan.weights, list(plan.values.values()))
        except ValueError:
            problems["values"] = _("Of every factor somebody has to have some, and nobody less than nothing.")
        else:
            return dict(zip(plan.values, parts, strict=True))
    raise BadInput(_("Some entries are wrong."), problems)


def _to_projects(year: FundYear, plan: AllocationPlan) -> dict[int, Decimal]:
    """Application's id to its amount. Raises BadInput."""
    problems = _money_problems(plan)
    applications = FundApplication.objects.filter(pk__in=plan.projects, year=year)
    if not plan.projects or applications.count() < len(plan.projects):
        problems["projects"] = _("Name projects of this year.")
    elif any(amount <= 0 or amount != amount.quantize(CENT) for amount in plan.projects.values()):
        problems["projects"] = _("Amounts are in yuan, above zero, with at most two decimals.")
    elif (summed := sum(plan.projects.values(), Decimal(0))) != plan.amount:
        problems["amount"] = _("The projects add up to %(sum)s yuan, the amount is %(amount)s yuan.") % {
            "sum": f"{summed:,.2f}",
            "amount": f"{plan.amount:,.2f}",
        }
    for row in applications:
        if not problems and plan.projects[row.pk] + row.allocated > row.requested:
            problems["projects"] = _("“%(name)s” would get more than it asked for.") % {"name": row.name}
    if problems:
        raise BadInput(_("Some entries are wrong."), problems)
    return dict(plan.projects)


def _money_problems(plan: AllocationPlan) -> dict[str, object]:
    if not plan.amount.is_finite() or plan.amount <= 0 or plan.amount != plan.amount.quantize(CENT):
        return {"amount": _("Amounts are in yuan, above zero, with at most two decimals.")}
    return {}


def _write_lines(row: FundAllocation, plan: AllocationPlan, amounts: Mapping[int, Decimal]) -> None:
    if plan.method == FundAllocation.Method.PROJECT:
        AllocationLine.objects.bulk_create(
            AllocationLine(allocation=row, application_id=key, amount=amount) for key, amount in amounts.items()
        )
        return
    factors = {
        name: AllocationFactor.objects.create(allocation=row, name=name, weight=weight)
        for name, weight in plan.weights.items()
    }
    lines: Sequence[AllocationLine] = AllocationLine.objects.bulk_create(
        AllocationLine(allocation=row, receiver_id=key, amount=amount) for key, amount in amounts.items()
    )
    FactorValue.objects.bulk_create(
        FactorValue(line=line, factor=factor, value=plan.values[line.receiver_id or 0].get(name, Decimal(0)))
        for line in lines
        for name, factor in factors.items()
    )
