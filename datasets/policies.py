"""Who may load data into a resource, and who may see its batches: its provider's people."""

from __future__ import annotations

from django.utils.translation import gettext as _

from catalog.models import Resource
from organizations.actors import AnyActor
from organizations.errors import NotKnown, NotPermitted
from organizations.models import Position

LOADERS: frozenset[str] = frozenset({Position.Kind.HANDLER, Position.Kind.DATA_STEWARD})
VIEWERS: frozenset[str] = LOADERS | {Position.Kind.LEADER}


def may_load(actor: AnyActor, resource: Resource) -> bool:
    """A handler or data steward of the provider, for an entry that has not been withdrawn; or the system itself."""
    if resource.status == Resource.Status.WITHDRAWN:
        return False
    return actor.is_system or (_is_provider(actor, resource) and actor.kind in LOADERS)


def may_see_batches(actor: AnyActor, resource: Resource) -> bool:
    """Those who load, and their leader."""
    return actor.is_system or (_is_provider(actor, resource) and actor.kind in VIEWERS)


def check_may_load(actor: AnyActor, resource: Resource) -> None:
    """NotKnown for an entry that the actor cannot know of, NotPermitted for any other that is not theirs to load."""
    if not may_load(actor, resource):
        _refuse(actor, resource, _("Only the providing department's handler or data steward loads data."))


def check_may_see(actor: AnyActor, resource: Resource) -> None:
    """NotKnown or NotPermitted, as for loading."""
    if not may_see_batches(actor, resource):
        _refuse(actor, resource, _("Only the providing department sees what was loaded and refused."))


def _is_provider(actor: AnyActor, resource: Resource) -> bool:
    organization = getattr(actor, "organization", None)
    return organization is not None and organization.pk == resource.provider_id


def _refuse(actor: AnyActor, resource: Resource, sentence: str) -> None:
    if resource.status == Resource.Status.PUBLISHED or _is_provider(actor, resource):
        raise NotPermitted(sentence)
    raise NotKnown(_("There is no such resource."))
