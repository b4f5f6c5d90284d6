"""The home page: what awaits me by urgency, what I submitted, how my department keeps its time limits."""

from __future__ import annotations

import calendar
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases import outstanding, owing, page, selectors
from cases.views import shown
from catalog import freshness
from catalog import selectors as catalog
from catalog.models import Resource
from organizations.access import signed_in
from organizations.actors import Actor
from organizations.models import Position
from portal import figures
from reports import selectors as audited
from reports.definitions import REPORTS
from reports.forms import AccessFilter, CaseFilter
from sharing import selectors as sharing
from statutes.calendars import calendar_for
from statutes.workdays import Calendar

MOST_ROWS = 50
MOST_SUBMITTED = 8
MOST_OWED = 8
MOST_NOTICES = 6
MORE_THAN_ONE = 2


@require_safe
@signed_in
def workbench(request: HttpRequest) -> HttpResponse:
    """At most twelve queries, whoever looks and however much there is."""
    actor, now = request.actor, timezone.now()
    counted = figures.of_request(request, actor, workbench=True)
    days = calendar_for(actor.jurisdiction_id)
    known = {actor.jurisdiction_id: days}
    todo, submitted = _cases(actor, now, known)
    kept = Kept(counted.met, counted.late, counted.running, counted.overdue)
    context = {
        "today": timezone.localdate(now),
        "rows": todo,
        "selectable": "bulk" if any(row.bulk for row in todo) else "",
        "tiles": _tiles(actor, todo, counted, kept, now),
        "month": month_of(days, timezone.localdate(now), {row.clock.due_on for row in todo if row.clock}),
        "limits": kept,
        "owed": owing.rows(owing.owed(actor, now)[:MOST_OWED], actor, now, known),
        "notices": shown(outstanding.notices(actor)[:MOST_NOTICES]),
        "submitted": submitted,
        "drafts": sharing.drafts(actor)[:MOST_SUBMITTED],
        "may_apply": sharing.may_draft(actor),
        "stands_in_for": actor.position.deputy_for if actor.position else None,
        "deputies": counted.deputies,
        "stranded": counted.stranded,
        "switch": _switch(request, counted),
        "reports": REPORTS.values() if _audits(actor) else [],
    }
    return render(request, "portal/workbench.html", context)


def _cases(actor: Actor, now: datetime, known: Mapping[str, Calendar]) -> tuple[list[page.CaseRow], list[page.CaseRow]]:
    """What awaits the actor, the most urgent first, and what the actor submitted, in the same order."""
    found = selectors.todo_and_submitted(actor, todo_most=MOST_ROWS, submitted_most=MOST_SUBMITTED)
    rows = page.rows(page.listed(found, actor), now, actor, known)
    todo = sorted((row for row in rows if row.case.is_todo), key=_urgency)
    submitted = sorted((row for row in rows if row.case.opened_by_id == actor.user.pk), key=_urgency)
    return todo, submitted[:MOST_SUBMITTED]


def _switch(request: HttpRequest, counted: figures.Figures) -> list[dict[str, Any]]:
    """The positions to switch between, each with how much awaits there; none for who holds only one."""
    positions = getattr(request, "positions", [])
    if len(positions) < MORE_THAN_ONE:
        return []
    return [
        {
            "position": position,
            "count": counted.todo.get(position.pk, 0),
            "current": request.actor.position is not None and position.pk == request.actor.position.pk,
        }
        for position in positions
    ]


def _urgency(row: page.CaseRow) -> tuple[int, float]:
    due_at = row.clock.clock.due_at if row.clock else None
    return (0, due_at.timestamp()) if due_at else (1, row.case.opened_at.timestamp())


