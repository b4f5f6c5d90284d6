"""Drafting a fund, applying for it, and changing an application that was sent back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from cases.services import store_attachment
from funds import selectors, services
from funds.forms import FundForm, initial_of
from funds.models import Fund
from funds.services import Paper
from organizations.access import signed_in
from organizations.errors import NotPermitted, Refused


@require_http_methods(["GET", "POST"])
@signed_in
def new_fund(request: HttpRequest) -> HttpResponse:
    """A new fund: saved as a draft, or applied for at once."""
    if not selectors.may_draft(request.actor):
        raise NotPermitted(_("Funds are proposed by departments in charge and by the finance department."))
    return _edit(request, None)


@require_http_methods(["GET", "POST"])
@signed_in
def draft(request: HttpRequest, fund_id: int) -> HttpResponse:
    return _edit(request, selectors.draft_for(request.actor, fund_id))


@require_http_methods(["GET", "POST"])
@signed_in
def amend(request: HttpRequest, fund_id: int) -> HttpResponse:
    """Change an application that was sent back."""
    fund = selectors.fund_for(request.actor, fund_id)
    if not services.may_amend(request.actor, fund):
        raise NotPermitted(_("A fund can be changed only by whoever applies for it, while it is sent back."))
    return _edit(request, fund)


@require_POST
@signed_in
def discard(request: HttpRequest, fund_id: int) -> HttpResponse:
    services.discard_draft(request.actor, draft=selectors.draft_for(request.actor, fund_id))
    messages.success(request, _("The draft is thrown away."))
    return redirect("funds:funds")


def _edit(request: HttpRequest, fund: Fund | None) -> HttpResponse:
    start = initial_of(fund) if fund else {}
    if request.method == "GET":
        return _page(request, FundForm(request.actor, initial=start), fund)
    form = FundForm(request.actor, request.POST, request.FILES, initial=start)
    if not form.is_valid():
        return _page(request, form, fund, status=400)
    try:
        return _save(request, form, fund)
    except Refused as refusal:
        form.blame(getattr(refusal, "fields", {}), str(refusal.message))
        return _page(request, form, fund, status=refusal.status)


def _save(request: HttpRequest, form: FundForm, fund: Fund | None) -> HttpResponse:
    version = form.cleaned_data["version"]
    plan = form.plan(_papers(request, form))
    if fund is not None and fund.case_id is not None:
        services.amend_fund(request.actor, fund=fund, plan=plan, version=version)
        messages.success(request, _("The application is changed."))
        return redirect("funds:fund", fund.pk)
    saved = services.save_draft(request.actor, plan=plan, draft=fund, version=version)
    if "file" not in request.POST:
        messages.success(request, _("The draft is saved."))
        return redirect("funds:draft", saved.pk)
    try:
        case = services.file_fund(request.actor, draft=saved, opinion=form.cleaned_data["opinion"])
    except Refused as refusal:
        messages.error(request, str(refusal.message))
        return redirect("funds:draft", saved.pk)
    messages.success(request, _("The application is %(number)s.") % {"number": case.number})
    return redirect("cases:case", case.number)


def _papers(request: HttpRequest, form: FundForm) -> list[Paper]:
    """The paper handed in now; those of before stay with the fund."""
    upload = form.cleaned_data.get("paper")
    if not upload:
        return []
    stored = store_attachment(request.actor, name=upload.name, stream=upload.file, size=upload.size)
    return [Paper(form.cleaned_data["paper_kind"], stored.pk)]


def _page(request: HttpRequest, form: FundForm, fund: Fund | None, status: int = 200) -> HttpResponse:
    papers = list(fund.papers.select_related("attachment")) if fund else []
    return render(request, "funds/form.html", {"form": form, "fund": fund, "papers": papers}, status=status)
