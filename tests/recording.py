"""Rows that many tests begin with: made once by the services, then put back as they were.

Storing seven packs and opening the accounts of a city takes a second; putting the same rows back takes a hundredth.
The audit entries of that beginning are not put back: a test of the record makes its own.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, TypeVar

from django.apps import apps
from django.db import transaction
from django.db.models import Model

T = TypeVar("T")
LEFT_OUT = {"audit", "contenttypes", "sessions"}


@dataclass(frozen=True, slots=True)
class Recording:
    """What `make` returned and every row that it left, by model."""

    result: Any
    rows: dict[type[Model], list[Model]]


_recordings: dict[Hashable, Recording] = {}


def once(key: Hashable, make: Callable[[], T]) -> T:
    """What `make()` gives, with its rows in the database. Called again with this key, the rows are put back."""
    recording = _recordings.get(key)
    if recording is None:
        _recordings[key] = recording = _recorded(make)
    else:
        _put_back(recording)
    return deepcopy(recording.result)


def _recorded(make: Callable[[], Any]) -> Recording:
    before = {model: set(model._base_manager.values_list("pk", flat=True)) for model in _models()}
    result = deepcopy(make())
    rows = {model: list(model._base_manager.exclude(pk__in=known)) for model, known in before.items()}
    return Recording(result, {model: found for model, found in rows.items() if found})


def _put_back(recording: Recording) -> None:
    with transaction.atomic():
        for model, rows in recording.rows.items():
            model._base_manager.bulk_create(deepcopy(rows))


def _models() -> list[type[Model]]:
    found = apps.get_models(include_auto_created=True)
    return [model for model in found if model._meta.managed and model._meta.app_label not in LEFT_OUT]
