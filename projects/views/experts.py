"""Pages of the expert library, and calling a panel from the review of a plan."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cases.selectors import case_by_number
from cases.views.handling import render_case
from organizations.access import signed_in
from organizations.actors import Actor
from organizations.errors import BadInput, Conflict, NotKnown, NotPermitted, Refused
from projects import library
from projects.expert_forms import ExpertForm
from projects.models import Expert, ProjectReview
from projects.services import experts, panels

PAGE_SIZE = 50


@require_GET
@signed_in
def expert_list(request: HttpRequest) -> HttpResponse:
    """The library of the place; an expert comes to the own entry."""
    if not library.may_read(request.actor):
        own = library.experts(request.actor).first()
        if own is None:
            raise NotPermitted(_("The expert library is kept by the organ that holds the reviews."))
        return redirect("projects:expert", own.pk)
    query, of_field, active = (request.GET.get(name, "").strip()[:100] for name in ("q", "field", "active"))
    found = library.found_experts(request.actor, query=query, of_field=of_field, active=active)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "rows": [(expert, labels(expert)) for expert in page],
        "pages": page,
        "query": query,
        "of_field": of_field,
        "active": active,
        "fields": Expert.Field.choices,
        "may_keep": library.may_keep(request.actor),
        "narrowed": bool(query or of_field or active),
    }
    return render(request, "projects/experts.html", context)


@require_GET
@signed_in
def expert_page(request: HttpRequest, expert_id: int) -> HttpResponse:
    expert = library.expert_for(request.actor, expert_id)
    context = {
        "expert": expert,
        "labels": labels(expert),
        "seats": library.seats_of(request.actor, expert),
        "may_keep": library.may_keep(request.actor),
    }
    return render(request, "projects/expert.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def add_expert(request: HttpRequest) -> HttpResponse:
    return _edit(request, None)


@require_http_methods(["GET", "POST"])
@signed_in
def change_expert(request: HttpRequest, expert_id: int) -> HttpResponse:
    return _edit(request, library.expert_for(request.actor, expert_id))


def _edit(request: HttpRequest, expert: Expert | None) -> HttpResponse:
    """The form, and after what was wrong the form again with what was typed."""
    actor: Actor = request.actor
    if not library.may_keep(actor):
        raise NotPermitted(_("The expert library is kept by the organ that holds the reviews."))
    form = ExpertForm(actor, expert, request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                saved = _save(actor, expert, form)
            except (BadInput, Conflict) as refusal:
                status = refusal.status
                form.blame(getattr(refusal, "fields", {}) or {"": refusal.message})
            else:
                messages.success(request, _("Saved."))
                return redirect("projects:expert", saved.pk)
    return render(request, "projects/expert_form.html", {"form": form, "expert": expert}, status=status)


def _save(actor: Actor, expert: Expert | None, form: ExpertForm) -> Expert:
    if expert is None:
        return experts.add_expert(actor, user_id=form.cleaned_data["user"], about=form.about())
    version = form.cleaned_data["version"]
    return experts.change_expert(actor, expert_id=expert.pk, about=form.about(), version=version)


@require_POST
@signed_in
def switch_expert(request: HttpRequest, expert_id: int) -> HttpResponse:
    """Take an expert out of the draw, or back into it."""
    expert = library.expert_for(request.actor, expert_id)
    about = experts.said_of(expert, active=not expert.active)
    version = request.POST.get("version", "")
    experts.change_expert(
        request.actor,
        expert_id=expert.pk,
        about=about,
        version=int(version) if version.isdecimal() else expert.version,
    )
    messages.success(request, _("Saved."))
    return redirect("projects:expert", expert.pk)


@require_POST
@signed_in
def call_panel(request: HttpRequest, number: str) -> HttpResponse:
    """Call a panel of experts from the page of the plan's review; then that panel's case."""
    case = case_by_number(request.actor, number)
    review = ProjectReview.objects.filter(case=case).first()
    if review is None:
        raise NotKnown(_("There is no such case."))
    try:
        panel = panels.begin_panel(request.actor, plan_review=review)
    except Refused as refusal:
        return render_case(request, case, refusal=refusal)
    messages.success(request, _("A panel of experts was called."))
    return redirect("cases:case", panel.number)


def labels(expert: Expert) -> str:
    """The expert's fields in words."""
    return _(", ").join(str(Expert.Field(value).label) for value in expert.fields)
