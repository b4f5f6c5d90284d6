"""Reads what a release tells of projects: a fixed number of queries for any number of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Min, Prefetch, QuerySet, Sum

from cases.models import CaseEvent
from cases.selectors import visible_cases
from organizations.actors import AnyActor
from organizations.models import Organization
from projects.models import (
    Bidder,
    Change,
    Contract,
    LedgerEntry,
    Milestone,
    Payment,
    Procurement,
    Project,
    Supplement,
)
from projects.ocds import Buying, Plan
from projects.standing import APPROVED

ANNOUNCE, AWARD = "announce", "award"


@dataclass(frozen=True, slots=True)
class Sight:
    """What one actor may know beside the projects themselves, and what the cases' events say."""

    open_cases: frozenset[int]
    events: dict[tuple[int, str], CaseEvent]


def processes(actor: AnyActor, projects: Sequence[Project]) -> list[tuple[Plan, list[Buying]]]:
    """Each of these projects, which the actor may see, with its procurements.

    A procurement that the actor may not open is told of once its contract is signed, without who else made an offer.
    """
    keys = [project.pk for project in projects]
    rows: dict[int, list[Procurement]] = defaultdict(list)
    for row in _procurements(keys):
        rows[row.project_id].append(row)
    sight = _sight(actor, [row.case_id for found in rows.values() for row in found if row.case_id])
    changes: dict[int, list[Change]] = defaultdict(list)
    for change in Change.objects.filter(project__in=keys, approved_on__isnull=False).select_related("case"):
        changes[change.project_id].append(change)
    approvals = _approvals(keys)
    found = []
    for project in projects:
        plan = _plan(project, approvals.get(project.pk), changes[project.pk])
        buyings = [_buying(project, row, sight) for row in rows[project.pk] if _told(row, sight)]
        found.append((plan, buyings))
    return found


def prefix_of(project: Project) -> str:
    """The publisher's prefix: as registered with the standard, or else made of the place's region code."""
    return str(settings.OCDS_PREFIX) or f"ocds-{project.jurisdiction.region}"


def _approvals(keys: Sequence[int]) -> dict[int, tuple[Decimal, date]]:
    lines = LedgerEntry.objects.filter(project__in=keys, kind__in=APPROVED).order_by()
    sums = lines.values_list("project").annotate(Sum("amount"), Min("on"))
    return {project: (amount, on) for project, amount, on in sums}


def _procurements(keys: Sequence[int]) -> QuerySet[Procurement]:
    def ordered(rows: QuerySet[Any], name: str) -> Prefetch[Any]:
        return Prefetch(name, rows.order_by("pk"))

    signed = Supplement.objects.filter(signed_on__isnull=False).select_related("case")
    posted = Payment.objects.filter(posted_on__isnull=False).select_related("case")
    return (
        Procurement.objects.filter(project__in=keys)
        .select_related("case", "contract__case", "contract__firm", "contract__project__case")
        .prefetch_related(
            ordered(Bidder.objects.select_related("firm"), "bidders"),
            ordered(Milestone.objects.all(), "contract__milestones"),
            ordered(signed, "contract__supplements"),
            ordered(posted, "contract__payments"),
        )
        .order_by("project", "pk")
    )


def _sight(actor: AnyActor, cases: Sequence[int]) -> Sight:
    seen = visible_cases(actor).filter(pk__in=cases).values_list("pk", flat=True)
    acts = CaseEvent.objects.filter(case__in=cases, kind=CaseEvent.Kind.ACTION, action__in=(ANNOUNCE, AWARD))
    events = {(event.case_id, event.action): event for event in acts.select_related("organization").order_by("seq")}
    return Sight(frozenset(seen), events)


def _told(row: Procurement, sight: Sight) -> bool:
    return row.case_id in sight.open_cases or _signed(row) is not None


def _signed(row: Procurement) -> Contract | None:
    contract = getattr(row, "contract", None)
    return contract if contract is not None and contract.signed_on is not None else None


def _plan(project: Project, approval: tuple[Decimal, date] | None, changes: Sequence[Change]) -> Plan:
    amount, on = approval or (None, None)
    moments = [project.case.last_at if project.case else project.updated_at, *_moments(changes)]
    return Plan(project, amount, on, changes, max(moments), prefix_of(project))


def _buying(project: Project, row: Procurement, sight: Sight) -> Buying:
    contract = _signed(row)
    announced = sight.events.get((row.case_id or 0, ANNOUNCE))
    awarded = sight.events.get((row.case_id or 0, AWARD))
    bidders = list(row.bidders.all())
    stages = list(contract.milestones.all()) if contract else []
    supplements = list(contract.supplements.all()) if contract else []
    payments = list(contract.payments.all()) if contract else []
    moments = _moments([row, *([contract] if contract else []), *supplements, *payments])
    return Buying(
        procurement=row,
        buyer=_buyer(project, announced),
        bidders=bidders if row.case_id in sight.open_cases else [],
        winner=next((bidder for bidder in bidders if bidder.won), None),
        contract=contract,
        stages=stages,
        supplements=supplements,
        payments=payments,
        announced_at=announced.at if announced else None,
        awarded_at=awarded.at if awarded else None,
        moved_at=max(moments or [project.updated_at]),
    )


def _buyer(project: Project, announced: CaseEvent | None) -> Organization:
    """Who procures: the organization that issued the documents, and the owner before that."""
    return announced.organization if announced and announced.organization else project.owner


def _moments(rows: Iterable[Any]) -> list[datetime]:
    return [row.case.last_at for row in rows if row.case_id]
