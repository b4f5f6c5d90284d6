"""What may be read of the conversation about a case, who may be asked into it, and who follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from cases.models import Case, CaseParty, Comment, Following, UrgingTask
from cases.selectors import visible_cases
from organizations.actors import Actor
from organizations.models import Position, User

MOST_PEOPLE = 200


def positions_seeing(case: Any, jurisdiction: Any) -> QuerySet[Position]:
    """Positions held today whose holders may see a case: `visible_cases` read from the other end.

    `case` and `jurisdiction` are keys, or references to columns of an outer query.
    """
    bound = CaseParty.objects.filter(
        Q(organization=OuterRef("organization"))
        | Q(organization__merged_into=OuterRef("organization"))
        | Q(person=OuterRef("user")),
        case=case,
        sees_from__isnull=False,
    )
    urged = UrgingTask.objects.filter(case=case, organization=OuterRef("organization"))
    audits = Q(kind=Position.Kind.AUDITOR, organization__jurisdiction=jurisdiction)
    held = Position.objects.held_on(timezone.localdate()).exclude(kind=Position.Kind.ADMINISTRATOR)
    return held.filter(Q(Exists(bound)) | Q(Exists(urged)) | audits)


def comments(actor: Actor, case: Case) -> QuerySet[Comment]:
    """Comments on a case that the actor may read, oldest first; those of the own organization alone among them."""
    if actor.organization is None:
        return Comment.objects.none()
    own = Q(organization=actor.organization) | Q(organization__merged_into=actor.organization)
    return (
        Comment.objects.filter(Q(audience=Comment.Audience.PARTIES) | own, _seen(actor, case), case=case)
        .select_related("author", "organization")
        .prefetch_related("mentions__user")
        .order_by("created_at", "pk")
    )


def _seen(actor: Actor, case: Case) -> Exists:
    """Whether the actor may see the case, as a condition within another query."""
    return Exists(visible_cases(actor).filter(pk=case.pk))


def for_everybody(case: Case) -> QuerySet[Comment]:
    """Comments that stand in the case file: those to everybody who may see the case, withdrawn ones left out."""
    rows = case.comments.filter(audience=Comment.Audience.PARTIES, withdrawn_at__isnull=True)
    return rows.select_related("author", "organization").order_by("created_at", "pk")


@dataclass(frozen=True, slots=True)
class Choosable:
    """A person who may be mentioned, with where the person sits; `inside`: in the actor's organization."""

    user: User
    organization: str
    inside: bool

    @property
    def label(self) -> str:
        return f"{self.user.full_name or self.user.username} · {self.organization}"


def choosable(actor: Actor, case: Case, *, audience: str = "", query: str = "") -> list[Choosable]:
    """Whom the actor may mention in a comment of that audience, by name: who may read it, the actor left out."""
    if actor.organization is None:
        return []
    seeing = positions_seeing(case.pk, case.jurisdiction_id).filter(_seen(actor, case)).exclude(user=actor.user)
    if audience == Comment.Audience.ORGANIZATION:
        seeing = seeing.filter(organization=actor.organization)
    if query := query.strip():
        seeing = seeing.filter(Q(user__full_name__icontains=query) | Q(user__username__istartswith=query))
    own, found = actor.organization.pk, dict[int, Choosable]()
    for row in seeing.select_related("user", "organization").order_by("user__full_name", "user", "active_from", "pk"):
        inside = row.organization_id == own
        if row.user_id not in found or inside:
            found[row.user_id] = Choosable(row.user, row.organization.shown_short_name, inside)
    return list(found.values())[:MOST_PEOPLE]


def followed(actor: Actor) -> QuerySet[Case]:
    """Cases that the actor follows, of those that may be seen in the present position."""
    following = Following.objects.filter(case=OuterRef("pk"), user=actor.user)
    return visible_cases(actor).filter(Exists(following))


def follows(actor: Actor, case: Case) -> bool:
    return Following.objects.filter(case=case, user=actor.user).exists()


def seen_followings(*, lost: bool = False) -> QuerySet[Following]:
    """Followings of people who may still see the case in one of their positions; with `lost`, the others."""
    seeing = Exists(
        positions_seeing(OuterRef(OuterRef("case")), OuterRef("case__jurisdiction")).filter(user=OuterRef("user"))
    )
    return Following.objects.filter(~seeing if lost else seeing)
