"""Where projects hook into the rooms below: what speaks against taking a system into use."""

from __future__ import annotations

from cases import filters
from catalog import hooks as catalog_hooks
from projects.register import KEYS
from projects.selectors import projects_of_system
from projects.using import why_not_used


def connect() -> None:
    """Called once when the app is ready."""
    filters.register(filters.Listing("projects", "projects:projects", frozenset(KEYS)))
    catalog_hooks.use_guards.append(why_not_used)
    panel = catalog_hooks.SystemPanel("projects/_system_projects.html", projects_of_system)
    catalog_hooks.system_panels.append(panel)
