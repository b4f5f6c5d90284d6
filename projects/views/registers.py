"""The register of projects, and the page of one."""

from __future__ import annotations

from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from cases import page as cases
from organizations.access import signed_in
from organizations.paging import one_page
from projects import selectors, services
from projects.board import board
from projects.models import Project

LISTING = "projects"
ORDER = ("code", "pk")
FILTERS = ("q", "kind", "state", "year")


@require_safe
@signed_in
def project_list(request: HttpRequest) -> HttpResponse:
    """Filed projects by number, with what they cost together; above them my organization's drafts."""
    given = {name: request.GET.get(name, "")[:100] for name in FILTERS}
    rows = selectors.found_projects(request.actor, given)
    context = {
        "page": one_page(rows, ORDER, request.GET.get("cursor", ""), LISTING),
        "sum": rows.aggregate(sum=Sum("total"))["sum"],
        "given": given,
        "kinds": Project.Kind.choices,
        "states": selectors.stages_of(request.actor),
        "drafts": selectors.drafts(request.actor),
        "may_draft": selectors.may_draft(request.actor),
    }
    return render(request, "projects/projects.html", context)


@require_safe
@signed_in
def project_board(request: HttpRequest) -> HttpResponse:
    """Filed projects by the stage in which they stand, with what is due next."""
    return render(request, "projects/board.html", {"columns": board(request.actor, timezone.now())})


@require_safe
@signed_in
def project_page(request: HttpRequest, project_id: int) -> HttpResponse:
    """One project: its stages, plan, money by year, cases with their due dates, and what stands beside it."""
    project = selectors.project_for(request.actor, project_id)
    now = timezone.now()
    own = project.owner_id == getattr(request.actor.organization, "pk", None)
    context = {
        "project": project,
        "stages": selectors.stages(project),
        "years": list(project.years.all()),
        "promises": list(project.promises.select_related("resource")),
        "systems": list(project.systems.all()),
        "documents": list(project.documents.select_related("attachment")),
        "partners": list(project.co_builders.all()),
        "cases": cases.rows(list(cases.listed(selectors.cases_of(request.actor, project))), now),
        "neighbours": selectors.neighbours(project),
        "may_amend": services.may_amend(request.actor, project),
        "may_submit": own and selectors.may_submit(request.actor, project),
    }
    return render(request, "projects/project.html", context)
