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
    more = "+" if counts.capped else ""
    shown = [_facet(request, name, label, found.get(name, []), label_of, more) for name, label, label_of in labels]
    withheld = query.facets.get("sharing_class") == SharingClass.WITHHELD
    return [*shown, _basis_facet(request, query)] if withheld or query.basis else shown


def _basis_facet(request: HttpRequest, query: selectors.Query) -> dict[str, Any]:
    """The choice of withheld entries whose legal basis has to be looked at, counted wherever the reader may look."""
    rows = selectors.withheld_without_basis(request.actor).filter(status=query.status)
    count = (rows.filter(jurisdiction_id=query.jurisdiction) if query.jurisdiction else rows).count()
    counted = [(selectors.LACKING, count)] if count or query.basis else []
    return _facet(request, "basis", _("Legal basis for withholding"), counted, lambda _key: _("to be reviewed"), "")


def applied_of(facets: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The choices in use, as chips that take themselves away."""
    return [
        {"label": f"{facet['label']}: {choice['label']}", "url": choice["url"]}
        for facet in facets
        for choice in facet["choices"]
        if choice["current"]
    ]


def _fresh_label(state: str) -> str:
    return {
        freshness.FRESH: _("up to date"),
        freshness.STALE: _("overdue for update"),
        freshness.EMPTY: _("no data yet"),
    }[state]


def _facet(
    request: HttpRequest,
    name: str,
    label: str,
    counted: Iterable[tuple[str, int]],
    label_of: Callable[[str], Any],
    more: str,
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
        shown = {"label": label_of(value), "current": current, "count": f"{count}{more}"}
        choices.append({**shown, "url": f"{request.path}?{query.urlencode()}"})
    return {"label": label, "choices": choices}
