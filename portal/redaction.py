"""Secrets that stand in addresses never reach the logs.

The rule: what a URL pattern captures under one of SECRET_NAMES, or a query parameter of that name, is logged as "…".
"""

from __future__ import annotations

import logging
from urllib.parse import parse_qsl, quote, unquote, urlencode

from django.http import HttpRequest
from django.urls import Resolver404, resolve
from django_structlog.middlewares import RequestMiddleware

SECRET_NAMES = frozenset({"token", "uid", "uidb64", "secret"})
HIDDEN = "…"


def _secrets_in(path: str) -> set[str]:
    """What the pattern of this path captures as secret. A path that only lacks its last slash is looked up with it."""
    for tried in (path, f"{path}/"):
        try:
            captured = resolve(tried).kwargs
        except Resolver404:
            continue
        return {str(value) for name, value in captured.items() if name in SECRET_NAMES}
    return set()


def safe_path(path: str) -> str:
    """A path with its secret segments hidden."""
    hidden = _secrets_in(path)
    return "/".join(HIDDEN if segment and segment in hidden else segment for segment in path.split("/"))


def safe_address(request: HttpRequest) -> str:
    """The path and query of a request as logs may hold them, percent-encoded like the original."""
    query = parse_qsl(request.META.get("QUERY_STRING", ""), keep_blank_values=True)
    shown = urlencode([(name, HIDDEN if name in SECRET_NAMES else value) for name, value in query], safe=HIDDEN)
    path = quote(safe_path(unquote(request.path)), safe=f"/:@!$&'()*+,;={HIDDEN}")
    return f"{path}?{shown}" if shown else path


class SafeRequestMiddleware(RequestMiddleware):  # type: ignore[misc]
    """Logs of requests, without the secrets in their addresses."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return f"{request.method} {safe_address(request)}"


class SafePaths(logging.Filter):
    """Hides the secrets of paths in messages of Django's own loggers, which name the path of a refused request."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest) and isinstance(record.args, tuple):
            shown = safe_path(request.path)
            record.args = tuple(shown if value == request.path else value for value in record.args)
        return True
