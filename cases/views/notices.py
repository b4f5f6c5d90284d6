"""The reader's notices."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from cases import selectors, services, wording
from organizations.access import signed_in


@require_http_methods(["GET"])
@signed_in
def notices(request: HttpRequest) -> HttpResponse:
    """The reader's notices, newest first."""
    rows = [
        {"notice": notice, "sentence": wording.sentence(notice)} for notice in selectors.notices(request.actor)[:100]
    ]
    return render(request, "cases/notices.html", {"rows": rows, "unread": selectors.unread(request.actor)})


@require_POST
@signed_in
def read_notices(request: HttpRequest) -> HttpResponse:
    services.read_notices(request.actor)
    return redirect("cases:notices")
