"""Taking a published entry out of the catalogue: proposed, negotiated with its users, filed (Order 809 art. 27)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import services as audit
from cases.families import Context
from cases.models import Case
from cases.services import open_case, opened_before, signal_open_cases
from catalog import hooks
from catalog.models import Consultation, Resource, Withdrawal
from catalog.services.resources import check_open_revision, check_registrar
from organizations.actors import Actor
from organizations.errors import Conflict
from organizations.models import Organization
from organizations.selectors import current_organization

FAMILY = "resource_withdrawal"
PROCEDURE = "resource_withdrawal"
CONSULTATION = "withdrawal_opinion"


@transaction.atomic
def propose_withdrawal(
    actor: Actor,
    *,
    resource: Resource,
    given: Mapping[str, Any],
    opinion: str = "",
    at: datetime | None = None,
    idempotency_key: str = "",
) -> Case:
    """Propose that the data of a published entry be provided no longer. Returns the case; the entry stays meanwhile.

    `given`: the inputs that the procedure's opening asks for. Raises Conflict when the entry is not published or a
    change or withdrawal of it is on its way; BadInput, NotPermitted and DoorClosed as the procedure says. The same
    idempotency key answers with the case of the first time.
    """
    if earlier := opened_before(actor, idempotency_key):
        return earlier
    rows = Resource.objects.select_for_update(of=("self",)).select_related("provider", "jurisdiction")
    locked = rows.get(pk=resource.pk)
    check_registrar(actor, locked.provider)
    if locked.status != Resource.Status.PUBLISHED:
        raise Conflict(_("Only a published entry can be withdrawn."))
    check_open_revision(locked)
    if locked.withdrawals.filter(case__closed_at__isnull=True).exists():
        raise Conflict(_("The withdrawal of this entry is on its way already."))
    return open_case(
        actor,
        family=FAMILY,
        procedure=PROCEDURE,
        jurisdiction=locked.jurisdiction,
        subject=Withdrawal.objects.create(resource=locked, proposed_by=actor.user),
        title=locked.title,
        given=given,
        opinion=opinion,
        at=at,
        idempotency_key=idempotency_key,
    )


def link(subject: Withdrawal | Consultation, case: Case) -> None:
    """Store the case on its subject, inside the opening's transaction."""
    subject.case = case
    subject.save(update_fields=["case"])


def state_withdrawal(context: Context) -> None:
    """Effect: the reason and the last day of provision are those that the act states, where it states them."""
    withdrawal: Withdrawal = context.subject
    withdrawal.reason = context.inputs.get("reason") or withdrawal.reason
    if stated := context.inputs.get("ends_on"):
        withdrawal.ends_on = date.fromisoformat(stated)
    withdrawal.save(update_fields=["reason", "ends_on"])


def announce(context: Context) -> None:
    """Effect: the authority has filed it: whoever sees the entry is told until when the data is provided."""
    Withdrawal.objects.filter(pk=context.subject.pk).update(announced_at=context.at)


def consumers(withdrawal: Withdrawal) -> list[Organization]:
    """Who is provided with the data and is to be heard: every organization but the provider itself."""
    provider = current_organization(withdrawal.resource.provider)
    found = [current_organization(organization) for organization in hooks.consumers_of(withdrawal.resource)]
    return list({one.pk: one for one in found if one.pk != provider.pk}.values())


def consult(parent: Case | None, organization: Organization | None, at: datetime) -> Consultation:
    """The subject of the case in which one organization is heard."""
    withdrawal = Withdrawal.objects.get(case=parent)
    return Consultation.objects.create(withdrawal=withdrawal, organization=organization)


def all_heard(context: Context) -> bool:
    return not context.subject.consultations.filter(case__closed_at__isnull=True).exists()


def lies_ahead(context: Context) -> bool:
    """The day that is stated, if one is, is still to come, and not before the one that those asked were told."""
    stated = context.inputs.get("ends_on")
    if not stated:
        return True
    told = context.subject.ends_on if context.subject.consultations.exists() else None
    day = date.fromisoformat(str(stated))
    return day > timezone.localdate(context.at) and (told is None or day >= told)


def release(context: Context) -> None:
    """Effect: the withdrawal is given up, so those who are being heard are asked no longer."""
    waiting = context.subject.consultations.filter(case__closed_at__isnull=True)
    signal_open_cases(list(waiting.values_list("case_id", flat=True)), "withdrawal_dropped")


def withdraw(context: Context) -> None:
    """Effect: the entry is withdrawn, and what rests on it ends with the reason of the withdrawal."""
    withdrawal: Withdrawal = context.subject
    resource = Resource.objects.select_for_update(of=("self",)).get(pk=withdrawal.resource_id)
    resource.status, resource.withdrawn_at = Resource.Status.WITHDRAWN, context.at
    resource.save(update_fields=["status", "withdrawn_at"])
    withdrawal.withdrawn_at = context.at
    withdrawal.save(update_fields=["withdrawn_at"])
    for end in hooks.on_withdrawn:
        end(context.actor, withdrawal, context.at)
    audit.record(
        verb="resource.withdraw",
        who=context.actor.who,
        subject="resource",
        subject_id=str(resource.pk),
        data={"code": resource.code, "title": resource.title, "reason": withdrawal.reason},
    )
