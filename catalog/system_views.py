"""Pages of the register of information systems: list, one system, registering, changing, retiring."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cases.views.known import drop_unknown
from catalog import hooks, services, systems
from catalog.models import InformationSystem
from catalog.selectors import visible_resources
from catalog.system_forms import OwnerForm, RetireForm, SystemForm
from catalog.system_sheets import sheet
from organizations.access import signed_in
from organizations.errors import NotPermitted, Refused
from organizations.models import Organization
from organizations.paging import one_page

LISTING = "catalog.systems"
KNOWN = {
    **{name: values.__contains__ for name, values in systems.CHOICES.items()},
    "organization": systems.is_organization,
}
ORDER = ("code", "pk")


@require_safe
@signed_in
def system_list(request: HttpRequest) -> HttpResponse:
    """The register; every filter lives in the address, `export=csv` or `xlsx` hands it out."""
    dropped = drop_unknown(request, KNOWN)
    rows = systems.found_systems(request.actor, request.GET)
    if (kind := request.GET.get("export", "")) in ("csv", "xlsx"):
        return sheet(rows, kind)
    page = one_page(rows, ORDER, request.GET.get("cursor", ""), LISTING)
    context = {
        "page": page,
        "dropped": dropped,
        "given": {name: request.GET.get(name, "") for name in ("q", *KNOWN)},
        "statuses": InformationSystem.Status.choices,
        "hostings": InformationSystem.Hosting.choices,
        "owners": systems.owners_in(request.actor),
        "may_register": systems.owners_for(request.actor).exists(),
    }
    return render(request, "catalog/systems.html", context)


@require_safe
@signed_in
def system_page(request: HttpRequest, system_id: int) -> HttpResponse:
    system = systems.system_for(request.actor, system_id)
    may_keep = systems.keeps_systems_of(request.actor, system.organization)
    panels = [render_to_string(name, context, request) for name, context in hooks.system_parts(request.actor, system)]
    context = {
        "system": system,
        "resources": visible_resources(request.actor).filter(systems=system).order_by("code"),
        "panels": panels,
        "may_change": may_keep and system.status != InformationSystem.Status.RETIRED,
    }
    return render(request, "catalog/system.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def register_system(request: HttpRequest) -> HttpResponse:
    """The form of a new system; who keeps several organizations' systems says first whose it is."""
    owners = systems.owners_for(request.actor)
    if not owners.exists():
        raise NotPermitted(
            _("Systems are kept by handlers, leaders and data stewards of their owner, and by the bureau.")
        )
    if owners.count() == 1:
        return _edit(request, None, owners[0])
    asked = OwnerForm(request.actor, request.GET or None)
    if not asked.is_valid():
        return render(request, "catalog/system_owner.html", {"form": asked}, status=400 if asked.is_bound else 200)
    return _edit(request, None, asked.cleaned_data["organization"])


@require_http_methods(["GET", "POST"])
@signed_in
def edit_system(request: HttpRequest, system_id: int) -> HttpResponse:
    system = _kept(request, system_id)
    return _edit(request, system, system.organization)


def _kept(request: HttpRequest, system_id: int) -> InformationSystem:
    """A system that the actor keeps. Raises NotKnown, NotPermitted."""
    system = systems.system_for(request.actor, system_id)
    if not systems.keeps_systems_of(request.actor, system.organization):
        raise NotPermitted(
            _("Systems are kept by handlers, leaders and data stewards of their owner, and by the bureau.")
        )
    return system


def _edit(request: HttpRequest, system: InformationSystem | None, owner: Organization) -> HttpResponse:
    form = SystemForm(request.actor, owner, request.POST or None, instance=system)
    context: dict[str, Any] = {"form": form, "system": system, "owner": owner}
    if request.method == "GET":
        if system is not None:
            form.initial["version"] = system.version
        return render(request, "catalog/system_form.html", context)
    if not form.is_valid():
        return render(request, "catalog/system_form.html", context, status=400)
    try:
        if system is None:
            system = services.register_system(request.actor, organization=owner, entry=form.entry())
        else:
            version = form.cleaned_data["version"]
            system = services.change_system(request.actor, system=system, entry=form.entry(), version=version)
    except Refused as refusal:
        _show(refusal, form)
        return render(request, "catalog/system_form.html", context, status=refusal.status)
    messages.success(request, _("The system is saved as %(code)s.") % {"code": system.code})
    return redirect("catalog:system", system.pk)


@require_http_methods(["GET", "POST"])
@signed_in
def retire_system(request: HttpRequest, system_id: int) -> HttpResponse:
    """Retire a system, with its reason and a confirmation."""
    system = _kept(request, system_id)
    form = RetireForm(request.POST or None, initial={"version": system.version})
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            given = {name: form.cleaned_data[name] for name in ("reason", "retired_on", "version")}
            try:
                services.retire_system(request.actor, system=system, **given)
            except Refused as refusal:
                _show(refusal, form)
                status = refusal.status
            else:
                messages.success(request, _("The system is retired. It stays in the register."))
                return redirect("catalog:system", system.pk)
    return render(request, "catalog/system_retire.html", {"form": form, "system": system}, status=status)


def _show(refusal: Refused, form: Form | SystemForm) -> None:
    """Put what the service refused where it was typed."""
    for name, problem in getattr(refusal, "fields", {}).items():
        form.add_error(name if name in form.fields else None, str(problem))
    if not form.errors:
        form.add_error(None, str(refusal.message))
