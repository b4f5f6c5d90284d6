"""Grants: what one may read, its key, reading it in the browser, ending it."""

from __future__ import annotations

import re

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from organizations.access import signed_in
from organizations.errors import BadInput, Refused
from sharing import delivery, selectors
from sharing.api import csv_response
from sharing.forms import EndGrantForm
from sharing.listing import SHEET
from sharing.models import Grant
from sharing.services import credentials, grants
from sharing.services.reading import Reader

QUERY_ROWS = 50
UNFIT = re.compile(r'[\\/:*?"<>|\s]+')


@require_GET
@signed_in
def grant_list(request: HttpRequest) -> HttpResponse:
    """Grants that my organization holds, and grants on data that it provides."""
    actor = request.actor
    visible = selectors.grants(actor).prefetch_related("columns__item")
    own = actor.organization.pk if actor.organization else 0
    context = {
        "held": [grant for grant in visible if grant.organization_id == own],
        "given": [grant for grant in visible if grant.organization_id != own],
    }
    return render(request, "sharing/grants.html", context)


@require_GET
@signed_in
def grant_page(request: HttpRequest, grant_id: int) -> HttpResponse:
    return _page(request, selectors.grant_for(request.actor, grant_id))


def _page(request: HttpRequest, grant: Grant, *, refusal: Refused | None = None, query: object = None) -> HttpResponse:
    own = request.actor.organization is not None and grant.organization_id == request.actor.organization.pk
    keys = list(grant.credentials.all()[:10]) if own else []
    context = {
        "grant": grant,
        "columns": grant.columns.select_related("item"),
        "own": own,
        "credentials": keys,
        "live_key": any(key.revoked_at is None for key in keys),
        "keyed": not credentials.KEYED.isdisjoint(grant.methods),
        "secret": request.session.pop(_slot(grant), "") if own else "",
        "may_end": grants.may_end(request.actor, grant),
        "end_form": EndGrantForm(),
        "reads": grant.reads.select_related("closed", "person")[:20],
        "refusal": refusal,
        "query": query,
        "case": grant.request.case,
    }
    return render(request, "sharing/grant.html", context, status=refusal.status if refusal else 200)


@require_POST
@signed_in
def issue_credential(request: HttpRequest, grant_id: int) -> HttpResponse:
    """A new key; the older ones end. Its secret waits in the session and is shown once, by the page that follows."""
    grant = selectors.grant_for(request.actor, grant_id)
    _credential, secret = credentials.issue_credential(request.actor, grant=grant)
    request.session[_slot(grant)] = secret
    return redirect("sharing:grant", grant.pk)


def _slot(grant: Grant) -> str:
    """Where a secret waits in the session until it is shown."""
    return f"shown-once-{grant.pk}"


@require_POST
@signed_in
def revoke_credential(request: HttpRequest, grant_id: int, credential_id: int) -> HttpResponse:
    grant = selectors.grant_for(request.actor, grant_id)
    credential = get_object_or_404(grant.credentials, pk=credential_id)
    credentials.revoke_credential(request.actor, credential=credential)
    messages.success(request, _("The key is revoked."))
    return redirect("sharing:grant", grant.pk)


@require_POST
@signed_in
def end_grant(request: HttpRequest, grant_id: int) -> HttpResponse:
    """Suspend (`suspend` in the form) or revoke a grant, with reasons."""
    grant = selectors.grant_for(request.actor, grant_id)
    form = EndGrantForm(request.POST)
    if not form.is_valid():
        return _page(request, grant, refusal=BadInput(_("Reasons are required.")))
    grants.end_grant(request.actor, grant=grant, suspend="suspend" in request.POST, reason=form.cleaned_data["reason"])
    messages.success(request, _("Nothing more can be read under this grant."))
    return redirect("sharing:grant", grant.pk)


@require_POST
@signed_in
def resume_grant(request: HttpRequest, grant_id: int) -> HttpResponse:
    grant = grants.resume_grant(request.actor, grant=selectors.grant_for(request.actor, grant_id))
    messages.success(request, _("The grant is active again."))
    return redirect("sharing:grant", grant.pk)


def _reader(grant: Grant, request: HttpRequest) -> Reader:
    return Reader(actor=request.actor, grant=grant.pk, address=request.META.get("REMOTE_ADDR", ""))


@require_POST
@signed_in
def download(request: HttpRequest, grant_id: int) -> HttpResponseBase:
    """All rows as CSV that a spreadsheet opens, or (`format=xlsx`) a workbook. A POST, because it leaves a record."""
    grant = selectors.grant_for(request.actor, grant_id)
    reader, name = _reader(grant, request), f"{UNFIT.sub('_', grant.resource.title)}-{timezone.localdate()}"
    try:
        if request.POST.get("format") == "xlsx":
            file = delivery.sheet(reader, grant.resource)
            return FileResponse(file, as_attachment=True, filename=f"{name}.xlsx", content_type=SHEET)
        stream = delivery.csv_stream(reader, grant.resource, for_people=True)
    except Refused as refusal:
        return _page(request, grant, refusal=refusal)
    return csv_response(stream, f"{name}.csv")


@require_POST
@signed_in
def online_query(request: HttpRequest, grant_id: int) -> HttpResponse:
    """A few records in the page, filtered by one item's value."""
    grant = selectors.grant_for(request.actor, grant_id)
    params = {"limit": str(QUERY_ROWS)}
    if request.POST.get("item") and request.POST.get("value"):
        params[request.POST["item"]] = request.POST["value"]
    try:
        found = delivery.records(_reader(grant, request), grant.resource, params)
    except Refused as refusal:
        return _page(request, grant, refusal=refusal)
    return _page(request, grant, query=found)
