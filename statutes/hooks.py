"""What rooms above do when the law changes: they register here, so that this room need not know them."""

from __future__ import annotations

from collections.abc import Callable

from statutes.models import PackVersion

_on_activated: list[Callable[[PackVersion], None]] = []


def on_activated(do: Callable[[PackVersion], None]) -> None:
    """Call `do` inside the transaction in which a version of a pack comes into force."""
    if do not in _on_activated:
        _on_activated.append(do)


def activated(version: PackVersion) -> None:
    for do in _on_activated:
        do(version)
