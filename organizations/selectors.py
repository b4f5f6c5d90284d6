"""Reads of organizations and people. What belongs to one jurisdiction's administration is filtered by the actor."""

from __future__ import annotations

from datetime import date

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from organizations.actors import Actor, AnyActor
from organizations.errors import NotKnown
from organizations.models import (
    ApiToken,
    Jurisdiction,
    Organization,
    OrganizationFunction,
    OrganRole,
    Position,
    User,
)
from organizations.policies import ADMINISTRATOR, is_administrator
from organizations.tokens import token_digest


def positions_of(user: User, on: date | None = None) -> QuerySet[Position]:
    """Positions that a person holds on a day (today), the oldest first; organization and jurisdiction come along."""
    held = Position.objects.held_on(on or timezone.localdate()).filter(user=user)
    related = ("user", "organization__jurisdiction", "deputy_for__user")
    return held.select_related(*related).order_by("active_from", "pk")


def holders(organization_id: int, kind: str, on: date | None = None) -> QuerySet[Position]:
    """Who holds a kind of position in an organization on a day (today), deputies included, in order of names."""
    held = Position.objects.held_on(on or timezone.localdate()).filter(organization_id=organization_id, kind=kind)
    return held.select_related("user", "organization", "deputy_for__user").order_by("user__full_name", "pk")


def hands(organization_id: int, on: date | None = None) -> dict[str, list[Position]]:
    """All holders in an organization by kind of position."""
    held = Position.objects.held_on(on or timezone.localdate()).filter(organization_id=organization_id)
    found: dict[str, list[Position]] = {}
    for position in held.select_related("user", "organization").order_by("kind", "user__full_name", "pk"):
        found.setdefault(position.kind, []).append(position)
    return found


def organs(jurisdiction_id: str, role: str, on: date | None = None) -> list[Organization]:
    """Organizations that hold an organ's role in a jurisdiction; one that was merged is replaced by its successor."""
    day = on or timezone.localdate()
    rows = OrganRole.objects.filter(jurisdiction_id=jurisdiction_id, role=role)
    found = {}
    for row in rows.select_related("organization__merged_into").order_by("organization__sort_key", "pk"):
        organization = current_organization(row.organization)
        if is_active(organization, day):
            found[organization.pk] = organization
    return list(found.values())


def is_active(organization: Organization, on: date) -> bool:
    """Established by that day and not ended before it."""
    return organization.active_from <= on and (organization.active_until is None or on <= organization.active_until)


def current_organization(organization: Organization) -> Organization:
    """What an organization is today: follows mergers to the end. One query per merger; none without."""
    seen = {organization.pk}
    while organization.merged_into is not None and organization.merged_into.pk not in seen:
        organization = organization.merged_into
        seen.add(organization.pk)
    return organization


def live_functions(organization_id: int, on: date | None = None) -> QuerySet[OrganizationFunction]:
    """Duties of an organization on a day (today)."""
    day = on or timezone.localdate()
    return OrganizationFunction.objects.filter(
        Q(active_until__isnull=True) | Q(active_until__gte=day), organization_id=organization_id, active_from__lte=day
    )


def directory(actor: AnyActor | None, *, query: str = "", jurisdiction_id: str = "") -> QuerySet[Organization]:
    """The directory of organizations: for everyone who is signed in. `query`: part of a name, short name or code."""
    if actor is None:
        return Organization.objects.none()
    day = timezone.localdate()
    rows = Organization.objects.select_related("jurisdiction", "parent", "merged_into")
    live = Q(functions__active_until__isnull=True) | Q(functions__active_until__gte=day)
    rows = rows.annotate(function_count=Count("functions", filter=live & Q(functions__active_from__lte=day)))
    if jurisdiction_id:
        rows = rows.filter(jurisdiction_id=jurisdiction_id)
    if query := query.strip():
        named = Q(name__icontains=query) | Q(short_name__icontains=query) | Q(name_en__icontains=query)
        rows = rows.filter(named | Q(code__istartswith=query))
    return rows.order_by("sort_key", "pk")


def organization_for(actor: AnyActor | None, organization_id: int) -> Organization:
    """One organization of the directory with its roles. Raises NotKnown."""
    roles = Prefetch("organ_roles", OrganRole.objects.select_related("jurisdiction"))
    row = directory(actor).prefetch_related(roles).filter(pk=organization_id).first()
    if row is None:
        raise NotKnown(_("There is no such organization."))
    return row


def jurisdictions(actor: AnyActor | None) -> QuerySet[Jurisdiction]:
    """All jurisdictions, for everyone who is signed in."""
    return Jurisdiction.objects.all() if actor is not None else Jurisdiction.objects.none()


