"""Puts the actor (person and current position) on the request.

A session acts in one position. When that position is held no longer the session ends: what was begun in it cannot
go on in another one unnoticed. A person who must set a new password first reaches nothing else.
"""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import auth
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from organizations.actors import Actor
from organizations.models import Position, User
from organizations.requests import VisitorRequest
from organizations.selectors import ended_position, positions_of

POSITION_KEY = "position"
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
            auth.logout(request)
            return
        request.positions = positions
        request.actor = Actor(user=user, position=position, address=request.META.get("REMOTE_ADDR", ""))


def _pick(positions: list[Position], chosen: int | None) -> Position | None:
    if chosen is None:
        return positions[0] if positions else None
    return next((position for position in positions if position.pk == chosen), None)
