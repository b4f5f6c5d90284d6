"""The reader's notices."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from cases import outstanding, services, wording
from cases.models import Notification
from organizations.access import signed_in

MOST = 100


@require_http_methods(["GET"])
@signed_in
def notices(request: HttpRequest) -> HttpResponse:
    """The reader's notices, newest first."""
    rows = shown(outstanding.notices(request.actor)[:MOST])
    return render(request, "cases/notices.html", {"rows": rows, "unread": outstanding.unread(request.actor).count()})


def shown(notices: Iterable[Notification]) -> list[dict[str, Any]]:
    """Notices with what they say, and how those were settled that ask nothing any more."""
    return [
        {"notice": notice, "sentence": wording.sentence(notice), "settled": wording.settling(notice)}
        for notice in notices
    ]


@require_POST
@signed_in
def read_notices(request: HttpRequest) -> HttpResponse:
    services.read_notices(request.actor)
    return redirect("cases:notices")
