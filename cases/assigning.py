"""Who of my organization handles what: reads for lists, the case page and the workload. Nothing here is a right."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from cases.models import Assignment, AwaitedHand, Case, Clock
from organizations.actors import Actor
from organizations.models import Position, User

LEADING = frozenset({Position.Kind.LEADER, Position.Kind.APPROVER})
HANDLING = tuple(k for k in Position.Kind.values if k not in (Position.Kind.AUDITOR, Position.Kind.ADMINISTRATOR))


def persons_of(actor: Actor) -> list[int]:
    """The actor, and the holder whom the actor stands in for."""
    holder = actor.position.deputy_for if actor.position else None
    return [actor.user.pk, holder.user_id] if holder else [actor.user.pk]


def open_assignments(actor: Actor) -> QuerySet[Assignment]:
    """What is assigned in the actor's organization now."""
    return Assignment.objects.filter(organization=actor.organization, ended_at__isnull=True)


def handled_by() -> Exists:
    """Of an assignment: whether its assignee holds the position today, so that somebody does handle it."""
    held = Position.objects.held_on(timezone.localdate()).filter(
        user=OuterRef("assignee"), organization=OuterRef("organization"), kind=OuterRef("position")
    )
    return Exists(held)


def with_assignee(cases: QuerySet[Case], actor: Actor) -> QuerySet[Case]:
    """Cases with `assigned_to`: who of the actor's organization handles them; None for nobody."""
    own = open_assignments(actor).filter(handled_by(), case=OuterRef("pk")).order_by("pk")
    return cases.annotate(assigned_to=Subquery(own.values("assignee__full_name")[:1]))


def narrowed(cases: QuerySet[Case], actor: Actor, which: str) -> QuerySet[Case]:
    """Cases assigned to the actor ("mine"), to nobody ("unassigned"), or all of them (anything else)."""
    own = open_assignments(actor).filter(case=OuterRef("pk"))
    if which == "mine":
        return cases.filter(Exists(own.filter(assignee__in=persons_of(actor))))
    if which == "unassigned":
        return cases.exclude(Exists(own.filter(handled_by())))
    return cases


@dataclass(frozen=True, slots=True)
class HandHere:
    """An awaited hand of the actor's organization: who handles it, who could, and whether the actor may say who."""

    hand: AwaitedHand
    assignment: Assignment | None
    holders: list[User]
    may_assign: bool
    may_take: bool

    @property
    def label(self) -> str:
        return str(Position.Kind(self.hand.position).label)


def hands_here(actor: Actor, case: Case, awaited: Iterable[AwaitedHand] | None = None) -> list[HandHere]:
    """The hands of the actor's organization that the case awaits; none for whom it does not concern. Two queries.

    `awaited`: the hands that the case awaits, if read.
    """
    if actor.organization is None or case.closed_at is not None:
        return []
    every = case.awaited.all() if awaited is None else awaited
    own = [hand for hand in every if hand.organization_id == actor.organization.pk and hand.position]
    if not own:
        return []
    current = {
        (row.party_id, row.position): row
        for row in open_assignments(actor).filter(case=case).select_related("assignee", "assigned_by")
    }
    holders = holders_of(actor, {hand.position for hand in own})
    return [
        _hand_here(actor, hand, current.get((hand.party_id, hand.position)), holders.get(hand.position, []))
        for hand in own
    ]


def _hand_here(actor: Actor, hand: AwaitedHand, current: Assignment | None, holders: list[User]) -> HandHere:
    takes = current is None and hand.position == actor.kind
    return HandHere(hand, current, holders, may_assign(actor, current), takes and actor.user in holders)


def may_assign(actor: Actor, current: Assignment | None) -> bool:
    """Whether the actor may name the person: as one who leads the organization, or as the present assignee."""
    return actor.kind in LEADING or (current is not None and current.assignee_id in persons_of(actor))


def holders_of(actor: Actor, positions: Iterable[str]) -> dict[str, list[User]]:
    """Who holds these positions in the actor's organization today, by position and in order of names."""
    held = Position.objects.held_on(timezone.localdate()).filter(
        organization=actor.organization, kind__in=list(positions)
    )
    found: dict[str, list[User]] = {}
    for position in held.select_related("user").order_by("user__full_name", "pk"):
        people = found.setdefault(position.kind, [])
        if position.user not in people:
            people.append(position.user)
    return found


def history(actor: Actor, case: Case) -> list[Assignment]:
    """Every assignment of the case within the actor's organization, newest first."""
    rows = Assignment.objects.filter(case=case, organization=actor.organization)
    return list(rows.select_related("assignee", "assigned_by").order_by("-pk"))


@dataclass(frozen=True, slots=True)
class Load:
    """How much one person has on the desk: cases that await the person, and how many of them are past a due date.

    What was given to somebody else of the same position counts there alone; what was given to nobody, for each.
    """

    user: User
    positions: list[str]
    cases: int
    overdue: int

    @property
    def labels(self) -> list[str]:
        return [str(Position.Kind(kind).label) for kind in self.positions]


def workload(actor: Actor, positions: Iterable[str], now: datetime) -> list[Load]:
    """The people of the actor's organization in these positions, the least loaded first. Two queries."""
    people: dict[int, User] = {}
    kinds: dict[int, list[str]] = {}
    for kind, holders in holders_of(actor, positions).items():
        for user in holders:
            people[user.pk] = user
            kinds.setdefault(user.pk, []).append(kind)
    waiting = _waiting(actor, {kind for each in kinds.values() for kind in each}, now)
    loads = []
    for pk, user in people.items():
        mine = [row for row in waiting if row["handler"] == pk or (not row["handler"] and row["position"] in kinds[pk])]
        loads.append(Load(user, kinds[pk], sum(row["cases"] for row in mine), sum(row["overdue"] for row in mine)))
    return sorted(loads, key=lambda load: (load.cases, load.user.full_name))


def _waiting(actor: Actor, positions: Iterable[str], now: datetime) -> list[Any]:
    """What awaits the organization, by position and by who was named to handle it: cases, and those overdue."""
    named = open_assignments(actor).filter(
        handled_by(), case=OuterRef("case"), party=OuterRef("party"), position=OuterRef("position")
    )
    late = Clock.objects.filter(case=OuterRef("case"), status=Clock.Status.OPEN, bound="latest", due_at__lt=now)
    awaited = AwaitedHand.objects.filter(organization=actor.organization, position__in=list(positions))
    rows = awaited.annotate(handler=Subquery(named.order_by("pk").values("assignee")[:1]), is_late=Exists(late))
    counted = rows.order_by().values("position", "handler")
    return list(
        counted.annotate(
            cases=Count("case", distinct=True), overdue=Count("case", distinct=True, filter=Q(is_late=True))
        )
    )
