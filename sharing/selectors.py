"""What may be read of requests, grants, objections and reads."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case
from cases.page import said
from cases.selectors import visible_cases
from catalog.models import Resource
from organizations.actors import Actor
from organizations.errors import NotKnown
from organizations.models import Position
from sharing.models import Agreement, Grant, GrantColumn, Objection, ShareRequest
from statutes.models import PackVersion
from statutes.selectors import compiled

OURS, THEIRS = "ours", "theirs"
DRAFTERS = (Position.Kind.HANDLER, Position.Kind.LEADER)


def may_draft(actor: Actor) -> bool:
    """Whether the actor's position is one that drafts requests."""
    return actor.organization is not None and actor.kind in DRAFTERS


def drafts(actor: Actor) -> QuerySet[ShareRequest]:
    """Requests of the actor's organization that are not filed yet."""
    if not may_draft(actor):
        return ShareRequest.objects.none()
    return ShareRequest.objects.filter(applicant=actor.organization, case__isnull=True).select_related("resource")


def draft_for(actor: Actor, draft_id: int) -> ShareRequest:
    """One draft of the actor's organization. Raises NotKnown."""
    found = drafts(actor).filter(pk=draft_id).first()
    if found is None:
        raise NotKnown(_("There is no such draft."))
    return found


def request_cases(actor: Actor, side: str = "") -> QuerySet[Case]:
    """Share requests that the actor may see, as cases: what the actor's organization asks (`ours`), or is asked."""
    found = visible_cases(actor).filter(family="share_request")
    if side == OURS:
        return found.filter(share_request__applicant=actor.organization)
    return found.exclude(share_request__applicant=actor.organization) if side == THEIRS else found


def states_of(cases: QuerySet[Case]) -> dict[str, str]:
    """States of cases with their names, each by the law of one of its cases; two queries."""
    found = list(cases.order_by().values_list("pack_version", "procedure", "state").distinct())
    versions = PackVersion.objects.defer("source").in_bulk({version for version, _procedure, _state in found})
    names: dict[str, str] = {}
    for version, procedure, state in found:
        stated = compiled(versions[version]).procedures(timezone.localdate())
        known = next((each.states for each in stated if each.id == procedure and state in each.states), None)
        if known is not None:
            names.setdefault(state, said(known[state].label))
    return names


def filed_case(actor: Actor, draft_id: int) -> Case | None:
    """The case that a draft of the actor's organization became, if the actor sees it."""
    own = ShareRequest.objects.filter(pk=draft_id, applicant=actor.organization, case__in=visible_cases(actor))
    found = own.select_related("case").first()
    return found.case if found else None


def request_for_revision(actor: Actor, request_id: int) -> ShareRequest:
    """A filed request whose case the actor may see. Raises NotKnown."""
    rows = ShareRequest.objects.select_related("case", "resource__provider")
    found = rows.filter(pk=request_id, case__in=visible_cases(actor)).first()
    if found is None:
        raise NotKnown(_("There is no such request."))
    return found


def requested(actor: Actor, ids: Sequence[int]) -> set[int]:
    """Which of these resources the actor's organization has an open request for."""
    own = ShareRequest.objects.filter(resource__in=ids, applicant=actor.organization, case__closed_at__isnull=True)
    return set(own.filter(case__isnull=False).values_list("resource_id", flat=True))


def underway(actor: Actor, resource: Resource) -> ShareRequest | None:
    """The newest draft or open request of the actor's organization for a resource."""
    own = ShareRequest.objects.filter(resource=resource, applicant=actor.organization)
    return own.filter(Q(case__isnull=True) | Q(case__closed_at__isnull=True)).select_related("case").first()


def grants(actor: Actor) -> QuerySet[Grant]:
    """Grants that concern the actor: own ones, and those on data that the actor's organization provides.

    Administrators see none; the bureau's people see those of their city.
    """
    if actor.organization is None or actor.kind == Position.Kind.ADMINISTRATOR:
        return Grant.objects.none()
    visible = Q(organization=actor.organization) | Q(resource__provider=actor.organization)
    if actor.kind in (Position.Kind.REVIEWER, Position.Kind.APPROVER, Position.Kind.AUDITOR):
        visible |= Q(resource__jurisdiction_id=actor.jurisdiction_id)
    return Grant.objects.filter(visible).select_related("resource__provider", "organization")


def own_grants(actor: Actor) -> QuerySet[Grant]:
    """Grants that the actor's organization holds."""
    return grants(actor).filter(organization=actor.organization)


def active_grants(actor: Actor) -> QuerySet[Grant]:
    return own_grants(actor).filter(status=Grant.Status.ACTIVE)


def grant_for(actor: Actor, grant_id: int) -> Grant:
    """One grant that concerns the actor. Raises NotKnown."""
    found = grants(actor).filter(pk=grant_id).first()
    if found is None:
        raise NotKnown(_("There is no such grant."))
    return found


def users_of(resource: Resource) -> QuerySet[Grant]:
    """Active grants on a resource: shown to everybody who sees the entry, as who uses the data."""
    rows = Grant.objects.filter(resource=resource, status=Grant.Status.ACTIVE)
    return rows.select_related("organization").order_by("organization__sort_key")[:50]


def live_grants(resource: Resource) -> QuerySet[Grant]:
    """Grants on a resource that are in force or suspended."""
    live = (Grant.Status.ACTIVE, Grant.Status.SUSPENDED)
    return Grant.objects.filter(resource=resource, status__in=live).select_related("organization").order_by("pk")


def columns_in_use(resource: Resource, codes: Sequence[str]) -> QuerySet[GrantColumn]:
    """Columns of grants in force, or suspended, on these items of a resource."""
    live = (Grant.Status.ACTIVE, Grant.Status.SUSPENDED)
    rows = GrantColumn.objects.filter(grant__resource=resource, grant__status__in=live, item__code__in=codes)
    return rows.select_related("grant__organization", "item").order_by("grant", "item__position")[:50]


def agreement_for(actor: Actor, agreement_id: int) -> Agreement:
    """An agreement of a case that the actor may see. Raises NotKnown."""
    found = (
        Agreement.objects.select_related("request__case")
        .filter(pk=agreement_id, request__case__in=visible_cases(actor))
        .first()
    )
    if found is None:
        raise NotKnown(_("There is no such agreement."))
    return found


def objections(actor: Actor) -> QuerySet[Objection]:
    """Objections whose cases the actor may see."""
    return Objection.objects.filter(case__in=visible_cases(actor)).select_related("resource", "applicant", "case")
