"""The register of firms, and the page of one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from organizations.access import signed_in
from organizations.errors import NotPermitted, Refused
from organizations.paging import one_page
from projects import firm_register
from projects.firm_forms import BanForm, FirmForm
from projects.firm_sheet import sheet
from projects.models import Firm
from projects.services import firms

LISTING = "firms"
ORDER = ("name", "pk")
FILTERS = ("q", "size", "barred")
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
@signed_in
def firm_list(request: HttpRequest) -> HttpResponse:
    """Firms of the place by name."""
    given = _given(request)
    rows = firm_register.found_firms(request.actor, given)
    context = {
        "page": one_page(rows, ORDER, request.GET.get("cursor", ""), LISTING),
        "given": given,
        "narrowed": any(given.values()),
        "may_keep": firm_register.may_keep(request.actor),
        "today": timezone.localdate(),
    }
    return render(request, "projects/firms.html", context)


@require_safe
@signed_in
def firm_sheet(request: HttpRequest) -> HttpResponse:
    """What the list shows, as a workbook."""
    rows = firm_register.found_firms(request.actor, _given(request)).order_by(*ORDER)
    response = HttpResponse(sheet(rows), content_type=EXCEL)
    response["Content-Disposition"] = 'attachment; filename="firms.xlsx"'
    return response


def _given(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET.get(name, "").strip()[:100] for name in FILTERS}


@require_safe
@signed_in
def firm_page(request: HttpRequest, firm_id: int) -> HttpResponse:
    """One firm: what the register says of it, and what it did."""
    firm = firm_register.firm_for(request.actor, firm_id)
    context = {
        "firm": firm,
        "record": firm_register.record_of(request.actor, firm),
        "may_keep": firm_register.may_keep(request.actor),
        "may_bar": firm_register.may_bar(request.actor),
        "today": timezone.localdate(),
    }
    return render(request, "projects/firm.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def add_firm(request: HttpRequest) -> HttpResponse:
    return _edit(request, None)


@require_http_methods(["GET", "POST"])
@signed_in
def change_firm(request: HttpRequest, firm_id: int) -> HttpResponse:
    return _edit(request, firm_register.firm_for(request.actor, firm_id))


def _edit(request: HttpRequest, firm: Firm | None) -> HttpResponse:
    """The form, and after what was wrong the form again with what was typed."""
    if not firm_register.may_keep(request.actor):
        raise NotPermitted(_("The register of firms is kept by handlers; firms are barred by the authority."))
    form = FirmForm(firm, request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                saved = _save(request, firm, form)
            except Refused as refusal:
                status = refusal.status
                form.blame(getattr(refusal, "fields", {}), str(refusal.message))
            else:
                messages.success(request, _("Saved."))
                return redirect("projects:firm", saved.pk)
    return render(request, "projects/firm_form.html", {"form": form, "firm": firm}, status=status)


def _save(request: HttpRequest, firm: Firm | None, form: FirmForm) -> Firm:
    if firm is None:
        return firms.add_firm(request.actor, entry=form.entry())
    version = form.cleaned_data["version"]
    return firms.change_firm(
        request.actor, firm=firm, entry=form.entry(), version=firm.version if version is None else version
    )


@require_http_methods(["GET", "POST"])
@signed_in
def bar_firm(request: HttpRequest, firm_id: int) -> HttpResponse:
    """Bar a firm from awards for a time."""
    firm = firm_register.firm_for(request.actor, firm_id)
    if not firm_register.may_bar(request.actor):
        raise NotPermitted(_("The register of firms is kept by handlers; firms are barred by the authority."))
    form = BanForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                firms.bar_firm(request.actor, firm=firm, **form.cleaned_data)
            except Refused as refusal:
                status = refusal.status
                form.blame(getattr(refusal, "fields", {}), str(refusal.message))
            else:
                messages.success(request, _("The firm is barred."))
                return redirect("projects:firm", firm.pk)
    return render(request, "projects/firm_ban.html", {"form": form, "firm": firm}, status=status)
