"""Objections: a consumer says that data is wrong; the law of the provider's city says who checks and by when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.families import Context
from cases.models import Attachment, Case, Notification
from cases.services import open_case
from catalog.models import Resource
from datasets import selectors as datasets
from organizations.actors import Actor
from organizations.errors import BadInput, Conflict, NotPermitted
from organizations.models import Organization, Position
from sharing.models import Grant, Objection
from statutes.selectors import compiled, current

FAMILY = "correction"
LONGEST = {"record_key": 200, "description": 4000, "suggested": 4000}


@transaction.atomic
def file_objection(
    actor: Actor,
    *,
    resource: Resource,
    description: str,
    items: Sequence[str] = (),
    record_key: str = "",
    suggested: str = "",
    attachments: Sequence[int] = (),
    idempotency_key: str = "",
    at: Any = None,
) -> Case:
    """File an objection to the data of a published resource. Returns its case.

    Raises BadInput with the fields, NotPermitted for a person without a handler's position.
    """
    if actor.organization is None or actor.kind != Position.Kind.HANDLER:
        raise NotPermitted(_("Objections are filed by a handler."))
    known = {item.code: item for item in resource.items.all()}
    files = list(Attachment.objects.filter(pk__in=attachments, organization=actor.organization, case__isnull=True))
    problems: dict[str, object] = {}
    if not description.strip():
        problems["description"] = _("Say what is wrong.")
    problems |= _too_long(record_key=record_key, description=description, suggested=suggested)
    if unknown := [code for code in items if code not in known]:
        problems["items"] = _("The resource has no such item: %(codes)s.") % {"codes": ", ".join(unknown)}
    if len(files) != len(set(attachments)):
        problems["attachments"] = _("There is no such file among yours.")
    if resource.status != Resource.Status.PUBLISHED:
        problems["resource"] = _("Only published data can be objected to.")
    if problems:
        raise BadInput(_("Some entries are missing or wrong."), problems)
    objection = Objection.objects.create(
        resource=resource,
        applicant=actor.organization,
        raised_by=actor.user,
        record_key=record_key.strip(),
        description=description.strip(),
        suggested=suggested.strip(),
    )
    objection.items.set(known[code] for code in items)
    objection.attachments.set(files)
    return _open(actor, objection, idempotency_key, at)


def _too_long(**texts: str) -> dict[str, object]:
    return {
        name: _("At most %(length)s characters.") % {"length": LONGEST[name]}
        for name, text in texts.items()
        if len(text) > LONGEST[name]
    }


def _open(actor: Actor, objection: Objection, key: str, at: Any) -> Case:
    jurisdiction = objection.resource.provider.jurisdiction
    law = compiled(current(jurisdiction.pack))
    procedure = next(iter(law.procedures_of_family(FAMILY, timezone.localdate(at))), None)
    if procedure is None:
        raise Conflict(_("The law in force here knows no objection."))
    opening = procedure.opening_action()
    return open_case(
        actor,
        family=FAMILY,
        procedure=procedure.id,
        jurisdiction=jurisdiction,
        subject=objection,
        title=f"{objection.applicant.short_name} — {objection.resource.title}"[:300],
        given={"reason": objection.description} if "reason" in opening.inputs else {},
        idempotency_key=key,
        at=at,
    )


def corrected(context: Context) -> bool:
    """Whether the provider has loaded data since the case came to where it waits for that."""
    entered = context.case.events.filter(seq=context.case.entered_seq).first()
    return entered is not None and datasets.loaded_since(context.subject.resource_id, entered.at)


def ask_for_correction(context: Context) -> None:
    """Effect: the data has to be changed; the provider's handlers and stewards are told."""
    provider = context.subject.resource.provider
    kinds = [Position.Kind.HANDLER, Position.Kind.DATA_STEWARD]
    _tell(context, [provider], kinds, "correct_data")


def tell_consumers(context: Context) -> None:
    """Effect: everybody who holds a grant on the data is told that it was corrected."""
    grants = Grant.objects.filter(resource=context.subject.resource, status=Grant.Status.ACTIVE)
    organizations = [grant.organization for grant in grants.select_related("organization")]
    _tell(context, organizations, [Position.Kind.HANDLER], "data_corrected")


def _tell(context: Context, organizations: Sequence[Organization], kinds: Sequence[str], kind: str) -> None:
    held = Position.objects.held_on(timezone.localdate(context.at)).filter(
        organization__in=organizations, kind__in=kinds
    )
    people = {position.user_id for position in held}
    Notification.objects.bulk_create(
        Notification(user_id=person, case=context.case, kind=kind, context={}, created_at=context.at)
        for person in sorted(people)
    )
