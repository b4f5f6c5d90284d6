"""What my organization owes: every time limit whose duty lies with it, whoever has to act, and who can."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from cases import hands
from cases.models import AwaitedHand, Case, CaseParty, Clock
from cases.page import ClockView, said, view_clock
from organizations.actors import Actor
from organizations.models import Position
from organizations.selectors import current_organization
from statutes.selectors import compiled as compiled_version

SHOWN = ("open", "overdue", "running", "met", "late")
NOT_OWING = frozenset({"", Position.Kind.AUDITOR, Position.Kind.ADMINISTRATOR})


def owes(actor: Actor) -> bool:
    """Whether what the organization owes is the actor's business: not that of who audits or administers."""
    return actor.organization is not None and actor.kind not in NOT_OWING


def owed(actor: Actor, now: datetime, shown: str = "open") -> QuerySet[Clock]:
    """Time limits that bind the actor's organization, by urgency. `shown`: one of SHOWN; met and late: this month's."""
    if not owes(actor):
        return Clock.objects.none()
    own = Q(organization=actor.organization) | Q(organization__merged_into=actor.organization)
    owing = CaseParty.objects.filter(own, case=OuterRef("case"), party=OuterRef("duty"), sees_from__isnull=False)
    clocks = _shown(Clock.objects.filter(Exists(owing), bound="latest"), now, shown)
    related = clocks.select_related("case__opener", "case__pack_version").defer("case__pack_version__source")
    return related.order_by(F("due_at").asc(nulls_last=True), "pk")


def _shown(clocks: QuerySet[Clock], now: datetime, shown: str) -> QuerySet[Clock]:
    local = timezone.localtime(now)
    month = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    running = Q(status=Clock.Status.OPEN)
    chosen = {
        "overdue": running & Q(due_at__lt=now),
        "running": running & (Q(due_at__gte=now) | Q(due_at=None)),
        "met": Q(status=Clock.Status.MET, ended_at__gte=month),
        "late": Q(status=Clock.Status.LATE, ended_at__gte=month),
    }
    return clocks.filter(chosen.get(shown, running))


@dataclass(frozen=True, slots=True)
class HandRow:
    """One awaited hand in words, with the people who can act; none: the hand is stranded."""

    organization: str
    position: str
    people: tuple[str, ...]
    own: bool


@dataclass(frozen=True, slots=True)
class OwedRow:
    """One time limit that the organization owes, on its case, with the hands that the case awaits."""

    case: Case
    state: str
    clock: ClockView
    hands: tuple[HandRow, ...]


def rows(clocks: Iterable[Clock], actor: Actor, now: datetime) -> list[OwedRow]:
    """Rows for clocks read with `owed`; two more queries for the hands of all of them and who holds them."""
    found = list(clocks)
    awaited = _awaited(found, actor)
    return [_row(clock, awaited[clock.case_id], now) for clock in found]


def _row(clock: Clock, awaited: list[HandRow], now: datetime) -> OwedRow:
    case = clock.case
    law = compiled_version(case.pack_version)
    procedure = law.procedure(case.procedure, case.law_day)
    view = view_clock(clock, law, case.jurisdiction_id, now)
    return OwedRow(case, said(procedure.states[case.state].label), view, tuple(awaited))


def _awaited(clocks: Sequence[Clock], actor: Actor) -> dict[int, list[HandRow]]:
    rows = AwaitedHand.objects.filter(case__in={clock.case_id for clock in clocks})
    awaited = list(rows.select_related("organization__merged_into", "person").order_by("case_id", "pk"))
    people = _people(awaited)
    found: dict[int, list[HandRow]] = defaultdict(list)
    for hand in awaited:
        organization = current_organization(hand.organization) if hand.organization else None
        names = people.get((organization.pk, hand.position), ()) if organization else (str(hand.person),)
        own = organization is not None and organization == actor.organization
        label = hands.position_label(hand.position)
        found[hand.case_id].append(HandRow(hands.organization_name(organization, short=True), label, names, own))
    return found


def _people(awaited: Sequence[AwaitedHand]) -> dict[tuple[int, str], tuple[str, ...]]:
    """Names of who holds each (organization, position) today, deputies included."""
    places = {current_organization(hand.organization).pk for hand in awaited if hand.organization}
    held = Position.objects.held_on(timezone.localdate()).filter(
        organization__in=places, kind__in={hand.position for hand in awaited}
    )
    found: dict[tuple[int, str], list[str]] = defaultdict(list)
    for organization, kind, name in held.order_by("user__full_name", "pk").values_list(
        "organization", "kind", "user__full_name"
    ):
        if name not in found[organization, kind]:
            found[organization, kind].append(name)
    return {key: tuple(names) for key, names in found.items()}
