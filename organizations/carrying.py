"""What was typed survives the end of a session.

A form that is sent after the session ended is carried through the sign-in page: its fields are encrypted for the
person whose session it was (a signed cookie remembers who that was until they sign out), put into a hidden field, and
after the same person has signed in shown once more in a confirmation that sends them where they were meant to go.
A form that was opened before the same person signed in again in another tab is shown for sending likewise.
Nothing is kept on the server. Passwords, files and anything past the size limit are not carried.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.http import urlencode

from organizations.actors import Actor
from organizations.forms import SignInForm

WHO_COOKIE = "shutong_who"
WHO_COOKIE_AGE = 7 * 24 * 3600
BEFORE_KEY = "signed_in_before"
SIZE_LIMIT = 128 * 1024
FIELD_LIMIT = 500
LIFETIME = 3600
NEVER_CARRIED = ("csrfmiddlewaretoken", "carried")


@dataclass(frozen=True, slots=True)
class Carried:
    """A form on its way through the sign-in page: whose, where to, and its fields in order."""

    user_id: int
    url: str
    fields: list[tuple[str, str]]


def ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """The way of a request without a person: to the sign-in page and back; a form is carried along.

    A page is a redirect with `next`; a form answers 401 with the sign-in page in its place; htmx is told to go there.
    """
    if request.method in ("GET", "HEAD"):
        target = _to_sign_in(request.get_full_path())
        if request.headers.get("HX-Request"):
            return HttpResponse(status=401, headers={"HX-Redirect": _to_sign_in(_page_of(request))})
        return HttpResponseRedirect(target)
    carried = _gather(request)
    sealed = seal(carried) if carried else ""
    context = {
        "form": SignInForm(),
        "carried": sealed,
        "next": _page_of(request),
        "expired": True,
        "lost": not sealed,
        "ended_position": getattr(request, "ended_position", None),
    }
    response = render(request, "organizations/sign_in.html", context, status=401)
    if request.headers.get("HX-Request"):
        response["HX-Retarget"] = "body"
        response["HX-Reswap"] = "innerHTML"
    return response


def carried_again(request: HttpRequest, actor: Actor) -> Carried | None:
    """A form of this site that was opened before the same person signed in again elsewhere in this browser.

    None for a form from anywhere else, and when somebody else's session came before this one.
    """
    if not is_own_form(request) or request.session.get(BEFORE_KEY) != actor.user.pk:
        return None
    return _gather(request)


def is_own_form(request: HttpRequest) -> bool:
    """Whether the browser says that a page of this site sent the form, which then has a token of this site's."""
    own = request.headers.get("Origin", "") == f"{request.scheme}://{request.get_host()}"
    return own and "csrfmiddlewaretoken" in request.POST and not request.headers.get("HX-Request")


def remember_who(response: HttpResponse, actor: Actor) -> None:
    """Note in the browser, signed, whose session this is and in which position, until they sign out."""
    response.set_signed_cookie(
        WHO_COOKIE,
        f"{actor.user.pk}:{actor.position.pk if actor.position else 0}",
        max_age=WHO_COOKIE_AGE,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def remembered(request: HttpRequest) -> tuple[int, int] | None:
    """Ids of the person and the position of this browser's last session; None when they signed out or never were."""
    value = request.get_signed_cookie(WHO_COOKIE, default=None, max_age=WHO_COOKIE_AGE)
    if value is None:
        return None
    user_id, position_id = value.split(":")
    return int(user_id), int(position_id)


def forget_who(response: HttpResponse) -> None:
    response.delete_cookie(WHO_COOKIE, samesite="Lax")


def seal(carried: Carried) -> str:
    content = {"user": carried.user_id, "url": carried.url, "fields": carried.fields}
    return _fernet().encrypt(json.dumps(content, ensure_ascii=False).encode()).decode()


def unseal(sealed: str, *, user_id: int) -> Carried | None:
    """What was carried, if it is whole, not older than an hour and that person's; else None."""
    try:
        content = json.loads(_fernet().decrypt(sealed.encode(), ttl=LIFETIME))
    except (InvalidToken, UnicodeEncodeError, ValueError):
        return None
    if content["user"] != user_id:
        return None
    return Carried(content["user"], content["url"], [(name, value) for name, value in content["fields"]])


def _gather(request: HttpRequest) -> Carried | None:
    who = remembered(request)
    if who is None or request.method != "POST" or int(request.META.get("CONTENT_LENGTH") or 0) > SIZE_LIMIT * 4:
        return None
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name not in NEVER_CARRIED and "password" not in name.lower()
    ]
    size = sum(len(name.encode()) + len(value.encode()) for name, value in fields)
    if not fields or len(fields) > FIELD_LIMIT or size > SIZE_LIMIT:
        return None
    return Carried(who[0], request.get_full_path(), fields)


def _page_of(request: HttpRequest) -> str:
    """The page on which a form or fragment stood: where to return when nothing can be carried."""
    referer = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    origin = f"{request.scheme}://{request.get_host()}"
    return referer[len(origin) :] if referer.startswith(f"{origin}/") else "/"


def _to_sign_in(target: str) -> str:
    return f"{reverse('organizations:sign-in')}?{urlencode({REDIRECT_FIELD_NAME: target})}"


def _fernet() -> Fernet:
    key = salted_hmac("organizations.carrying", "key", algorithm="sha256").digest()
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(key).digest()))
