"""The ledger of a fund's year: each line with the act that made it, and the sums that it changes, in one place."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.families import Context
from funds.models import FundApplication, FundEntry, FundTransfer, FundYear
from organizations.errors import BadInput, Conflict
from organizations.models import Organization

Kind = FundEntry.Kind
SUMS: dict[str, str] = {
    Kind.BUDGETED: "budgeted",
    Kind.ALLOCATED: "allocated",
    Kind.RELEASED: "allocated",
    Kind.ISSUED: "issued",
    Kind.PASSED_ON: "passed_on",
    Kind.RETURNED: "returned",
    Kind.PAID: "paid",
    Kind.CARRIED_OVER: "carried_over",
    Kind.RECALLED: "recalled",
}
"""Which sum of the year a line changes."""


def locked_year(year_id: int) -> FundYear:
    """The year under its row lock, as it stands now."""
    return FundYear.objects.select_for_update(of=("self",)).select_related("fund").get(pk=year_id)


def book(
    context: Context,
    year: FundYear,
    kind: str,
    amount: Decimal,
    *,
    on: date | None = None,
    receiver: Organization | None = None,
    application: FundApplication | None = None,
) -> FundEntry:
    """Write a line by the act in hand, and change the year's sum with it. The caller holds the year's lock.

    Raises Conflict where the sums would break: below zero, or beyond what there is.
    """
    assert context.case is not None
    _check(year, kind, amount)
    entry = FundEntry.objects.create(
        year=year,
        kind=kind,
        amount=amount,
        on=on or timezone.localdate(context.at),
        receiver=receiver,
        application=application,
        case=context.case,
        seq=context.case.seq,
    )
    name = SUMS[kind]
    setattr(year, name, getattr(year, name) + amount)
    FundYear.objects.filter(pk=year.pk).update(**{name: F(name) + amount})
    if application is not None and name in ("allocated", "paid"):
        FundApplication.objects.filter(pk=application.pk).update(**{name: F(name) + amount})
    return entry


def _check(year: FundYear, kind: str, amount: Decimal) -> None:
    limits = {
        Kind.ALLOCATED: year.left,
        Kind.RECALLED: year.left,
        Kind.ISSUED: year.allocated - year.issued - year.paid,
        Kind.PAID: year.allocated - year.issued - year.paid,
        Kind.PASSED_ON: year.issued - year.passed_on - year.returned,
        Kind.RETURNED: year.issued - year.passed_on - year.returned,
    }
    most = limits.get(FundEntry.Kind(kind))
    if most is not None and amount > most:
        raise Conflict(
            _("Only %(most)s yuan are left for this; %(asked)s yuan are asked.")
            % {"most": f"{most:,.2f}", "asked": f"{amount:,.2f}"}
        )


def amount_in(context: Context, name: str = "amount") -> Decimal:
    """The amount typed in an action, in yuan. Raises BadInput unless it is above zero."""
    amount = Decimal(str(context.inputs.get(name, "0")))
    if amount <= 0:
        raise BadInput(_("Some entries are wrong."), {name: _("Enter an amount above zero.")})
    return amount


def day_in(context: Context, name: str) -> date:
    """The day typed in an action; else the day of the act."""
    value = context.inputs.get(name)
    return date.fromisoformat(str(value)) if value else timezone.localdate(context.at)


def locked_transfer(transfer_id: int) -> FundTransfer:
    """The transfer under its row lock, after its year's."""
    rows = FundTransfer.objects.select_for_update(of=("self",)).select_related("line__allocation__year__fund")
    return rows.get(pk=transfer_id)
