"""The catalogue of one place: some hundred entries, published through their procedure, with data behind several."""

from __future__ import annotations

import csv
from datetime import date, datetime
from pathlib import Path

from django.utils import timezone

from cases import services as cases
from catalog import services as catalog
from catalog.models import (
    Category,
    Directory,
    OpeningClass,
    Resource,
    ResourceFormat,
    ResourceItem,
    SharingClass,
    SharingMethod,
    UpdateCycle,
)
from catalog.services import Entry, Field
from datasets import services as datasets
from portal.demonstration.material import DEPARTMENTS, STREETS, VILLAGE_TITLE, VILLAGES, Department
from portal.demonstration.people import LOADER, Place

VILLAGE_ITEMS = (
    Field("code", "区划代码", required=True, is_key=True, length=12, meaning="十二位统计用区划代码"),
    Field("name", "名称", required=True, length=60, meaning="村(居)民委员会名称"),
    Field("street", "乡镇代码", length=9),
    Field("county", "区县代码", length=6),
    Field("city", "市州代码", length=4),
    Field("province", "省份代码", length=2),
)
PEOPLE_ITEMS = (
    Field("number", "编号", required=True, is_key=True, length=20),
    Field("name", "姓名", length=30, mask=ResourceItem.Mask.NAME),
    Field("identity", "身份证号", data_type="identity", mask=ResourceItem.Mask.IDENTITY),
    Field("town", "乡镇", length=60),
    Field("issued", "办理日期", data_type="date"),
    Field("state", "状态", length=20),
)
PLAIN_ITEMS = (
    Field("number", "编号", required=True, is_key=True, length=20),
    Field("title", "名称", required=True, length=120),
    Field("town", "乡镇", length=60),
    Field("period", "日期", data_type="date"),
    Field("value", "数值", data_type="number"),
)
PERSONAL = ("户籍", "婚姻", "低保", "居住证", "驾驶证", "学籍", "参保", "失业", "出生", "特困", "孤儿", "保障对象")
NATIONAL_BASIS = "《数据安全法》第二十一条及本行业重要数据目录"
WITHHELD = {
    "犬只登记": NATIONAL_BASIS,
    "院前急救出车记录": NATIONAL_BASIS,
    "测绘成果目录": "《测绘法》第三十四条",
    "法定传染病月报": "《传染病防治法》第十二条",
    "流动人口统计": "市公安局《内部业务数据管理规定》第八条",
    "治超站点数据": "市交通运输局二〇二一年第三号内部通知",
}
"""Withheld entries with their basis; in the last two no national law can be recognized."""


def build(place: Place, at: datetime) -> dict[str, Resource]:
    """Register and publish every entry of a place. Returns resources by title."""
    resources: dict[str, Resource] = {}
    for number, department in enumerate(DEPARTMENTS, start=1):
        category = Category.objects.create(
            jurisdiction=place.jurisdiction,
            directory=Directory.DEPARTMENTAL,
            code=f"3{number:02d}001",
            title=department.short,
        )
        titles = [VILLAGE_TITLE, *department.topics] if department.key == "statistics" else department.topics
        made = [_entry(place, department, category, title) for title in titles]
        resources |= {resource.title: resource for resource in made}
        _publish(place, department, made[:-1], at)
    resources |= _base_directory(place, at)
    return {title: Resource.objects.get(pk=resource.pk) for title, resource in resources.items()}


def _entry(place: Place, department: Department, category: Category, title: str) -> Resource:
    personal = any(word in title for word in PERSONAL)
    rng = place.rng
    if title in WITHHELD:
        sharing = SharingClass.WITHHELD
    elif title == VILLAGE_TITLE or personal:
        sharing = SharingClass.CONDITIONAL
    else:
        sharing = rng.choice([SharingClass.UNCONDITIONAL, SharingClass.CONDITIONAL, SharingClass.UNCONDITIONAL])
    entry = Entry(
        title=title,
        summary=f"{department.short}在履职中形成的{title}",
        category=category,
        sharing_class=sharing,
        update_cycle=UpdateCycle.YEARLY if title == VILLAGE_TITLE else rng.choice(UpdateCycle.values),
        items=VILLAGE_ITEMS if title == VILLAGE_TITLE else PEOPLE_ITEMS if personal else PLAIN_ITEMS,
        keywords=(department.short, title.partition("(")[0]),
        formats=[ResourceFormat.DATABASE],
        sharing_condition="限于履行法定职责使用，不得向第三方提供" if sharing == SharingClass.CONDITIONAL else "",
        withheld_basis=WITHHELD.get(title, ""),
        sharing_methods=[SharingMethod.API, SharingMethod.DOWNLOAD, SharingMethod.ONLINE_QUERY],
        opening_class=OpeningClass.CLOSED if personal else OpeningClass.ON_REQUEST,
        opening_condition="" if personal else "注明来源",
        holds_personal=personal,
        assessment="不涉及国家秘密、工作秘密；个人信息影响评估已完成" if personal else "不涉及国家秘密、工作秘密",
        assessed_on=date(2025, 9, 1),
        assessed_by=place.actor(department.key, "leader").user.full_name,
        collection_channel="业务系统",
    )
    return catalog.register_resource(LOADER, provider=place.organizations[department.key], entry=entry)


