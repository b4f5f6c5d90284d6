"""The register of projects, and the page of one."""

from __future__ import annotations

from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from cases import families
from cases import page as cases
from cases.views.filters import beginning, filter_context
from cases.views.known import drop_unknown
from organizations.access import signed_in
from organizations.paging import one_page
from projects import gantt, overview, register, selectors, services, standing
from projects.board import board, card_of
from projects.models import Project
from projects.register_sheet import sheet

LISTING = "projects"


@require_safe
@signed_in
def project_list(request: HttpRequest) -> HttpResponse:
    """Filed projects with what they cost together; every filter lives in the address, `export=csv` or `xlsx`."""
    if (start := beginning(request, LISTING)) is not None:
        return start
    actor, now = request.actor, timezone.now()
    states = selectors.stages_of(actor)
    dropped = drop_unknown(request, register.known(actor, states))
    given = {name: request.GET.get(name, "")[: register.LONGEST_TEXT] for name in register.KEYS}
    rows = register.found_projects(actor, given, now)
    listed, order = register.ordered(rows, given["sort"])
    if (kind := request.GET.get("export", "")) in ("csv", "xlsx"):
        return sheet(actor, listed.order_by(*order), dict(states), kind, now)
    listing = f"{LISTING}.{given['sort']}" if given["sort"] else LISTING
    page = one_page(listed, order, request.GET.get("cursor", ""), listing)
    due = selectors.dues(actor, page.rows)
    context = {
        "page": page,
        "cards": [card_of(project, due.get(project.case_id), now) for project in page.rows],
        "sum": rows.aggregate(sum=Sum("total"))["sum"],
        "given": given,
        "dropped": dropped,
        "wrong": register.wrong_way_round(given),
        "kinds": Project.Kind.choices,
        "fundings": Project.Funding.choices,
        "states": states,
        "owners": register.owners_in(actor),
        "partners": register.partners_in(actor),
        "drafts": selectors.drafts(actor),
        "may_draft": selectors.may_draft(actor),
        **filter_context(request, LISTING),
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
    seen = list(cases.listed(selectors.cases_of(request.actor, project)))
    planning = not standing.approved_of(project)
    context = {
        "known": overview.overview(request.actor, seen, now),
        "money_years": overview.years_of([project.pk]),
        "alike_systems": overview.like_systems(request.actor, project) if planning else [],
        "alike_projects": overview.like_projects(request.actor, project) if planning else [],
        "project": project,
        "stages": selectors.stages(project),
        "years": list(project.years.all()),
        "promises": list(project.promises.select_related("resource")),
        "systems": list(project.systems.all()),
        "documents": list(project.documents.select_related("attachment")),
        "partners": list(project.co_builders.all()),
        "cases": cases.rows(seen, now),
        "neighbours": selectors.neighbours(project),
        "may_amend": services.may_amend(request.actor, project),
        "may_submit": own and selectors.may_submit(request.actor, project),
    }
    return render(request, "projects/project.html", context)


@require_safe
@signed_in
def project_times(request: HttpRequest, project_id: int) -> HttpResponse:
    """Planned and actual times of a project's building, contracts and cases."""
    project, now = selectors.project_for(request.actor, project_id), timezone.now()
    seen = list(cases.listed(selectors.cases_of(request.actor, project)))
    labels = {case.pk: f"{families.get(case.family).label} · {case.number}" for case in seen}
    chart = gantt.of_project(project, seen, labels, timezone.localdate(now))
    return render(request, "projects/gantt.html", {"project": project, "chart": chart})


@require_safe
@signed_in
def list_times(request: HttpRequest) -> HttpResponse:
    """Planned and actual times of the projects that an address narrows the register to."""
    now = timezone.now()
    drop_unknown(request, register.known(request.actor))
    rows, order = register.ordered(register.found_projects(request.actor, request.GET, now), "")
    page = one_page(rows, order, request.GET.get("cursor", ""), f"{LISTING}.times")
    chart = gantt.of_projects(list(page.rows), timezone.localdate(now))
    return render(request, "projects/gantt.html", {"page": page, "chart": chart})
