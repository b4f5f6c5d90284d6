"""Which notices still ask something of their reader: those of a case that has moved on, or that somebody else
has handled, are settled. Read from the case itself each time, so that no notice has to be written again."""

from __future__ import annotations

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.utils import timezone

from cases.models import AwaitedHand, CaseEvent, Clock, Notification, UrgingTask
from organizations.actors import Actor
from organizations.models import Position

ASKING = ("awaited", "assigned", "reminder")
BREACHED = "overdue"


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
    """Of a notice of the actor: that it asks for something which the case no longer asks of the actor."""
    case = OuterRef("case")
    held = Position.objects.held_on(timezone.localdate()).filter(user=actor.user)
    mine = Q(person=actor.user) | Exists(held.filter(organization=OuterRef("organization"), kind=OuterRef("position")))
    awaited = Exists(AwaitedHand.objects.filter(mine, case=case))
    urging = UrgingTask.objects.filter(case=case, closed_at__isnull=True, organization__in=held.values("organization"))
    newer = Notification.objects.filter(user=actor.user, case=case, kind="awaited", pk__gt=OuterRef("pk"))
    late = Clock.objects.filter(case=case, status=Clock.Status.OPEN, due_at__lt=timezone.now())
    asked = Q(awaited) | Q(Exists(urging))
    return Q(kind__in=ASKING) & ~asked | Q(kind="awaited") & Q(Exists(newer)) | Q(kind=BREACHED) & ~Q(Exists(late))
