"""Signing in and out, and the ways back to a forgotten password."""

from __future__ import annotations

from axes.handlers.proxy import AxesProxyHandler
from axes.utils import reset
from django.conf import settings
from django.contrib import auth, messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.signals import user_login_failed
from django.contrib.auth.tokens import default_token_generator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.encoding import force_str
from django.utils.http import url_has_allowed_host_and_scheme, urlsafe_base64_decode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from organizations import services
from organizations.actors import Actor
from organizations.carrying import BEFORE_KEY, forget_who, remember_who, remembered, unseal
from organizations.errors import NotPermitted
from organizations.forms import CodeForm, MailResetForm, NewPasswordForm, SignInForm
from organizations.languages import speak
from organizations.lockout import locked_response
from organizations.middleware import POSITION_KEY
from organizations.models import Position, User
from organizations.requests import VisitorRequest
from organizations.selectors import account_by_id, administrating_organizations, positions_of


@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: VisitorRequest) -> HttpResponse:
    """Account and password; with a form that was carried here, a page that sends it on."""
    target = _target(request)
    if request.method != "POST":
        if request.actor is not None:
            return HttpResponseRedirect(target)
        return _sign_in_page(request, SignInForm(), target)
    form = SignInForm(request.POST)
    if form.is_valid():
        user = auth.authenticate(
            request, username=form.cleaned_data["username"], password=form.cleaned_data["password"]
        )
        if user is not None:
            return complete_sign_in(request, user, target)
        form.add_error(None, _("Account or password is wrong."))
    return _sign_in_page(request, form, target)


def complete_sign_in(request: VisitorRequest, user: User, target: str) -> HttpResponse:
    """Begin the session: the one place where it begins, and where a second factor will be asked for."""
    positions = list(positions_of(user))
    position, before = _last_position(request, user, positions), remembered(request)
    auth.login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    if position is not None:
        request.session[POSITION_KEY] = position.pk
    if before is not None:
        request.session[BEFORE_KEY] = before[0]
    request.actor = Actor(user, position, request.META.get("REMOTE_ADDR", ""))
    request.positions = positions
    services.note_sign_in(request.actor, way="password")
    response = _after_sign_in(request, user, target)
    remember_who(response, request.actor)
    if user.language != settings.LANGUAGE_CODE and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        speak(response, user.language)
    return response


@require_POST
def sign_out(request: VisitorRequest) -> HttpResponse:
    """End the session; nothing of it stays in the browser."""
    if request.actor is not None:
        services.note_sign_out(request.actor)
    auth.logout(request)
    response = HttpResponseRedirect(reverse("organizations:sign-in"))
    forget_who(response)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def forgotten(request: VisitorRequest) -> HttpResponse:
    """Ask for a mail with a link, or learn whom to ask for a code. The answer never tells whether an account exists."""
    form = MailResetForm(request.POST or None)
    sent = request.method == "POST" and form.is_valid()
    if sent:
        services.ask_for_reset_mail(
            username=form.cleaned_data["username"],
            site=request.build_absolute_uri("/"),
            language=get_language() or settings.LANGUAGE_CODE,
            address=request.META.get("REMOTE_ADDR", ""),
        )
    context = {"form": form, "sent": sent, "administrators": administrating_organizations()}
    return render(request, "organizations/forgotten.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def redeem_code(request: VisitorRequest) -> HttpResponse:
    """A new password with an administrator's one-time code. Wrong codes count towards a lockout of their own."""
    if request.method != "POST":
        return render(request, "organizations/redeem_code.html", {"form": CodeForm()})
    form = CodeForm(request.POST)
    form.is_valid()
    username = form.cleaned_data.get("username", "").strip().lower()
    credentials = {"username": f"code:{username}"}
    if not AxesProxyHandler.is_allowed(request, credentials):
        return locked_response(request, None, credentials)
    user = form.submit(
        lambda data: services.redeem_reset_code(
            username=username,
            code=data["code"],
            password=data["password"],
            address=request.META.get("REMOTE_ADDR", ""),
        )
    )
    if user is None:
        if "code" in form.errors:
            user_login_failed.send(sender=__name__, credentials=credentials, request=request)
        return render(request, "organizations/redeem_code.html", {"form": form})
    reset(username=username)
    return _password_is_set(request)


@require_http_methods(["GET", "HEAD", "POST"])
def mail_reset(request: VisitorRequest, uid: str, token: str) -> HttpResponse:
    """A new password through the link of a mail, which works once and for a day."""
    user = _user_of(uid)
    if user is None or not default_token_generator.check_token(user, token):
        raise NotPermitted(_("This link has been used or is too old. Ask for a new one."))
    form = NewPasswordForm(request.POST or None)
    if request.method == "POST":
        done = form.submit(
            lambda data: services.reset_password_by_mail(
                user=user, password=data["password"], address=request.META.get("REMOTE_ADDR", "")
            )
        )
        if done is not None:
            return _password_is_set(request)
    return render(request, "organizations/mail_reset.html", {"form": form, "person": user})


def _sign_in_page(request: VisitorRequest, form: SignInForm, target: str) -> HttpResponse:
    context = {"form": form, "next": target, "carried": request.POST.get("carried", "")}
    return render(request, "organizations/sign_in.html", context)


def _after_sign_in(request: VisitorRequest, user: User, target: str) -> HttpResponse:
    sealed = request.POST.get("carried", "")
    if not sealed:
        return HttpResponseRedirect(target)
    carried = unseal(sealed, user_id=user.pk)
    if carried is None:
        messages.warning(request, _("What was typed before belongs to another person or is too old; it was dropped."))
        return HttpResponseRedirect(target)
    return render(request, "organizations/resume.html", {"carried": carried, "next": target})


def _last_position(request: VisitorRequest, user: User, positions: list[Position]) -> Position | None:
    """The position that the person last acted in on this browser, else the first."""
    who = remembered(request)
    if who is not None and who[0] == user.pk:
        for position in positions:
            if position.pk == who[1]:
                return position
    return positions[0] if positions else None


def _target(request: VisitorRequest) -> str:
    target = request.POST.get(REDIRECT_FIELD_NAME) or request.GET.get(REDIRECT_FIELD_NAME) or ""
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if safe else settings.LOGIN_REDIRECT_URL


def _user_of(uid: str) -> User | None:
    try:
        number = int(force_str(urlsafe_base64_decode(uid)))
    except ValueError:
        return None
    return account_by_id(number)


def _password_is_set(request: VisitorRequest) -> HttpResponse:
    messages.success(request, _("The new password is set. Sign in with it."))
    return HttpResponseRedirect(reverse("organizations:sign-in"))
