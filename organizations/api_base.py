"""What every room's API shares: who asks, and pages by sealed cursor.

Errors have one shape wherever they come from: views raise `organizations.errors` or the framework's own, and the
portal turns them into `{"error": {"code", "message", "fields", "details", …}}`.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import signing
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import authentication, exceptions, permissions
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

from organizations import errors, selectors, services
from organizations.actors import Actor
from organizations.models import ApiToken, User

CURSOR_SALT = "organizations.api_base.cursor"


class TokenAuthentication(authentication.BaseAuthentication):
    """`Authorization: Token …`: the person acts in the position that the token is bound to.

    Refuses (401) a token that is unknown, expired, revoked, or whose position is held no longer.
    """

    keyword = "Token"

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        parts = (request.headers.get("Authorization") or "").split()
        if not parts or parts[0].lower() != self.keyword.lower():
            return None
        row = selectors.live_token(parts[1]) if len(parts) == 2 else None
        if row is None:
            raise exceptions.AuthenticationFailed(_("The token is not valid."))
        user = row.position.user
        services.note_token_use(row)
        actor = Actor(user, row.position, request.META.get("REMOTE_ADDR", ""))
        request._request.actor = actor  # type: ignore[attr-defined]
        return user, row

    def authenticate_header(self, request: Request) -> str:
        return self.keyword


class SessionAuthentication(authentication.SessionAuthentication):
    """The browser's session, with its position, and with the CSRF check for what writes."""

    def authenticate_header(self, request: Request) -> str:
        """A challenge makes the answer to a stranger 401 and not 403."""
        return "Session"


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "organizations.api_base.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": "`Token …`"}


class SessionScheme(OpenApiAuthenticationExtension):
    target_class = "organizations.api_base.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}


class HasPosition(permissions.BasePermission):
    """Deny by default: only who acts in a position."""

    message = _("You hold no position.")

    def has_permission(self, request: Request, view: Any) -> bool:
        actor = getattr(request, "actor", None)
        return bool(request.user and request.user.is_authenticated and actor is not None and actor.position is not None)


class SealedCursorPagination(CursorPagination):
    """Pages by key. The cursor is signed: a caller can neither read it usefully nor make one up.

    Answers `{"next", "previous", "results"}`. A view sets `ordering` to unique columns.
    """

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
    ordering = ("pk",)

    def decode_cursor(self, request: Request) -> Cursor | None:
        sealed = request.query_params.get(self.cursor_query_param)
        if sealed is None:
            return None
        try:
            offset, reverse, position = signing.loads(sealed, salt=CURSOR_SALT)
        except signing.BadSignature as wrong:
            raise errors.BadInput(_("The cursor is not valid."), {"cursor": _("Start from the first page.")}) from wrong
        return Cursor(offset=offset, reverse=reverse, position=position)

    def encode_cursor(self, cursor: Cursor) -> str:
        sealed = signing.dumps([cursor.offset, cursor.reverse, cursor.position], salt=CURSOR_SALT)
        return replace_query_param(self.base_url or "", self.cursor_query_param, sealed)
