"""Reporting a defect, beginning an evaluation, and how projects in use are doing."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from cases.models import Case
from organizations.access import signed_in
from organizations.paging import one_page
from projects import afterlife as reading
from projects import in_use as using
from projects import opening, selectors
from projects.contract_forms import StepForm, text_field
from projects.models import Contract, Defect, Evaluation, Project
from projects.opening import Door
from projects.services import afterlife as services
from projects.views.beginning import Page, answer

LISTING = "projects.in_use"
ORDER = ("code", "pk")
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BY_HAND = [(kind.value, kind.label) for kind in Evaluation.Kind if kind != Evaluation.Kind.AFTER_YEAR]


class DefectForm(StepForm):
    """What does not work, and under which contract it is answered for."""

    contract = forms.ModelChoiceField(label=_("Contract"), queryset=Contract.objects.none())
    title = forms.CharField(label=_("Defect"), max_length=200)
    description = text_field(_("What does not work"), required=True)

    def __init__(self, door: Door, project: Project, *args: Any, **kwargs: Any) -> None:
        super().__init__(door, *args, **kwargs)
        chosen: Any = self.fields["contract"]
        chosen.queryset = reading.under_contract(project)
        chosen.label_from_instance = lambda contract: f"{contract} · {contract.firm.name}"


class EvaluationForm(StepForm):
    """Which evaluation of which year."""

    kind = forms.ChoiceField(label=_("Kind of evaluation"), choices=BY_HAND)
    year = forms.IntegerField(label=_("Year"), min_value=2000, max_value=2100)


@require_http_methods(["GET", "POST"])
@signed_in
def report_defect(request: HttpRequest, project_id: int) -> HttpResponse:
    """Report what does not work in a project that is in use."""
    project = selectors.project_for(request.actor, project_id)
    contract = reading.under_contract(project).first()
    if contract is None:
        why = _now("The project has no signed contract under which a defect could be answered for.")
        heading = _now("Report a defect")
        return render(request, "projects/step_nothing.html", {"project": project, "heading": heading, "why": why})
    least = Defect(project=project, contract=contract, title="…", description="…")
    door = opening.door(request.actor, family=services.DEFECT, project=project, subject=least)

    def begin(said: DefectForm, given: dict[str, Any]) -> Case:
        words = {name: said.cleaned_data[name] for name in ("contract", "title", "description")}
        return services.report_defect(request.actor, **words, given=given, **said.beside())

    page = Page(project, door, _now("Report a defect"), _now("Report the defect"), begin)
    return answer(request, page, DefectForm(door, project, request.POST or None, request.FILES or None))


@require_http_methods(["GET", "POST"])
@signed_in
def begin_evaluation(request: HttpRequest, project_id: int) -> HttpResponse:
    """Begin to evaluate a project that is in use."""
    project = selectors.project_for(request.actor, project_id)
    year = timezone.localdate().year
    least = Evaluation(project=project, kind=Evaluation.Kind.USE, year=year)
    door = opening.door(request.actor, family=services.EVALUATION, project=project, subject=least)

    def begin(said: EvaluationForm, given: dict[str, Any]) -> Case:
        chosen = {name: said.cleaned_data[name] for name in ("kind", "year")}
        return services.begin_evaluation(request.actor, project=project, **chosen, given=given, **said.beside())

    page = Page(project, door, _now("Evaluate this project"), _now("Begin the evaluation"), begin)
    form = EvaluationForm(door, request.POST or None, request.FILES or None, initial={"year": year})
    return answer(request, page, form)


@require_safe
@signed_in
def in_use(request: HttpRequest) -> HttpResponse:
    """Accepted projects: warranty, promises kept, last evaluation."""
    page = one_page(using.accepted_projects(request.actor), ORDER, request.GET.get("cursor", ""), LISTING)
    rows = using.standing_of(page.rows, timezone.now())
    return render(request, "projects/in_use.html", {"page": page, "rows": rows, "today": timezone.localdate()})


@require_safe
@signed_in
def in_use_sheet(request: HttpRequest) -> HttpResponse:
    """The same as a workbook."""
    projects = list(using.accepted_projects(request.actor).order_by(*ORDER))
    response = HttpResponse(using.sheet(using.standing_of(projects, timezone.now())), content_type=EXCEL)
    response["Content-Disposition"] = 'attachment; filename="projects-in-use.xlsx"'
    return response
