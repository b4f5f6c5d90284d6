"""Drafting, filing, amending a project, and sending its plan to review."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from cases.services import store_attachment
from organizations.access import signed_in
from organizations.errors import NotPermitted, Refused
from projects import selectors, services
from projects.forms import PlanForms
from projects.models import Project
from projects.services import Paper


@require_http_methods(["GET", "POST"])
@signed_in
def new_project(request: HttpRequest) -> HttpResponse:
    """A new project: saved as a draft, or filed at once."""
    if not selectors.may_draft(request.actor):
        raise NotPermitted(_("Projects are drafted by a handler. Switch to such a position, or ask for one."))
    return _edit(request, None)


@require_http_methods(["GET", "POST"])
@signed_in
def draft(request: HttpRequest, project_id: int) -> HttpResponse:
    return _edit(request, selectors.draft_for(request.actor, project_id))


@require_http_methods(["GET", "POST"])
@signed_in
def amend(request: HttpRequest, project_id: int) -> HttpResponse:
    """Change the plan of a filed project while it is with its owner."""
    project = selectors.project_for(request.actor, project_id)
    if not services.may_amend(request.actor, project):
        raise NotPermitted(_("The plan can be changed only by its owner, and not while it is under review."))
    return _edit(request, project)


@require_POST
@signed_in
def discard(request: HttpRequest, project_id: int) -> HttpResponse:
    services.discard_draft(request.actor, draft=selectors.draft_for(request.actor, project_id))
    messages.success(request, _("The draft is thrown away."))
    return redirect("projects:projects")


@require_POST
@signed_in
def submit(request: HttpRequest, project_id: int) -> HttpResponse:
    """Send the plan to review; a case of its own opens within the project's life."""
    project = selectors.project_for(request.actor, project_id)
    try:
        case = services.submit_for_review(request.actor, project=project)
    except Refused as refusal:
        messages.error(request, str(refusal.message))
        return redirect("projects:project", project.pk)
    messages.success(request, _("The review is %(number)s. Your leader is asked to sign.") % {"number": case.number})
    return redirect("cases:case", case.number)


def _edit(request: HttpRequest, project: Project | None) -> HttpResponse:
    if request.method == "GET":
        return _page(request, PlanForms(request.actor, project))
    forms = PlanForms(request.actor, project, request.POST, request.FILES)
    if not forms.is_valid():
        return _page(request, forms, status=400)
    try:
        return _save(request, forms, project)
    except Refused as refusal:
        forms.refuse(getattr(refusal, "fields", {}), str(refusal.message))
        return _page(request, forms, status=refusal.status)


def _save(request: HttpRequest, forms: PlanForms, project: Project | None) -> HttpResponse:
    version = forms.form.cleaned_data["version"]
    plan = forms.plan(_papers(request, forms))
    if project is not None and project.case_id is not None:
        services.amend_plan(request.actor, project=project, plan=plan, version=version)
        messages.success(request, _("The plan is changed."))
        return redirect("projects:project", project.pk)
    saved = services.save_draft(request.actor, plan=plan, draft=project, version=version)
    if "file" not in request.POST:
        messages.success(request, _("The draft is saved."))
        return redirect("projects:draft", saved.pk)
    try:
        services.file_project(request.actor, draft=saved)
    except Refused as refusal:
        messages.error(request, str(refusal.message))
        return redirect("projects:draft", saved.pk)
    messages.success(request, _("The project is filed as %(code)s.") % {"code": _code_of(saved)})
    return redirect("projects:project", saved.pk)


def _code_of(project: Project) -> str:
    project.refresh_from_db(fields=["code"])
    return project.code or ""


def _papers(request: HttpRequest, forms: PlanForms) -> list[Paper]:
    """The paper handed in now; those of before stay with the project."""
    upload = forms.form.cleaned_data.get("paper")
    if not upload:
        return []
    stored = store_attachment(request.actor, name=upload.name, stream=upload.file, size=upload.size)
    return [Paper(forms.form.cleaned_data["paper_kind"], stored.pk)]


def _page(request: HttpRequest, forms: PlanForms, status: int = 200) -> HttpResponse:
    return render(request, "projects/form.html", {"forms": forms, "project": forms.project}, status=status)
