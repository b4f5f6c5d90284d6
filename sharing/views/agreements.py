"""Agreements: their text, who signed, and the PDF."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from organizations.access import signed_in
from sharing import documents, selectors


@require_GET
@signed_in
def agreement(request: HttpRequest, agreement_id: int) -> HttpResponse:
    found = selectors.agreement_for(request.actor, agreement_id)
    signatures = found.signatures.select_related("organization", "person")
    return render(request, "sharing/agreement.html", {"agreement": found, "signatures": signatures})


@require_GET
@signed_in
def agreement_pdf(request: HttpRequest, agreement_id: int) -> HttpResponse:
    """The agreement as PDF, set from the text that was fixed when it was drawn up."""
    found = selectors.agreement_for(request.actor, agreement_id)
    response = HttpResponse(documents.agreement_pdf(found), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{found.request.case.number}-{found.kind}.pdf"'
    return response
