"""What may be read of special funds."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case
from cases.selectors import visible_cases
from funds.likeness import living
from funds.models import Fund
from funds.services.planning import DEPARTMENT, FINANCE, holds_role
from organizations.actors import Actor, AnyActor
from organizations.errors import NotKnown
from organizations.models import Position

STATES = ("applying", "living", "over")


def may_draft(actor: AnyActor) -> bool:
    """Whether the actor may draft a fund: a handler of a department in charge or of finance."""
    return (
        isinstance(actor, Actor)
        and actor.kind == Position.Kind.HANDLER
        and holds_role(actor.organization, DEPARTMENT, FINANCE)
    )


def drafts(actor: AnyActor) -> QuerySet[Fund]:
    """Funds of the actor's house that are not applied for yet."""
    if not isinstance(actor, Actor) or actor.kind not in (Position.Kind.HANDLER, Position.Kind.LEADER):
        return Fund.objects.none()
    return Fund.objects.filter(proposer=actor.organization, case__isnull=True)


def draft_for(actor: Actor, fund_id: int) -> Fund:
    """One draft of the actor's house. Raises NotKnown."""
    found = drafts(actor).filter(pk=fund_id).first()
    if found is None:
        raise NotKnown(_("There is no such draft."))
    return found


def visible_funds(actor: AnyActor) -> QuerySet[Fund]:
    """Established funds for everybody in a position of their place; applications for whoever sees the case."""
    rows = Fund.objects.filter(case__isnull=False).select_related("department", "case", "jurisdiction")
    if not isinstance(actor, Actor):
        return rows
    if actor.organization is None or actor.kind == Position.Kind.ADMINISTRATOR:
        return rows.none()
    seen = Q(case__in=visible_cases(actor).filter(family="fund"))
    public = Q(established_on__isnull=False, jurisdiction=actor.jurisdiction_id)
    return rows.filter(seen | public | Q(department=actor.organization))


def fund_for(actor: AnyActor, fund_id: int) -> Fund:
    """One fund that the actor may see. Raises NotKnown."""
    found = visible_funds(actor).filter(pk=fund_id).first()
    if found is None:
        raise NotKnown(_("There is no such fund."))
    return found


def found_funds(actor: AnyActor, given: Mapping[str, str]) -> QuerySet[Fund]:
    """Visible funds by words in name, number, purpose or department, by state and year; unknown values find nothing."""
    rows = visible_funds(actor)
    for word in given.get("q", "")[:100].replace("\x00", "").split()[:8]:
        rows = rows.filter(
            Q(name__icontains=word)
            | Q(code__icontains=word)
            | Q(purpose__icontains=word)
            | Q(department__name__icontains=word)
        )
    if state := given.get("state", ""):
        rows = rows.filter(_in_state(state))
    if year := given.get("year", ""):
        rows = (
            rows.filter(established_on__isnull=False, term_from__year__lte=int(year), term_until__year__gte=int(year))
            if year.isdecimal() and len(year) == 4
            else rows.none()
        )
    return rows


def _in_state(state: str) -> Q:
    alive = Q(pk__in=living(timezone.localdate()).values("pk"))
    match state:
        case "applying":
            return Q(established_on__isnull=True, case__closed_at__isnull=True)
        case "living":
            return alive
        case "over":
            return ~alive & (Q(established_on__isnull=False) | Q(case__closed_at__isnull=False))
    return Q(pk__in=[])


def cases_of(actor: AnyActor, fund: Fund) -> QuerySet[Case]:
    """The cases of a fund's life that the actor may see, oldest first."""
    kin = Q(pk=fund.case_id) | Q(parent=fund.case_id) | Q(parent__parent=fund.case_id)
    return visible_cases(actor).filter(kin).order_by("opened_at", "pk")
