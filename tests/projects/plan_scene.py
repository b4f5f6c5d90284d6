"""The year of a plan: a city with its organs, the schedule come round, departments that apply."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import time_machine

from cases import services as cases
from cases.models import Case
from organizations import services as organizations
from organizations.models import Position
from projects.models import DepartmentPlan
from projects.services import plans
from tests.cast import Place, place_of
from tests.projects.scene import SYSTEM, organ
from tests.scenes import act, store_law

LOCAL = ZoneInfo("Asia/Shanghai")
KINDS = Position.Kind


def at(month: int, day: int, *, year: int = 2026, hour: int = 9) -> datetime:
    return datetime(year, month, day, hour, 0, tzinfo=LOCAL)


def city(name: str, *organs: str, departments: tuple[str, ...] = ("applicant", "provider")) -> Place:
    """A city under its own law; each of the organs has an approver (`place.finance`) and a reviewer."""
    store_law()
    place = place_of(name)
    for role in organs:
        place.actors[role], place.actors[f"{role}_reviewer"] = organ(place, role, KINDS.APPROVER, KINDS.REVIEWER)
    for holder in departments:
        organizations.assign_organ_role(
            SYSTEM, jurisdiction=place.jurisdiction, organization=place.organizations[holder], role="department"
        )
    return place


def come_round(now: time_machine.Coordinates, moment: datetime) -> None:
    """Time passes to a moment; schedules and limits fall due on the way."""
    cases.open_scheduled()
    now.move_to(moment)
    cases.open_scheduled()
    cases.sweep()


def annual(place: Place) -> Case:
    return Case.objects.get(procedure=plans.ANNUAL, jurisdiction=place.jurisdiction)


def part_of(place: Place, name: str = "applicant") -> DepartmentPlan:
    return DepartmentPlan.objects.get(organization=place.organizations[name])


def item(name: str = "村级便民服务平台", **changes: Any) -> plans.Item:
    """An intended project of 600,000 yuan, half of it in the year of the plan."""
    values: dict[str, Any] = {
        "name": name,
        "basis": "市信息化发展规划",
        "goals": "村级事项网上可办",
        "total": Decimal(600_000),
        "amount": Decimal(300_000),
        "service_years": 6,
        "build_months": 12,
    }
    return plans.Item(**{**values, **changes})


def fill(place: Place, name: str = "applicant", *items: plans.Item) -> DepartmentPlan:
    part = part_of(place, name)
    handler = place.actors[f"{name}_handler"]
    return plans.save_department_plan(handler, department_plan=part, items=items or [item()])


def hand_in(place: Place, name: str = "applicant", **said: str) -> Case:
    """Sent to the own head, and signed there."""
    case = part_of(place, name).case
    assert case is not None
    act(place.actors[f"{name}_handler"], case, "prepare", **said)
    act(place.actors[f"{name}_leader"], case, "submit")
    return case
