"""Lists of cases: by box, filtered, page by page."""

from __future__ import annotations

from typing import Any

from django.core import signing
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from cases import assigning, conversation, families, page, selectors
from cases.models import Case
from cases.views.filters import beginning, filter_context
from cases.views.known import drop_unknown
from organizations.access import signed_in
from organizations.actors import Actor
from organizations.errors import BadInput

PAGE_SIZE = 50
CURSOR_SALT = "cases.views.cursor"


def boxes() -> dict[str, Any]:
    """The boxes of the case list: id to (label, selector)."""
    return {
        "todo": (_("To do"), selectors.todo),
        "submitted": (_("Submitted by me"), selectors.submitted),
        "overdue": (_("Overdue"), lambda actor: selectors.overdue(actor, timezone.now())),
        "done": (_("Done by me"), selectors.done),
        "followed": (_("Followed by me"), conversation.followed),
        "all": (_("All that I may see"), selectors.visible_cases),
    }


@require_GET
@signed_in
def case_list(request: HttpRequest) -> HttpResponse:
    """Cases by box, kind of matter, words; newest first, page by page from a sealed cursor."""
    if (begin := beginning(request, "cases")) is not None:
        return begin
    known = boxes()
    dropped = drop_unknown(request, {"box": known.__contains__, "family": families.registered().__contains__})
    box = request.GET.get("box") or "all"
    cases = narrowed(known[box][1](request.actor), request)
    found, following = one_page(cases, request.GET.get("cursor", ""), request.actor)
    rows = page.rows(found, timezone.now(), request.actor)
    assignees = _assignees(request.actor) if box == "todo" else []
    context = {
        "rows": rows,
        "dropped": dropped,
        "selectable": "all" if assignees else "bulk" if any(row.bulk for row in rows) else "",
        "at_once": any(row.bulk for row in rows),
        "assignees": assignees,
        "assigned": _assigned_choices(request) if box == "todo" else [],
        "next": following,
        "box": box,
        "boxes": [_choice(request, "box", name, label, name == box) for name, (label, _s) in known.items()],
        "families": _family_choices(request),
        "query": request.GET.get("q", ""),
        **filter_context(request, "cases"),
    }
    return render(request, "cases/list.html", context)


def narrowed(cases: QuerySet[Case], request: HttpRequest) -> QuerySet[Case]:
    """The filters of the URL: `family`, `q` (part of number or title), `open`, `assigned`."""
    cases = assigning.narrowed(cases, request.actor, request.GET.get("assigned", ""))
    if request.GET.get("family") in families.registered():
        cases = cases.filter(family=request.GET["family"])
    if query := request.GET.get("q", "").strip():
        cases = cases.filter(Q(number__icontains=query) | Q(title__icontains=query))
    if request.GET.get("open") == "1":
        cases = cases.filter(closed_at__isnull=True)
    return cases


def one_page(cases: QuerySet[Case], cursor: str, actor: Actor | None = None) -> tuple[list[Case], str]:
    """A page of cases, newest first, and the cursor of the next one ("" at the end). `actor`: see `page.listed`."""
    cases = page.listed(cases, actor).order_by("-opened_at", "-pk")
    if cursor:
        try:
            opened_at, key = signing.loads(cursor, salt=CURSOR_SALT)
        except signing.BadSignature as error:
            raise BadInput(_("This page of the list is not known. Start from the first one.")) from error
        before = parse_datetime(opened_at)
        cases = cases.filter(Q(opened_at__lt=before) | Q(opened_at=before, pk__lt=key))
    found = list(cases[: PAGE_SIZE + 1])
    if len(found) <= PAGE_SIZE:
        return found, ""
    last = found[PAGE_SIZE - 1]
    return found[:PAGE_SIZE], signing.dumps([last.opened_at.isoformat(), last.pk], salt=CURSOR_SALT)


def _choice(request: HttpRequest, name: str, value: str, label: Any, current: bool) -> dict[str, Any]:
    query = request.GET.copy()
    query.pop("cursor", None)
    query[name] = value
    if not value:
        query.pop(name)
    return {"label": label, "url": f"?{query.urlencode()}", "current": current}


def _assigned_choices(request: HttpRequest) -> list[dict[str, Any]]:
    chosen = request.GET.get("assigned", "")
    labels = {"": _("Whoever handles it"), "mine": _("Given to me"), "unassigned": _("Given to nobody")}
    return [_choice(request, "assigned", value, label, value == chosen) for value, label in labels.items()]


def _assignees(actor: Actor) -> list[assigning.Load]:
    """To whom one who leads an organization may give what awaits it, with how much they have."""
    if actor.kind not in assigning.LEADING:
        return []
    return assigning.workload(actor, assigning.HANDLING, timezone.now())


def _family_choices(request: HttpRequest) -> list[dict[str, Any]]:
    chosen = request.GET.get("family", "")
    every = _choice(request, "family", "", _("Every kind"), not chosen)
    return [every] + [
        _choice(request, "family", name, family.label, name == chosen) for name, family in families.registered().items()
    ]
