"""A resource of the provider with items of every type, a folder of the test's own, and short ways to load and read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from pytest_django import Settings

from catalog.models import Category, Resource, ResourceItem
from datasets import services, store
from datasets.models import Batch
from organizations.actors import Actor
from tests.cast import Cast

REGIONS = [("code", {"is_key": True}), ("name", {"required": True, "length": 20}), ("county", {})]


@pytest.fixture(autouse=True)
def home(settings: Settings, tmp_path: Path) -> Path:
    settings.HOME = tmp_path / "home"
    return settings.HOME


@pytest.fixture(scope="session", autouse=True)
def empty_store(django_db_setup: None, django_db_blocker: Any) -> None:
    """Tables of earlier runs are gone: rows in the datasets database are committed, whatever a test rolls back."""
    with django_db_blocker.unblock(), connections[store.alias()].cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {store.SCHEMA} CASCADE")


def make_resource(provider: Any, items: Sequence[tuple[str, dict[str, Any]]], **fields: Any) -> Resource:
    """An entry of an organization; `items` are codes with the fields that are not the default."""
    number = Resource.objects.count() + 1
    category, _made = Category.objects.get_or_create(
        jurisdiction=provider.jurisdiction, code="3", defaults={"directory": "departmental", "title": "部门"}
    )
    values = {"status": "published", "sharing_class": "unconditional", "update_cycle": "monthly", **fields}
    resource = Resource.objects.create(
        jurisdiction=provider.jurisdiction,
        provider=provider,
        category=category,
        directory="departmental",
        code=f"3/{number:06d}",
        title=f"区划代码{number}",
        sort_key=f"{number}",
        summary="",
        **values,
    )
    for position, (code, extra) in enumerate(items):
        ResourceItem.objects.create(resource=resource, position=position, code=code, **{"title": code, **extra})
    return resource


@pytest.fixture
def resource(cast: Cast) -> Resource:
    return make_resource(cast.enshi.provider, REGIONS)


@pytest.fixture
def make(cast: Cast) -> Callable[..., Resource]:
    """make((code, fields), …): an entry of the provider with these items."""
    return lambda *items, **fields: make_resource(cast.enshi.provider, items, **fields)


@pytest.fixture
def load(provider_steward: Actor, tmp_path: Path) -> Callable[..., Batch]:
    """load(resource, content, mode="replace", name="data.csv"): receive and load at once."""

    def loaded(resource: Resource, content: str | bytes | Path, mode: str = "replace", name: str = "data.csv") -> Batch:
        path = content if isinstance(content, Path) else tmp_path / name
        if not isinstance(content, Path):
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        batch = services.receive_path(actor=provider_steward, resource=resource, path=path, mode=mode)
        return services.load_batch(batch_id=batch.pk)

    return loaded
