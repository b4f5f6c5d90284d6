"""Doors of views: `signed_in` asks for a person, `holds` for a position of certain kinds."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpResponseBase
from django.utils.translation import gettext as _

from organizations.carrying import ask_to_sign_in
from organizations.errors import NotPermitted
from organizations.requests import ActorRequest, VisitorRequest

View = Callable[..., HttpResponseBase]


def signed_in(view: View) -> View:
    """Only for who is signed in; anybody else sees the sign-in page and returns here, with what was typed."""

    @wraps(view)
    def guarded(request: VisitorRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.actor is None:
            return ask_to_sign_in(request)
        return view(request, *args, **kwargs)

    return guarded


def holds(*kinds: str) -> Callable[[View], View]:
    """Only for who acts in a position of one of these kinds; without kinds, of any kind. Raises NotPermitted."""

    def decorate(view: View) -> View:
        @signed_in
        @wraps(view)
        def guarded(request: ActorRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.actor.kind:
                raise NotPermitted(_("You hold no position. Ask your administrator for one."))
            if kinds and request.actor.kind not in kinds:
                raise NotPermitted(_("Your position does not allow this. Switch to another one if you hold it."))
            return view(request, *args, **kwargs)

        return guarded

    return decorate
