"""The register of assets, the page of one, and its stock-takes."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from organizations.access import signed_in
from organizations.errors import NotPermitted, Refused
from organizations.paging import one_page
from projects import asset_register, selectors
from projects.asset_forms import AssetForm, StockForm, sheet
from projects.models import Asset, Project
from projects.services import assets

LISTING = "assets"
ORDER = ("number", "pk")
FILTERS = ("q", "standing", "project", "stock")
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
@signed_in
def asset_list(request: HttpRequest) -> HttpResponse:
    """Assets by number, with their custodian and last stock-take."""
    given = _given(request)
    rows = asset_register.found_assets(request.actor, given)
    context = {
        "page": one_page(rows, ORDER, request.GET.get("cursor", ""), LISTING),
        "given": given,
        "narrowed": any(given.values()),
        "standings": Asset.Standing.choices,
    }
    return render(request, "projects/assets.html", context)


@require_safe
@signed_in
def asset_sheet(request: HttpRequest) -> HttpResponse:
    """What the list shows, as a workbook."""
    rows = asset_register.found_assets(request.actor, _given(request)).order_by(*ORDER)
    response = HttpResponse(sheet(rows), content_type=EXCEL)
    response["Content-Disposition"] = 'attachment; filename="assets.xlsx"'
    return response


@require_http_methods(["GET", "POST"])
@signed_in
def add_asset(request: HttpRequest, project_id: int) -> HttpResponse:
    project = selectors.project_for(request.actor, project_id)
    if not assets.keeps_assets_of(request.actor, project):
        raise NotPermitted(_("Assets are kept by handlers, leaders and data stewards of the project's owner."))
    form = AssetForm(None, request.POST or None, initial={"acquired_on": timezone.localdate(), "value": 0})
    return _edit(request, form, project, None)


@require_safe
@signed_in
def asset_page(request: HttpRequest, asset_id: int) -> HttpResponse:
    asset = asset_register.asset_for(request.actor, asset_id)
    return _page(request, asset, StockForm(initial={"on": timezone.localdate()}))


@require_http_methods(["GET", "POST"])
@signed_in
def change_asset(request: HttpRequest, asset_id: int) -> HttpResponse:
    asset = asset_register.asset_for(request.actor, asset_id)
    if not assets.keeps_assets_of(request.actor, asset.project):
        raise NotPermitted(_("Assets are kept by handlers, leaders and data stewards of the project's owner."))
    return _edit(request, AssetForm(asset, request.POST or None), asset.project, asset)


@require_POST
@signed_in
def take_stock(request: HttpRequest, asset_id: int) -> HttpResponse:
    """Record whether an asset was found."""
    asset = asset_register.asset_for(request.actor, asset_id)
    form = StockForm(request.POST)
    if not form.is_valid():
        return _page(request, asset, form, status=400)
    said = form.cleaned_data
    try:
        assets.take_stock(
            request.actor, asset=asset, found=said["found"] == "yes", on=said["on"], note=said["note"] or ""
        )
    except Refused as refusal:
        form.blame(getattr(refusal, "fields", {}), str(refusal.message))
        return _page(request, asset, form, status=refusal.status)
    messages.success(request, _("The stock-take is recorded."))
    return redirect("projects:asset", asset.pk)


def _given(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET.get(name, "").strip()[:100] for name in FILTERS}


def _edit(request: HttpRequest, form: AssetForm, project: Project, asset: Asset | None) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "project": project, "asset": asset}
    if request.method == "GET" or not form.is_valid():
        return render(request, "projects/asset_form.html", context, status=400 if form.is_bound else 200)
    try:
        if asset is None:
            saved = assets.add_asset(request.actor, project=project, entry=form.entry())
        else:
            version = form.cleaned_data["version"]
            saved = assets.change_asset(request.actor, asset=asset, entry=form.entry(), version=version)
    except Refused as refusal:
        form.blame(getattr(refusal, "fields", {}), str(refusal.message))
        return render(request, "projects/asset_form.html", context, status=refusal.status)
    messages.success(request, _("The asset is saved."))
    return redirect("projects:asset", saved.pk)


def _page(request: HttpRequest, asset: Asset, form: StockForm, status: int = 200) -> HttpResponse:
    context = {
        "asset": asset,
        "form": form,
        "takes": list(asset.stock_takes.select_related("by")[:100]),
        "may_keep": assets.keeps_assets_of(request.actor, asset.project),
    }
    return render(request, "projects/asset.html", context, status=status)
