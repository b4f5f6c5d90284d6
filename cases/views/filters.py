"""Saved filters: chips above a list, and where the list begins."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cases import filters, services
from organizations.access import signed_in


def beginning(request: HttpRequest, listing: str) -> HttpResponse | None:
    """Where a list that is opened without a filter begins for this person; None: here.

    Whoever takes the last filter off within the list gets the whole list.
    """
    within = urlsplit(request.headers.get("Referer", "")).path == request.path
    if request.META.get("QUERY_STRING") or within or request.htmx:
        return None
    address = filters.default_address(request.actor, listing)
    return redirect(address) if address else None


def filter_context(request: HttpRequest, listing: str) -> dict[str, Any]:
    """What `cases/_saved_filters.html` shows above a list."""
    query = request.META.get("QUERY_STRING", "")
    saved = filters.saved(request.actor, listing, query)
    return {
        "saved_filters": saved,
        "savable": "" if any(chip.current for chip in saved) else filters.savable(listing, query),
        "listing": listing,
        "plain": f"?{filters.PLAIN}=1",
    }


@require_POST
@signed_in
def save(request: HttpRequest) -> HttpResponse:
    row = services.save_filter(
        request.actor,
        listing=request.POST.get("listing", ""),
        name=request.POST.get("name", ""),
        query=request.POST.get("query", ""),
    )
    messages.success(request, _("The filter “%(name)s” is saved.") % {"name": row.name})
    return redirect(filters.address(row))


@require_POST
@signed_in
def delete(request: HttpRequest, filter_id: int) -> HttpResponse:
    row = services.delete_filter(request.actor, filter_id)
    messages.success(request, _("The filter “%(name)s” is removed.") % {"name": row.name})
    return redirect("cases:settings")


@require_POST
@signed_in
def default(request: HttpRequest, filter_id: int) -> HttpResponse:
    services.choose_default_filter(request.actor, filter_id)
    return redirect("cases:settings")
