"""Refusing and slowing repeated sign-ins.

Ordinary accounts are locked for a while after repeated failures; the failures are kept in PostgreSQL. The account of
an administrator is never locked, otherwise anybody could keep the administrator out; instead each address that
failed on it waits, twice as long after every failure, up to a minute. The administrator's own address waits for nobody.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from axes.conf import settings as axes_settings
from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_client_ip_address, get_client_username, get_cool_off, get_failure_limit
from axes.models import AccessAttempt
from django.db.models import Max, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from organizations.errors import TooMany
from organizations.models import Position
from organizations.selectors import administrating_organizations
from organizations.services import note_failed_sign_in

FREE_FAILURES = 3
LONGEST_WAIT = 60
Credentials = dict[str, str] | None


def never_locked(request: HttpRequest, credentials: Credentials) -> bool:
    """True for the account of somebody who is administrator today."""
    username = (get_client_username(request, credentials) or "").strip().lower()
    held = Position.objects.held_on(timezone.localdate())
    return held.filter(user__username=username, kind=Position.Kind.ADMINISTRATOR).exists()


class LockoutHandler(AxesDatabaseHandler):
    """Axes' record of failures, with the administrators' rule."""

    def get_failures(self, request: HttpRequest, credentials: Credentials = None) -> int:
        if not never_locked(request, credentials):
            return super().get_failures(request, credentials)
        return get_failure_limit(request, credentials) if waiting_seconds(request, credentials) else 0

    def user_login_failed(
        self, sender: object, credentials: dict[str, str], request: HttpRequest | None = None, **kwargs: object
    ) -> None:
        """Count a failure and record it; attempts during a lock are neither, so that they cannot fill the record."""
        before = bool(getattr(request, "axes_locked_out", False))
        super().user_login_failed(sender, credentials, request, **kwargs)
        if request is not None and not before:
            note_failed_sign_in(
                username=get_client_username(request, credentials) or "",
                address=get_client_ip_address(request) or "",
                locked=bool(getattr(request, "axes_locked_out", False)),
            )


def waiting_seconds(request: HttpRequest, credentials: Credentials, now: datetime | None = None) -> int:
    """How long this address must wait before it may try this administrator's account again; 0: not at all."""
    now = now or timezone.now()
    mine = AccessAttempt.objects.filter(
        username=get_client_username(request, credentials), ip_address=get_client_ip_address(request)
    )
    sums = mine.aggregate(failures=Sum("failures_since_start"), last=Max("attempt_time"))
    beyond = (sums["failures"] or 0) - FREE_FAILURES
    if beyond < 0:
        return 0
    wait = min(2 ** min(beyond, 10), LONGEST_WAIT)
    return max(0, round((sums["last"] + timedelta(seconds=wait) - now).total_seconds()))


def remaining_seconds(request: HttpRequest, credentials: Credentials) -> int:
    """How long the refusal that was just given will last."""
    if never_locked(request, credentials):
        return max(1, waiting_seconds(request, credentials))
    failed = LockoutHandler().filter_user_attempts(request, credentials)
    last = max((found for rows in failed if (found := rows.aggregate(last=Max("attempt_time"))["last"])), default=None)
    cool_off = get_cool_off(request)
    if last is None or cool_off is None:
        return 0
    return max(1, round((last + cool_off - timezone.now()).total_seconds()))


def refusal(request: HttpRequest, credentials: Credentials) -> TooMany:
    """What the API answers to a refused sign-in."""
    seconds = remaining_seconds(request, credentials)
    return TooMany(_("Too many failed sign-ins. Try again in %(seconds)s seconds.") % {"seconds": seconds}, seconds)


def locked_response(
    request: HttpRequest, original_response: HttpResponse | None, credentials: Credentials
) -> HttpResponse:
    """The page of a refused sign-in: how long it lasts and whom to ask (429). The API's own answer stays."""
    status = axes_settings.AXES_HTTP_RESPONSE_CODE
    if original_response is not None and original_response.status_code == status:
        return original_response
    seconds = remaining_seconds(request, credentials)
    context = {
        "seconds": seconds,
        "minutes": -(-seconds // 60),
        "administrators": administrating_organizations(),
    }
    response = render(request, "organizations/locked.html", context, status=status)
    response["Retry-After"] = str(seconds)
    return response
