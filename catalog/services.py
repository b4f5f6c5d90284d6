"""Every write of the catalogue."""

from __future__ import annotations

from datetime import datetime

from catalog.models import Resource


def note_data_loaded(*, resource: Resource, at: datetime) -> None:
    """The entry's data is as fresh as `at`."""
    Resource.objects.filter(pk=resource.pk).update(data_updated_at=at)
    resource.data_updated_at = at
