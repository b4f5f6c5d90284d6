"""Opening a case by hand: which law, which parties, and the opening action."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cases import families
from cases.engine.acting import Attempt, check_hand, prepare
from cases.engine.founding import Opening, found, store
from cases.engine.transitions import carry_out
from cases.models import Case, CaseEvent
from organizations.actors import Actor
from organizations.errors import Conflict, NotPermitted
from organizations.models import Jurisdiction
from statutes.definitions import Procedure
from statutes.selectors import current as current_version


def open_case(
    actor: Actor,
    *,
    family: str,
    procedure: str,
    jurisdiction: Jurisdiction,
    subject: Any,
    title: str,
    given: Mapping[str, Any] | None = None,
    opinion: str = "",
    at: datetime | None = None,
    idempotency_key: str = "",
    parent: Case | None = None,
) -> Case:
    """Open a case about `subject` under the law of `jurisdiction`, and take the procedure's opening action.

    `parent`: the case within which this one is opened, as its procedure allows; it is read, not locked, and learns
    by a signal when this one closes. The same idempotency key by the same person
    answers with the case of the first time. Raises BadInput when an organ or party is missing or the applicant
    would be the provider, Conflict for a parent that is closed or of another procedure, NotPermitted and
    DoorClosed as `act`.
    """
    if at is not None and not actor.demonstration:
        raise NotPermitted(_("Only the demonstration may act at an earlier moment."))
    if earlier := opened_before(actor, idempotency_key):
        return earlier
    if actor.organization is None:
        raise NotPermitted(_("You hold no position in which you could open a case."))
    version = current_version(jurisdiction.pack)
    opening = Opening(
        families.get(family),
        procedure,
        jurisdiction,
        version,
        subject,
        title,
        actor.user,
        actor.organization,
        parent=parent,
    )
    attempt = Attempt("", None, dict(given or {}), opinion.strip(), at, idempotency_key)
    try:
        with transaction.atomic():
            return _open(actor, opening, attempt)
    except IntegrityError:
        if earlier := opened_before(actor, idempotency_key):
            return earlier
        raise


def opened_before(actor: Actor, key: str) -> Case | None:
    """The case that this person opened with this idempotency key, if any."""
    if not key:
        return None
    event = CaseEvent.objects.filter(person=actor.user, idempotency_key=key, seq=1).select_related("case").first()
    return event.case if event else None


def _open(actor: Actor, opening: Opening, attempt: Attempt) -> Case:
    matter = found(opening, "hand", attempt.at or timezone.now())
    if opening.parent is not None:
        _check_parent(matter.procedure, opening.parent)
    action = matter.procedure.opening_action("hand")
    held = check_hand(matter, actor, action)
    taking = prepare(matter, actor, action, held, attempt, matter.case.opened_at)
    store(matter, opening)
    carry_out(matter, taking)
    return matter.case


def _check_parent(procedure: Procedure, parent: Case) -> None:
    """A case is opened within one whose procedure its own names, while that is open. Raises Conflict."""
    if parent.procedure not in procedure.parents:
        raise Conflict(_("%(number)s is not a matter within which this can be opened.") % {"number": parent.number})
    if parent.closed_at is not None:
        raise Conflict(_("%(number)s is closed: nothing can be opened within it any more.") % {"number": parent.number})
