"""Annual plans: the list by year, one plan with its consolidated table, a department's part, and what lies beside."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases.models import Case
from cases.selectors import can_see
from cases.services import store_attachment
from organizations.access import signed_in
from organizations.errors import NotKnown, NotPermitted, Refused
from projects import plan_table, selectors
from projects.models import DepartmentPlan
from projects.plan_forms import AdditionForm, DepartmentPlanForms, FilingForm, rearranged
from projects.plan_sheet import sheet
from projects.services import plans


@require_safe
@signed_in
def plan_list(request: HttpRequest) -> HttpResponse:
    """The plans of the place, newest year first."""
    rows = [
        (plan, plan_table.state_of(plan)) for plan in plan_table.with_figures(plan_table.visible_plans(request.actor))
    ]
    may_file = selectors.may_draft(request.actor) and plan_table.knows(request.actor, plans.FILING)
    return render(request, "projects/plans.html", {"rows": rows, "may_file": may_file})


@require_safe
@signed_in
def plan_page(request: HttpRequest, year: int) -> HttpResponse:
    """One plan: the consolidated table as far as the reader may read it, and where each department stands."""
    plan = plan_table.plan_for(request.actor, year)
    context = plan_table.page(request.actor, plan)
    context |= {
        "state": plan_table.state_of(plan),
        "sees_case": plan.case is not None and can_see(request.actor, plan.case),
        "may_fill": plan_table.may_fill(request.actor, context["own"]),
    }
    return render(request, "projects/plan.html", context)


@require_safe
@signed_in
def plan_sheet(request: HttpRequest, year: int) -> HttpResponse:
    """The consolidated table as a workbook."""
    return sheet(request.actor, plan_table.plan_for(request.actor, year))


@require_http_methods(["GET", "POST"])
@signed_in
def plan_part(request: HttpRequest, year: int, part_id: int) -> HttpResponse:
    """A department's part: rows are added and removed without losing what was typed."""
    part = plan_table.part_for(request.actor, year, part_id)
    if not plans.may_fill(request.actor, part):
        raise NotPermitted(_("The department's plan can be changed only by the department, until it is handed in."))
    if request.method == "GET":
        return _part_page(request, part, DepartmentPlanForms(request.actor, part))
    if "add" in request.POST or "remove" in request.POST:
        named = request.POST.get("remove", "")
        data = rearranged(request.POST, add="add" in request.POST, remove=int(named) if named.isdecimal() else None)
        return _part_page(request, part, DepartmentPlanForms(request.actor, part, data))
    return _save_part(request, part)


def _save_part(request: HttpRequest, part: DepartmentPlan) -> HttpResponse:
    forms_ = DepartmentPlanForms(request.actor, part, request.POST)
    if not forms_.is_valid():
        return _part_page(request, part, forms_, status=400)
    items, places = forms_.items()
    said = forms_.form.cleaned_data
    try:
        plans.save_department_plan(
            request.actor, department_plan=part, items=items, note=said["note"], version=said["version"]
        )
    except Refused as refusal:
        forms_.refuse(getattr(refusal, "fields", {}), str(refusal.message), places)
        return _part_page(request, part, forms_, status=refusal.status)
    messages.success(request, _("The plan is saved. Send it to your leader once it is complete."))
    return redirect("cases:case", part.case.number)


def _part_page(
    request: HttpRequest, part: DepartmentPlan, forms_: DepartmentPlanForms, status: int = 200
) -> HttpResponse:
    return render(request, "projects/plan_form.html", {"part": part, "forms": forms_}, status=status)


@require_http_methods(["GET", "POST"])
@signed_in
def addition(request: HttpRequest, project_id: int) -> HttpResponse:
    """Ask that a project is taken up outside the plan."""
    project = selectors.project_for(request.actor, project_id)
    form = AdditionForm(request.POST or None, initial={"year": timezone.localdate().year})
    shown = {
        "project": project,
        "heading": _("Project outside the plan"),
        "button": _("Apply; your leader signs"),
    }
    if request.method == "GET" or not form.is_valid():
        return _ask(request, form, shown)
    try:
        case = plans.apply_for_addition(request.actor, project=project, **form.cleaned_data)
    except Refused as refusal:
        return _refused(request, form, shown, refusal)
    return _opened(request, case)


@require_http_methods(["GET", "POST"])
@signed_in
def filing(request: HttpRequest) -> HttpResponse:
    """File a plan of several years."""
    if not selectors.may_draft(request.actor):
        raise NotPermitted(_("Projects are drafted by a handler. Switch to such a position, or ask for one."))
    if not plan_table.knows(request.actor, plans.FILING):
        raise NotKnown(_("The law of this place has no such filing."))
    form = FilingForm(request.POST or None, request.FILES or None)
    shown = {"heading": _("File a development plan"), "button": _("File; your leader signs")}
    if request.method == "GET" or not form.is_valid():
        return _ask(request, form, shown)
    said = dict(form.cleaned_data)
    upload = said.pop("paper")
    try:
        paper = (
            store_attachment(request.actor, name=upload.name, stream=upload.file, size=upload.size) if upload else None
        )
        case = plans.file_development_plan(request.actor, **said, paper=paper)
    except Refused as refusal:
        return _refused(request, form, shown, refusal)
    return _opened(request, case)


@require_POST
@signed_in
def carry_out(request: HttpRequest, project_id: int) -> HttpResponse:
    """Say that a project is the one that an issued plan intended."""
    project = selectors.project_for(request.actor, project_id)
    named = request.POST.get("item", "")
    item = next((row for row in plan_table.open_items(request.actor, project) if str(row.pk) == named), None)
    try:
        if item is None:
            raise NotPermitted(_("Choose an item of an issued plan that no project carries out yet."))
        plans.carry_out_item(request.actor, item=item, project=project)
        messages.success(request, _("The project carries out “%(name)s” of the plan.") % {"name": item.name})
    except Refused as refusal:
        messages.error(request, str(refusal.message))
    return redirect("projects:project", project.pk)


def _opened(request: HttpRequest, case: Case) -> HttpResponse:
    messages.success(request, _("The case is %(number)s. Your leader is asked to sign.") % {"number": case.number})
    return redirect("cases:case", case.number)


def _ask(request: HttpRequest, form: forms.Form, shown: dict[str, Any], status: int | None = None) -> HttpResponse:
    status = status or (400 if form.is_bound else 200)
    return render(request, "projects/plan_ask.html", {"form": form, **shown}, status=status)


def _refused(request: HttpRequest, form: forms.Form, shown: dict[str, Any], refusal: Refused) -> HttpResponse:
    fields = getattr(refusal, "fields", {})
    for name, problem in fields.items():
        form.add_error(name if name in form.fields else None, str(problem))
    if not fields:
        form.add_error(None, str(refusal.message))
    return _ask(request, form, shown, refusal.status)
