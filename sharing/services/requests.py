"""Drafting and filing share requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import services as audit
from cases.engine import Matter
from cases.hands import held_by
from cases.models import Attachment, Case
from cases.services import load, open_case, opened_before
from catalog.models import Resource, ResourceItem, SharingClass, SharingMethod
from organizations.actors import Actor, AnyActor
from organizations.errors import BadInput, Conflict, NotKnown, NotPermitted
from organizations.models import Position
from organizations.selectors import live_functions
from sharing.models import ShareRequest

FAMILY = "share_request"
PROCEDURE = "share_request"
MOST_CALLS = 1_000_000
LONGEST_TEXT = 4000
REQUIRED = ("basis", "scenario", "scope", "methods", "valid_until")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a handler typed: five mandatory parts of Order 809 art. 20 and what belongs to them.

    `items`: codes of the resource's items. `fits_no_function`: said deliberately, and `no_function_reason` why it is
    asked for all the same. `attachments`: ids of files handed in before.
    """

    basis: str = ""
    scenario: str = ""
    scope: str = ""
    items: Sequence[str] = ()
    methods: Sequence[str] = ()
    valid_from: date | None = None
    valid_until: date | None = None
    calls_per_day: int | None = None
    function: int | None = None
    fits_no_function: bool = False
    no_function_reason: str = ""
    attachments: Sequence[int] = field(default_factory=tuple)


@transaction.atomic
def save_draft(
    actor: Actor, *, resource: Resource, wish: Wish, draft: ShareRequest | None = None, version: int | None = None
) -> ShareRequest:
    """Keep a request that is not filed yet. Only what is wrong in itself is refused; gaps may stay.

    Raises BadInput with the fields, Conflict when the draft was saved elsewhere meanwhile or is filed.
    """
    organization = _applicant(actor)
    if draft is None:
        draft = ShareRequest(resource=resource, applicant=organization, drafted_by=actor.user)
    else:
        draft = _locked(actor, draft.pk, version)
    problems, items, attachments = _check(actor, resource, wish)
    if problems:
        raise BadInput(_("Some entries are wrong."), problems)
    _fill(draft, wish)
    draft.save()
    draft.items.set(items)
    draft.attachments.set(attachments)
    return draft


def _fill(draft: ShareRequest, wish: Wish) -> None:
    for name in ("basis", "scenario", "scope"):
        setattr(draft, name, getattr(wish, name).strip())
    draft.methods, draft.calls_per_day = [m for m in SharingMethod.values if m in wish.methods], wish.calls_per_day
    draft.valid_from, draft.valid_until = wish.valid_from, wish.valid_until
    draft.function_id = wish.function
    draft.fits_no_function = wish.fits_no_function and wish.function is None
    draft.no_function_reason = wish.no_function_reason.strip() if draft.fits_no_function else ""
    draft.updated_at = timezone.now()
    draft.version += 0 if draft.pk is None else 1


def _applicant(actor: Actor) -> Any:
    if actor.organization is None or actor.kind not in (Position.Kind.HANDLER, Position.Kind.LEADER):
        raise NotPermitted(_("Requests are drafted by a handler. Switch to such a position, or ask for one."))
    return actor.organization


def _locked(actor: Actor, draft_id: int, version: int | None) -> ShareRequest:
    draft = ShareRequest.objects.select_for_update().filter(pk=draft_id, applicant=actor.organization).first()
    if draft is None:
        raise NotKnown(_("There is no such draft."))
    if draft.case_id is not None:
        raise Conflict(_("This request has been filed already."), {"number": draft.case.number})
    if version is not None and version != draft.version:
        raise Conflict(_("This draft was saved elsewhere meanwhile. Open it again to see the newer one."))
    return draft


