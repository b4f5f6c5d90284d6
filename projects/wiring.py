"""Where projects hook into the rooms below: what speaks against taking a system into use."""

from __future__ import annotations

from cases import filters
from catalog import hooks as catalog_hooks
from projects.register import KEYS
from projects.using import why_not_used


def connect() -> None:
    """Called once when the app is ready."""
    filters.register(filters.Listing("projects", "projects:projects", frozenset(KEYS)))
    catalog_hooks.use_guards.append(why_not_used)
