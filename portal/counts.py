"""The numbers beside the navigation: one indexed query each."""

from __future__ import annotations

from django.db.models import Q

from cases.models import AwaitedHand, Notification
from organizations.actors import Actor


def unread_notices(actor: Actor) -> int:
    return Notification.objects.filter(user=actor.user, read_at__isnull=True).count()


def todo_count(actor: Actor) -> int:
    """Cases that await the actor's move: in the actor's position for the organization, or as a person."""
    mine = Q(person=actor.user)
    if actor.position is not None:
        mine |= Q(organization_id=actor.position.organization_id, position=actor.position.kind)
    return AwaitedHand.objects.filter(mine).values("case").distinct().count()
