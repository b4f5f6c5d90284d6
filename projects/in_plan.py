"""Whether a project may be procured: it stands in an issued plan, or was taken up outside one.

Steps that depend on it name `in_annual_plan` in their packs; `IN_PLAN` goes into the conditions of their family.
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from cases.families import Condition, Context
from projects.models import PlanAddition, PlanItem, Project

TAKEN_UP = "approved"
"""Outcome of an application outside the plan."""


def plan_items(project: Project) -> QuerySet[PlanItem]:
    """Items of issued plans that the project carries out, newest plan first."""
    rows = PlanItem.objects.filter(project=project, standing=PlanItem.Standing.IN)
    issued = rows.filter(department_plan__plan__issued_at__isnull=False)
    return issued.select_related("department_plan__plan").order_by("-department_plan__plan__year")


def additions(project: Project) -> QuerySet[PlanAddition]:
    """Applications of the project to be taken up outside the plan that were agreed to."""
    return PlanAddition.objects.filter(project=project, case__outcome=TAKEN_UP)


def in_annual_plan(project: Project) -> bool:
    """Whether the project stands in an issued annual plan, or was taken up outside one."""
    return plan_items(project).exists() or additions(project).exists()


def _asked(context: Context) -> bool:
    subject: Any = context.subject
    return in_annual_plan(subject if isinstance(subject, Project) else subject.project)


IN_PLAN = {
    "in_annual_plan": Condition(
        _asked,
        unmet=_("The project stands in no issued annual plan and was not taken up outside one."),
        met=_("The project stands in an issued annual plan already, or was taken up outside one."),
    )
}
