"""Cases that nobody can act on, as rows of a page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cases import hands, stranding
from cases.models import AwaitedHand, Case, Clock
from cases.page import ClockView, calendars, said, view_clock
from cases.selectors import visible_cases
from organizations.actors import Actor
from organizations.models import Organization
from statutes.selectors import compiled as compiled_version
from statutes.workdays import Calendar


@dataclass(frozen=True, slots=True)
class VacancyRow:
    """A hand that nobody can use. `visible`: the reader may open the case; the bureau is told of others by number."""

    case: Case
    visible: bool
    procedure: str
    state: str
    organization: Organization | None
    position: str
    since: datetime
    clock: ClockView | None


def rows(actor: Actor, now: datetime, *, most: int) -> list[VacancyRow]:
    """The stranded hands that the actor is told of, the longest waiting first; a fixed number of queries."""
    found = list(stranding.stranded_hands(actor)[:most])
    cases = {hand.case_id for hand in found}
    visible = set(visible_cases(actor).filter(pk__in=cases).values_list("pk", flat=True))
    clocks: dict[int, Clock] = {}
    for clock in Clock.objects.filter(case__in=cases, status=Clock.Status.OPEN).order_by("due_at", "pk"):
        clocks.setdefault(clock.case_id, clock)
    days = calendars(hand.case.jurisdiction_id for hand in found)
    return [_row(hand, hand.case_id in visible, clocks.get(hand.case_id), now, days) for hand in found]


def _row(hand: AwaitedHand, visible: bool, clock: Clock | None, now: datetime, days: dict[str, Calendar]) -> VacancyRow:
    case = hand.case
    law = compiled_version(case.pack_version)
    procedure = law.procedure(case.procedure, case.law_day)
    jurisdiction = case.jurisdiction_id
    return VacancyRow(
        case=case,
        visible=visible,
        procedure=said(procedure.label),
        state=said(procedure.states[case.state].label),
        organization=hand.organization,
        position=hands.position_label(hand.position),
        since=hand.since,
        clock=view_clock(clock, law, now, days[jurisdiction]) if clock else None,
    )
