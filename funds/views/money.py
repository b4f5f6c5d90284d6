"""Pages on which a fund's year is opened, allocated, issued and applied to; publications, complaints, sanctions."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cases.services import store_attachment
from funds import selectors
from funds.allocation_forms import AllocationForm, FactorForm, ProjectsForm
from funds.models import FundAllocation, FundYear
from funds.services import allocating, applying, years
from funds.step_forms import ChargeForm, ComplaintForm, IssueForm, PublicationForm, RequestForm, YearForm
from funds.views.steps import check_part, fund_of, run_step
from organizations.access import signed_in
from organizations.errors import NotKnown, Refused


@require_http_methods(["GET", "POST"])
@signed_in
def open_year(request: HttpRequest, fund_id: int) -> HttpResponse:
    """The goal of a budget year, for finance to review."""
    fund = fund_of(request, fund_id, "manager")
    form = YearForm(request.POST or None, initial={"year": timezone.localdate().year + 1, "goal": fund.goal})
    return run_step(
        request,
        fund,
        form,
        _("Open a budget year"),
        _("Without a performance goal that passed there is no budget."),
        _("Hand in the goal"),
        lambda filled: years.open_year(
            request.actor,
            fund=fund,
            year=filled.cleaned_data["year"],
            goal=filled.cleaned_data["goal"],
            asked=filled.asked_in_yuan(),
        ),
    )


@require_http_methods(["GET", "POST"])
@signed_in
def allocate(request: HttpRequest, year_id: int, method: str) -> HttpResponse:
    """Allocate money of a year by factors or to projects."""
    year = selectors.year_for(request.actor, year_id)
    check_part(request, year.fund, "manager")
    form: FactorForm | ProjectsForm
    if method == FundAllocation.Method.FACTOR:
        rows = request.GET.get("rows", "")
        form = FactorForm(year, request.POST or None, rows=int(rows) if rows.isdecimal() and len(rows) < 4 else 0)
    elif method == FundAllocation.Method.PROJECT:
        form = ProjectsForm(year, request.POST or None)
    else:
        raise NotKnown(_("There is no such method."))
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                case = allocating.open_allocation(request.actor, year=year, plan=form.plan())
            except Refused as refusal:
                status = refusal.status
                form.blame(getattr(refusal, "fields", {}) or {}, str(refusal.message))
            else:
                messages.success(request, _("%(number)s is opened.") % {"number": case.number})
                return redirect("cases:case", case.number)
    return _allocation_page(request, year, method, form, status)


def _allocation_page(
    request: HttpRequest, year: FundYear, method: str, form: AllocationForm, status: int
) -> HttpResponse:
    context = {"form": form, "fund": year.fund, "year": year, "method": method}
    return render(request, "funds/allocate.html", context, status=status)


@require_http_methods(["GET", "POST"])
@signed_in
def issue(request: HttpRequest, line_id: int) -> HttpResponse:
    """Issue what is allocated to a city or county."""
    line = selectors.line_for(request.actor, line_id)
    check_part(request, line.allocation.year.fund, "finance")
    form = IssueForm(request.POST or None, initial={"issued_on": timezone.localdate()})
    return run_step(
        request,
        line.allocation.year.fund,
        form,
        _("Issue to a city or county"),
        f"{line.receiver or ''} {line.amount:,.2f}",
        _("Issue it"),
        lambda filled: allocating.issue_transfer(request.actor, line=line, **filled.cleaned_data),
    )


@require_http_methods(["GET", "POST"])
@signed_in
def apply_for(request: HttpRequest, year_id: int) -> HttpResponse:
    """Hand in an application for a project."""
    year = selectors.year_for(request.actor, year_id)
    form = RequestForm(request.POST or None, request.FILES or None)

    def paper(filled: RequestForm) -> int | None:
        upload = filled.cleaned_data.get("paper")
        if not upload:
            return None
        return store_attachment(request.actor, name=upload.name, stream=upload.file, size=upload.size).pk

    return run_step(
        request,
        year.fund,
        form,
        _("Application for a project"),
        _("Handed in by whoever organizes applications; the department in charge checks credit and reviews."),
        _("Hand in the application"),
        lambda filled: applying.apply_for(request.actor, year=year, request=filled.request(paper(filled))),
    )


@require_http_methods(["GET", "POST"])
@signed_in
def publish(request: HttpRequest, fund_id: int) -> HttpResponse:
    """Enter what was published of a fund."""
    fund = fund_of(request, fund_id, "manager", "finance")
    form = PublicationForm(fund, request.POST or None)
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                applying.publish(request.actor, fund=fund, **form.cleaned_data)
            except Refused as refusal:
                status = refusal.status
                form.blame(getattr(refusal, "fields", {}) or {}, str(refusal.message))
            else:
                messages.success(request, _("Saved."))
                return redirect("funds:fund", fund.pk)
    words = {"title": _("Enter a publication"), "send": _("Save"), "lead": ""}
    return render(request, "funds/step.html", {"form": form, "fund": fund, **words}, status=status)


@require_http_methods(["GET", "POST"])
@signed_in
def complain(request: HttpRequest, fund_id: int) -> HttpResponse:
    """Enter a complaint of somebody of the public."""
    fund = fund_of(request, fund_id, "manager", "finance")
    form = ComplaintForm(request.POST or None, initial={"received_on": timezone.localdate()})
    return run_step(
        request,
        fund,
        form,
        _("Enter a complaint"),
        _("Finance looks into it, hears the department where needed, and answers."),
        _("Enter it"),
        lambda filled: applying.complain(request.actor, fund=fund, **filled.cleaned_data),
    )


@require_http_methods(["GET", "POST"])
@signed_in
def charge(request: HttpRequest, fund_id: int) -> HttpResponse:
    """Propose a sanction."""
    fund = fund_of(request, fund_id, "finance")
    form = ChargeForm(fund, request.POST or None)
    return run_step(
        request,
        fund,
        form,
        _("Propose a sanction"),
        _("The head of finance decides."),
        _("Propose it"),
        lambda filled: applying.charge(request.actor, fund=fund, charge=filled.charge()),
    )
