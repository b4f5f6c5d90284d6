"""What may be read of annual plans: which there are, the consolidated table, and where each department stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.page import said
from cases.selectors import visible_cases
from organizations.actors import Actor, AnyActor
from organizations.errors import NotKnown
from organizations.models import Organization, Position
from projects.models import AnnualPlan, DepartmentPlan, PlanItem, Project
from projects.selectors import visible_projects
from projects.services import plans
from projects.services.filing import LIFE
from statutes.models import PackVersion
from statutes.selectors import compiled, current

MOST_NEIGHBOURS = 20
IN_PLAN = Q(departments__items__standing=PlanItem.Standing.IN)


@dataclass(frozen=True, slots=True)
class Group:
    """The items of one department. `amount`: what the year costs, `total`: the whole projects, in yuan."""

    organization: Organization
    items: list[PlanItem]
    amount: Decimal
    total: Decimal


def visible_plans(actor: AnyActor) -> QuerySet[AnnualPlan]:
    """The plans of the actor's place; that a plan is being made is no secret there. What is in it may be."""
    rows = AnnualPlan.objects.filter(case__isnull=False).select_related("case__pack_version", "jurisdiction")
    rows = rows.defer("case__pack_version__source")
    if not isinstance(actor, Actor):
        return rows
    if actor.organization is None:
        return rows.none()
    return rows.filter(jurisdiction=actor.jurisdiction_id)


def with_figures(rows: QuerySet[AnnualPlan]) -> QuerySet[AnnualPlan]:
    """Each with the number of its items and their sum; both zero before anything was taken up."""
    return rows.annotate(
        count=Count("departments__items", filter=IN_PLAN), money=Sum("departments__items__amount", filter=IN_PLAN)
    ).order_by("-year")


def plan_for(actor: AnyActor, year: int) -> AnnualPlan:
    """The plan of that year in the actor's place. Raises NotKnown."""
    found = visible_plans(actor).filter(year=year).first()
    if found is None:
        raise NotKnown(_("There is no plan of that year."))
    return found


def visible_parts(actor: AnyActor, plan: AnnualPlan) -> QuerySet[DepartmentPlan]:
    """The departments' parts that the actor may read: all of an issued plan, else those whose case is seen."""
    rows = plan.departments.select_related("organization", "case__pack_version").defer("case__pack_version__source")
    if plan.issued_at is not None:
        return rows
    own = Q(case__in=visible_cases(actor))
    if isinstance(actor, Actor) and actor.kind != Position.Kind.ADMINISTRATOR:
        own |= Q(organization=actor.organization)
    if visible_cases(actor).filter(pk=plan.case_id).exists():
        own |= Q(case__closed_at__isnull=False)
    return rows.filter(own)


def part_for(actor: AnyActor, year: int, part_id: int) -> DepartmentPlan:
    """One department's part of a plan. Raises NotKnown."""
    found = visible_parts(actor, plan_for(actor, year)).select_related("plan").filter(pk=part_id).first()
    if found is None:
        raise NotKnown(_("There is no plan of that year."))
    return found


def own_part(actor: AnyActor, plan: AnnualPlan) -> DepartmentPlan | None:
    """The part of the actor's own organization."""
    if not isinstance(actor, Actor):
        return None
    return plan.departments.select_related("case", "organization").filter(organization=actor.organization).first()


def visible_items(actor: AnyActor, plan: AnnualPlan) -> QuerySet[PlanItem]:
    """Items that the actor may read; of an issued plan those that stand in it, and one's own that do not."""
    rows = PlanItem.objects.filter(department_plan__in=visible_parts(actor, plan))
    if plan.issued_at is not None and not visible_cases(actor).filter(pk=plan.case_id).exists():
        standing = Q(standing=PlanItem.Standing.IN)
        if isinstance(actor, Actor):
            standing |= Q(department_plan__organization=actor.organization)
        rows = rows.filter(standing)
    return rows.select_related("department_plan__organization", "project").order_by(
        "department_plan__organization__sort_key", "department_plan_id", "pk"
    )


