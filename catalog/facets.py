"""The filters beside the list, each choice with its count and the address that sets or clears it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from catalog import freshness, selectors
from catalog.models import Directory, Resource, ResourceFormat, SharingClass, UpdateCycle
from organizations.models import Organization


def facets_of(request: HttpRequest, rows: QuerySet[Resource], now: datetime) -> list[dict[str, Any]]:
    """Facets for the list as it is filtered now."""
    providers = selectors.facet_counts(rows, "provider")
    names = Organization.objects.in_bulk([key for key, _n in providers])
    return [
        _facet(request, "directory", _("Directory"), selectors.facet_counts(rows, "directory"), _label_of(Directory)),
        _facet(
            request,
            "sharing_class",
            _("Sharing class"),
            selectors.facet_counts(rows, "sharing_class"),
            _label_of(SharingClass),
        ),
        _facet(request, "provider", _("Provider"), providers, lambda key: names[key].short_name or names[key].name),
        _facet(
            request,
            "update_cycle",
            _("Update cycle"),
            selectors.facet_counts(rows, "update_cycle"),
            _label_of(UpdateCycle),
        ),
        _facet(request, "format", _("Format"), selectors.format_counts(rows), _label_of(ResourceFormat)),
        _facet(request, "fresh", _("Data"), _fresh_counts(rows, now), _fresh_label),
    ]


def _label_of(choices: Any) -> Callable[[Any], Any]:
    return lambda value: choices(value).label


def _fresh_label(state: str) -> str:
    return {
        freshness.FRESH: _("up to date"),
        freshness.STALE: _("overdue for update"),
        freshness.EMPTY: _("no data yet"),
    }[state]


def _fresh_counts(rows: QuerySet[Resource], now: datetime) -> list[tuple[str, int]]:
    states = (freshness.FRESH, freshness.STALE, freshness.EMPTY)
    counts = rows.order_by().aggregate(
        **{state: Count("pk", filter=Q(freshness.condition(state, now))) for state in states}
    )
    return [(state, counts[state]) for state in states if counts[state]]


def _facet(
    request: HttpRequest, name: str, label: str, counted: Iterable[tuple[Any, int]], label_of: Callable[[Any], Any]
) -> dict[str, Any]:
    chosen = request.GET.get(name, "")
    choices = []
    for value, count in counted:
        query = request.GET.copy()
        query.pop("cursor", None)
        current = str(value) == chosen
        if current:
            query.pop(name)
        else:
            query[name] = str(value)
        choices.append({"label": label_of(value), "url": f"?{query.urlencode()}", "current": current, "count": count})
    return {"label": label, "choices": choices}
