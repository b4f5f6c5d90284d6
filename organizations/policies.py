"""Who may administer what: the rules that services ask before they write and pages ask before they offer."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from organizations.actors import Actor, AnyActor
from organizations.errors import NotPermitted
from organizations.models import Position, User

ADMINISTRATOR = Position.Kind.ADMINISTRATOR
# GB/T 39477-2020, 6.2: managing, auditing and operating are separate roles.
EXCLUSIVE_KINDS = frozenset({Position.Kind.ADMINISTRATOR, Position.Kind.AUDITOR})


def is_administrator(actor: AnyActor | None, jurisdiction_id: str) -> bool:
    """True for the system and for who acts as administrator of that jurisdiction."""
    if actor is None:
        return False
    if actor.is_system:
        return True
    return isinstance(actor, Actor) and actor.kind == ADMINISTRATOR and actor.jurisdiction_id == jurisdiction_id


def require_administrator(actor: AnyActor | None, jurisdiction_id: str) -> None:
    if not is_administrator(actor, jurisdiction_id):
        raise NotPermitted(_("Only an administrator of this jurisdiction may do this."))


def require_any_administrator(actor: AnyActor | None) -> None:
    """For what belongs to no jurisdiction: opening an account."""
    if actor is not None and (actor.is_system or (isinstance(actor, Actor) and actor.kind == ADMINISTRATOR)):
        return
    raise NotPermitted(_("Only an administrator may do this."))


def require_system(actor: AnyActor | None) -> None:
    if actor is None or not actor.is_system:
        raise NotPermitted(_("Only the operator of the portal may do this."))


def may_reset(actor: AnyActor | None, person: User, on: date) -> bool:
    """A one-time code opens the account: it may be given only by who administers every position that it opens."""
    if actor is None:
        return False
    if actor.is_system:
        return True
    if not isinstance(actor, Actor) or actor.kind != ADMINISTRATOR or actor.user.pk == person.pk:
        return False
    opened = set(person.positions.held_on(on).values_list("organization__jurisdiction_id", flat=True))
    mine = actor.user.positions.held_on(on).filter(kind=ADMINISTRATOR)
    return opened <= set(mine.values_list("organization__jurisdiction_id", flat=True))
