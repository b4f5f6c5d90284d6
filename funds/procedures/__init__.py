"""What funds plug into the case engine: one module for each part of a fund's life."""

from __future__ import annotations

from funds.procedures import applying, establishing, ruling, years


def register() -> None:
    """Called once when the app is ready."""
    establishing.register()
    ruling.register()
    years.register()
    applying.register()
