"""Beginning a procurement, entering offers, writing a contract, and adding to it."""

from __future__ import annotations

from decimal import Decimal

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from cases.engine import load
from organizations.access import signed_in
from organizations.errors import NotPermitted, Refused
from projects import contracts, firm_register, opening, selectors
from projects.contract_forms import OfferForm, ProcurementForm, SupplementForm, TermsForms, rearranged
from projects.models import Contract, Procurement, Supplement
from projects.services import contracting
from projects.views.beginning import Page, answer

CENT = Decimal("0.01")


@require_http_methods(["GET", "POST"])
@signed_in
def new_procurement(request: HttpRequest, project_id: int) -> HttpResponse:
    """Begin to procure something for a project."""
    project = selectors.project_for(request.actor, project_id)
    least = Procurement(project=project, method=Procurement.Method.OPEN_TENDER, budget=CENT, budget_reviewer="…")
    door = opening.door(request.actor, family=contracting.PROCUREMENT, project=project, subject=least)
    form = ProcurementForm(door, request.POST or None, request.FILES or None, initial={"title": project.name})
    page = Page(
        project,
        door,
        _("Procure for this project"),
        _("Begin the procurement"),
        lambda said, given: contracting.begin_procurement(
            request.actor, project=project, purchase=said.purchase(), given=given, **said.beside()
        ),
    )
    return answer(request, page, form)


@require_http_methods(["GET", "POST"])
@signed_in
def add_offer(request: HttpRequest, number: str) -> HttpResponse:
    """Enter a firm's offer while offers are taken."""
    procurement = contracts.procurement_for(request.actor, number)
    if not _awaited(request, procurement):
        raise NotPermitted(_("Offers are entered by whom the procurement awaits, until one has won."))
    firms = firm_register.visible_firms(request.actor)
    if request.method == "GET":
        firms = firms.exclude(pk__in=procurement.bidders.values("firm"))
    form = OfferForm(firms, request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                contracting.add_bidder(
                    request.actor,
                    procurement=procurement,
                    firm=form.cleaned_data["firm"],
                    price=form.price_in_yuan(),
                )
            except Refused as refusal:
                status = refusal.status
                form.blame(getattr(refusal, "fields", {}), str(refusal.message))
            else:
                messages.success(request, _("The offer is entered."))
                return redirect("projects:add-offer" if "more" in request.POST else "cases:case", number)
    context = {"form": form, "procurement": procurement, "bidders": list(procurement.bidders.select_related("firm"))}
    return render(request, "projects/offer_form.html", context, status=status)


def _awaited(request: HttpRequest, procurement: Procurement) -> bool:
    case = procurement.case
    open_now = case is not None and case.closed_at is None and not procurement.bidders.filter(won=True).exists()
    return open_now and case is not None and contracting.may_write(request.actor, load(case))


@require_POST
@signed_in
def remove_offer(request: HttpRequest, number: str, bidder_id: int) -> HttpResponse:
    """Take an offer out again."""
    bidder = contracts.bidder_for(contracts.procurement_for(request.actor, number), bidder_id)
    try:
        contracting.remove_bidder(request.actor, bidder=bidder)
    except Refused as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("The offer is taken out."))
    return redirect("cases:case", number)


@require_http_methods(["GET", "POST"])
@signed_in
def contract_terms(request: HttpRequest, number: str) -> HttpResponse:
    """Write what a contract says; stages are added and removed without losing what was typed."""
    contract = contracts.contract_for(request.actor, number)
    case = contract.case
    if contract.signed_on is not None or case is None or not contracting.may_write(request.actor, load(case)):
        raise NotPermitted(_("A contract is written by whom it awaits, until it is signed."))
    if request.method == "GET":
        return _terms_page(request, contract, TermsForms(contract))
    if "add" in request.POST or "remove" in request.POST:
        named = request.POST.get("remove", "")
        kept = rearranged(request.POST, add="add" in request.POST, remove=int(named) if named.isdecimal() else None)
        return _terms_page(request, contract, TermsForms(contract, kept=kept))
    return _save_terms(request, contract, TermsForms(contract, request.POST))


def _save_terms(request: HttpRequest, contract: Contract, forms: TermsForms) -> HttpResponse:
    if not forms.is_valid():
        return _terms_page(request, contract, forms, status=400)
    version = forms.form.cleaned_data["version"]
    try:
        contracting.save_contract(request.actor, contract=contract, terms=forms.terms(), version=version)
    except Refused as refusal:
        forms.form.blame(getattr(refusal, "fields", {}), str(refusal.message))
        return _terms_page(request, contract, forms, status=refusal.status)
    messages.success(request, _("The contract is saved."))
    return redirect("cases:case", contract.case.number if contract.case else "")


def _terms_page(request: HttpRequest, contract: Contract, forms: TermsForms, status: int = 200) -> HttpResponse:
    won = contract.procurement.bidders.filter(won=True).first() if contract.procurement else None
    context = {"contract": contract, "forms": forms, "won": won}
    return render(request, "projects/contract_form.html", context, status=status)


@require_http_methods(["GET", "POST"])
@signed_in
def new_supplement(request: HttpRequest, number: str) -> HttpResponse:
    """Begin a supplementary contract."""
    contract = contracts.contract_for(request.actor, number)
    least = Supplement(contract=contract, amount=CENT)
    door = opening.door(request.actor, family=contracting.SUPPLEMENT, project=contract.project, subject=least)
    page = Page(
        contract.project,
        door,
        _("Supplementary contract"),
        _("Begin the supplement"),
        lambda said, given: contracting.begin_supplement(
            request.actor,
            contract=contract,
            title=said.cleaned_data["title"],
            amount=said.yuan("amount"),
            given=given,
            **said.beside(),
        ),
        note=str(contract),
    )
    return answer(request, page, SupplementForm(door, request.POST or None, request.FILES or None))
