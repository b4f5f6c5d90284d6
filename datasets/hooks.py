"""What rooms above want to be told. They append to these lists when their app is ready."""

from __future__ import annotations

from collections.abc import Callable

on_loaded: list[Callable[[int], None]] = []
"""Called with the id of a resource in the transaction that marks a batch as merged."""


def call_loaded(resource_id: int) -> None:
    for hook in on_loaded:
        hook(resource_id)
