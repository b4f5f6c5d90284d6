"""Asking for a payment, calling money back, applying for a change, ordering to put right; the ledger."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cases.models import Case
from organizations.access import signed_in
from organizations.errors import BadInput
from projects import contracts, opening, selectors, standing
from projects.contract_forms import ChangeForm, PaymentForm, RecallForm, RectificationForm
from projects.ledger_sheet import sheet
from projects.models import Change, Contract, Payment, Project, Rectification
from projects.services import paying, rectifying
from projects.views.beginning import Page, answer

CENT = Decimal("0.01")


@require_http_methods(["GET", "POST"])
@signed_in
def new_payment(request: HttpRequest, project_id: int) -> HttpResponse:
    """Ask for the payment of a stage, or of operation."""
    project = selectors.project_for(request.actor, project_id)
    known = contracts.payable(project)
    if not known:
        return _nothing(request, project, _("Apply for a payment"), _("No signed contract has anything left to pay."))
    stage = request.GET.get("stage", "")
    chosen, milestone = _named(known, stage)
    kind = Payment.Kind.STAGE if milestone else Payment.Kind.OPERATION
    least = Payment(project=project, contract=chosen, milestone=milestone, kind=kind, amount=CENT)
    door = opening.door(request.actor, family=paying.PAYMENT, project=project, subject=least)
    form = PaymentForm(door, known, request.POST or None, request.FILES or None)
    form.preset(f"s{stage}")

    def begin(said: Any, given: dict[str, Any]) -> Case:
        contract, stage_, _left = said.known[said.cleaned_data["what"]]
        return paying.begin_payment(
            request.actor,
            contract=contract,
            milestone=stage_,
            amount=said.yuan("amount"),
            given=given,
            **said.beside(),
        )

    page = Page(project, door, _("Apply for a payment"), _("Apply for the payment"), begin)
    return answer(request, page, form)


def _named(known: list[Contract], stage: str) -> tuple[Contract, Any]:
    """The contract and stage that an address names; else the first contract with anything left, without a stage."""
    for contract in known:
        for milestone in contract.milestones.all():
            if str(milestone.pk) == stage:
                return contract, milestone
    return known[0], None


@require_http_methods(["GET", "POST"])
@signed_in
def new_recall(request: HttpRequest, project_id: int) -> HttpResponse:
    """Call money of a contract back."""
    project = selectors.project_for(request.actor, project_id)
    known = contracts.recallable(project)
    if not known:
        return _nothing(request, project, _("Call money back"), _("Nothing has been paid for this project yet."))
    least = Payment(project=project, contract=known[0], kind=Payment.Kind.RECALL, amount=CENT)
    door = opening.door(request.actor, family=paying.RECALL, project=project, subject=least)
    form = RecallForm(door, known, request.POST or None, request.FILES or None)

    def begin(said: Any, given: dict[str, Any]) -> Case:
        contract = said.known[said.cleaned_data["contract"]]
        amount = said.yuan("amount")
        return paying.begin_recall(request.actor, contract=contract, amount=amount, given=given, **said.beside())

    page = Page(project, door, _("Call money back"), _("Propose to call it back"), begin)
    return answer(request, page, form)


@require_http_methods(["GET", "POST"])
@signed_in
def new_change(request: HttpRequest, project_id: int) -> HttpResponse:
    """Apply for a change of what was approved."""
    project = selectors.project_for(request.actor, project_id)
    door = opening.door(request.actor, family=paying.CHANGE, project=project, subject=Change(project=project))

    def begin(said: Any, given: dict[str, Any]) -> Case:
        plain = {name: said.cleaned_data[name] for name in ("kind", "description", "reason")}
        amounts = {name: said.yuan(name) for name in ("delta", "moved")}
        return paying.begin_change(request.actor, project=project, **plain, **amounts, given=given, **said.beside())

    page = Page(project, door, _("Apply for a change"), _("Apply for the change"), begin)
    return answer(request, page, ChangeForm(door, request.POST or None, request.FILES or None))


@require_http_methods(["GET", "POST"])
@signed_in
def new_rectification(request: HttpRequest, project_id: int) -> HttpResponse:
    """Propose an order to the owner to put something right."""
    project = selectors.project_for(request.actor, project_id)
    least = Rectification(project=project, findings="…")
    door = opening.door(request.actor, family=rectifying.RECTIFICATION, project=project, subject=least)

    def begin(said: Any, given: dict[str, Any]) -> Case:
        plain = {name: said.cleaned_data[name] for name in ("kind", "findings")}
        return rectifying.order_rectification(request.actor, project=project, **plain, given=given, **said.beside())

    page = Page(project, door, _("Order to put something right"), _("Propose the order"), begin)
    return answer(request, page, RectificationForm(door, request.POST or None, request.FILES or None))


def _nothing(request: HttpRequest, project: Project, heading: str, why: str) -> HttpResponse:
    """There is nothing that the step could be about: said on a page; an entry is refused."""
    if request.method != "GET":
        raise BadInput(why)
    return render(request, "projects/step_nothing.html", {"project": project, "heading": heading, "why": why})


@require_safe
@signed_in
def ledger(request: HttpRequest, project_id: int) -> HttpResponse:
    """Every line of a project's ledger, each with the act that made it."""
    project = selectors.project_for(request.actor, project_id)
    context = {
        "project": project,
        "money": standing.money_of(project),
        "lines": contracts.lines(request.actor, contracts.ledger_of(project)),
    }
    return render(request, "projects/ledger.html", context)


@require_safe
@signed_in
def ledger_sheet(request: HttpRequest, project_id: int) -> HttpResponse:
    """The ledger as a workbook."""
    return sheet(request.actor, selectors.project_for(request.actor, project_id))