def _tiles(
    actor: Actor, rows: list[page.CaseRow], counted: figures.Figures, kept: Kept, now: datetime
) -> list[dict[str, Any]]:
    if _audits(actor):
        return _auditor_tiles(actor, now)
    statuses = [row.clock.status for row in rows if row.clock]
    overdue, soon = statuses.count("overdue"), statuses.count("soon")
    chips = [{"text": _("%(n)s overdue") % {"n": overdue}, "css": "sh-over"}] if overdue else []
    chips += [{"text": _("%(n)s due soon") % {"n": soon}, "css": "sh-soon"}] if soon else []
    return [
        {"label": _("To do"), "value": counted.here, "chips": chips, "url": f"{reverse('cases:list')}?box=todo"},
        {
            "label": _("Submitted by me"),
            "value": counted.submitted,
            "note": _("still open"),
            "url": f"{reverse('cases:list')}?box=submitted",
        },
        *_department_tiles(actor, kept, now),
    ]


def _audits(actor: Actor) -> bool:
    return actor.kind == Position.Kind.AUDITOR


def _auditor_tiles(actor: Actor, now: datetime) -> list[dict[str, Any]]:
    """What an auditor looks at: cases and late ones, reads of this month and refused ones; each leads to its report."""
    since = {"since": timezone.localdate(now).replace(day=1).isoformat()}
    cases = audited.figures(audited.audited_cases(actor, CaseFilter.filled()))
    reads = audited.accesses(actor, AccessFilter.filled(**since))
    refused = reads.exclude(refused="").count()
    late = [{"text": _("%(n)s late or overdue") % {"n": cases.late}, "css": "sh-over"}] if cases.late else []
    chips = [{"text": _("%(n)s refused") % {"n": refused}, "css": "sh-soon"}] if refused else []
    place, days = reverse("reports:access"), urlencode(since)
    return [
        {
            "label": _("Cases in my jurisdiction"),
            "value": cases.total,
            "note": _("%(n)s closed") % {"n": cases.closed},
            "chips": late,
            "url": reverse("reports:cases"),
        },
        {"label": _("Reads of data this month"), "value": reads.count(), "chips": chips, "url": f"{place}?{days}"},
    ]


def _department_tiles(actor: Actor, kept: Kept, now: datetime) -> list[dict[str, Any]]:
    late = [{"text": _("%(n)s overdue now") % {"n": kept.overdue}, "css": "sh-over"}] if kept.overdue else []
    tiles: list[dict[str, Any]] = [
        {
            "label": _("Limits of my organization ended this month"),
            "value": kept.ended,
            "note": _("%(met)s in time, %(late)s late") % {"met": kept.met, "late": kept.late},
            "chips": late,
            "url": reverse("cases:owed") if owing.owes(actor) else "",
        }
    ]
    own = list(catalog.own_resources(actor).filter(status=Resource.Status.PUBLISHED).defer("search", "search_text"))
    stale = sum(freshness.state_of(resource, now) == freshness.STALE for resource in own)
    if own:
        chips = [{"text": _("%(n)s overdue for update") % {"n": stale}, "css": "sh-over"}] if stale else []
        tiles.append(
            {
                "label": _("Resources up to date"),
                "value": len(own) - stale,
                "of": len(own),
                "chips": chips,
                "url": reverse("catalog:upkeep"),
            }
        )
    return tiles


@dataclass(frozen=True, slots=True)
class Kept:
    """Time limits that bind an organization: ended in time or late this month; running and not yet due, overdue now."""

    met: int
    late: int
    running: int
    overdue: int

    @property
    def ended(self) -> int:
        return self.met + self.late


def month_of(days: Calendar, today: date, due: Collection[date | None]) -> dict[str, Any]:
    """This month by weeks: days off and make-up days, and days on which something of the actor's falls due."""
    weeks = calendar.Calendar().monthdatescalendar(today.year, today.month)
    cells = [
        [
            {
                "date": day,
                "outside": day.month != today.month,
                "off": not days.is_working(day),
                "make_up": days.is_working(day) and day.weekday() >= calendar.SATURDAY,
                "today": day == today,
                "due": day in due,
            }
            for day in week
        ]
        for week in weeks
    ]
    return {"first": today.replace(day=1), "weeks": cells}
