"""Scenes that several rooms' tests play in: the law stored, a resource published, a request on its way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from cases import services as cases
from cases.models import Case, CaseEvent
from catalog import services as catalog
from catalog.models import Category, Directory, Resource, ResourceItem, SharingClass, SharingMethod, UpdateCycle
from organizations.actors import Actor, SystemActor
from sharing.models import ShareRequest
from sharing.services import requests
from sharing.services.requests import Wish
from statutes.models import PackVersion
from statutes.services import sync_packs
from tests.cast import Cast, Place
from tests.recording import once

SYSTEM = SystemActor("test scene")
VILLAGE_ITEMS = (
    catalog.Field("code", "区划代码", required=True, is_key=True, length=12),
    catalog.Field("name", "名称", required=True, length=60),
    catalog.Field("street", "乡镇代码", length=9),
    catalog.Field("county", "区县代码", length=6),
    catalog.Field("city", "市州代码", length=4),
    catalog.Field("province", "省份代码", length=2),
)


@pytest.fixture
def law(db: None) -> None:
    """The portal's rule packs, stored and current."""
    store_law()


def store_law() -> None:
    """What `sync_packs` stores: in a portal without packs, put back as it was stored before on this day."""
    if PackVersion.objects.exists():
        sync_packs()
    else:
        once(("law", settings.STATUTES_PATH, timezone.localdate()), lambda: bool(sync_packs()))


def category(place: Place, directory: str = Directory.DEPARTMENTAL, code: str = "307001") -> Category:
    found, _created = Category.objects.get_or_create(
        jurisdiction=place.jurisdiction, code=code, defaults={"directory": directory, "title": "统计"}
    )
    return found


def published_resource(
    place: Place,
    *,
    title: str = "统计用区划代码(村级)",
    sharing_class: str = SharingClass.CONDITIONAL,
    items: Sequence[catalog.Field] = VILLAGE_ITEMS,
    directory: str = Directory.DEPARTMENTAL,
    **more: Any,
) -> Resource:
    """A resource of the place's provider, in the catalogue, without data."""
    entry = catalog.Entry(
        title=title,
        summary="村级统计用区划代码和名称",
        category=category(place, directory, {"base": "101001", "thematic": "201001"}.get(directory, "307001")),
        sharing_class=sharing_class,
        update_cycle=UpdateCycle.YEARLY,
        items=items,
        sharing_condition="限于履行职责使用" if sharing_class == SharingClass.CONDITIONAL else "",
        withheld_basis="《统计法》第九条" if sharing_class == SharingClass.WITHHELD else "",
        sharing_methods=[SharingMethod.API, SharingMethod.DOWNLOAD, SharingMethod.ONLINE_QUERY],
        formats=["database"],
        **more,
    )
    resource = catalog.register_resource(SYSTEM, provider=place.provider, entry=entry)
    Resource.objects.filter(pk=resource.pk).update(status=Resource.Status.PUBLISHED, published_at=timezone.now())
    resource.refresh_from_db()
    return resource


def wish(place: Place, **changes: Any) -> Wish:
    """What the applicant's handler types: complete, two items."""
    values: dict[str, Any] = {
        "basis": "《社会救助暂行办法》第五十八条",
        "scenario": "救助对象住址标准化",
        "scope": "全市",
        "items": ["code", "name"],
        "methods": [SharingMethod.API, SharingMethod.DOWNLOAD, SharingMethod.ONLINE_QUERY],
        "valid_until": timezone.localdate() + timedelta(days=300),
        "function": place.applicant.functions.first().pk,
    }
    return Wish(**{**values, **changes})


def filed(place: Place, resource: Resource, *, key: str = "", **changes: Any) -> Case:
    """A request of the place's applicant, filed."""
    draft = requests.save_draft(place.applicant_handler, resource=resource, wish=wish(place, **changes))
    return requests.file_request(place.applicant_handler, draft=draft, idempotency_key=key)


def act(actor: Actor, case: Case, action: str, *, opinion: str = "", **given: Any) -> CaseEvent:
    """Take an action on the case as it stands now."""
    case.refresh_from_db()
    return cases.act(actor, case.pk, action, version=case.seq, given=given, opinion=opinion)


def request_of(case: Case) -> ShareRequest:
    return ShareRequest.objects.get(case=case)


@pytest.fixture
def enshi(cast: Cast, law: None) -> Place:
    return cast.enshi


@pytest.fixture
def xianyang(cast: Cast, law: None) -> Place:
    return cast.xianyang


__all__ = ["ResourceItem", "enshi", "law", "store_law", "xianyang"]