def _publish(place: Place, department: Department, resources: list[Resource], at: datetime) -> None:
    """One case for all entries of a department, through every hand of the procedure."""
    steward = place.actor(department.key, "data_steward")
    case = catalog.submit_for_publication(steward, resources=resources, title=f"{department.short}目录首次发布", at=at)
    reviewer, approver = place.actors["reviewer"], place.actors["approver"]
    steps = [
        (place.actor(department.key, "leader"), "sign_off", {}),
        (reviewer, "find_in_order", {"opinion": "要素齐全，分类准确"}),
        (approver, "approve", {}),
    ]
    for actor, action, given in steps:
        case.refresh_from_db()
        cases.act(actor, case.pk, action, version=case.seq, given=given, at=at)


def _base_directory(place: Place, at: datetime) -> dict[str, Resource]:
    """The base directory: shared unconditionally."""
    made = {}
    category = Category.objects.create(
        jurisdiction=place.jurisdiction, directory=Directory.BASE, code="101001", title="法人"
    )
    for key, title in (("market", "法人基础信息"), ("resources", "自然资源和空间地理基础信息")):
        entry = Entry(
            title=title,
            summary=f"基础目录：{title}",
            category=category,
            sharing_class=SharingClass.UNCONDITIONAL,
            update_cycle=UpdateCycle.DAILY,
            items=PLAIN_ITEMS,
            formats=[ResourceFormat.DATABASE],
            sharing_methods=[SharingMethod.API, SharingMethod.DOWNLOAD],
            assessment="不涉及国家秘密、工作秘密",
            assessed_on=date(2025, 9, 1),
            assessed_by=place.actor(key, "leader").user.full_name,
        )
        resource = catalog.register_resource(LOADER, provider=place.organizations[key], entry=entry)
        department = next(d for d in DEPARTMENTS if d.key == key)
        _publish(place, department, [resource], at)
        made[title] = resource
    return made


def load_data(place: Place, resources: dict[str, Resource], folder: Path) -> None:
    """Load generated rows behind the village codes and some more entries."""
    _load(place, resources[VILLAGE_TITLE], village_rows(place), folder)
    plain = [r for r in resources.values() if r.items.filter(code="value").exists()]
    for resource in place.rng.sample(plain, 12):
        _load(place, resource, plain_rows(place, resource), folder)


def _load(place: Place, resource: Resource, rows: list[list[str]], folder: Path) -> None:
    path = folder / f"{place.city.id}-{resource.pk}.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)
    batch = datasets.receive_path(actor=LOADER, resource=resource, path=path, mode="replace")
    datasets.load_batch(batch_id=batch.pk)


def village_rows(place: Place) -> list[list[str]]:
    """Some hundred villages with made-up names under the place's own region code."""
    region = place.city.region
    rows = [[field.code for field in VILLAGE_ITEMS]]
    for street_number in range(1, len(STREETS) + 1):
        street = f"{region}{street_number:03d}"
        for village, name in enumerate(VILLAGES * 4, start=1):
            suffix = "社区居委会" if street_number <= 2 else "村委会"
            rows.append([f"{street}{village:03d}", f"{name}{suffix}", street, region, region[:4], region[:2]])
    return rows


def plain_rows(place: Place, resource: Resource) -> list[list[str]]:
    """Two hundred made-up records."""
    rows = [["number", "title", "town", "period", "value"]]
    today = timezone.localdate()
    for number in range(1, 201):
        day = date(today.year - 1, place.rng.randint(1, 12), place.rng.randint(1, 28))
        value = f"{place.rng.uniform(1, 9999):.2f}"
        rows.append([f"{number:06d}", f"{resource.title}{number}", place.rng.choice(STREETS), day.isoformat(), value])
    return rows