def _check(
    actor: Actor, resource: Resource, wish: Wish
) -> tuple[dict[str, object], list[ResourceItem], list[Attachment]]:
    """What is wrong in itself: unknown items, methods not offered, dates the wrong way round, others' files."""
    problems: dict[str, object] = {}
    known = {item.code: item for item in resource.items.all()}
    if unknown := [code for code in wish.items if code not in known]:
        problems["items"] = _("The resource has no such item: %(codes)s.") % {"codes": ", ".join(unknown)}
    items = [known[code] for code in wish.items if code in known]
    withheld = [item.title for item in items if item.sharing_class == SharingClass.WITHHELD]
    if withheld and resource.sharing_class != SharingClass.WITHHELD:
        problems["items"] = _("These items are withheld and cannot be asked for: %(items)s.") % {
            "items": ", ".join(withheld)
        }
    offered = _offered(resource)
    if not set(wish.methods) <= set(offered):
        problems["methods"] = _("The provider does not offer this. Choose from: %(methods)s.") % {
            "methods": ", ".join(f"{SharingMethod(method).label} ({method})" for method in offered)
        }
    problems |= _check_period(wish)
    if wish.calls_per_day is not None and not 1 <= wish.calls_per_day <= MOST_CALLS:
        problems["calls_per_day"] = _("From 1 to %(most)s.") % {"most": MOST_CALLS}
    for name in ("basis", "scenario", "scope"):
        if len(getattr(wish, name)) > LONGEST_TEXT:
            problems[name] = _("At most %(length)s characters.") % {"length": LONGEST_TEXT}
    if wish.function is not None and not _own_function(actor, wish.function):
        problems["function"] = _("This is not a function of your organization.")
    attachments = list(Attachment.objects.filter(pk__in=wish.attachments, organization=actor.organization))
    if len(attachments) != len(set(wish.attachments)):
        problems["attachments"] = _("There is no such file among yours.")
    return problems, items, attachments


def _offered(resource: Resource) -> list[str]:
    return resource.sharing_methods or list(SharingMethod.values)


def _check_period(wish: Wish) -> dict[str, object]:
    if wish.valid_until is None:
        return {}
    if wish.valid_from is not None and wish.valid_until < wish.valid_from:
        return {"valid_until": _("The end lies before the beginning.")}
    if wish.valid_until < timezone.localdate():
        return {"valid_until": _("The end lies in the past.")}
    return {}


def _own_function(actor: Actor, function_id: int) -> bool:
    return actor.organization is not None and live_functions(actor.organization.pk).filter(pk=function_id).exists()


def missing(draft: ShareRequest) -> dict[str, object]:
    """Fields without which a request cannot be filed, each with its mend (Order 809 art. 20)."""
    gaps = lacking({name: getattr(draft, name) for name in REQUIRED})
    return gaps if draft.items.exists() else {**gaps, **lacking({"items": ()})}


def lacking(values: Mapping[str, object]) -> dict[str, object]:
    """Those of the mandatory fields given here that are empty, each with its mend."""
    sentences = {
        "basis": _("State the basis: the text that gives your organization the task."),
        "scenario": _("State the scenario: the business in which the data is used."),
        "scope": _("State the scope: which regions, persons or periods."),
        "methods": _("Choose how the data is to be provided; several ways are possible."),
        "valid_until": _("State until when the data is needed."),
        "items": _("Choose at least one item."),
    }
    return {name: sentences[name] for name, value in values.items() if not value}


def file_request(
    actor: Actor,
    *,
    draft: ShareRequest,
    version: int | None = None,
    opinion: str = "",
    idempotency_key: str = "",
    at: Any = None,
) -> Case:
    """File a draft: a case opens under the law of the provider's jurisdiction. Returns the case.

    `opinion`: why it is asked for although a soft rule speaks against it, such as fitting no function of the unit;
    left out, the reason that the draft gives for that.
    Raises BadInput naming what is missing; see cases.engine.open_case for the rest.
    """
    with transaction.atomic():
        locked = ShareRequest.objects.select_for_update().filter(pk=draft.pk, applicant=actor.organization).first()
        if locked is None:
            raise NotKnown(_("There is no such draft."))
        if locked.case_id is not None:
            return _filed_already(locked, actor, idempotency_key)
        if version is not None and version != locked.version:
            raise Conflict(_("This draft was saved elsewhere meanwhile. Open it again to see the newer one."))
        if gaps := missing(locked):
            raise BadInput(_("The request is not complete."), gaps)
        if locked.resource.status != Resource.Status.PUBLISHED:
            raise BadInput(_("This resource is not published, so it cannot be asked for."))
        return open_case(
            actor,
            family=FAMILY,
            procedure=PROCEDURE,
            jurisdiction=locked.resource.provider.jurisdiction,
            subject=locked,
            title=title(locked),
            opinion=opinion or locked.no_function_reason,
            idempotency_key=idempotency_key,
            at=at,
        )


