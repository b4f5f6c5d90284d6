"""What projects plug into the case engine: one module for each part of a project's life."""

from __future__ import annotations

from projects.procedures import acceptance, afterlife, contracting, panels, paying, planning, plans, reports


def register() -> None:
    """Called once when the app is ready."""
    planning.register()
    panels.register()
    contracting.register()
    paying.register()
    plans.register()
    reports.register()
    acceptance.register()
    afterlife.register()
