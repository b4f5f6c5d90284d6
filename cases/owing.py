"""What my organization owes: every time limit whose duty lies with it, whoever has to act, and who can."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from cases import hands, models
from cases.models import AwaitedHand, CaseParty, Clock
from cases.page import ClockView, calendars, said, view_clock
from organizations.actors import Actor
from organizations.models import Position
from organizations.selectors import current_organization
from statutes.selectors import compiled as compiled_version
from statutes.workdays import Calendar

SHOWN = ("open", "overdue", "running", "met", "late")
NOT_OWING = frozenset({"", Position.Kind.AUDITOR, Position.Kind.ADMINISTRATOR})


def owes(actor: Actor) -> bool:
    """Whether what the organization owes is the actor's business: not that of who audits or administers."""
    return actor.organization is not None and actor.kind not in NOT_OWING


def owed(actor: Actor, now: datetime, shown: str = "open") -> QuerySet[Clock]:
    """Time limits that bind the actor's organization, by urgency. `shown`: one of SHOWN; met and late: this month's."""
    clocks = _binding(actor).filter(_chosen(now).get(shown, Q(status=Clock.Status.OPEN)))
    return _read(clocks).order_by(F("due_at").asc(nulls_last=True), "pk")


def counted(actor: Actor, now: datetime) -> tuple[tuple[QuerySet[Clock], Q, Q], tuple[QuerySet[Clock], Q, Q]]:
    """What to count to say how the organization keeps its limits: twice the clocks, and two conditions to tell apart.

    First those that ended this month: in time, late. Then the open ones: running and not yet due, overdue.
    """
    chosen, binding = _chosen(now), _binding(actor)
    return (
        (binding.filter(ended_at__gte=_month(now)), chosen["met"], chosen["late"]),
        (binding.filter(status=Clock.Status.OPEN), chosen["running"], chosen["overdue"]),
    )


def _binding(actor: Actor) -> QuerySet[Clock]:
    if not owes(actor):
        return Clock.objects.none()
    own = Q(organization=actor.organization) | Q(organization__merged_into=actor.organization)
    owing = CaseParty.objects.filter(own, case=OuterRef("case"), party=OuterRef("duty"), sees_from__isnull=False)
    return Clock.objects.filter(Exists(owing), bound="latest")


def _read(clocks: QuerySet[Clock]) -> QuerySet[Clock]:
    return clocks.select_related("case__opener", "case__pack_version").defer("case__pack_version__source")


def _month(now: datetime) -> datetime:
    return timezone.localtime(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _chosen(now: datetime) -> dict[str, Q]:
    """The four kinds of what SHOWN names, the open ones together apart."""
    month = _month(now)
    running = Q(status=Clock.Status.OPEN)
    return {
        "overdue": running & Q(due_at__lt=now),
        "running": running & (Q(due_at__gte=now) | Q(due_at=None)),
        "met": Q(status=Clock.Status.MET, ended_at__gte=month),
        "late": Q(status=Clock.Status.LATE, ended_at__gte=month),
    }


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

    case: models.Case
    state: str
    clock: ClockView
    hands: tuple[HandRow, ...]


def rows(
    clocks: Iterable[Clock], actor: Actor, now: datetime, known: Mapping[str, Calendar] | None = None
) -> list[OwedRow]:
    """Rows for clocks read with `owed`; one more query for the hands of all of them and who holds them.

    `known`: calendars that were read already, by jurisdiction.
    """
    found = list(clocks)
    awaited = _awaited(found, actor) if found else {}
    days = calendars((clock.case.jurisdiction_id for clock in found), known)
    return [_row(clock, awaited.get(clock.case_id, []), now, days[clock.case.jurisdiction_id]) for clock in found]


def _row(clock: Clock, awaited: list[HandRow], now: datetime, days: Calendar) -> OwedRow:
    case = clock.case
    law = compiled_version(case.pack_version)
    procedure = law.procedure(case.procedure, case.law_day)
    view = view_clock(clock, law, now, days)
    return OwedRow(case, said(procedure.states[case.state].label), view, tuple(awaited))


def _awaited(clocks: Sequence[Clock], actor: Actor) -> dict[int, list[HandRow]]:
    """The hands that each case awaits, with the names of who holds them today, deputies included."""
    held = Position.objects.held_on(timezone.localdate()).filter(
        organization=Coalesce(OuterRef("organization__merged_into"), OuterRef("organization")),
        kind=OuterRef("position"),
    )
    names = held.order_by("user__full_name", "pk").values("user__full_name")
    rows = AwaitedHand.objects.filter(case__in={clock.case_id for clock in clocks}).annotate(names=ArraySubquery(names))
    found: dict[int, list[HandRow]] = defaultdict(list)
    for hand in rows.select_related("organization__merged_into", "person").order_by("case_id", "pk"):
        organization = current_organization(hand.organization) if hand.organization else None
        people = tuple(dict.fromkeys(hand.names)) if organization else (str(hand.person),)
        own = organization is not None and organization == actor.organization
        label = hands.position_label(hand.position)
        found[hand.case_id].append(HandRow(hands.organization_name(organization, short=True), label, people, own))
    return found
