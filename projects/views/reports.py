"""Reports on projects: filling in one that is owed, reporting at once; and what is in a project's way."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cases.selectors import can_see
from organizations.access import signed_in
from organizations.errors import NotKnown, NotPermitted, Refused
from projects import report_forms, selectors
from projects.models import PeriodicReport, Project, ProjectIssue
from projects.report_forms import IssueForm, ReportForms, SettleForm
from projects.services import reports


@require_http_methods(["GET", "POST"])
@signed_in
def report(request: HttpRequest, progress_id: int) -> HttpResponse:
    """A report that is owed, with a row for each project under way."""
    found = PeriodicReport.objects.filter(pk=progress_id).select_related("case", "organization").first()
    if found is None or found.case is None or not can_see(request.actor, found.case):
        raise NotKnown(_("There is no such report."))
    if not reports.may_fill(request.actor, found):
        raise NotPermitted(_("The report can be changed only by who owes it, until it is handed in."))
    if request.method == "GET":
        return _page(request, report_forms.of_report(found), {"report": found})
    filled = report_forms.of_report(found, request.POST)
    if not filled.is_valid():
        return _page(request, filled, {"report": found}, status=400)
    rows, places = filled.progress()
    said = filled.form.cleaned_data
    try:
        reports.save_report(request.actor, report=found, rows=rows, note=said["note"], version=said["version"])
    except Refused as refusal:
        filled.refuse(getattr(refusal, "fields", {}), str(refusal.message), places)
        return _page(request, filled, {"report": found}, status=refusal.status)
    messages.success(request, _("The report is saved. Send it to your leader once it is complete."))
    return redirect("cases:case", found.case.number)


@require_http_methods(["GET", "POST"])
@signed_in
def at_once(request: HttpRequest, project_id: int) -> HttpResponse:
    """Report what happened in one project."""
    project = selectors.project_for(request.actor, project_id)
    if not selectors.may_draft(request.actor) or project.owner_id != request.actor.organization.pk:
        raise NotPermitted(_("Progress is reported by the project's owner."))
    filled = ReportForms([project], None, request.POST if request.method == "POST" else None)
    if request.method == "GET":
        return _page(request, filled, {"project": project})
    if not filled.is_valid():
        return _page(request, filled, {"project": project}, status=400)
    rows, places = filled.progress()
    try:
        if not rows:
            raise NotPermitted(_("Say what was done."))
        case = reports.report_at_once(
            request.actor, project=project, progress=rows[0], happened_on=filled.form.cleaned_data["happened_on"]
        )
    except Refused as refusal:
        filled.refuse(getattr(refusal, "fields", {}), str(refusal.message), places)
        return _page(request, filled, {"project": project}, status=refusal.status)
    messages.success(request, _("The case is %(number)s. Your leader is asked to sign.") % {"number": case.number})
    return redirect("cases:case", case.number)


def _page(request: HttpRequest, filled: ReportForms, shown: dict[str, Any], status: int = 200) -> HttpResponse:
    return render(request, "projects/report_form.html", {"forms": filled, **shown}, status=status)


@require_http_methods(["GET", "POST"])
@signed_in
def raise_issue(request: HttpRequest, project_id: int) -> HttpResponse:
    """Note an issue or a risk of a project."""
    project = selectors.project_for(request.actor, project_id)
    shown = {"project": project, "heading": _("Note an issue or a risk"), "button": _("Note it")}
    form = IssueForm(request.POST or None)
    if request.method == "GET" or not form.is_valid():
        return _ask(request, project, form, shown)
    try:
        reports.raise_issue(request.actor, project=project, **form.cleaned_data)
    except Refused as refusal:
        form.add_error(None, str(refusal.message))
        return _ask(request, project, form, shown, status=refusal.status)
    messages.success(request, _("It is noted."))
    return redirect("projects:project", project.pk)


@require_http_methods(["GET", "POST"])
@signed_in
def settle_issue(request: HttpRequest, issue_id: int) -> HttpResponse:
    """Say how an issue or a risk was settled."""
    issue = ProjectIssue.objects.filter(pk=issue_id).first()
    if issue is None:
        raise NotKnown(_("There is no such issue."))
    project = selectors.project_for(request.actor, issue.project_id)
    shown = {"project": project, "heading": issue.title, "button": _("Settle")}
    form = SettleForm(request.POST or None)
    if request.method == "GET" or not form.is_valid():
        return _ask(request, project, form, shown)
    try:
        reports.settle_issue(request.actor, issue=issue, **form.cleaned_data)
    except Refused as refusal:
        form.add_error(None, str(refusal.message))
        return _ask(request, project, form, shown, status=refusal.status)
    messages.success(request, _("It is settled."))
    return redirect("projects:project", project.pk)


def _ask(
    request: HttpRequest, project: Project, form: forms.Form, shown: dict[str, Any], status: int | None = None
) -> HttpResponse:
    if not reports.keeps_issues(request.actor, project):
        raise NotPermitted(_("Issues and risks are noted by the project's owner while the project lives."))
    return render(
        request, "projects/plan_ask.html", {"form": form, **shown}, status=status or (400 if form.is_bound else 200)
    )
