"""Drafting, filing and revising share requests."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cases import page
from cases.services import store_attachment
from cases.views import one_page
from catalog.models import Resource
from catalog.selectors import resource_for
from organizations.access import signed_in
from organizations.errors import NotPermitted, Refused
from sharing import selectors
from sharing.forms import RequestForm, initial_of
from sharing.listing import SHEET, listed, workbook_of
from sharing.models import ShareRequest
from sharing.outlook import outlook
from sharing.services import requests


@require_GET
@signed_in
def request_list(request: HttpRequest) -> HttpResponse:
    """My department's drafts, and every request that I may see: `?side=ours|theirs&state=…`."""
    listing = listed(request.actor, request.GET)
    cases, following = one_page(listing.cases, request.GET.get("cursor", ""))
    context = {
        "listing": listing,
        "drafts": selectors.drafts(request.actor),
        "rows": page.rows(cases, timezone.now()),
        "next": following,
        "may_draft": selectors.may_draft(request.actor),
    }
    return render(request, "sharing/requests.html", context)


@require_GET
@signed_in
def request_export(request: HttpRequest) -> HttpResponseBase:
    """The list as it is narrowed, as an Excel workbook."""
    file = workbook_of(listed(request.actor, request.GET))
    name = f"{_('Share requests')}-{timezone.localdate().isoformat()}.xlsx"
    return FileResponse(file, as_attachment=True, filename=name, content_type=SHEET)


@require_http_methods(["GET", "POST"])
@signed_in
def new_request(request: HttpRequest, resource_id: int) -> HttpResponse:
    """A new request for a resource: saved as a draft, or filed at once."""
    resource = resource_for(request.actor, resource_id)
    if not selectors.may_draft(request.actor):
        raise NotPermitted(_("Requests are drafted by a handler. Switch to such a position, or ask for one."))
    if closed := outlook(request.actor, resource).closed:
        raise NotPermitted(" ".join(reason.sentence for reason in closed))
    return _edit(request, resource, None)


@require_http_methods(["GET", "POST"])
@signed_in
def draft(request: HttpRequest, draft_id: int) -> HttpResponse:
    if filed := selectors.filed_case(request.actor, draft_id):
        return redirect("cases:case", filed.number)
    found = selectors.draft_for(request.actor, draft_id)
    return _edit(request, found.resource, found)


def _edit(request: HttpRequest, resource: Resource, found: ShareRequest | None) -> HttpResponse:
    """Show the form; on POST save the draft, and file it when the button says so."""
    if request.method == "GET":
        form = RequestForm(request.actor, resource, initial=initial_of(found) if found else None)
        return _form_page(request, resource, form, found)
    form = RequestForm(request.actor, resource, request.POST, request.FILES)
    if not form.is_valid():
        return _form_page(request, resource, form, found, status=400)
    try:
        found = requests.save_draft(
            request.actor,
            resource=resource,
            wish=form.wish(_files(request, form, found)),
            draft=found,
            version=form.cleaned_data["version"],
        )
        if "file" not in request.POST:
            messages.success(request, _("The draft is saved."))
            return redirect("sharing:draft", found.pk)
        case = requests.file_request(request.actor, draft=found, opinion=form.cleaned_data["opinion"])
    except Refused as refusal:
        return _refused(request, resource, form, found, refusal)
    messages.success(request, _("Filed as %(number)s. Your leader is asked to agree.") % {"number": case.number})
    return redirect("cases:case", case.number)


def _files(request: HttpRequest, form: RequestForm, found: ShareRequest | None) -> list[int]:
    """Files kept with the draft, and the one handed in now."""
    kept = [attachment.pk for attachment in found.attachments.all()] if found else []
    upload = form.cleaned_data.get("papers")
    if upload:
        kept.append(store_attachment(request.actor, name=upload.name, stream=upload.file, size=upload.size).pk)
    return kept


def _refused(
    request: HttpRequest, resource: Resource, form: RequestForm, found: ShareRequest | None, refusal: Refused
) -> HttpResponse:
    """The form again, with what was typed and what is wrong; a draft that was saved before stays saved."""
    for name, problem in getattr(refusal, "fields", {}).items():
        field = "papers" if name in ("file", "attachments") else name
        sentence = f"{refusal.message} {problem}" if name == "file" else str(problem)
        form.add_error(field if field in form.fields else None, sentence)
    if not form.errors:
        form.add_error(None, str(refusal.message))
    if found is not None:
        kept = request.POST.copy()
        kept["version"] = str(found.version)
        form.data = kept
    return _form_page(request, resource, form, found, status=refusal.status)


def _form_page(
    request: HttpRequest, resource: Resource, form: RequestForm, found: ShareRequest | None, status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {
        "resource": resource,
        "form": form,
        "draft": found,
        "outlook": outlook(request.actor, resource),
    }
    if found is None:
        context["underway"] = selectors.underway(request.actor, resource)
        context["grant"] = selectors.active_grants(request.actor).filter(resource=resource).first()
    return render(request, "sharing/request_form.html", context, status=status)


@require_POST
@signed_in
def discard(request: HttpRequest, draft_id: int) -> HttpResponse:
    requests.discard_draft(request.actor, draft=selectors.draft_for(request.actor, draft_id))
    messages.success(request, _("The draft is thrown away."))
    return redirect("sharing:requests")


@require_http_methods(["GET", "POST"])
@signed_in
def revise(request: HttpRequest, request_id: int) -> HttpResponse:
    """Change a filed request that is back for revision or completion."""
    found = selectors.request_for_revision(request.actor, request_id)
    resource = found.resource
    if request.method == "GET":
        form = RequestForm(request.actor, resource, initial=initial_of(found))
        return _form_page(request, resource, form, found)
    form = RequestForm(request.actor, resource, request.POST, request.FILES)
    form.fields["function"].required = True
    if not form.is_valid():
        return _form_page(request, resource, form, found, status=400)
    try:
        requests.revise(
            request.actor,
            request=found,
            wish=form.wish(_files(request, form, found)),
            version=form.cleaned_data["version"],
        )
    except Refused as refusal:
        return _refused(request, resource, form, found, refusal)
    messages.success(request, _("The changes are saved. Submit the request again on its page."))
    return redirect("cases:case", found.case.number)
