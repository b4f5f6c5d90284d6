"""Types of requests as views see them: with the actor that the middleware or the token put there.

`ActorRequest` is for views behind `signed_in` or `holds`, `ApiRequest` for API views that are not open to strangers.
"""

from __future__ import annotations

from django.http import HttpRequest
from rest_framework.request import Request

from organizations.actors import Actor
from organizations.models import Position


class ActorRequest(HttpRequest):
    """A browser's request of a person who is signed in."""

    actor: Actor
    positions: list[Position]


class VisitorRequest(HttpRequest):
    """A browser's request of anybody."""

    actor: Actor | None
    positions: list[Position]
    ended_position: Position | None


class ApiRequest(Request):
    """An API request of a person who is signed in by session or token."""

    actor: Actor
