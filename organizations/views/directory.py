"""The directory of organizations, for everyone who is signed in."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from organizations import selectors
from organizations.access import signed_in
from organizations.paging import one_page
from organizations.policies import is_administrator
from organizations.requests import ActorRequest


@require_safe
@signed_in
def directory(request: ActorRequest) -> HttpResponse:
    """Organizations by name, in the order of pinyin, with a search and the jurisdiction as filters."""
    query = request.GET.get("q", "")[:60]
    jurisdiction_id = request.GET.get("jurisdiction", request.actor.jurisdiction_id)[:40]
    rows = selectors.directory(request.actor, query=query, jurisdiction_id=jurisdiction_id)
    context = {
        "page": one_page(rows, ("sort_key", "pk"), request.GET.get("cursor", ""), "directory"),
        "query": query,
        "jurisdiction_id": jurisdiction_id,
        "jurisdictions": selectors.jurisdictions(request.actor),
    }
    return render(request, "organizations/directory.html", context)


@require_safe
@signed_in
def organization(request: ActorRequest, organization_id: int) -> HttpResponse:
    """One organization: code, place, roles, and its functions with the text that gives each."""
    row = selectors.organization_for(request.actor, organization_id)
    context = {
        "organization": row,
        "functions": selectors.live_functions(row.pk),
        "successor": selectors.current_organization(row) if row.merged_into_id else None,
        "active": selectors.is_active(row, timezone.localdate()),
        "administered": is_administrator(request.actor, row.jurisdiction_id),
    }
    return render(request, "organizations/organization.html", context)
