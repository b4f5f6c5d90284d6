"""The board of projects: one column for each stage of their lives, in the order of the law, with what is due next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Count, Sum
from django.utils import timezone

from organizations.actors import Actor
from projects.models import Project
from projects.selectors import dues, stages_of, visible_projects

MOST_CARDS = 20


@dataclass(frozen=True, slots=True)
class Card:
    """One project. `due_on`: the earliest open time limit in a case of its life that the reader may see."""

    project: Project
    due_on: date | None
    overdue: bool


@dataclass(frozen=True, slots=True)
class Column:
    """A stage with all its projects counted and summed (yuan), the newest of them as cards."""

    state: str
    label: str
    count: int
    total: Decimal
    cards: Sequence[Card]


def board(actor: Actor, now: datetime) -> list[Column]:
    """The stages in which projects that the actor may see stand; empty stages are left out."""
    rows = visible_projects(actor)
    figures = {
        row["case__state"]: row
        for row in rows.order_by().values("case__state").annotate(count=Count("pk"), money=Sum("total"))
    }
    shown = {state: list(rows.filter(case__state=state).order_by("-pk")[:MOST_CARDS]) for state in figures}
    due = dues(actor, [project for projects in shown.values() for project in projects])
    return [
        Column(
            state,
            label,
            figures[state]["count"],
            figures[state]["money"],
            [card_of(project, due.get(project.case_id), now) for project in shown[state]],
        )
        for state, label in stages_of(actor)
    ]


def card_of(project: Project, due_at: datetime | None, now: datetime) -> Card:
    return Card(project, timezone.localdate(due_at) if due_at else None, bool(due_at and due_at < now))
