"""The administrator's pages: people of the jurisdiction and their positions."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from organizations import selectors, services
from organizations.access import holds
from organizations.forms import AccountForm, PositionForm
from organizations.models import User
from organizations.paging import one_page
from organizations.policies import ADMINISTRATOR, may_reset
from organizations.requests import ActorRequest

administrator_only = holds(ADMINISTRATOR)


@require_safe
@administrator_only
def people(request: ActorRequest) -> HttpResponse:
    query = request.GET.get("q", "")[:60]
    rows = selectors.people(request.actor, query=query)
    page = one_page(rows, ("username", "pk"), request.GET.get("cursor", ""), "people")
    context = {"page": page, "query": query}
    return render(request, "organizations/people.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@administrator_only
def open_account(request: ActorRequest) -> HttpResponse:
    """Open an account; the one-time code for its first password is on the answer's page and nowhere else."""
    form = AccountForm(request.POST or None)
    if request.method == "POST":
        opened = form.submit(lambda data: services.open_account(request.actor, **data))
        if opened is not None:
            return _person_page(request, opened.user, code=opened.code)
    return render(request, "organizations/open_account.html", {"form": form})


@require_safe
@administrator_only
def person(request: ActorRequest, user_id: int) -> HttpResponse:
    return _person_page(request, selectors.person_for(request.actor, user_id))


@require_POST
@administrator_only
def give_position(request: ActorRequest, user_id: int) -> HttpResponse:
    user = selectors.person_for(request.actor, user_id)
    form = PositionForm(request.POST, organizations=selectors.organizations_administered(request.actor))
    position = form.submit(lambda data: services.give_position(request.actor, user=user, **data))
    if position is None:
        return _person_page(request, user, form=form)
    messages.success(request, _("The position is given."))
    return HttpResponseRedirect(reverse("organizations:person", args=[user.pk]))


@require_POST
@administrator_only
def issue_code(request: ActorRequest, user_id: int) -> HttpResponse:
    user = selectors.person_for(request.actor, user_id)
    code = services.issue_reset_code(request.actor, user_id=user.pk)
    return _person_page(request, user, code=code)


@require_POST
@administrator_only
def leave_position(request: ActorRequest, position_id: int) -> HttpResponse:
    position = selectors.position_administered(request.actor, position_id)
    services.leave_position(request.actor, position.pk)
    messages.success(request, _("The position has ended, with its sessions, tokens and deputies."))
    return HttpResponseRedirect(reverse("organizations:person", args=[position.user_id]))


@require_POST
@administrator_only
def leave(request: ActorRequest, user_id: int) -> HttpResponse:
    """The person leaves: everything in this jurisdiction ends."""
    user = selectors.person_for(request.actor, user_id)
    user = services.leave_organizations(request.actor, user.pk)
    closed = _("The account is closed.") if not user.is_active else ""
    messages.success(request, " ".join(filter(None, [_("All positions in this jurisdiction have ended."), closed])))
    return HttpResponseRedirect(reverse("organizations:person", args=[user.pk]))


def _person_page(request: ActorRequest, user: User, **extra: Any) -> HttpResponse:
    today = timezone.localdate()
    organizations = selectors.organizations_administered(request.actor)
    context = {
        "person": user,
        "positions": selectors.positions_administered(request.actor, user),
        "today": today,
        "may_reset": user.is_active and may_reset(request.actor, user, today),
        "myself": user.pk == request.actor.user.pk,
        "form": PositionForm(organizations=organizations, initial={"active_from": today}),
        **extra,
    }
    return render(request, "organizations/person.html", context)