def people(actor: AnyActor | None, *, query: str = "") -> QuerySet[User]:
    """People whom the actor administers: with a position ever in the jurisdiction, or with none at all."""
    if actor is None:
        return User.objects.none()
    if isinstance(actor, Actor):
        if not is_administrator(actor, actor.jurisdiction_id):
            return User.objects.none()
        any_position = Position.objects.filter(user=OuterRef("pk"))
        here = any_position.filter(organization__jurisdiction_id=actor.jurisdiction_id)
        rows = User.objects.filter(Exists(here) | ~Exists(any_position))
    else:
        rows = User.objects.all()
    if query := query.strip():
        rows = rows.filter(Q(username__icontains=query) | Q(full_name__icontains=query))
    held = Position.objects.held_on(timezone.localdate()).select_related("organization__jurisdiction", "user")
    return rows.prefetch_related(Prefetch("positions", held, to_attr="held_positions")).order_by("username")


def person_for(actor: AnyActor | None, user_id: int) -> User:
    """One of the people whom the actor administers. Raises NotKnown."""
    row = people(actor).filter(pk=user_id).first()
    if row is None:
        raise NotKnown(_("There is no such person in your jurisdiction."))
    return row


def organizations_administered(actor: AnyActor | None) -> QuerySet[Organization]:
    """Organizations in which the actor may give positions: live ones of the jurisdiction administered."""
    if not isinstance(actor, Actor) or not is_administrator(actor, actor.jurisdiction_id):
        return Organization.objects.none()
    rows = Organization.objects.filter(jurisdiction_id=actor.jurisdiction_id, merged_into__isnull=True)
    return rows.filter(Q(active_until__isnull=True) | Q(active_until__gte=timezone.localdate()))


def positions_administered(actor: AnyActor | None, user: User) -> QuerySet[Position]:
    """All positions of a person, past ones too, in the jurisdiction that the actor administers."""
    rows = Position.objects.filter(user=user).select_related("organization__jurisdiction", "deputy_for__user", "user")
    if actor is None:
        return rows.none()
    if isinstance(actor, Actor):
        if not is_administrator(actor, actor.jurisdiction_id):
            return rows.none()
        rows = rows.filter(organization__jurisdiction_id=actor.jurisdiction_id)
    return rows.order_by("-active_from", "-pk")


def position_administered(actor: AnyActor | None, position_id: int) -> Position:
    """One position in the actor's jurisdiction. Raises NotKnown."""
    row = Position.objects.filter(pk=position_id).select_related("organization", "user").first()
    if row is None or not is_administrator(actor, row.organization.jurisdiction_id):
        raise NotKnown(_("There is no such position in your jurisdiction."))
    return row


def colleagues(actor: Actor) -> QuerySet[User]:
    """People who may stand in for the actor: holders of any position in the same organization, not the actor."""
    if actor.position is None:
        return User.objects.none()
    held = Position.objects.held_on(timezone.localdate()).filter(
        user=OuterRef("pk"), organization_id=actor.position.organization_id
    )
    return User.objects.filter(Exists(held), is_active=True).exclude(pk=actor.user.pk).order_by("full_name", "pk")


def deputies_of(actor: Actor) -> QuerySet[Position]:
    """Deputies for the position that the actor acts in, today and later."""
    if actor.position is None:
        return Position.objects.none()
    rows = actor.position.deputies.filter(left_at__isnull=True, active_until__gte=timezone.localdate())
    return rows.select_related("user", "organization")


def ended_position(user: User, position_id: int) -> Position | None:
    """A position that the person held once and holds no longer, for telling them so."""
    row = Position.objects.filter(pk=position_id, user=user).select_related("organization", "deputy_for__user").first()
    return row if row is not None and not row.is_held(timezone.localdate()) else None


def delegations(actor: AnyActor | None, jurisdiction_id: str) -> QuerySet[Position]:
    """Every time that somebody stood, stands or will stand in for another there. The caller checks who asks."""
    if actor is None:
        return Position.objects.none()
    rows = Position.objects.filter(deputy_for__isnull=False, organization__jurisdiction_id=jurisdiction_id)
    return rows.select_related("user", "organization", "deputy_for__user")


def own_tokens(actor: Actor) -> QuerySet[ApiToken]:
    """The person's tokens of all positions, live ones first."""
    rows = ApiToken.objects.filter(position__user=actor.user)
    return rows.select_related("position__organization", "position__user").order_by("-created_at", "-pk")


def live_token(token: str) -> ApiToken | None:
    """The row of a token that is valid now: known, not expired or revoked, its position held by an open account."""
    rows = ApiToken.objects.filter(digest=token_digest(token), revoked_at__isnull=True, expires_at__gt=timezone.now())
    row = rows.select_related("position__user", "position__organization__jurisdiction").first()
    if row is None or not row.position.user.is_active or not row.position.is_held(timezone.localdate()):
        return None
    return row


def account_by_id(user_id: int) -> User | None:
    """An open account, for the mailed link that names it; not for pages."""
    return User.objects.filter(pk=user_id, is_active=True).first()


def administrating_organizations() -> QuerySet[Organization]:
    """Organizations whose people administer accounts, for the sign-in page: whom to ask. Names of nobody."""
    held = Position.objects.held_on(timezone.localdate()).filter(kind=ADMINISTRATOR, organization=OuterRef("pk"))
    return Organization.objects.filter(Exists(held)).select_related("jurisdiction").order_by("jurisdiction", "sort_key")
