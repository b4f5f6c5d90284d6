"""Puts the actor (person and current position) on the request.

A session acts in one position. When that position is held no longer the session ends: what was begun in it cannot
go on in another one unnoticed. Who only stood in for somebody goes on in an own position, after being told; a form
that was on its way is dropped. A person who must set a new password first reaches nothing else.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib import auth, messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from organizations.actors import Actor
from organizations.models import Position, User
from organizations.requests import VisitorRequest
from organizations.selectors import ended_position, positions_of
from organizations.services import note_switch

POSITION_KEY = "position"
API = "/api/"
OPEN_WHILE_PASSWORD_IS_DUE = ("organizations:password", "organizations:sign-out")


class ActorMiddleware:
    """Sets `request.actor` (None when anonymous) and `request.positions` (what the person may switch between)."""

    def __init__(self, get_response: Callable[[VisitorRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: VisitorRequest) -> HttpResponse:
        request.actor = None
        request.positions = []
        request.ended_position = None
        if request.user.is_authenticated:
            self._identify(request, request.user)
        if request.actor is not None and request.ended_position is not None:
            return self._go_on(request, request.actor, request.ended_position)
        if request.actor is not None and request.actor.user.must_change_password:
            open_paths = [reverse(name) for name in OPEN_WHILE_PASSWORD_IS_DUE]
            if request.path not in open_paths:
                return HttpResponseRedirect(open_paths[0])
        return self.get_response(request)

    def _identify(self, request: VisitorRequest, user: User) -> None:
        positions = list(positions_of(user))
        chosen = request.session.get(POSITION_KEY)
        position = _pick(positions, chosen)
        if chosen is not None and position is None:
            request.ended_position = ended_position(user, chosen)
            position = _own(positions, request.ended_position)
            if position is None or request.path.startswith(API):
                auth.logout(request)
                return
            request.session[POSITION_KEY] = position.pk
        request.positions = positions
        request.actor = Actor(user=user, position=position, address=request.META.get("REMOTE_ADDR", ""))

    def _go_on(self, request: VisitorRequest, actor: Actor, ended: Position) -> HttpResponse:
        """Tell who stood in that this has ended, and answer with the page again, or with the first one after a form."""
        note_switch(actor)
        sentence = _("You no longer stand in for %(person)s (%(position)s). You now act as: %(own)s")
        person = ended.deputy_for.user.full_name if ended.deputy_for else ""
        values = {"person": person, "position": ended.get_kind_display(), "own": actor.position}
        messages.warning(request, sentence % values)
        target = request.get_full_path()
        if request.method not in ("GET", "HEAD"):
            messages.warning(request, _("What you sent was dropped: nothing was done."))
            target = settings.LOGIN_REDIRECT_URL
        if request.headers.get("HX-Request"):
            return HttpResponse(status=204, headers={"HX-Redirect": settings.LOGIN_REDIRECT_URL})
        return HttpResponseRedirect(target)


def _own(positions: list[Position], ended: Position | None) -> Position | None:
    """The position in which somebody who stood in for another goes on; None for who held the ended one themselves."""
    if ended is None or ended.deputy_for_id is None:
        return None
    return next((position for position in positions if position.deputy_for_id is None), None)


def _pick(positions: list[Position], chosen: int | None) -> Position | None:
    if chosen is None:
        return positions[0] if positions else None
    return next((position for position in positions if position.pk == chosen), None)
