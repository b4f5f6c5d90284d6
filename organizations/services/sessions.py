"""What the record keeps of signing in, out and changing positions."""

from __future__ import annotations

from django.db import transaction

from audit.services import record
from organizations.actors import Actor


@transaction.atomic
def note_sign_in(actor: Actor, *, way: str) -> None:
    """`way`: password, token."""
    record(verb="session.sign_in", who=actor.who, subject="user", subject_id=str(actor.user.pk), data={"way": way})


@transaction.atomic
def note_sign_out(actor: Actor) -> None:
    record(verb="session.sign_out", who=actor.who, subject="user", subject_id=str(actor.user.pk))


@transaction.atomic
def note_switch(actor: Actor) -> None:
    """Record that a person now acts in another position: `actor` is the new one."""
    record(verb="session.switch_position", who=actor.who, subject="user", subject_id=str(actor.user.pk))
