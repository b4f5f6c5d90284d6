"""New versions of the law: what waits, what it changes, what it means for open cases; proposed and confirmed."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from cases import selectors
from organizations.access import signed_in
from organizations.errors import Refused
from statutes import services as statutes
from statutes.diffing import difference
from statutes.models import PackActivation, PackVersion
from statutes.selectors import activation, compiled
from statutes.selectors.packs import current


@require_GET
@signed_in
def versions(request: HttpRequest) -> HttpResponse:
    """What waits to come into force, and what came into force, by whom."""
    context = {
        "offered": activation.offered_versions(request.actor),
        "activations": activation.activations(request.actor)[:100],
        "in_charge": activation.in_charge(request.actor),
    }
    return render(request, "cases/versions.html", context)


@require_GET
@signed_in
def version(request: HttpRequest, version_id: int) -> HttpResponse:
    return _render(request, activation.version_for(request.actor, version_id))


def _render(request: HttpRequest, found: PackVersion, refusal: Refused | None = None) -> HttpResponse:
    proposal = found.activations.filter(status=PackActivation.Status.PROPOSED).select_related("proposed_by").first()
    done = found.activations.filter(status=PackActivation.Status.ACTIVE).select_related("before").first()
    before = done.before if done else current(found.pack)
    context = {
        "version": found,
        "name": compiled(found).own.name,
        "before": before,
        "proposal": proposal,
        "done": done,
        "mine": proposal is not None and proposal.proposed_by_id == request.user.pk,
        "difference": difference(compiled(before), compiled(found), get_language() or "zh"),
        "impact": selectors.impact_of(request.actor, found),
        "progress": selectors.progress_of_moves(request.actor, found) if done else None,
        "refusal": refusal,
        "note": request.POST.get("note", ""),
    }
    return render(request, "cases/version.html", context, status=refusal.status if refusal else 200)


@require_GET
@signed_in
def progress(request: HttpRequest, version_id: int) -> HttpResponse:
    """How far the open cases have been taken to the version: a fragment that asks again until all are."""
    found = activation.version_for(request.actor, version_id)
    moves = selectors.progress_of_moves(request.actor, found)
    return render(request, "cases/_version_progress.html", {"version": found, "progress": moves})


@require_POST
@signed_in
def propose(request: HttpRequest, version_id: int) -> HttpResponse:
    found = activation.version_for(request.actor, version_id)
    try:
        statutes.propose_activation(request.actor, version=found, note=request.POST.get("note", ""))
    except Refused as refusal:
        return _render(request, found, refusal)
    messages.success(request, _("Proposed. Somebody else has to confirm it now."))
    return redirect("cases:version", version_id)


@require_POST
@signed_in
def confirm(request: HttpRequest, version_id: int, proposal_id: int) -> HttpResponse:
    try:
        statutes.confirm_activation(request.actor, proposal_id=proposal_id)
    except Refused as refusal:
        return _render(request, activation.version_for(request.actor, version_id), refusal)
    messages.success(request, _("The version is in force for every case opened from now on."))
    return redirect("cases:version", version_id)


@require_POST
@signed_in
def reject(request: HttpRequest, version_id: int, proposal_id: int) -> HttpResponse:
    try:
        statutes.reject_activation(request.actor, proposal_id=proposal_id, note=request.POST.get("note", ""))
    except Refused as refusal:
        return _render(request, activation.version_for(request.actor, version_id), refusal)
    messages.success(request, _("The proposal was turned down. The version stays on offer."))
    return redirect("cases:versions")
