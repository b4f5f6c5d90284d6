"""What every page of the portal knows: who looks, where they may go, what waits for them.

Everything is lazy: a fragment that does not draw the shell asks the database nothing.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from organizations.actors import Actor
from portal import navigation
from portal.figures import of_request


def shell(request: HttpRequest) -> dict[str, Any]:
    """`actor`, `navigation`, `unread_notices`, `positions` and `jurisdiction_name` for templates."""
    actor = getattr(request, "actor", None)
    if not isinstance(actor, Actor):
        return {"actor": None}
    return {
        "actor": actor,
        "navigation": SimpleLazyObject(lambda: navigation.sections(actor, request)),
        "unread_notices": SimpleLazyObject(lambda: of_request(request, actor).unread),
        "positions": getattr(request, "positions", []),
        "jurisdiction_name": SimpleLazyObject(lambda: _jurisdiction_name(actor)),
    }


def _jurisdiction_name(actor: Actor) -> str:
    organization = actor.organization
    if organization is None:
        return ""
    jurisdiction = organization.jurisdiction
    return jurisdiction.name_zh if (get_language() or "").startswith("zh") else jurisdiction.name_en
