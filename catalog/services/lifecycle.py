"""An entry's way: submitted for publication, published, returned; and the freshness of its data."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cases.families import Context
from cases.models import Attachment, Case
from cases.services import open_case
from catalog.models import Publication, Resource
from catalog.services.resources import REGISTRARS, snapshot
from organizations.actors import Actor
from organizations.errors import BadInput, NotPermitted

FAMILY = "catalog_publication"
PROCEDURE = "catalog_publication"


@transaction.atomic
def submit_for_publication(
    actor: Actor,
    *,
    resources: Sequence[Resource],
    title: str = "",
    imported_from: str = "",
    idempotency_key: str = "",
    at: Any = None,
) -> Case:
    """Hand in drafts to be published, all under one case. Returns the case.

    Raises BadInput when a resource is not a draft of the actor's organization, DoorClosed naming what is missing.
    """
    if actor.organization is None or actor.kind not in REGISTRARS:
        raise NotPermitted(_("Entries are submitted by a handler or a data steward of the provider."))
    ids = [resource.pk for resource in resources]
    locked = list(Resource.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
    wrong = [r.title for r in locked if not _may_submit(actor, r, imported_from)]
    if wrong or not locked:
        text = _("Choose drafts of your own organization that are not handed in already: %(titles)s.")
        raise BadInput(text % {"titles": ", ".join(wrong[:5])})
    publication = Publication.objects.create(
        title=title or _title(locked),
        provider=actor.organization,
        submitted_by=actor.user,
        imported_from=imported_from,
    )
    publication.resources.set(locked)
    case = open_case(
        actor,
        family=FAMILY,
        procedure=PROCEDURE,
        jurisdiction=actor.organization.jurisdiction,
        subject=publication,
        title=publication.title,
        idempotency_key=idempotency_key,
        at=at,
    )
    _set_status(publication, Resource.Status.IN_REVIEW)
    return case


def _may_submit(actor: Actor, resource: Resource, imported_from: str) -> bool:
    """One's own drafts; an import may hand in the drafts that it made for other organizations of the city."""
    own = actor.organization is not None and resource.provider_id == actor.organization.pk
    imported = bool(imported_from) and resource.jurisdiction_id == actor.jurisdiction_id and resource.source_key != ""
    free = resource.status in (Resource.Status.DRAFT, Resource.Status.WITHDRAWN)
    under_way = resource.publications.filter(case__isnull=False, case__closed_at__isnull=True).exists()
    return free and (own or imported) and not under_way


def _title(resources: Sequence[Resource]) -> str:
    """The first title and how many more: kept for readers of both languages, so without a word of either."""
    if len(resources) == 1:
        return resources[0].title
    return f"{resources[0].title[:120]} (+{len(resources) - 1})"


def _set_status(publication: Publication, status: str) -> None:
    publication.resources.exclude(status=Resource.Status.PUBLISHED).update(status=status)


def publish(context: Context) -> None:
    """Effect: every resource of the publication is in the catalogue from now on, with a version that says so."""
    resources = list(
        context.subject.resources.select_for_update(of=("self",)).select_related("category").order_by("pk")
    )
    for resource in resources:
        resource.status, resource.published_at, resource.withdrawn_at = Resource.Status.PUBLISHED, context.at, None
        resource.save(update_fields=["status", "published_at", "withdrawn_at"])
        snapshot(resource, context.actor.who.person)


def hold_resources(context: Context) -> None:
    """Effect: the entries are under review and cannot be changed meanwhile."""
    _set_status(context.subject, Resource.Status.IN_REVIEW)


def return_to_draft(context: Context) -> None:
    """Effect: the entries are back with their provider, to be mended or left."""
    _set_status(context.subject, Resource.Status.DRAFT)


def note_data_loaded(*, resource: Resource, at: datetime) -> None:
    """Data behind an entry was loaded: its freshness counts from `at`."""
    Resource.objects.filter(pk=resource.pk).update(data_updated_at=at)
    resource.data_updated_at = at


def link(publication: Publication, case: Case) -> None:
    """Store the case on its subject, inside the opening's transaction."""
    publication.case = case
    publication.save(update_fields=["case"])
    Attachment.objects.filter(pk__in=publication.attachments.values("pk")).update(case=case)
