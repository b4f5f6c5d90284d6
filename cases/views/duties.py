"""The page of standing duties."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from cases.duties import duties
from organizations.access import signed_in


@require_GET
@signed_in
def standing(request: HttpRequest) -> HttpResponse:
    """Schedules of the law in force here: when each comes next, whether its last opening failed, what is open."""
    law, found = duties(request.actor, timezone.now())
    return render(request, "cases/duties.html", {"law": law, "duties": found})
