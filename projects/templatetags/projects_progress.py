"""Progress, issues and the annual plan on the page of a project."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils import timezone

from projects import in_plan, plan_table, selectors
from projects.living import living, state_of
from projects.models import Project
from projects.services import plans, reports

register = template.Library()


@register.inclusion_tag("projects/_progress.html", takes_context=True)
def project_progress(context: dict[str, Any], project: Project) -> dict[str, Any]:
    """How far a filed project is, what is in its way, and in which plan it stands; with what its reader may do."""
    actor = context["request"].actor
    own = selectors.may_draft(actor) and project.owner_id == actor.organization.pk
    items = list(in_plan.plan_items(project))
    additions = list(in_plan.additions(project))
    outside = not items and not additions
    under_way = own and living(project.owner).filter(pk=project.pk).exists()
    return {
        "request": context["request"],
        "csrf_token": context.get("csrf_token", ""),
        "project": project,
        "state": state_of(actor, project),
        "today": timezone.localdate(),
        "may_keep": reports.keeps_issues(actor, project),
        "may_report": under_way and plan_table.within(actor, reports.AT_ONCE),
        "plan_items": items,
        "additions": additions,
        "open_items": plan_table.open_items(actor, project) if own and outside else [],
        "may_add": own and outside and not project.case.closed_at and plan_table.within(actor, plans.ADDITION),
    }
