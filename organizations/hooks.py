"""What rooms above do when organizations change: they register here, so that this room need not know them."""

from __future__ import annotations

from collections.abc import Callable

from organizations.models import Organization

_on_merged: list[Callable[[Organization], None]] = []


def on_merged(do: Callable[[Organization], None]) -> None:
    """Call `do` with an organization inside the transaction in which it goes into another."""
    if do not in _on_merged:
        _on_merged.append(do)


def merged(organization: Organization) -> None:
    for do in _on_merged:
        do(organization)
