"""The filters beside the list, each choice with its count and the address that sets or clears it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from catalog import freshness, selectors
from catalog.models import Directory, ResourceFormat, SharingClass, UpdateCycle

SHOWN_PROVIDERS = 40


def facets_of(request: HttpRequest, query: selectors.Query, now: datetime) -> list[dict[str, Any]]:
    """Facets for the list as it is filtered now. One query, however many facets."""
    counts = selectors.facet_counts(request.actor, query, now)
    providers = counts.of.get("provider", [])[:SHOWN_PROVIDERS]
    labels: list[tuple[str, str, Callable[[str], Any]]] = [
        ("directory", _("Directory"), lambda key: Directory(key).label),
        ("sharing_class", _("Sharing class"), lambda key: SharingClass(key).label),
        ("provider", _("Provider"), counts.names.__getitem__),
        ("update_cycle", _("Update cycle"), lambda key: UpdateCycle(key).label),
        ("format", _("Format"), lambda key: ResourceFormat(key).label),
        ("fresh", _("Data"), _fresh_label),
    ]
    found = {**counts.of, "provider": providers}
    return [_facet(request, name, label, found.get(name, []), label_of) for name, label, label_of in labels]


def _fresh_label(state: str) -> str:
    return {
        freshness.FRESH: _("up to date"),
        freshness.STALE: _("overdue for update"),
        freshness.EMPTY: _("no data yet"),
    }[state]


def _facet(
    request: HttpRequest, name: str, label: str, counted: Iterable[tuple[str, int]], label_of: Callable[[str], Any]
) -> dict[str, Any]:
    chosen = request.GET.get(name, "")
    choices = []
    for value, count in counted:
        query = request.GET.copy()
        query.pop("cursor", None)
        current = value == chosen
        if current:
            query.pop(name)
        else:
            query[name] = value
        choices.append({"label": label_of(value), "url": f"?{query.urlencode()}", "current": current, "count": count})
    return {"label": label, "choices": choices}
