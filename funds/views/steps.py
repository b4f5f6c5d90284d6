"""Pages that open a step within a fund's life; the step itself is a case with the page of one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cases.models import Case
from cases.selectors import visible_cases
from funds import selectors
from funds.models import CONTENTS, Fund, FundRules
from funds.services import ruling
from funds.services.resubmitting import may_resubmit
from funds.step_forms import EndingForm, RulesForm, ScopeForm, StepForm, rules_of
from organizations.access import signed_in
from organizations.errors import NotKnown, NotPermitted, Refused

Opens = Callable[[Any], Case]


def fund_of(request: HttpRequest, fund_id: int, *parts: str) -> Fund:
    """The fund, for whoever works for the department in charge or for finance. Raises NotKnown, NotPermitted."""
    fund = selectors.fund_for(request.actor, fund_id)
    check_part(request, fund, *parts)
    return fund


def check_part(request: HttpRequest, fund: Fund, *parts: str) -> None:
    """Raises NotPermitted unless the actor has one of these parts in the fund: "manager", "finance"."""
    if selectors.belongs_to(request.actor, fund) not in parts:
        raise NotPermitted(_("This is for the department in charge of the fund or for the finance department."))


def run_step(
    request: HttpRequest, fund: Fund, form: StepForm, title: str, lead: str, send: str, opens: Opens
) -> HttpResponse:
    """Show the form of a step, or open its case and go there; what is refused is said on the form."""
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                case = opens(form)
            except Refused as refusal:
                status = refusal.status
                form.blame(getattr(refusal, "fields", {}) or {}, str(refusal.message))
            else:
                messages.success(request, _("%(number)s is opened.") % {"number": case.number})
                return redirect("cases:case", case.number)
    context = {"form": form, "fund": fund, "title": title, "lead": lead, "send": send}
    return render(request, "funds/step.html", context, status=status)


@require_http_methods(["GET", "POST"])
@signed_in
def write_rules(request: HttpRequest, fund_id: int) -> HttpResponse:
    """The rules of a fund, to be signed by department and finance."""
    fund = fund_of(request, fund_id, "manager", "finance")
    form = RulesForm(request.POST or None, initial=rules_of(fund))
    return run_step(
        request,
        fund,
        form,
        _("Rules of the fund"),
        _("The heads of the department in charge and of finance sign them; every point has to say something."),
        _("Send to be signed"),
        lambda filled: ruling.open_rules(request.actor, fund=fund, texts=filled.texts()),
    )


@require_http_methods(["GET", "POST"])
@signed_in
def amend_rules(request: HttpRequest, rules_id: int) -> HttpResponse:
    """Change rules that were sent back, alone or with a change of scope."""
    rules = FundRules.objects.select_related("fund__department", "case", "change__case").filter(pk=rules_id).first()
    case = (rules.case or (rules.change.case if rules.change else None)) if rules else None
    if rules is None or case is None or not visible_cases(request.actor).filter(pk=case.pk).exists():
        raise NotKnown(_("There are no such rules."))
    if not may_resubmit(request.actor, case):
        raise NotPermitted(_("This can be changed only by whoever sent it in, while it is sent back."))
    form = RulesForm(request.POST or None, initial={name: getattr(rules, name) for name in CONTENTS})

    def change(filled: RulesForm) -> Case:
        ruling.amend_rules(request.actor, rules=rules, texts=filled.texts())
        return case

    lead = _("Send them in again on the page of the case.")
    return run_step(request, rules.fund, form, _("Rules of the fund"), lead, _("Save the changes"), change)


@require_http_methods(["GET", "POST"])
@signed_in
def change_scope(request: HttpRequest, fund_id: int) -> HttpResponse:
    """Apply for a change of scope, with the rules revised to it."""
    fund = fund_of(request, fund_id, "manager")
    form = ScopeForm(request.POST or None, initial={**rules_of(fund), "new_scope": fund.scope})
    return run_step(
        request,
        fund,
        form,
        _("Change of scope"),
        _("Finance reviews it and the provincial government approves it; the rules are revised with it."),
        _("Apply for the change"),
        lambda filled: ruling.ask_change(request.actor, fund=fund, plan=filled.plan()),
    )


@require_http_methods(["GET", "POST"])
@signed_in
def end_fund(request: HttpRequest, fund_id: int) -> HttpResponse:
    """Ask for the adjustment or cancellation of a fund."""
    fund = fund_of(request, fund_id, "finance")
    form = EndingForm(request.POST or None)
    return run_step(
        request,
        fund,
        form,
        _("Adjust or cancel the fund"),
        _("The provincial government decides; one of the four grounds is named."),
        _("Ask for it"),
        lambda filled: ruling.ask_change(request.actor, fund=fund, plan=filled.plan()),
    )