def file_at_once(actor: Actor, *, resource: Resource, wish: Wish, opinion: str = "", idempotency_key: str = "") -> Case:
    """Draft and file in one step, as the API does; nothing is kept when it is refused."""
    if earlier := opened_before(actor, idempotency_key):
        return earlier
    with transaction.atomic():
        draft = save_draft(actor, resource=resource, wish=wish)
        return file_request(actor, draft=draft, opinion=opinion, idempotency_key=idempotency_key)


def _filed_already(request: ShareRequest, actor: Actor, key: str) -> Case:
    case = Case.objects.get(share_request=request)
    first = case.events.get(seq=1)
    if key and first.idempotency_key == key and first.person_id == actor.user.pk:
        return case
    raise Conflict(_("This request has been filed already."), {"number": case.number})


def title(request: ShareRequest) -> str:
    """A case's title: who asks for what."""
    return f"{request.applicant.short_name} → {request.resource.title}"[:300]


def may_revise(actor: AnyActor, matter: Matter) -> bool:
    """Whether the case stands where the actor's own hand would submit it again: only then its content may change."""
    if matter.case.closed_at is not None:
        return False
    openers = matter.procedure.opening_action("hand").by
    again = [action for action in matter.procedure.actions_from(matter.case.state) if action.kind == "submit"]
    return any(held_by(matter, actor, set(action.by) & set(openers)) is not None for action in again)


@transaction.atomic
def revise(actor: Actor, *, request: ShareRequest, wish: Wish, version: int | None = None) -> ShareRequest:
    """Change a filed request while it is back with its applicant for revision."""
    case = Case.objects.select_for_update().get(pk=request.case_id)
    locked = ShareRequest.objects.select_for_update().get(pk=request.pk)
    if not may_revise(actor, load(case)):
        raise NotPermitted(_("The request can be changed only while it is back with you for revision."))
    if version is not None and version != locked.version:
        raise Conflict(_("The request was changed meanwhile. Open it again to see the newer one."))
    problems, items, attachments = _check(actor, locked.resource, wish)
    _fill(locked, wish)
    problems = {**_gaps_of(locked, items), **problems}
    if problems:
        raise BadInput(_("Some entries are missing or wrong."), problems)
    locked.save()
    locked.items.set(items)
    locked.attachments.add(*attachments)
    Attachment.objects.filter(pk__in=[a.pk for a in attachments], case__isnull=True).update(case=case)
    _record_revision(actor, locked, case)
    return locked


def _gaps_of(request: ShareRequest, items: list[ResourceItem]) -> dict[str, object]:
    gaps = missing(request)
    gaps.pop("items", None)
    return gaps if items else {**gaps, "items": _("Choose at least one item.")}


def _record_revision(actor: Actor, request: ShareRequest, case: Case) -> None:
    audit.record(
        verb="share_request.revise",
        who=actor.who,
        subject="case",
        subject_id=str(case.pk),
        data={"number": case.number, "content": content(request)},
    )


def content(request: ShareRequest) -> Mapping[str, Any]:
    """What a request says, as plain values: for the audit record and for comparing versions."""
    return {
        "resource": request.resource.code,
        "basis": request.basis,
        "scenario": request.scenario,
        "scope": request.scope,
        "items": [item.code for item in request.items.all()],
        "methods": request.methods,
        "valid_from": str(request.valid_from or ""),
        "valid_until": str(request.valid_until or ""),
    }


@transaction.atomic
def discard_draft(actor: Actor, *, draft: ShareRequest) -> None:
    """Throw a draft away. Raises Conflict when it has been filed."""
    _locked(actor, draft.pk, None).delete()


def link(subject: Any, case: Case) -> None:
    """Store the case on its subject, and give the subject's files to it. Inside the opening's transaction."""
    subject.case = case
    subject.save(update_fields=["case"])
    Attachment.objects.filter(pk__in=subject.attachments.values("pk")).update(case=case)
