"""The information systems of one place: two to four of every organization, entered through the service."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from catalog import services as catalog
from catalog.models import InformationSystem, Resource
from catalog.services import SystemEntry
from organizations.models import Organization
from portal.demonstration.people import LOADER, Place

Status, Hosting, Network = InformationSystem.Status, InformationSystem.Hosting, InformationSystem.Network
KINDS = (
    ("业务管理系统", "办理本单位业务，登记、审核、归档办件", Hosting.CLOUD, Network.EXTRANET),
    ("公众服务平台", "面向群众和企业提供查询、预约和网上申报", Hosting.CLOUD, Network.INTERNET),
    ("统计直报系统", "按上级要求逐级填报、汇总和核对报表", Hosting.SUPERIOR, Network.EXTRANET),
    ("档案查询系统", "保管历史档案，供窗口工作人员查阅", Hosting.OWN_ROOM, Network.INTRANET),
)
FEWEST = 2


def tell(place: Place, resources: dict[str, Resource]) -> None:
    """Register the systems; an organization's published entries come from its first one."""
    for organization in place.organizations.values():
        own = [one for one in resources.values() if one.provider_id == organization.pk]
        linked = [one for one in own if one.status == Resource.Status.PUBLISHED]
        for at in range(place.rng.randint(FEWEST, len(KINDS))):
            entry = _entry(place, organization, at, linked if at == 0 else [])
            system = catalog.register_system(LOADER, organization=organization, entry=entry)
            if entry.hosting == Hosting.OWN_ROOM and place.rng.random() < 0.5:
                catalog.retire_system(LOADER, system=system, reason="档案已并入市级档案平台，原系统停用")


def _entry(place: Place, organization: Organization, at: int, linked: list[Resource]) -> SystemEntry:
    kind, purpose, hosting, network = KINDS[at]
    rng = place.rng
    status = rng.choice([Status.IN_USE, Status.IN_USE, Status.BUILDING, Status.PLANNED]) if at == 1 else Status.IN_USE
    running = status == Status.IN_USE
    return SystemEntry(
        name=f"{organization.short_name}{kind}",
        purpose=purpose,
        status=status,
        hosting=hosting,
        network=network,
        security_grade=rng.choice([2, 3]),
        docked_with_exchange=at == 0,
        of_superior=hosting == Hosting.SUPERIOR,
        taken_into_use=timezone.localdate() - timedelta(days=rng.randint(400, 3000)) if running else None,
        yearly_cost=Decimal(rng.randint(3, 90)) * 10_000 if running and hosting != Hosting.SUPERIOR else None,
        contact="信息科科长",
        resources=linked,
    )
