"""Who is told what: rows of the in-app notices, which are the outbox of the mail too.

A notice keeps a kind and bilingual labels; its text is made when shown, in the reader's language.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils import timezone

from cases import hands
from cases.engine.context import Matter
from cases.models import CaseParty, Clock, Notification
from organizations.actors import Actor, AnyActor
from organizations.models import User
from statutes.definitions import Hand, Text


def bilingual(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def named(actor: AnyActor) -> dict[str, str]:
    """The actor's organization in both languages; the portal itself is nobody's."""
    organization = actor.organization if isinstance(actor, Actor) else None
    if organization is None:
        return {"zh": actor.who.organization, "en": actor.who.organization}
    return {"zh": organization.name, "en": organization.name_en or organization.name}


def notices(people: Iterable[User], matter: Matter, kind: str, at: datetime, **context: Any) -> list[Notification]:
    """Unsaved notices for these people, each once. `context` holds JSON values."""
    return [Notification(**values) for values in lines(people, matter, kind, at, **context)]


def lines(people: Iterable[User], matter: Matter, kind: str, at: datetime, **context: Any) -> list[dict[str, Any]]:
    """The same as values by column, for many at once."""
    said = {"state": bilingual(matter.state.label), **context}
    case_id = matter.case.pk
    return [
        {"user_id": person.pk, "case_id": case_id, "kind": kind, "context": said, "created_at": at} for person in people
    ]


def rows_for(matter: Matter, wanted: Iterable[Hand]) -> list[tuple[CaseParty, str]]:
    """The parties named, without those whom the case has not reached yet."""
    told = [(row, hand) for hand in wanted for row in matter.rows_of(hand) if row.is_organ or row.sees_from is not None]
    return [(row, hand.position) for row, hand in told]


def people_for(matter: Matter, wanted: Iterable[Hand], at: datetime) -> list[User]:
    return hands.people_of(rows_for(matter, wanted), timezone.localdate(at))


def reminded(matter: Matter, clock: Clock) -> list[Hand]:
    """Whom a reminder of a clock concerns: the awaited hands of the party that owes, else all that are awaited."""
    owing = [hand for hand in matter.state.awaits if hand.party == clock.duty]
    return owing or list(matter.state.awaits)


def clock_context(matter: Matter, clock: Clock, rung: str = "") -> dict[str, Any]:
    rule = matter.compiled.rule(clock.rule)
    return {
        "clock": bilingual(rule.summary),
        "article": rule.article,
        "due_on": clock.due_on.isoformat() if clock.due_on else "",
        "rung": rung,
    }
