"""What the page of a project gathers of its open and ended cases: gates, obligations, what happened, who acted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from cases import page
from cases.engine import Matter, load
from cases.models import Case, CaseEvent
from catalog.folding import fold, query_terms
from catalog.systems import Similar, similar_systems
from organizations.actors import Actor
from projects.models import LedgerEntry, Project, YearlyInvestment
from projects.selectors import visible_projects
from projects.standing import CONTRACTED, PAID

MOST_OPEN = 8
MOST_EVENTS = 30
MOST_COMPARED = 500
MOST_ALIKE = 5
ALIKE = 0.45


@dataclass(frozen=True, slots=True)
class Gate:
    """A step that somebody may take where a case stands: open, or closed with sentences and the rules behind them."""

    case: Case
    label: str
    open: bool
    mine: bool
    told: Sequence[tuple[str, Any]]
    law: Any


@dataclass(frozen=True, slots=True)
class Obligation:
    """An open time limit in a case of the project, with the rule that sets it."""

    case: Case
    clock: page.ClockView
    law: Any


@dataclass(frozen=True, slots=True)
class Overview:
    """What the page shows of the cases that its reader may see. `acted`: who did something, newest first."""

    gates: Sequence[Gate]
    obligations: Sequence[Obligation]
    entries: Sequence[dict[str, Any]]
    acted: Sequence[str]


def overview(actor: Actor, seen: Sequence[Case], now: datetime) -> Overview:
    """Gates and obligations of the open cases, and the newest events of all, of cases that the actor may see."""
    matters = {case.pk: load(case) for case in [case for case in seen if case.closed_at is None][-MOST_OPEN:]}
    gates = [gate for matter in matters.values() for gate in _gates(actor, matter, now)]
    owed = [row for matter in matters.values() for row in _owed(matter, now)]
    owed.sort(key=lambda row: (row.clock.due_on is None, row.clock.due_on))
    entries, acted = _happened(seen, matters)
    return Overview(gates, owed, entries, acted)


def _gates(actor: Actor, matter: Matter, now: datetime) -> list[Gate]:
    law = matter.compiled
    return [
        Gate(
            matter.case,
            page.said(view.action.label),
            view.open,
            view.mine,
            [(why.sentence, rule) for why, rule in zip(view.reasons, view.rules, strict=True)],
            law,
        )
        for view in page.actions_for(matter, actor, now)
        if view.leads
    ]


def _owed(matter: Matter, now: datetime) -> list[Obligation]:
    views = [page.view_clock(clock, matter.compiled, now, matter.calendar) for clock in matter.clocks]
    return [Obligation(matter.case, view, matter.compiled) for view in views if view.open]


def _happened(seen: Sequence[Case], matters: dict[int, Matter]) -> tuple[list[dict[str, Any]], list[str]]:
    cases = {case.pk: case for case in seen}
    rows = CaseEvent.objects.filter(case__in=cases).select_related("organization").order_by("-at", "-pk")
    entries, acted = [], dict[str, None]()
    for event in rows[:MOST_EVENTS]:
        matter = matters.get(event.case_id) or matters.setdefault(event.case_id, load(cases[event.case_id]))
        who = ""
        if event.person_id is not None and event.organization is not None:
            who = f"{event.person_name} · {event.organization.shown_name}"
            acted.setdefault(who)
        title = page.event_title(matter, event)
        css = "" if who else "sh-breach" if event.kind == CaseEvent.Kind.DUE else "sh-auto"
        entries.append({"at": event.at, "title": title, "who": who, "note": matter.case.number, "css": css})
    return entries, list(acted)


@dataclass(frozen=True, slots=True)
class Like:
    """Another project that resembles this one. `score`: 0 to 1."""

    project: Project
    score: float


def like_systems(actor: Actor, project: Project) -> list[Similar]:
    """Systems of the register that resemble the project by name, function and owner; its own are left out."""
    own = set(project.systems.values_list("pk", flat=True))
    found = similar_systems(actor, project.name, f"{project.goals} {project.content}", project.owner)
    return [row for row in found if row.system.pk not in own]


def like_projects(actor: Actor, project: Project) -> list[Like]:
    """Projects of the place that the actor may see and that resemble this one by name and function, nearest first."""
    asked = _terms(project.name), _terms(f"{project.goals} {project.content}")
    rows = visible_projects(actor).filter(jurisdiction=project.jurisdiction_id).exclude(pk=project.pk)
    scored = []
    for pk, name, goals, content in rows.order_by("-pk").values_list("pk", "name", "goals", "content")[:MOST_COMPARED]:
        score = (_overlap(asked[0], _terms(name)) + _overlap(asked[1], _terms(f"{goals} {content}"))) / 2
        if score >= ALIKE:
            scored.append((score, pk))
    nearest = sorted(scored, key=lambda one: (-one[0], one[1]))[:MOST_ALIKE]
    known = rows.in_bulk([pk for _score, pk in nearest])
    return [Like(known[pk], score) for score, pk in nearest]


def _terms(text: str) -> set[str]:
    return {term for word in fold(text).split() for term in query_terms(word)}


def _overlap(one: set[str], other: set[str]) -> float:
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0


@dataclass(frozen=True, slots=True)
class Year:
    """A year's money in yuan: as the plan has it, contracted and paid. `widest`: what the longest bar stands for."""

    year: int
    planned: Decimal
    contracted: Decimal
    paid: Decimal
    widest: Decimal


def years_of(projects: Any) -> list[Year]:
    """Money by calendar year of some projects together, planned beside contracted and paid."""
    planned = dict(
        YearlyInvestment.objects.filter(project__in=projects).order_by().values_list("year").annotate(Sum("amount"))
    )
    lines = LedgerEntry.objects.filter(project__in=projects).order_by()
    by_kind = {
        name: dict(lines.filter(kind__in=kinds).values_list("on__year").annotate(Sum("amount")))
        for name, kinds in (("contracted", CONTRACTED), ("paid", PAID))
    }
    years = sorted({*planned, *by_kind["contracted"], *by_kind["paid"]})
    nothing = Decimal(0)
    sums = [
        (planned.get(y, nothing), by_kind["contracted"].get(y, nothing), by_kind["paid"].get(y, nothing)) for y in years
    ]
    widest = max((amount for row in sums for amount in row), default=nothing)
    return [Year(year, *row, widest) for year, row in zip(years, sums, strict=True)] if widest > 0 else []
