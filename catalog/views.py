"""Pages of the catalogue: finding, one resource, upkeep, registering and editing."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cases.services import store_attachment
from cases.views.filters import beginning, filter_context
from cases.views.known import drop_unknown
from catalog import freshness, hooks, selectors, services, withdrawing
from catalog.facets import applied_of, facets_of
from catalog.forms import (
    CauseForm,
    EntryForm,
    ItemFormSet,
    WithdrawalForm,
    initial_entry,
    initial_items,
    items_of,
    proposed_entry,
    proposed_items,
    rearranged,
    typed_entry,
    typed_items,
)
from catalog.models import Resource, ResourceFormat, Revision, SharingMethod
from catalog.procedures import revision_panel
from catalog.services import Entry, lifecycle, revisions, withdrawals
from organizations.access import holds, signed_in
from organizations.errors import BadInput, Conflict, NotPermitted, Refused
from organizations.models import Organization


@require_GET
@signed_in
def resource_list(request: HttpRequest) -> HttpResponse:
    """Search as you type; every filter lives in the address."""
    if (begin := beginning(request, "catalog")) is not None:
        return begin
    dropped = drop_unknown(request, selectors.KNOWN)
    now, query = timezone.now(), selectors.query_of(request.actor, request.GET)
    found = selectors.one_page(request.actor, query, now, cursor=request.GET.get("cursor", ""))
    near = selectors.nearest(request.actor, query, now) if query.meant and not found.count else []
    rows = found.rows or near
    marks = hooks.marks_for(request.actor, [row.pk for row in rows])
    facets = facets_of(request, query, now)
    context = {
        "facets": facets,
        "applied": applied_of(facets),
        "found": found,
        "near": bool(near),
        "dropped": dropped,
        "rows": [(row, freshness.state_of(row, now), marks.get(row.pk)) for row in rows],
        "query": query,
        **filter_context(request, "catalog"),
    }
    typed = request.htmx and request.htmx.target == "results"
    return render(request, "catalog/_typed.html" if typed else "catalog/resources.html", context)


@require_GET
@signed_in
def resource_page(request: HttpRequest, resource_id: int) -> HttpResponse:
    return _resource(request, selectors.resource_for(request.actor, resource_id))


def _resource(request: HttpRequest, resource: Resource, refusal: Refused | None = None) -> HttpResponse:
    own = request.actor.organization is not None and resource.provider_id == request.actor.organization.pk
    under_way = selectors.under_way(request.actor, resource)
    revision = selectors.open_revision(request.actor, resource) if revisions.FAMILY in under_way else None
    withdrawal = withdrawing.withdrawal_of(resource)
    context = {
        "resource": resource,
        "items": list(resource.items.all()),
        "formats": [ResourceFormat(value).label for value in resource.formats],
        "methods": [SharingMethod(value).label for value in resource.sharing_methods],
        "fresh": freshness.state_of(resource, timezone.now()),
        "versions": resource.versions.all()[:10],
        "related": selectors.visible_resources(request.actor).filter(related=resource).select_related("provider")[:10],
        "aside_panels": _panels(request, resource, "aside"),
        "main_panels": _panels(request, resource, "main"),
        "may_edit": own and request.actor.kind in services.REGISTRARS,
        "under_way": under_way.get(lifecycle.FAMILY),
        "refusal": refusal,
        "pending": revision_panel(revision, request.actor) if revision else None,
        "withdrawal": withdrawal,
        "withdrawing": under_way.get(withdrawals.FAMILY),
        "may_open_withdrawal": withdrawing.may_open(request.actor, withdrawal),
    }
    return render(request, "catalog/resource.html", context, status=refusal.status if refusal else 200)


def _panels(request: HttpRequest, resource: Resource, place: str) -> list[SafeString]:
    """What rooms above add to one column of the page."""
    panels = hooks.panels_for(request.actor, resource, place)
    return [render_to_string(template, context, request) for template, context in panels]


@require_GET
@holds("handler", "leader", "data_steward")
def upkeep(request: HttpRequest) -> HttpResponse:
    """Everything that my department provides, by what has to be done about it."""
    return _upkeep(request)


def _upkeep(request: HttpRequest, refusal: Refused | None = None) -> HttpResponse:
    now = timezone.now()
    own = list(selectors.own_resources(request.actor).select_related("category")[:1000])
    stale = [r for r in own if r.status == Resource.Status.PUBLISHED and freshness.state_of(r, now) == freshness.STALE]
    groups = [
        (_("Drafts"), [r for r in own if r.status == Resource.Status.DRAFT], True),
        (_("Under review"), [r for r in own if r.status == Resource.Status.IN_REVIEW], False),
        (_("Published, data overdue for update"), stale, False),
        (_("Published"), [r for r in own if r.status == Resource.Status.PUBLISHED and r not in stale], False),
        (_("Withdrawn"), [r for r in own if r.status == Resource.Status.WITHDRAWN], True),
    ]
    context = {
        "groups": groups,
        "may_edit": request.actor.kind in services.REGISTRARS,
        "refusal": refusal,
        "empty": not own,
    }
    return render(request, "catalog/upkeep.html", context, status=refusal.status if refusal else 200)


@require_POST
@signed_in
def submit(request: HttpRequest) -> HttpResponse:
    """Submit the chosen drafts for publication, under one case."""
    chosen = [int(key) for key in request.POST.getlist("resource") if key.isdecimal()]
    resources = list(selectors.own_resources(request.actor).filter(pk__in=chosen))
    try:
        case = services.submit_for_publication(request.actor, resources=resources)
    except Refused as refusal:
        return _upkeep(request, refusal)
    messages.success(request, _("Submitted as %(number)s. Your leader is asked to sign.") % {"number": case.number})
    return redirect("cases:case", case.number)


@require_http_methods(["GET", "POST"])
@holds("handler", "data_steward")
def register(request: HttpRequest) -> HttpResponse:
    return _edit(request, None)


@require_http_methods(["GET", "POST"])
@signed_in
def edit(request: HttpRequest, resource_id: int) -> HttpResponse:
    resource = selectors.resource_for(request.actor, resource_id)
    own = request.actor.organization is not None and resource.provider_id == request.actor.organization.pk
    if not own or request.actor.kind not in services.REGISTRARS:
        raise NotPermitted(_("Entries are kept by a handler or a data steward of the provider."))
    revision = selectors.open_revision(request.actor, resource)
    if revision is not None and not services.may_amend(request.actor, revision):
        return _resource(request, resource, Conflict(_("A change of this entry is under review. It is open below.")))
    return _edit(request, resource, revision)


def _edit(request: HttpRequest, resource: Resource | None, revision: Revision | None = None) -> HttpResponse:
    """Show the form; on POST write the entry with its items, or hand its change in where the authority reviews it."""
    provider = request.actor.organization
    if request.method == "GET":
        form, items = _filled(provider, resource, revision)
        return _form_page(request, resource, form, items)
    if step := request.POST.get("step"):
        form = EntryForm(provider, instance=resource, initial=typed_entry(request.POST))
        items = ItemFormSet(prefix="items", initial=rearranged(typed_items(request.POST), step))
        return _form_page(request, resource, form, items)
    form = EntryForm(provider, request.POST, instance=resource)
    items = ItemFormSet(request.POST, prefix="items")
    if not form.is_valid() or not items.is_valid():
        return _form_page(request, resource, form, items, status=400)
    try:
        entry = form.entry(items_of(items))
        if resource is None:
            resource = services.register_resource(request.actor, provider=provider, entry=entry)
            messages.success(request, _("The entry is saved."))
            return redirect("catalog:resource", resource.pk)
        return _change(request, resource, revision, entry, form.cleaned_data["version"])
    except Refused as refusal:
        _show(refusal, form, items)
        return _form_page(request, resource, form, items, refusal=refusal)


def _filled(provider: Organization, resource: Resource | None, revision: Revision | None) -> tuple[EntryForm, Any]:
    """The form with what the entry says, or with what is proposed; empty for a new one."""
    if resource is None:
        return EntryForm(provider), ItemFormSet(prefix="items")
    initial, items = initial_entry(resource), initial_items(resource)
    if revision is not None:
        initial, items = proposed_entry(revision), proposed_items(revision)
    return EntryForm(provider, instance=resource, initial=initial), ItemFormSet(prefix="items", initial=items)


def _change(
    request: HttpRequest, resource: Resource, revision: Revision | None, entry: Entry, version: int | None
) -> HttpResponse:
    """Write a change of an entry, or hand it in, or change what was handed in."""
    actor = request.actor
    if revision is not None and revision.case is not None:
        services.amend_revision(actor, revision=revision, entry=entry, version=version)
        messages.success(request, _("The proposed change is saved. Submit it again on its page."))
        return redirect("cases:case", revision.case.number)
    reviewed = resource.status == Resource.Status.PUBLISHED and services.differing(services.entry_of(resource), entry)
    if not reviewed:
        services.edit_resource(actor, resource=resource, entry=entry, version=version)
        messages.success(request, _("The entry is saved."))
        return redirect("catalog:resource", resource.pk)
    cause = CauseForm(request.POST)
    if not cause.is_valid():
        raise BadInput(_("Some entries are missing or wrong."), dict(cause.errors))
    case = services.propose_revision(actor, resource=resource, entry=entry, version=version, **cause.cleaned_data)
    messages.success(request, _("Handed in as %(number)s. Your leader is asked to sign.") % {"number": case.number})
    return redirect("cases:case", case.number)


def _show(refusal: Refused, form: EntryForm, items: Any) -> None:
    """Put what the service refused where it was typed."""
    rows = [row for row in items if row.cleaned_data.get("code") or row.cleaned_data.get("title")]
    for name, problem in getattr(refusal, "fields", {}).items():
        prefix, _dash, rest = name.partition("-")
        at, _dash, column = rest.partition("-")
        if prefix == "items" and at.isdigit():
            rows[int(at)].add_error(column, str(problem))
        elif name not in CauseForm.base_fields:
            form.add_error(name if name in form.fields else None, str(problem))
    if not form.errors:
        form.add_error(None, str(refusal.message))


def _form_page(
    request: HttpRequest,
    resource: Resource | None,
    form: EntryForm,
    items: Any,
    *,
    status: int = 200,
    refusal: Refused | None = None,
) -> HttpResponse:
    published = resource is not None and resource.status == Resource.Status.PUBLISHED
    revision = selectors.open_revision(request.actor, resource) if resource is not None else None
    context = {
        "resource": resource,
        "form": form,
        "items": items,
        "revision": revision,
        "cause": _cause(request, refusal) if published and revision is None else None,
    }
    return render(request, "catalog/entry_form.html", context, status=refusal.status if refusal else status)


def _cause(request: HttpRequest, refusal: Refused | None) -> CauseForm:
    """Why a published entry changes, with what is wrong about it."""
    cause = CauseForm(request.POST or None)
    for name, problem in getattr(refusal, "fields", {}).items():
        if name in cause.fields and cause.is_bound:
            cause.add_error(name, str(problem))
    return cause


@require_POST
@signed_in
def remove(request: HttpRequest, resource_id: int) -> HttpResponse:
    resource = selectors.resource_for(request.actor, resource_id)
    services.remove_draft(request.actor, resource=resource)
    messages.success(request, _("The draft is thrown away."))
    return redirect("catalog:upkeep")


@require_http_methods(["GET", "POST"])
@signed_in
def withdraw(request: HttpRequest, resource_id: int) -> HttpResponse:
    """Propose that a published entry be withdrawn: what the law of its place asks for."""
    resource = selectors.resource_for(request.actor, resource_id)
    own = request.actor.organization is not None and resource.provider_id == request.actor.organization.pk
    if not own or request.actor.kind not in services.REGISTRARS:
        raise NotPermitted(_("Entries are kept by a handler or a data steward of the provider."))
    if request.method == "GET":
        return _withdraw_page(request, resource, WithdrawalForm(resource))
    form = WithdrawalForm(resource, request.POST, request.FILES)
    if not form.is_valid():
        return _withdraw_page(request, resource, form, status=400)
    try:
        given = form.given()
        for name, upload in form.uploads().items():
            stored = store_attachment(request.actor, name=upload.name, stream=upload.file, size=upload.size)
            given[name] = [stored.pk]
        case = services.propose_withdrawal(request.actor, resource=resource, given=given)
    except Refused as refusal:
        for name, problem in getattr(refusal, "fields", {}).items():
            form.add_error(name if name in form.fields else None, str(problem))
        if not form.errors:
            form.add_error(None, str(refusal.message))
        return _withdraw_page(request, resource, form, status=refusal.status)
    messages.success(request, _("Handed in as %(number)s. Your leader is asked to sign.") % {"number": case.number})
    return redirect("cases:case", case.number)


def _withdraw_page(request: HttpRequest, resource: Resource, form: WithdrawalForm, status: int = 200) -> HttpResponse:
    context = {"resource": resource, "form": form, "users": hooks.consumers_of(resource)}
    return render(request, "catalog/withdraw.html", context, status=status)
