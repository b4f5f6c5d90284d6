"""What may be read of the register of firms, and what a firm has done. Amounts are yuan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.selectors import visible_cases
from organizations.actors import Actor, AnyActor
from organizations.errors import NotKnown
from projects.contracts import Line, lines
from projects.models import Bidder, Contract, Firm, FirmBan, Payment, Project
from projects.selectors import visible_projects
from projects.services.firms import BARRERS, KEEPERS


def visible_firms(actor: AnyActor) -> QuerySet[Firm]:
    """The firms of the actor's place, each with whether it is `barred` today."""
    rows = Firm.objects.annotate(barred=Exists(_bans_on(timezone.localdate())))
    if not isinstance(actor, Actor):
        return rows
    if actor.organization is None:
        return rows.none()
    return rows.filter(jurisdiction=actor.jurisdiction_id)


def _bans_on(day: date) -> QuerySet[FirmBan]:
    held = Q(until__isnull=True) | Q(until__gte=day)
    return FirmBan.objects.filter(held, firm=OuterRef("pk"), since__lte=day)


def found_firms(actor: AnyActor, given: Mapping[str, str]) -> QuerySet[Firm]:
    """Firms by name or code, size and whether they are barred; unknown values find nothing."""
    rows = visible_firms(actor)
    if word := given.get("q", "").strip():
        rows = rows.filter(Q(name__icontains=word) | Q(credit_code__icontains=word) | Q(qualification__icontains=word))
    for name, column in (("size", "small"), ("barred", "barred")):
        if said := given.get(name, ""):
            rows = rows.filter(**{column: said == "yes"}) if said in ("yes", "no") else rows.none()
    return rows


def firm_for(actor: AnyActor, firm_id: int) -> Firm:
    """One firm of the actor's place. Raises NotKnown."""
    found = visible_firms(actor).filter(pk=firm_id).first()
    if found is None:
        raise NotKnown(_("There is no such firm in the register."))
    return found


def may_keep(actor: AnyActor) -> bool:
    """Whether the actor's position enters and changes firms."""
    return isinstance(actor, Actor) and actor.organization is not None and actor.kind in KEEPERS


def may_bar(actor: AnyActor) -> bool:
    """Whether the actor's position bars firms."""
    return may_keep(actor) and isinstance(actor, Actor) and actor.kind in BARRERS


@dataclass(frozen=True, slots=True)
class Record:
    """What a firm has done, as far as one reader may know of the projects it did it for."""

    bans: list[FirmBan]
    contracts: list[Line]
    offers: list[Line]
    payments: list[Line]
    projects: list[Project]

    @property
    def due(self) -> Decimal:
        return sum((line.row.due for line in self.contracts), Decimal(0))

    @property
    def paid(self) -> Decimal:
        return sum((line.row.paid for line in self.contracts), Decimal(0))


def record_of(actor: AnyActor, firm: Firm) -> Record:
    """Bans are known to the whole place; contracts and payments to whom the project is, offers to whom the case is."""
    seen = visible_projects(actor).values("pk")
    contracts = Contract.objects.filter(firm=firm, project__in=seen).select_related("project").order_by("-pk")
    payments = Payment.objects.filter(contract__firm=firm, project__in=seen, posted_on__isnull=False)
    offers = Bidder.objects.filter(firm=firm, procurement__case__in=visible_cases(actor).values("pk"))
    offered = list(offers.select_related("procurement__project", "procurement__case").order_by("-pk"))
    projects = Project.objects.filter(pk__in=contracts.order_by().values("project")).select_related("owner")
    return Record(
        list(firm.bans.select_related("decided_by")),
        lines(actor, contracts),
        [Line(row, row.procurement.case.number if row.procurement.case else "") for row in offered],
        lines(actor, payments.select_related("contract", "project").order_by("-posted_on", "-pk")),
        list(projects.order_by("-pk")),
    )
