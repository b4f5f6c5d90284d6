"""A project of the applicant's organization: its plan, filed and under review, under a city's own law."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from cases.models import Case
from catalog.models import InformationSystem
from organizations import services as organizations
from organizations.actors import Actor, SystemActor
from organizations.models import Position
from projects import services
from projects.models import Project
from tests.cast import Place, new_actor, new_organization
from tests.scenes import act

SYSTEM = SystemActor("test scene")
PROMISE = services.Promise(
    direction="produces",
    title="村级便民服务事项",
    source="业务系统自动产生",
    format="数据库",
    update_cycle="daily",
    sharing_class="unconditional",
    opening="unconditional",
)


def system(place: Place, name: str = "便民服务系统") -> InformationSystem:
    """A system of the applicant's in the register, found again by its name."""
    found, _created = InformationSystem.objects.get_or_create(
        organization=place.applicant,
        name=name,
        defaults={
            "jurisdiction": place.jurisdiction,
            "code": f"S-{place.applicant.pk}-{name}",
            "purpose": "办理村级便民服务事项",
        },
    )
    return found


def plan(place: Place, **changes: Any) -> services.Plan:
    """A complete plan of 860,000 yuan over two years."""
    values: dict[str, Any] = {
        "name": "村级便民服务平台",
        "basis": "市信息化发展规划",
        "goals": "村级事项网上可办",
        "content": "受理、办理、评价三个模块",
        "total": Decimal("860000.00"),
        "years": {2026: Decimal("500000.00"), 2027: Decimal("360000.00")},
        "service_years": 6,
        "build_months": 12,
        "security_design": "等级保护二级",
        "product_statement": "国产数据库和中间件",
        "reuse_statement": "现有系统没有村级办理功能",
        "responsible": "赵甲",
        "responsible_post": "局长",
        "systems": [system(place).pk],
        "promises": [PROMISE],
    }
    return services.Plan(**{**values, **changes})


def drafted(place: Place, **changes: Any) -> Project:
    return services.save_draft(place.applicant_handler, plan=plan(place, **changes))


def filed(place: Place, **changes: Any) -> Project:
    project = drafted(place, **changes)
    services.file_project(place.applicant_handler, draft=project)
    project.refresh_from_db()
    return project


def submitted(place: Place, project: Project) -> Case:
    """The review, sent to the own head and signed there."""
    review = services.submit_for_review(place.applicant_handler, project=project)
    act(place.applicant_leader, review, "submit")
    return review


def organ(place: Place, role: str, *kinds: str) -> list[Actor]:
    """An organization that holds the organ's role, with a person in each of these positions."""
    holder = new_organization(place.jurisdiction, name=f"{role}单位")
    organizations.assign_organ_role(SYSTEM, jurisdiction=place.jurisdiction, organization=holder, role=role)
    return [
        new_actor(holder, kind, f"{place.jurisdiction.pk}.{role}.{kind}") for kind in kinds or (Position.Kind.APPROVER,)
    ]
