"""The list of special funds, the page of one, and the register of bans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from cases import page as cases
from funds import selectors, services, sheets
from funds.likeness import similar_funds
from funds.models import FundYear, Target
from organizations.access import signed_in
from organizations.paging import one_page

LISTING, BANS = "funds", "funds.bans"
ORDER = ("code", "pk")
FILTERS = ("q", "state", "year")
BAN_FILTERS = ("q", "target", "state")
MOST_LINES = 50


@require_safe
@signed_in
def fund_list(request: HttpRequest) -> HttpResponse:
    """Funds by number, above them my organization's drafts; `export=xlsx` hands the list out."""
    given = {name: request.GET.get(name, "")[:100] for name in FILTERS}
    rows = selectors.found_funds(request.actor, given)
    if request.GET.get("export", "") == "xlsx":
        return sheets.funds_sheet(rows)
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
    """One fund: its life, its money by year, ledger, applications, publications, bans, and its cases."""
    fund = selectors.fund_for(request.actor, fund_id)
    ledger = selectors.ledger_of(fund)
    if request.GET.get("export", "") == "xlsx":
        return sheets.ledger_sheet(fund, ledger)
    now, today = timezone.now(), timezone.localdate()
    years = list(selectors.years_of(fund))
    context = {
        "fund": fund,
        "today": today,
        "stages": selectors.stages(fund),
        "papers": list(fund.papers.select_related("attachment")),
        "similar": similar_funds(fund, today) if fund.established_on is None else [],
        "may_amend": services.may_amend(request.actor, fund),
        "rules": fund.rules.filter(in_force_on__isnull=False, replaced_on__isnull=True).first(),
        "years": years,
        "open_years": [year for year in years if selectors.takes_applications(request.actor, year)],
        "bars": bars(years),
        "entries": ledger.reverse()[:MOST_LINES],
        "applications": selectors.applications_of(request.actor, fund)[:MOST_LINES],
        "publications": fund.publications.select_related("year", "publisher")[:MOST_LINES],
        "bans": selectors.visible_bans(request.actor).filter(sanction__fund=fund)[:MOST_LINES],
        "cases": cases.rows(list(cases.listed(selectors.cases_of(request.actor, fund))), now),
        "part": selectors.belongs_to(request.actor, fund),
        "alive": fund.established_on is not None and fund.ended_on is None,
    }
    return render(request, "funds/fund.html", context)


@require_safe
@signed_in
def ban_list(request: HttpRequest) -> HttpResponse:
    """Who may not apply, and whose reports are not accepted; `export=xlsx` hands the list out."""
    given = {name: request.GET.get(name, "")[:100] for name in BAN_FILTERS}
    rows = selectors.found_bans(request.actor, given)
    if request.GET.get("export", "") == "xlsx":
        return sheets.bans_sheet(rows)
    context = {
        "page": one_page(rows, ("name", "pk"), request.GET.get("cursor", ""), BANS),
        "given": given,
        "targets": [one for one in Target.choices if one[0] != Target.OFFICE],
        "today": timezone.localdate(),
    }
    return render(request, "funds/bans.html", context)


@dataclass(frozen=True, slots=True)
class Bar:
    """One year of the chart, in whole yuan of a common width. Parts follow each other from the left."""

    year: FundYear
    spent: int
    waiting: int
    left: int
    recalled: int
    width: int

    @property
    def waiting_from(self) -> int:
        return self.spent

    @property
    def left_from(self) -> int:
        return self.spent + self.waiting

    @property
    def recalled_from(self) -> int:
        return self.spent + self.waiting + self.left


def bars(years: Sequence[FundYear]) -> list[Bar]:
    """The budget of each year, cut into what is spent, allocated and waiting, left, and recalled."""
    widest = max((int(year.budgeted) for year in years), default=0) or 1
    return [_bar(year, widest) for year in years if year.budgeted > 0]


def _bar(year: FundYear, widest: int) -> Bar:
    spent = year.issued + year.paid - year.returned
    waiting = year.allocated - year.issued - year.paid
    gone = year.recalled + year.returned
    parts = [int(max(part, Decimal(0))) for part in (spent, waiting, year.left, gone)]
    return Bar(year, *parts, width=widest)
