"""Grants: begun when a request is granted, ended by time, by revocation or by suspension."""

from __future__ import annotations

from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from guardian.shortcuts import assign_perm, remove_perm

from audit import services as audit
from cases.families import Context
from catalog.models import Resource, Withdrawal
from organizations.actors import Actor, AnyActor, SystemActor
from organizations.errors import BadInput, Conflict, NotPermitted
from organizations.models import Position
from organizations.services import mirror_group
from sharing.models import Grant, GrantColumn, ShareRequest
from sharing.services.masked import masked_codes

READ_DATA = "catalog.read_data"
LIVE = (Grant.Status.ACTIVE, Grant.Status.SUSPENDED)
EXPIRY = SystemActor("expiry of grants")


def begin(context: Context) -> None:
    """Effect: the right begins, with just the columns asked for, those masked that the answer named.

    Where the entry was withdrawn meanwhile it ends at once. Doing it twice changes nothing.
    """
    request: ShareRequest = context.subject
    day = timezone.localdate(context.at)
    grant, created = Grant.objects.get_or_create(
        request=request,
        defaults={
            "resource": request.resource,
            "organization": request.applicant,
            "purpose": f"{request.scenario}\n{request.scope}".strip(),
            "methods": request.methods,
            "valid_from": max(day, request.valid_from or day),
            "valid_until": max(day, request.valid_until or day),
            "rows_per_call": settings.GRANT_ROWS_PER_CALL,
            "rows_total": settings.GRANT_ROWS_TOTAL,
            "calls_per_minute": settings.GRANT_CALLS_PER_MINUTE,
            "calls_per_day": request.calls_per_day or settings.GRANT_CALLS_PER_DAY,
            "began_at": context.at,
        },
    )
    if not created:
        return
    hidden = masked_codes(request) or ()
    GrantColumn.objects.bulk_create(
        GrantColumn(grant=grant, item=item, masked=item.code in hidden) for item in request.items.all()
    )
    mirror(grant)
    _record(grant, context.actor, "grant.begin")
    if reason := _withdrawn_because(request.resource):
        grant.status = Grant.Status.REVOKED
        _end(grant, context.actor, "grant.revoke", reason)


def _withdrawn_because(resource: Resource) -> str:
    """The case and reason by which an entry was withdrawn; "" while it is not."""
    if resource.status != Resource.Status.WITHDRAWN:
        return ""
    withdrawal = resource.withdrawals.filter(withdrawn_at__isnull=False).select_related("case").first()
    return _because(withdrawal) if withdrawal else resource.get_status_display()


def _because(withdrawal: Withdrawal) -> str:
    """Kept for readers of both languages, so without a word of either."""
    return f"{withdrawal.case.number if withdrawal.case else ''} {withdrawal.reason}".strip()


def end_withdrawn(actor: AnyActor, withdrawal: Withdrawal, at: datetime) -> None:
    """Every right to the data of an entry ends as it is withdrawn, whoever holds it. Keys of a grant end with it."""
    live = Grant.objects.select_for_update(of=("self",)).select_related("resource", "organization")
    for grant in live.filter(resource=withdrawal.resource, status__in=LIVE).order_by("pk"):
        grant.status = Grant.Status.REVOKED
        _end(grant, actor, "grant.revoke", _because(withdrawal))


def mirror(grant: Grant) -> None:
    """Let guardian's object permission say what the grants say: the organization's group may read, or not."""
    group = mirror_group(grant.organization)
    active = Grant.objects.filter(
        organization=grant.organization, resource=grant.resource, status=Grant.Status.ACTIVE
    ).exists()
    change = assign_perm if active else remove_perm
    change(READ_DATA, group, grant.resource)


