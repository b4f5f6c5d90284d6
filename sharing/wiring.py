"""Where sharing hooks into the rooms below: data that arrives, marks and panels on the catalogue's pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from catalog import hooks as catalog_hooks
from catalog.hooks import Panel
from catalog.models import Resource
from datasets import hooks as dataset_hooks
from organizations.actors import Actor
from organizations.models import Organization
from sharing import selectors
from sharing.outlook import outlook
from sharing.services.grants import end_withdrawn
from sharing.services.signals import data_arrived


def access_marks(actor: Actor, ids: Sequence[int]) -> dict[int, Any]:
    """Resources on which the actor's organization holds a grant, or has a request under way."""
    marks: dict[int, Any] = {key: _("requested") for key in selectors.requested(actor, ids)}
    for grant in selectors.active_grants(actor).filter(resource__in=ids):
        marks[grant.resource_id] = _("granted until %(day)s") % {"day": grant.valid_until.isoformat()}
    return marks


def apply_box(actor: Actor, resource: Resource) -> dict[str, Any]:
    """The box that says what applying means here."""
    published = resource.status == Resource.Status.PUBLISHED
    return {
        "outlook": outlook(actor, resource, timezone.now()) if published and actor.organization else None,
        "grant": selectors.active_grants(actor).filter(resource=resource).first(),
        "underway": selectors.underway(actor, resource),
        "resource": resource,
        "may_draft": selectors.may_draft(actor),
    }


def users_of(actor: Actor, resource: Resource) -> dict[str, Any]:
    """Who uses the data: organizations with a grant, and until when."""
    return {"grants": selectors.users_of(resource)}


def item_uses(resource: Resource, codes: Sequence[str]) -> list[str]:
    """Who reads these items under a grant in force."""
    found = selectors.columns_in_use(resource, codes)
    return [
        _("%(organization)s reads “%(item)s” until %(day)s")
        % {"organization": column.grant.organization, "item": column.item, "day": column.grant.valid_until.isoformat()}
        for column in found
    ]


def consumers(resource: Resource) -> list[Organization]:
    """Who holds a grant in force, or a suspended one."""
    return [grant.organization for grant in selectors.live_grants(resource)]


def connect() -> None:
    """Called once when the app is ready."""
    dataset_hooks.on_loaded.append(data_arrived)
    catalog_hooks.access_marks.append(access_marks)
    catalog_hooks.item_uses.append(item_uses)
    catalog_hooks.consumers.append(consumers)
    catalog_hooks.on_withdrawn.append(end_withdrawn)
    catalog_hooks.resource_panels.append(Panel("sharing/_apply_box.html", apply_box, "aside"))
    catalog_hooks.resource_panels.append(Panel("sharing/_users.html", users_of, "main"))
