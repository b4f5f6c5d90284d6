"""The bureau's console: its queue by step, the most urgent first, each a click from being handled."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from cases import assigning, page, stranding
from organizations.access import holds
from organizations.errors import NotPermitted
from organizations.models import Position
from reports import selectors
from reports.definitions import DELEGATIONS, PAGE_SIZE, Page
from reports.forms import QueueFilter, Urgency
from reports.paging import after, cursor_of
from reports.selectors.console import BUREAU, Step

ORDER = ("urgency", "pk")


@require_GET
@never_cache
@holds(*BUREAU)
def console(request: HttpRequest) -> HttpResponse:
    """The queue of the actor's organization, narrowed by the address: step, urgency, words."""
    form = QueueFilter(request.GET)
    valid = form.is_valid()
    everything = selectors.queue(request.actor)
    shown = selectors.queue(request.actor, form) if valid else everything.none()
    steps, chosen = selectors.steps(shown), request.GET.get("step", "")
    if chosen:
        procedure, _dot, state = chosen.partition(".")
        shown = shown.filter(procedure=procedure, state=state)
    rows = after(selectors.urgent_first(shown), ORDER, request.GET.get("cursor", ""), "console", ascending=True)
    found = list(page.listed(rows, request.actor)[: PAGE_SIZE + 1])
    now = timezone.now()
    cases = page.rows(found[:PAGE_SIZE], now, request.actor)
    loads = assigning.workload(request.actor, BUREAU, now)
    context = {
        "form": form,
        "tiles": _tiles(request),
        "steps": _choices(request, steps, chosen),
        "rows": cases,
        "selectable": "all",
        "at_once": any(row.bulk for row in cases),
        "workload": loads,
        "assignees": loads if request.actor.kind in assigning.LEADING else _myself(request, loads),
        "in_bureau": stranding.in_bureau(request.actor),
        "stranded": stranding.stranded_hands(request.actor).count(),
        "following": cursor_of(found[PAGE_SIZE - 1], ORDER, "console") if len(found) > PAGE_SIZE else "",
    }
    return render(request, "reports/console.html", context, status=200 if valid else 400)


@require_GET
@never_cache
@holds(*BUREAU, Position.Kind.LEADER)
def delegations(request: HttpRequest) -> HttpResponse:
    """Who stands in for whom in the jurisdiction, for its bureau."""
    if not stranding.in_bureau(request.actor):
        raise NotPermitted(_("Your position does not allow this. Switch to another one if you hold it."))
    form = DELEGATIONS.form(request.GET)
    valid = form.is_valid()
    found = DELEGATIONS.page(request.actor, form, request.GET.get("cursor", "")) if valid else Page([], "")
    context = {"report": DELEGATIONS, "form": form, "page": found, "for_bureau": True}
    return render(request, "reports/delegations.html", context, status=200 if valid else 400)


def _myself(request: HttpRequest, loads: list[assigning.Load]) -> list[assigning.Load]:
    """Who does not lead takes what nobody has, and hands on what is theirs to anybody."""
    mine = [load for load in loads if load.user.pk == request.actor.user.pk]
    return mine + [load for load in loads if load.user.pk != request.actor.user.pk]


def _tiles(request: HttpRequest) -> list[dict[str, object]]:
    def count(**given: str) -> int:
        form = QueueFilter(given)
        return selectors.queue(request.actor, form).count() if form.is_valid() else 0

    return [
        {"label": _("Awaiting us"), "value": count(), "url": "?"},
        {"label": _("Awaiting my position"), "value": count(mine="on"), "url": "?mine=on"},
        {"label": _("Due by the end of today"), "value": count(urgency=Urgency.TODAY), "url": "?urgency=today"},
        {"label": _("Overdue"), "value": count(urgency=Urgency.OVERDUE), "url": "?urgency=overdue"},
    ]


def _choices(request: HttpRequest, steps: list[Step], chosen: str) -> list[dict[str, object]]:
    query = request.GET.copy()
    for name in ("cursor", "step"):
        query.pop(name, None)
    every = {"label": _("Every step"), "url": f"?{query.urlencode()}", "current": not chosen, "count": None}
    found = [every]
    for step in steps:
        query["step"] = step.key
        found.append(
            {"label": step.label, "url": f"?{query.urlencode()}", "current": step.key == chosen, "count": step.count}
        )
    return found
