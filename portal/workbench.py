"""The home page: what awaits me by urgency, what I submitted, how my department keeps its time limits."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from cases import page, selectors, wording
from cases.models import Case, CaseParty, Clock
from catalog import freshness
from catalog import selectors as catalog
from catalog.models import Resource
from organizations.access import signed_in
from organizations.actors import Actor
from sharing import selectors as sharing
from statutes.calendars import calendar_for

MOST_ROWS = 50
MOST_SUBMITTED = 8


@require_GET
@signed_in
def workbench(request: HttpRequest) -> HttpResponse:
    actor, now = request.actor, timezone.now()
    todo = page.listed(selectors.most_urgent_first(selectors.todo(actor)))
    rows = page.rows(todo[:MOST_ROWS], now)
    context = {
        "today": timezone.localdate(now),
        "rows": sorted(rows, key=_urgency),
        "tiles": _tiles(actor, rows, now),
        "month": month_of(actor, timezone.localdate(now)),
        "limits": kept_limits(actor, now),
        "notices": [
            {"notice": notice, "sentence": wording.sentence(notice)} for notice in selectors.notices(actor)[:6]
        ],
        "submitted": page.rows(_submitted(actor)[:MOST_SUBMITTED], now),
        "drafts": sharing.drafts(actor)[:MOST_SUBMITTED],
        "may_apply": sharing.may_draft(actor),
    }
    return render(request, "portal/workbench.html", context)


def _submitted(actor: Actor) -> QuerySet[Case]:
    """What the actor submitted and is not done yet, the newest first."""
    return page.listed(selectors.submitted(actor).filter(closed_at__isnull=True)).order_by("-opened_at", "-pk")


def _urgency(row: page.CaseRow) -> tuple[int, float]:
    due_at = row.clock.clock.due_at if row.clock else None
    return (0, due_at.timestamp()) if due_at else (1, row.case.opened_at.timestamp())


def _tiles(actor: Actor, rows: list[page.CaseRow], now: datetime) -> list[dict[str, Any]]:
    statuses = [row.clock.status for row in rows if row.clock]
    overdue, soon = statuses.count("overdue"), statuses.count("soon")
    chips = [{"text": _("%(n)s overdue") % {"n": overdue}, "css": "sh-over"}] if overdue else []
    chips += [{"text": _("%(n)s due soon") % {"n": soon}, "css": "sh-soon"}] if soon else []
    submitted = selectors.submitted(actor).aggregate(all=Count("pk"), open=Count("pk", filter=Q(closed_at=None)))
    return [
        {"label": _("To do"), "value": len(rows), "chips": chips, "url": f"{reverse('cases:list')}?box=todo"},
        {
            "label": _("Submitted by me"),
            "value": submitted["open"],
            "of": submitted["all"],
            "note": _("still open"),
            "url": f"{reverse('cases:list')}?box=submitted",
        },
        *_department_tiles(actor, now),
    ]


def _department_tiles(actor: Actor, now: datetime) -> list[dict[str, Any]]:
    kept = kept_limits(actor, now)
    late = [{"text": _("%(n)s overdue now") % {"n": kept.overdue}, "css": "sh-over"}] if kept.overdue else []
    tiles: list[dict[str, Any]] = [
        {
            "label": _("Limits of my organization ended this month"),
            "value": kept.ended,
            "note": _("%(met)s in time, %(late)s late") % {"met": kept.met, "late": kept.late},
            "chips": late,
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


def kept_limits(actor: Actor, now: datetime) -> Kept:
    """How the actor's organization keeps the limits of which it bears the duty, in one query."""
    if actor.organization is None:
        return Kept(0, 0, 0, 0)
    local = timezone.localtime(now)
    first = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    owing = CaseParty.objects.filter(case=OuterRef("case"), party=OuterRef("duty"), organization=actor.organization)
    own = Clock.objects.filter(Exists(owing), bound="latest")
    ended, running = Q(ended_at__gte=first), Q(status=Clock.Status.OPEN)
    counts = own.aggregate(
        met=Count("pk", filter=ended & Q(status=Clock.Status.MET)),
        late=Count("pk", filter=ended & Q(status=Clock.Status.LATE)),
        overdue=Count("pk", filter=running & Q(due_at__lt=now)),
        running=Count("pk", filter=running & (Q(due_at__gte=now) | Q(due_at=None))),
    )
    return Kept(**counts)


def month_of(actor: Actor, today: date) -> dict[str, Any]:
    """This month by weeks: days off and make-up days, and days on which something of the actor's falls due."""
    days = calendar_for(actor.jurisdiction_id)
    weeks = calendar.Calendar().monthdatescalendar(today.year, today.month)
    due = selectors.due_days(actor, weeks[0][0], weeks[-1][-1])
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
