"""Which notices still ask something of their reader: those of a case that has moved on, or that somebody else
has handled, are settled. Read from the case itself each time, so that no notice has to be written again."""

from __future__ import annotations

from django.db.models import Case, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.utils import timezone

from cases.models import CaseEvent, Notification
from cases.written import SETTLED, Written, held_on
from organizations.actors import Actor


def notices(actor: Actor) -> QuerySet[Notification]:
    """The actor's notices, newest first, each with `settled`, and where it is, who moved the case on:
    `settled_by` (a person's name) of `settled_in` (an organization's key)."""
    acts = CaseEvent.objects.filter(
        case=OuterRef("case"), kind=CaseEvent.Kind.ACTION, at__gt=OuterRef("created_at")
    ).order_by(Case(When(from_state=F("to_state"), then=Value(1)), default=Value(0)), "seq")
    rows = Notification.objects.filter(user=actor.user).select_related("case__opener")
    return rows.annotate(
        settled=settled(actor),
        settled_by=Subquery(acts.values("person_name")[:1]),
        settled_in=Subquery(acts.values("organization__short_name")[:1]),
    )


def unread(actor: Actor) -> QuerySet[Notification]:
    """Notices that were not read and are not settled: what the number beside the bell counts."""
    return Notification.objects.filter(~settled(actor), user=actor.user, read_at__isnull=True)


def settled(actor: Actor) -> Q:
    """Of a notice of the actor: that it asks for something which the case no longer asks of the actor.

    `awaited`, `assigned` and `reminder` ask for it while the case awaits the person, a position that the person
    holds, or urging by such an organization; of several `awaited` only the newest does; `overdue` until it is done.
    """
    person, held = actor.user.pk, held_on(timezone.localdate())
    values = (person, *held, person, *held, person, person, timezone.now())
    return Q(Written(SETTLED, "kind", "case", "pk", values=values))
