"""What the record keeps of signing in, out and changing positions."""

from __future__ import annotations

from importlib import import_module

from django.conf import settings
from django.db import transaction

from audit.services import record
from audit.who import Who
from organizations.actors import Actor


@transaction.atomic
def note_sign_in(actor: Actor, *, way: str) -> None:
    """`way`: password, token."""
    record(verb="session.sign_in", who=actor.who, subject="user", subject_id=str(actor.user.pk), data={"way": way})


@transaction.atomic
def note_failed_sign_in(*, username: str, address: str, locked: bool) -> None:
    """Record a refused sign-in. The account may not exist; `locked`: this failure closed it for a while."""
    who = Who(0, username[:60], "", 0, "", "", address)
    verb = "session.lock" if locked else "session.fail"
    record(verb=verb, who=who, subject="account", subject_id=username[:60])


@transaction.atomic
def note_sign_out(actor: Actor) -> None:
    record(verb="session.sign_out", who=actor.who, subject="user", subject_id=str(actor.user.pk))


@transaction.atomic
def note_switch(actor: Actor) -> None:
    """Record that a person now acts in another position: `actor` is the new one."""
    record(verb="session.switch_position", who=actor.who, subject="user", subject_id=str(actor.user.pk))


def clear_sessions() -> None:
    """Drop sessions that have run out; what is still valid stays."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
