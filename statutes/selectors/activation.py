"""Versions of packs that wait to come into force, and who may bring them there."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from organizations.actors import Actor, AnyActor
from organizations.errors import NotKnown, NotPermitted
from organizations.models import Jurisdiction, Position
from organizations.selectors import organs
from statutes.models import PackActivation, PackVersion
from statutes.selectors.packs import compiled

BUREAU = "bureau"
HANDS = (Position.Kind.REVIEWER, Position.Kind.APPROVER, Position.Kind.LEADER)


def may_activate(actor: AnyActor, version: PackVersion) -> bool:
    """Whether the actor reviews, approves or leads in the bureau of a jurisdiction under the pack or one below it."""
    if not isinstance(actor, Actor) or actor.organization is None or actor.kind not in HANDS:
        return False
    jurisdiction = Jurisdiction.objects.get(pk=actor.jurisdiction_id)
    if actor.organization not in organs(jurisdiction.pk, BUREAU):
        return False
    current = PackVersion.objects.filter(pack=jurisdiction.pack, is_current=True).first()
    return current is not None and any(pack.id == version.pack for pack in compiled(current).chain)


def in_charge(actor: AnyActor) -> bool:
    """Whether the actor may bring the law of the own jurisdiction into force."""
    if not isinstance(actor, Actor) or not actor.jurisdiction_id:
        return False
    pack = Jurisdiction.objects.get(pk=actor.jurisdiction_id).pack
    return any(may_activate(actor, version) for version in PackVersion.objects.filter(pack=pack, is_current=True))


def offered_versions(actor: AnyActor) -> list[PackVersion]:
    """Changed versions that wait, as far as the actor may bring them into force."""
    waiting = PackVersion.objects.filter(offered_at__isnull=False).order_by("pack")
    return [version for version in waiting if may_activate(actor, version)]


def version_for(actor: AnyActor, version_id: int) -> PackVersion:
    """Raises NotKnown, or NotPermitted for who may not bring it into force."""
    version = PackVersion.objects.filter(pk=version_id).first()
    if version is None:
        raise NotKnown(_("There is no such version of a rule pack."))
    if not may_activate(actor, version):
        raise NotPermitted(version_id)
    return version


def activations(actor: AnyActor) -> QuerySet[PackActivation]:
    """Every proposal and what became of it, newest first. The law's history is open to who is signed in."""
    return PackActivation.objects.select_related("version", "before", "proposed_by", "decided_by").defer(
        "version__source", "before__source"
    )
