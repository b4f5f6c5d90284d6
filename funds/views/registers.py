"""The list of special funds, and the page of one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from cases import page as cases
from funds import selectors
from organizations.access import signed_in
from organizations.paging import one_page

LISTING = "funds"
ORDER = ("code", "pk")
FILTERS = ("q", "state", "year")


@require_safe
@signed_in
def fund_list(request: HttpRequest) -> HttpResponse:
    """Funds by number; above them my organization's drafts."""
    given = {name: request.GET.get(name, "")[:100] for name in FILTERS}
    rows = selectors.found_funds(request.actor, given)
    context = {
        "page": one_page(rows, ORDER, request.GET.get("cursor", ""), LISTING),
        "given": given,
        "drafts": selectors.drafts(request.actor),
        "may_draft": selectors.may_draft(request.actor),
        "today": timezone.localdate(),
    }
    return render(request, "funds/funds.html", context)


@require_safe
@signed_in
def fund_page(request: HttpRequest, fund_id: int) -> HttpResponse:
    """One fund: its life, and the cases of it."""
    fund = selectors.fund_for(request.actor, fund_id)
    now = timezone.now()
    context = {
        "fund": fund,
        "papers": list(fund.papers.select_related("attachment")),
        "cases": cases.rows(list(cases.listed(selectors.cases_of(request.actor, fund))), now),
    }
    return render(request, "funds/fund.html", context)
