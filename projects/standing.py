"""Where a project stands: what was approved, contracted and paid, all read from its ledger. Amounts are yuan."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q, Sum

from organizations.models import Organization
from projects.models import LedgerEntry, Project

APPROVED = (LedgerEntry.Kind.APPROVED, LedgerEntry.Kind.CHANGED)
CONTRACTED = (LedgerEntry.Kind.CONTRACTED, LedgerEntry.Kind.SUPPLEMENTED)
PAID = (LedgerEntry.Kind.PAID, LedgerEntry.Kind.RECALLED)


@dataclass(frozen=True, slots=True)
class Money:
    """Four figures of a project. `left`: what was contracted and is not paid."""

    approved: Decimal
    contracted: Decimal
    paid: Decimal

    @property
    def left(self) -> Decimal:
        return self.contracted - self.paid


def money_of(project: Project) -> Money:
    """What was approved, contracted and paid so far."""
    sums = project.ledger.aggregate(
        approved=Sum("amount", filter=Q(kind__in=APPROVED)),
        contracted=Sum("amount", filter=Q(kind__in=CONTRACTED)),
        paid=Sum("amount", filter=Q(kind__in=PAID)),
    )
    return Money(**{name: value or Decimal(0) for name, value in sums.items()})


def approved_of(project: Project) -> Decimal:
    """What may be spent on the project; nothing before its approval."""
    return money_of(project).approved


def contracted_of(project: Project) -> Decimal:
    """What the project's signed contracts come to with their supplements."""
    return money_of(project).contracted


def in_county(organization: Organization) -> bool:
    """Whether an organization belongs to a county: its region code ends in other digits than those of a city."""
    return organization.region[4:] != "00"