def _record(grant: Grant, actor: AnyActor, verb: str, reason: str = "") -> None:
    audit.record(
        verb=verb,
        who=actor.who,
        subject="grant",
        subject_id=str(grant.pk),
        data={
            "resource": grant.resource_id,
            "organization": grant.organization_id,
            "status": grant.status,
            "columns": [column.item.code for column in grant.columns.select_related("item")],
            "masked": [column.item.code for column in grant.columns.select_related("item") if column.masked],
            "methods": grant.methods,
            "until": str(grant.valid_until),
            "reason": reason,
        },
    )


@transaction.atomic
def end_grant(actor: Actor, *, grant: Grant, suspend: bool = False, reason: str) -> Grant:
    """Suspend or revoke a grant (Order 809 art. 27). By the provider's leader or the bureau's approver of its city.

    Raises BadInput without reasons, NotPermitted for others, Conflict when it has ended already.
    """
    if not reason.strip():
        raise BadInput(_("Reasons are required."), {"reason": _("State why the grant ends.")})
    locked = (
        Grant.objects.select_for_update(of=("self",))
        .select_related("resource__provider", "organization")
        .get(pk=grant.pk)
    )
    if not may_end(actor, locked):
        raise NotPermitted(_("Only the provider's leader or the bureau's approver can end a grant."))
    if locked.status not in (Grant.Status.ACTIVE, Grant.Status.SUSPENDED):
        raise Conflict(_("This grant has ended already."))
    locked.status = Grant.Status.SUSPENDED if suspend else Grant.Status.REVOKED
    return _end(locked, actor, "grant.suspend" if suspend else "grant.revoke", reason.strip())


def may_end(actor: AnyActor, grant: Grant) -> bool:
    """Whether the actor may suspend, resume or revoke the grant."""
    if not isinstance(actor, Actor) or actor.organization is None:
        return False
    provider = grant.resource.provider
    if actor.kind == Position.Kind.LEADER:
        return actor.organization.pk == provider.pk
    is_bureau = actor.organization.organ_roles.filter(role="bureau", jurisdiction=provider.jurisdiction_id).exists()
    return actor.kind == Position.Kind.APPROVER and is_bureau


def _end(grant: Grant, actor: AnyActor, verb: str, reason: str) -> Grant:
    grant.ended_at = None if grant.status == Grant.Status.SUSPENDED else timezone.now()
    grant.ended_because = reason[:300]
    grant.save(update_fields=["status", "ended_at", "ended_because"])
    mirror(grant)
    _record(grant, actor, verb, reason)
    return grant


@transaction.atomic
def resume_grant(actor: Actor, *, grant: Grant) -> Grant:
    """End a suspension. Raises NotPermitted and Conflict as end_grant."""
    locked = (
        Grant.objects.select_for_update(of=("self",))
        .select_related("resource__provider", "organization")
        .get(pk=grant.pk)
    )
    if not may_end(actor, locked):
        raise NotPermitted(_("Only the provider's leader or the bureau's approver can end a suspension."))
    if locked.status != Grant.Status.SUSPENDED:
        raise Conflict(_("This grant is not suspended."))
    locked.status = Grant.Status.ACTIVE
    return _end(locked, actor, "grant.resume", "")


def expire_grants(on: date | None = None) -> int:
    """End every grant whose last day has passed; each in its own transaction. Returns how many ended."""
    day = on or timezone.localdate()
    over = Grant.objects.filter(
        status__in=[Grant.Status.ACTIVE, Grant.Status.SUSPENDED], valid_until__lt=day
    ).values_list("pk", flat=True)
    return sum(_expire(key, day) for key in list(over))


@transaction.atomic
def _expire(grant_id: int, day: date) -> bool:
    grant = Grant.objects.select_for_update(skip_locked=True).filter(pk=grant_id, valid_until__lt=day).first()
    if grant is None or grant.status not in (Grant.Status.ACTIVE, Grant.Status.SUSPENDED):
        return False
    grant.status = Grant.Status.EXPIRED
    _end(grant, EXPIRY, "grant.expire", "")
    return True
