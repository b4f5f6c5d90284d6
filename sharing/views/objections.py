"""Objections to data."""

from __future__ import annotations

import secrets

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from cases import page
from cases.selectors import visible_cases
from cases.services import store_attachment
from cases.views import one_page
from catalog.models import Resource
from catalog.selectors import resource_for
from organizations.access import signed_in
from organizations.errors import Refused
from sharing.forms import ObjectionForm
from sharing.services import objections


@require_GET
@signed_in
def objection_list(request: HttpRequest) -> HttpResponse:
    cases, following = one_page(
        visible_cases(request.actor).filter(family=objections.FAMILY), request.GET.get("cursor", "")
    )
    context = {"rows": page.rows(cases, timezone.now()), "next": following}
    return render(request, "sharing/objections.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def new_objection(request: HttpRequest, resource_id: int) -> HttpResponse:
    """Say that data of a resource is wrong."""
    resource = resource_for(request.actor, resource_id)
    if request.method == "GET":
        return _form_page(request, resource, ObjectionForm(resource, initial={"key": secrets.token_urlsafe(12)}))
    form = ObjectionForm(resource, request.POST, request.FILES)
    if not form.is_valid():
        return _form_page(request, resource, form, status=400)
    try:
        number = _file(request, resource, form)
    except Refused as refusal:
        for name, problem in getattr(refusal, "fields", {}).items():
            form.add_error(name if name in form.fields else None, str(problem))
        if not form.errors:
            form.add_error(None, str(refusal.message))
        return _form_page(request, resource, form, status=refusal.status)
    messages.success(request, _("Filed as %(number)s.") % {"number": number})
    return redirect("cases:case", number)


def _file(request: HttpRequest, resource: Resource, form: ObjectionForm) -> str:
    data, files = form.cleaned_data, []
    if data["evidence"]:
        upload = data["evidence"]
        files = [store_attachment(request.actor, name=upload.name, stream=upload.file, size=upload.size).pk]
    case = objections.file_objection(
        request.actor,
        resource=resource,
        description=data["description"],
        items=data["items"],
        record_key=data["record_key"],
        suggested=data["suggested"],
        attachments=files,
        idempotency_key=data["key"],
    )
    return case.number


def _form_page(request: HttpRequest, resource: Resource, form: ObjectionForm, status: int = 200) -> HttpResponse:
    return render(request, "sharing/objection_form.html", {"resource": resource, "form": form}, status=status)
