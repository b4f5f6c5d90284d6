"""What was entered at an event and is not for every reader: scores until the step is over, drafts of one house."""

from __future__ import annotations

from cases.engine import Matter
from cases.models import CaseEvent
from organizations.actors import Actor, AnyActor
from organizations.models import Position
from organizations.selectors import current_organization

SEALED, INTERNAL = "sealed", "internal"


def withheld(matter: Matter, event: CaseEvent, actor: AnyActor) -> str:
    """Why the reader is not shown inputs and opinion of an event, as a code; "" where they are shown.

    Sealed ones open to others than their author once the case has left the state. Internal ones are for the
    organization that acted, also after a merger, and for auditors, for good. The portal itself reads everything.
    """
    if not isinstance(actor, Actor):
        return ""
    if event.sealed and event.seq > matter.case.entered_seq and event.person_id != actor.user.pk:
        return SEALED
    action = matter.law_at(event.seq).procedure.actions.get(event.action)
    if action is None or not action.internal or _of_the_house(event, actor):
        return ""
    return INTERNAL


def _of_the_house(event: CaseEvent, actor: Actor) -> bool:
    if actor.kind == Position.Kind.AUDITOR:
        return True
    if event.organization is None or actor.organization is None:
        return False
    return current_organization(event.organization).pk == actor.organization.pk
