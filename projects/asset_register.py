"""What may be read of the register of assets."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from organizations.actors import Actor, AnyActor
from organizations.errors import NotKnown
from organizations.models import Position
from projects.models import Asset, StockTake

OVERSEERS = (Position.Kind.REVIEWER, Position.Kind.APPROVER, Position.Kind.AUDITOR)


def visible_assets(actor: AnyActor) -> QuerySet[Asset]:
    """Assets of the actor's organization; those of the whole place for reviewers, approvers and auditors.

    Each with the day (`looked_on`) and result (`was_found`) of its last stock-take.
    """
    last = StockTake.objects.filter(asset=OuterRef("pk")).order_by("-on", "-pk")
    rows = Asset.objects.select_related("project", "organization").annotate(
        looked_on=Subquery(last.values("on")[:1]), was_found=Subquery(last.values("found")[:1])
    )
    if not isinstance(actor, Actor):
        return rows
    if actor.organization is None or actor.kind == Position.Kind.ADMINISTRATOR:
        return rows.none()
    seen = Q(organization=actor.organization)
    if actor.kind in OVERSEERS:
        seen |= Q(organization__jurisdiction=actor.jurisdiction_id)
    return rows.filter(seen)


def found_assets(actor: AnyActor, given: Mapping[str, str]) -> QuerySet[Asset]:
    """Visible assets by text, state, project and last stock-take; unknown values find nothing."""
    rows = visible_assets(actor)
    if word := given.get("q", "").strip():
        named = Q(number__icontains=word) | Q(name__icontains=word) | Q(custodian__icontains=word)
        rows = rows.filter(named | Q(place__icontains=word))
    if standing := given.get("standing", ""):
        rows = rows.filter(standing=standing)
    if project := given.get("project", ""):
        rows = rows.filter(project=int(project)) if project.isdecimal() and len(project) < 19 else rows.none()
    match given.get("stock", ""):
        case "":
            return rows
        case "never":
            return rows.filter(looked_on__isnull=True)
        case "missing":
            return rows.filter(was_found=False)
        case "found":
            return rows.filter(was_found=True)
    return rows.none()


def asset_for(actor: AnyActor, asset_id: int) -> Asset:
    """One asset that the actor may see. Raises NotKnown."""
    found = visible_assets(actor).filter(pk=asset_id).first()
    if found is None:
        raise NotKnown(_("There is no such asset."))
    return found
