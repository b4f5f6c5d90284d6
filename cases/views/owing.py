"""What the organization owes, and what nobody can act on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core import signing
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from cases import owing, stranding, vacancies
from cases.models import Clock
from organizations.access import holds
from organizations.errors import BadInput, NotPermitted

PAGE_SIZE = 50
MOST_STRANDED = 200
CURSOR_SALT = "cases.views.owing"


@require_GET
@holds()
def owed(request: HttpRequest) -> HttpResponse:
    """Time limits of the reader's organization by urgency, page by page; `show` is one of `owing.SHOWN`."""
    if not owing.owes(request.actor):
        raise NotPermitted(_("Your position does not allow this. Switch to another one if you hold it."))
    now = timezone.now()
    shown = request.GET.get("show", "")
    shown = shown if shown in owing.SHOWN else "open"
    clocks, following = _one_page(owing.owed(request.actor, now, shown), request.GET.get("cursor", ""))
    labels = {
        "open": pgettext("time limits", "open"),
        "overdue": _("overdue"),
        "running": _("running, not yet due"),
        "met": _("met this month"),
        "late": _("late this month"),
    }
    context = {
        "owed": owing.rows(clocks, request.actor, now),
        "choices": [{"label": labels[name], "url": f"?show={name}", "current": name == shown} for name in owing.SHOWN],
        "next": following,
    }
    return render(request, "cases/owed.html", context)


def _one_page(clocks: QuerySet[Clock], cursor: str) -> tuple[list[Clock], str]:
    """The clocks after the cursor in order of due instant, those without one last; and the cursor of the next page."""
    if cursor:
        due_at, key = _read(cursor)
        without = Q(due_at=None)
        after = Q(due_at=None, pk__gt=key) if due_at is None else Q(due_at__gt=due_at) | Q(due_at=due_at, pk__gt=key)
        clocks = clocks.filter(after if due_at is None else after | without)
    found = list(clocks[: PAGE_SIZE + 1])
    if len(found) <= PAGE_SIZE:
        return found, ""
    last = found[PAGE_SIZE - 1]
    sealed = signing.dumps([last.due_at.isoformat() if last.due_at else "", last.pk], salt=CURSOR_SALT)
    return found[:PAGE_SIZE], sealed


def _read(cursor: str) -> tuple[datetime | None, int]:
    try:
        due_at, key = signing.loads(cursor, salt=CURSOR_SALT)
    except signing.BadSignature as error:
        raise BadInput(_("This page of the list is not known. Start from the first one.")) from error
    return parse_datetime(due_at) if due_at else None, int(key)


@require_GET
@holds()
def stranded(request: HttpRequest) -> HttpResponse:
    """Cases that nobody can act on: of the organization for its leader, of the jurisdiction for its bureau."""
    if not stranding.is_told(request.actor):
        raise NotPermitted(_("Your position does not allow this. Switch to another one if you hold it."))
    context: dict[str, Any] = {"rows": vacancies.rows(request.actor, timezone.now(), most=MOST_STRANDED)}
    return render(request, "cases/stranded.html", context)
