"""Several cases at once: the summary before the one confirmation, the result after it, and naming who handles them."""

from __future__ import annotations

import secrets

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from cases import bulk, selectors
from cases.inputs import TEXT_LENGTH
from cases.services.assigning import assign, assign_many
from cases.services.bulk import Pick, act_on_many
from cases.views.handling import render_case
from organizations.access import holds
from organizations.errors import BadInput, Refused


def _to_list() -> HttpResponseRedirect:
    return HttpResponseRedirect(f"{reverse('cases:list')}?box=todo")


@require_http_methods(["GET", "HEAD", "POST"])
@holds()
def summary(request: HttpRequest) -> HttpResponse:
    """What would be done to each selected case and by when it is due; nothing is written yet."""
    if request.method != "POST":
        return _to_list()
    return _summary(request, request.POST.getlist("case"))


def _summary(request: HttpRequest, numbers: list[str], refusal: Refused | None = None) -> HttpResponse:
    try:
        entries = bulk.plan(request.actor, numbers, timezone.now())
    except BadInput as refused:
        entries, refusal = [], refused
    ready = [entry for entry in entries if entry.actions]
    needs_opinion = any(action.inputs.get("opinion") == "required" for entry in ready for action in entry.actions[:1])
    context = {
        "ready": ready,
        "left_out": [entry for entry in entries if not entry.actions],
        "key": request.POST.get("key") or secrets.token_urlsafe(12),
        "opinion": request.POST.get("opinion", ""),
        "needs_opinion": needs_opinion,
        "most_characters": TEXT_LENGTH,
        "refusal": refusal,
    }
    return render(request, "cases/bulk.html", context, status=refusal.status if refusal else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@holds()
def take(request: HttpRequest) -> HttpResponse:
    """Take the act on each case that the summary named; the page says what became of each."""
    if request.method != "POST":
        return _to_list()
    numbers = request.POST.getlist("case")
    picks = [
        Pick(number, _number(request.POST.get(f"version-{number}", "")), request.POST.get(f"action-{number}", ""))
        for number in numbers
    ]
    try:
        outcomes = act_on_many(
            request.actor,
            picks=picks,
            opinion=request.POST.get("opinion", ""),
            idempotency_key=request.POST.get("key", "")[:100],
        )
    except BadInput as refused:
        return _summary(request, numbers, refused)
    context = {
        "outcomes": outcomes,
        "done": sum(outcome.done for outcome in outcomes),
        "refused": sum(not outcome.done for outcome in outcomes),
    }
    return render(request, "cases/bulk_done.html", context)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0


@require_POST
@holds()
def assign_case(request: HttpRequest, number: str) -> HttpResponse:
    """Name who of the organization handles a case, from its page."""
    chosen = request.POST.get("assignee", "")
    try:
        assign(
            request.actor,
            number=number,
            assignee_id=_number(chosen) if chosen else None,
            position=request.POST.get("position", ""),
            note=request.POST.get("note", ""),
        )
    except BadInput as refused:
        return render_case(request, selectors.case_by_number(request.actor, number), refusal=refused)
    messages.success(request, _("It is noted who handles the case."))
    return redirect("cases:case", number)


@require_POST
@holds()
def assign_cases(request: HttpRequest) -> HttpResponse:
    """The same for the selected cases of a list, and back to the list."""
    try:
        assigned = assign_many(
            request.actor,
            numbers=request.POST.getlist("case"),
            assignee_id=_number(request.POST.get("assignee", "")),
            note=request.POST.get("note", ""),
        )
    except BadInput as refused:
        if "assignee" in refused.fields:
            raise
        messages.error(request, str(refused.message))
        return _back(request)
    refused_ones = [row for row in assigned if row.refusal]
    if done := len(assigned) - len(refused_ones):
        messages.success(request, _("Assigned: %(n)s.") % {"n": done})
    for row in refused_ones:
        messages.error(request, f"{row.number}: {row.refusal}")
    return _back(request)


def _back(request: HttpRequest) -> HttpResponse:
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(target) if safe else _to_list()
