"""What a person sets up for daily work: mails, the calendar feed, saved filters. And the feed itself."""

from __future__ import annotations

import hashlib

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from cases import agenda, filters, services
from organizations.access import signed_in
from organizations.errors import NotKnown

SHOWN_ONCE = "shown-once-calendar"


@require_GET
@signed_in
def overview(request: HttpRequest) -> HttpResponse:
    """A new secret address is shown by the first page after it was made, and by no other."""
    context = {
        "mail": agenda.mail_preference(request.actor),
        "feed": agenda.feed_of(request.actor),
        "filters": filters.all_saved(request.actor),
        "address": request.session.pop(SHOWN_ONCE, ""),
    }
    return render(request, "cases/settings.html", context)


@require_POST
@signed_in
def choose_mail(request: HttpRequest) -> HttpResponse:
    services.choose_mail(request.actor, immediate="immediate" in request.POST, digest="digest" in request.POST)
    messages.success(request, _("Your choice of mails is saved."))
    return redirect("cases:settings")


@require_POST
@signed_in
def issue_feed(request: HttpRequest) -> HttpResponse:
    """A new secret address. It waits in the session and is shown once, by the page that follows."""
    issued = services.issue_calendar_feed(request.actor)
    path = reverse("cases:calendar-feed", args=[issued.token])
    request.session[SHOWN_ONCE] = request.build_absolute_uri(path)
    return redirect("cases:settings")


@require_POST
@signed_in
def revoke_feed(request: HttpRequest) -> HttpResponse:
    services.revoke_calendar_feed(request.actor)
    messages.success(request, _("The address of your calendar has ended."))
    return redirect("cases:settings")


@require_safe
def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:
    """The due dates of the person whose secret address this is, for calendar programs, which sign in nowhere."""
    feed = agenda.feed_by_token(token)
    if feed is None:
        raise NotKnown(_("There is no such calendar."))
    services.note_feed_use(feed)
    with translation.override(feed.user.language):
        content = agenda.calendar_file(feed.user, timezone.now(), request.build_absolute_uri("/").rstrip("/"))
    etag = quote_etag(hashlib.sha256(content).hexdigest()[:32])
    headers = {"ETag": etag, "Cache-Control": "private, no-cache", "Content-Disposition": 'inline; filename="due.ics"'}
    answer = HttpResponse(content, content_type="text/calendar; charset=utf-8", headers=headers)
    return get_conditional_response(request, etag=etag, response=answer) or answer