def groups(items: Iterable[PlanItem]) -> list[Group]:
    """By department, in their order, with sums."""
    found: dict[int, list[PlanItem]] = {}
    for item in items:
        found.setdefault(item.department_plan_id, []).append(item)
    return [
        Group(
            rows[0].department_plan.organization,
            rows,
            sum((row.amount for row in rows), Decimal(0)),
            sum((row.total for row in rows), Decimal(0)),
        )
        for rows in found.values()
    ]


def page(actor: AnyActor, plan: AnnualPlan) -> dict[str, Any]:
    """The consolidated table for one reader: what stands in the plan, what was left out, and each department's state.

    While departments are still applying, what they applied for is shown with it.
    """
    items = list(visible_items(actor, plan))
    standing = [row for row in items if row.standing != PlanItem.Standing.OUT]
    found = groups(standing)
    return {
        "plan": plan,
        "groups": found,
        "sum": sum((group.amount for group in found), Decimal(0)),
        "whole": sum((group.total for group in found), Decimal(0)),
        "left_out": [row for row in items if row.standing == PlanItem.Standing.OUT],
        "linked": linked(actor, [row.project_id for row in items]),
        "parts": [(part, state_of(part)) for part in visible_parts(actor, plan)],
        "seen_parts": set(plan.departments.filter(case__in=visible_cases(actor)).values_list("pk", flat=True)),
        "own": own_part(actor, plan),
    }


def linked(actor: AnyActor, keys: Iterable[int | None]) -> set[int]:
    """Of these projects, those whose page the actor may open."""
    named = [key for key in keys if key is not None]
    return set(visible_projects(actor).filter(pk__in=named).values_list("pk", flat=True)) if named else set()


def state_of(part: DepartmentPlan | AnnualPlan) -> str:
    """The state of a plan's case in the reader's language."""
    if part.case is None:
        return ""
    procedure = compiled(part.case.pack_version).procedure(part.case.procedure, part.case.law_day)
    return said(procedure.states[part.case.state].label)


def neighbours(part: DepartmentPlan) -> list[Project]:
    """Filed projects of the same department: one undertaking cut in two shows here."""
    named = part.items.filter(project__isnull=False).values("project")
    rows = Project.objects.filter(owner=part.organization_id, case__isnull=False).exclude(pk__in=named)
    return list(rows.order_by("-pk")[:MOST_NEIGHBOURS])


def open_items(actor: AnyActor, project: Project) -> list[PlanItem]:
    """Items of issued plans of the owner's that no project carries out yet."""
    rows = PlanItem.objects.filter(
        department_plan__organization=project.owner_id,
        department_plan__plan__issued_at__isnull=False,
        project__isnull=True,
        standing=PlanItem.Standing.IN,
    )
    return list(rows.select_related("department_plan__plan"))


def may_fill(actor: AnyActor, part: DepartmentPlan | None) -> bool:
    return part is not None and plans.may_fill(actor, part)


def knows(actor: AnyActor, procedure: str) -> bool:
    """Whether the law now in force in the actor's place has this procedure."""
    if not isinstance(actor, Actor) or actor.organization is None:
        return False
    try:
        compiled(current(actor.organization.jurisdiction.pack)).procedure(procedure, timezone.localdate())
    except (KeyError, PackVersion.DoesNotExist):
        return False
    return True


def within(actor: AnyActor, procedure: str) -> bool:
    """Whether the law now in force in the actor's place has this procedure as a step within a project's life."""
    if not isinstance(actor, Actor) or not knows(actor, procedure) or actor.organization is None:
        return False
    law = compiled(current(actor.organization.jurisdiction.pack))
    return LIFE in law.procedure(procedure, timezone.localdate()).parents
