"""What projects plug into the case engine for plans: a year's, a department's part of it, what is taken up besides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from cases import families
from cases.engine.context import Matter
from cases.families import Choice, Condition, Context, Family
from cases.models import CaseEvent
from organizations.actors import AnyActor
from projects import plan_table
from projects.in_plan import IN_PLAN
from projects.models import AnnualPlan, DepartmentPlan, DevelopmentPlan, PlanAddition, PlanItem, Project
from projects.procedures.shared import FIELDS, MONTHS_OF_A_YEAR, facts, in_words
from projects.services import plans
from statutes.definitions import Every


def _ask(test: Callable[[Any], bool], *, unmet: Any, met: Any) -> Condition:
    return Condition(lambda context: test(context.subject), unmet=unmet, met=met)


def _complete(item: PlanItem) -> bool:
    """Name, kind, basis, goals, total and what the year costs."""
    return bool(item.name and item.basis and item.goals) and item.total > 0 and item.amount > 0


def _reviewed(plan: AnnualPlan) -> bool:
    """Every project of the plan that is filed has passed the review of its plan."""
    filed = plans.items_of(plan).filter(project__case__isnull=False)
    return not filed.exclude(project__reviews__case__outcome="passed").exists()


DEPARTMENT_CONDITIONS = {
    "has_items": _ask(
        lambda row: plans.items_of(row).exists(),
        unmet=_("The plan names no project."),
        met=_("The plan names projects."),
    ),
    "items_complete": _ask(
        lambda row: all(map(_complete, plans.items_of(row))),
        unmet=_("A project of the plan lacks its basis, its goals, its total or what the year costs."),
        met=_("Each project of the plan states basis, goals, total and what the year costs."),
    ),
    "operates_only": _ask(
        lambda row: plans.items_of(row).filter(kind=Project.Kind.OPERATION).exists(),
        unmet=_("No project of the plan only keeps running what exists."),
        met=_("A project of the plan only keeps running what exists: that money comes another way."),
    ),
    "sharing_refused": _ask(
        lambda row: plans.items_of(row).filter(shares_data=False, no_sharing_reason="").exists(),
        unmet=_("Each project of the plan shares data, or says why it shares none."),
        met=_("A project of the plan shares no data and does not say why."),
    ),
}
ANNUAL_CONDITIONS = {
    "departments_done": _ask(
        lambda plan: not plan.departments.filter(case__closed_at__isnull=True).exists(),
        unmet=_("Some departments' plans are not concluded: check those handed in, the others lapse by themselves."),
        met=_("Every department's plan is concluded."),
    ),
    "has_items": DEPARTMENT_CONDITIONS["has_items"],
    "items_reviewed": _ask(
        _reviewed,
        unmet=_("A filed project of the plan has not passed the review of its own plan: wait for it or leave it out."),
        met=_("Each filed project of the plan has passed the review of its own plan."),
    ),
}


def _least_life(context: Context) -> float:
    return float(min((item.service_years or 0 for item in plans.items_of(context.subject)), default=0))


def _longest_build(context: Context) -> float:
    return max((item.build_months or 0 for item in plans.items_of(context.subject)), default=0) / MONTHS_OF_A_YEAR


def _sum(context: Context) -> float:
    return float(sum((item.amount for item in plans.items_of(context.subject)), Decimal(0)))


PLAN_FIELDS: dict[str, Callable[[Context], float]] = {
    "service_life_years": _least_life,
    "build_period_years": _longest_build,
    "total_investment": _sum,
}
"""Thresholds look at the project that keeps them worst; amounts are summed, in yuan."""


def _choices(subject: Any, events: Sequence[CaseEvent]) -> list[Choice]:
    rows = plans.items_of(subject).select_related("department_plan__organization")
    return [
        Choice(str(item.pk), f"{item.department_plan.organization.shown_short_name} · {item.name}") for item in rows
    ]


def _plan_facts(plan: AnnualPlan) -> list[tuple[str, str]]:
    groups = plan_table.groups(plans.items_of(plan))
    return [
        (_now("Year of the plan"), str(plan.year)),
        *((group.organization.shown_name, in_words(group.amount)) for group in groups),
        (_now("Sum"), in_words(sum((group.amount for group in groups), Decimal(0)))),
    ]


def _department_facts(row: DepartmentPlan) -> list[tuple[str, str]]:
    return [
        (_now("Year of the plan"), str(row.plan.year)),
        (_now("Department"), row.organization.shown_name),
        *((item.name, in_words(item.amount)) for item in row.items.all()),
    ]


def _filing_facts(row: DevelopmentPlan) -> list[tuple[str, str]]:
    return [
        (_now("Title of the plan"), row.title),
        (_now("Years"), f"{row.first_year}–{row.last_year}"),
        (_now("Information systems that it touches"), row.systems),
    ]


def _annual_panel(matter: Matter, actor: AnyActor) -> dict[str, Any]:
    return plan_table.page(actor, matter.subject)


def _department_panel(matter: Matter, actor: AnyActor) -> dict[str, Any]:
    row: DepartmentPlan = matter.subject
    items = list(row.items.all())
    return {
        "part": row,
        "items": items,
        "linked": plan_table.linked(actor, [item.project_id for item in items]),
        "may_fill": plans.may_fill(actor, row),
        "neighbours": plan_table.neighbours(row),
    }


def _addition_panel(matter: Matter, actor: AnyActor) -> dict[str, Any]:
    return {"addition": matter.subject, "project": matter.subject.project}


def _filing_panel(matter: Matter, actor: AnyActor) -> dict[str, Any]:
    return {"filing": matter.subject}


def _named_period(every: Every, on: date) -> tuple[str, str]:
    """A plan is made in the year before its own."""
    return f"{on.year + 1}年", str(on.year + 1)


def _annual() -> Family:
    return Family(
        id=plans.ANNUAL,
        prefix="JH",
        label=_("annual plan"),
        subject_model=AnnualPlan,
        link=plans.link_case,
        spawn=plans.spawn_plan,
        conditions=ANNUAL_CONDITIONS,
        effects={"issue_plan": plans.issue_plan, "leave_out_items": plans.leave_out_items},
        fields=PLAN_FIELDS,
        items=_choices,
        panel="projects/_plan_panel.html",
        panel_context=_annual_panel,
        facts=_plan_facts,
        period=_named_period,
    )


def _department() -> Family:
    return Family(
        id=plans.DEPARTMENT,
        prefix="BJ",
        label=_("department's plan"),
        subject_model=DepartmentPlan,
        link=plans.link_case,
        spawn=plans.spawn_department_plan,
        conditions=DEPARTMENT_CONDITIONS,
        effects={
            "take_up_items": plans.take_up_items,
            "refuse_items": plans.refuse_items,
            "leave_out_items": plans.leave_out_items,
        },
        fields=PLAN_FIELDS,
        items=_choices,
        panel="projects/_plan_part_panel.html",
        panel_context=_department_panel,
        related=("plan", "organization"),
        facts=_department_facts,
    )


def _addition() -> Family:
    return Family(
        id=plans.ADDITION,
        prefix="ZX",
        label=_("project outside the plan"),
        subject_model=PlanAddition,
        link=plans.link_case,
        conditions=IN_PLAN,
        fields=FIELDS,
        panel="projects/_plan_addition_panel.html",
        panel_context=_addition_panel,
        related=("project",),
        facts=facts,
    )


def _filing() -> Family:
    return Family(
        id=plans.FILING,
        prefix="GH",
        label=_("filing of a development plan"),
        subject_model=DevelopmentPlan,
        link=plans.link_case,
        panel="projects/_plan_filing_panel.html",
        panel_context=_filing_panel,
        related=("organization", "paper"),
        facts=_filing_facts,
    )


def register() -> None:
    """Called once when the app is ready."""
    for family in (_annual(), _department(), _addition(), _filing()):
        families.register(family)
