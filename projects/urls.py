"""Addresses of projects."""

from __future__ import annotations

app_name = "projects"
urlpatterns: list[object] = []
