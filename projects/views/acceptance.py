"""Beginning the acceptance of a project, handing in its papers, and naming the entries that hold promised data."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from cases.models import Case
from cases.page import said as said_of
from cases.selectors import case_by_number
from cases.services import store_attachment
from organizations.access import signed_in
from organizations.errors import BadInput, NotKnown, Refused
from projects import opening, selectors
from projects.contract_forms import StepForm
from projects.models import Acceptance
from projects.services import acceptance as services
from projects.views.beginning import Page, answer


@require_http_methods(["GET", "POST"])
@signed_in
def begin(request: HttpRequest, project_id: int) -> HttpResponse:
    """The form that begins an acceptance: what the law of the place asks."""
    project = selectors.project_for(request.actor, project_id)
    least = Acceptance(project=project)
    door = opening.door(request.actor, family=services.ACCEPTANCE, project=project, subject=least)

    def start(said: StepForm, given: dict[str, Any]) -> Case:
        return services.begin_acceptance(request.actor, project=project, given=given, **said.beside())

    page = Page(project, door, _("Acceptance of the project"), said_of(door.action.label), start)
    return answer(request, page, StepForm(door, request.POST or None, request.FILES or None))


@require_POST
@signed_in
def add_paper(request: HttpRequest, number: str) -> HttpResponse:
    row = _acceptance(request, number)
    upload: Any = request.FILES.get("paper")
    try:
        if upload is None:
            raise BadInput(_("Choose a file."), {"paper": _("This is required.")})
        stored = store_attachment(request.actor, name=upload.name, stream=upload.file, size=upload.size)
        services.add_paper(request.actor, acceptance=row, kind=request.POST.get("kind", ""), attachment=stored)
        messages.success(request, _("The paper is in the file."))
    except Refused as refusal:
        messages.error(request, _why(refusal))
    return redirect("cases:case", number)


@require_POST
@signed_in
def link_promise(request: HttpRequest, number: str, promise_id: int) -> HttpResponse:
    """Say which entry of the catalogue holds what was promised."""
    row = _acceptance(request, number)
    promise = row.project.promises.filter(pk=promise_id).first()
    chosen = request.POST.get("resource", "")
    resource = services.linkable(row.project).filter(pk=chosen).first() if chosen.isdecimal() else None
    try:
        if promise is None or resource is None:
            raise BadInput(_("There is no such entry in the catalogue."))
        services.link_promise(request.actor, promise=promise, resource=resource)
        messages.success(request, _("“%(title)s” is in %(code)s.") % {"title": promise.title, "code": resource.code})
    except Refused as refusal:
        messages.error(request, _why(refusal))
    return redirect("cases:case", number)


def _acceptance(request: HttpRequest, number: str) -> Acceptance:
    case = case_by_number(request.actor, number)
    found = Acceptance.objects.select_related("case", "project__owner").filter(case=case).first()
    if found is None:
        raise NotKnown(_("There is no such acceptance."))
    return found


def _why(refusal: Refused) -> str:
    said = [str(problem) for problem in getattr(refusal, "fields", {}).values()]
    return " ".join(said) or str(refusal.message)
