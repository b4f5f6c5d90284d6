"""Who may change what a step is about: whoever the case waits for to send it in again."""

from __future__ import annotations

from cases.hands import held_by
from cases.models import Case
from cases.services import load
from organizations.actors import Actor, AnyActor


def may_resubmit(actor: AnyActor, case: Case | None) -> bool:
    """Whether the case waits for the actor's hand to submit anew."""
    if case is None or case.closed_at is not None or not isinstance(actor, Actor):
        return False
    matter = load(case)
    again = [action for action in matter.procedure.actions_from(case.state) if action.kind == "submit"]
    return any(held_by(matter, actor, action.by) is not None for action in again)
