"""Filters in an address that are not known: left out, and said so, instead of an empty list or an error."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.http import HttpRequest

LONGEST = 40


def drop_unknown(request: HttpRequest, known: Mapping[str, Callable[[str], bool]]) -> list[str]:
    """Takes from the request's parameters those whose value is not known, and returns them as `name=value`."""
    kept, dropped = request.GET.copy(), []
    for name, is_known in known.items():
        value = kept.get(name, "")
        if value and not is_known(value):
            dropped.append(f"{name}={value[:LONGEST]}")
            del kept[name]
    if dropped:
        request.GET = kept
    return dropped
