"""One's own account: positions, deputies, password, language, tokens."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from organizations import selectors, services
from organizations.access import holds, signed_in
from organizations.actors import Actor
from organizations.carrying import remember_who
from organizations.errors import NotPermitted
from organizations.forms import ChangePasswordForm, DeputyForm, TokenForm
from organizations.languages import speak
from organizations.middleware import POSITION_KEY
from organizations.requests import ActorRequest
from organizations.second_factor import planned_for


@require_safe
@signed_in
def overview(request: ActorRequest) -> HttpResponse:
    return _page(request)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def password(request: ActorRequest) -> HttpResponse:
    """Change one's password; this session goes on, all others end."""
    form = ChangePasswordForm(request.POST or None)
    if request.method == "POST":
        user = form.submit(
            lambda data: services.change_own_password(request.actor, old=data["old_password"], new=data["password"])
        )
        if user is not None:
            update_session_auth_hash(request, user)
            messages.success(request, _("Your password is changed. Your other sessions have ended."))
            return HttpResponseRedirect(reverse("organizations:account"))
    return render(
        request, "organizations/password.html", {"form": form, "due": request.actor.user.must_change_password}
    )


@require_POST
@signed_in
def language(request: ActorRequest) -> HttpResponse:
    """Read the portal in another language from now on, here and at the next sign-in."""
    user = services.change_language(request.actor, language=request.POST.get("language", ""))
    response = _back(request)
    speak(response, user.language)
    return response


@require_POST
@signed_in
def switch_position(request: ActorRequest) -> HttpResponse:
    """Act in another of one's positions."""
    wanted = request.POST.get("position", "")
    position = next((held for held in request.positions if str(held.pk) == wanted), None)
    if position is None:
        raise NotPermitted(_("You do not hold this position."))
    request.session[POSITION_KEY] = position.pk
    actor = Actor(request.actor.user, position, request.actor.address)
    services.note_switch(actor)
    messages.success(request, _("You now act as: %(position)s") % {"position": position})
    response = HttpResponseRedirect(settings.LOGIN_REDIRECT_URL)
    remember_who(response, actor)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@holds()
def tokens(request: ActorRequest) -> HttpResponse:
    """One's tokens; by POST a new one for the position acted in, on the answer's page and nowhere else, ever."""
    form = TokenForm(request.POST or None)
    issued = None
    if request.method == "POST":
        issued = form.submit(
            lambda data: services.issue_token(request.actor, label=data["label"], lifetime=form.chosen_lifetime())
        )
    context = {
        "form": TokenForm() if issued else form,
        "issued": issued,
        "tokens": selectors.own_tokens(request.actor),
        "now": timezone.now(),
    }
    return render(request, "organizations/tokens.html", context)


@require_POST
@signed_in
def revoke_token(request: ActorRequest, token_id: int) -> HttpResponse:
    services.revoke_token(request.actor, token_id)
    messages.success(request, _("The token is revoked."))
    return HttpResponseRedirect(reverse("organizations:tokens"))


@require_POST
@signed_in
def appoint_deputy(request: ActorRequest) -> HttpResponse:
    """Let a colleague hold the position acted in, for a while."""
    position = request.actor.position
    if position is None:
        raise NotPermitted(_("You hold no position."))
    form = DeputyForm(request.POST, colleagues=selectors.colleagues(request.actor))
    deputy = form.submit(lambda data: services.appoint_deputy(request.actor, position=position, **data))
    if deputy is None:
        return _page(request, deputy_form=form)
    messages.success(request, _("%(person)s stands in for you.") % {"person": deputy.user})
    return HttpResponseRedirect(reverse("organizations:account"))


@require_POST
@holds()
def end_deputy(request: ActorRequest, position_id: int) -> HttpResponse:
    deputy = services.leave_position(request.actor, position_id)
    messages.success(request, _("%(person)s no longer stands in for you.") % {"person": deputy.user})
    return HttpResponseRedirect(reverse("organizations:account"))


def _page(request: ActorRequest, **extra: Any) -> HttpResponse:
    actor = request.actor
    today = timezone.localdate()
    own_right = actor.position is not None and actor.position.deputy_for_id is None
    context = {
        "positions": request.positions,
        "deputies": selectors.deputies_of(actor),
        "may_appoint": own_right,
        "deputy_form": DeputyForm(colleagues=selectors.colleagues(actor), initial={"active_from": today}),
        "second_factor_planned": planned_for(request.positions),
        "languages": settings.LANGUAGES,
        "current_language": get_language(),
        **extra,
    }
    return render(request, "organizations/account.html", context)


def _back(request: ActorRequest) -> HttpResponse:
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(target if safe else reverse("organizations:account"))
