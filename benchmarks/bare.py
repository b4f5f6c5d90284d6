"""Addresses of the bare views, beside the portal's own: read when the benchmark runs, after settings."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import include, path
from django.utils.html import escape

from benchmarks.visits import QUERIES


def bare(request: Any, name: str) -> HttpResponse:
    """The rows of one query in plain HTML, through the portal's own middleware and nothing else."""
    rows = QUERIES[name](request.actor)
    return HttpResponse("".join(f"<tr><td>{row.pk}<td>{escape(row)}" for row in rows))


urlpatterns = [path("bare/<str:name>", bare), path("", include("portal.urls"))]
