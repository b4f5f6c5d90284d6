"""What every request passes: the client's address, the security headers, the session's end, the error pages."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers, patch_cache_control

from portal.errors import error_page, is_api, no_such_method, page_for
from portal.network import forwarded_address

GetResponse = Callable[[HttpRequest], HttpResponse]
TOUCH_EVERY_SECONDS = 60
NO_SUCH_METHOD = 405


class ClientAddressMiddleware:
    """Settles the client's address once, so that nothing behind it reads a header that a client can write."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        forwarded = request.META.pop("HTTP_X_FORWARDED_FOR", "")
        remote = request.META.get("REMOTE_ADDR", "")
        request.META["REMOTE_ADDR"] = forwarded_address(remote, forwarded, settings.TRUSTED_PROXIES)
        return self.get_response(request)


class SecurityHeadersMiddleware:
    """Adds the Content-Security-Policy and Permissions-Policy to every response."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.policy = "; ".join(f"{name} {' '.join(v)}" for name, v in settings.CONTENT_SECURITY_POLICY.items())

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", self.policy)
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        return response


class RequestIdMiddleware:
    """Puts the id under which the logs know this request on the request and on the response."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = structlog.contextvars.get_contextvars().get("request_id", "")
        request.request_id = request_id  # type: ignore[attr-defined]
        structlog.contextvars.bind_contextvars(address=request.META.get("REMOTE_ADDR", ""))
        response = self.get_response(request)
        response.headers["X-Request-ID"] = request_id
        return response


class SessionMiddleware:
    """Keeps a session in use alive and lets nothing that a signed-in person saw stay in the browser.

    The session's end moves at most once a minute; pages of signed-in people are `no-store`, so that the back button
    on a shared PC shows nothing after signing out.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        signed_in = request.user.is_authenticated
        if signed_in and time.time() - request.session.get("touched", 0) > TOUCH_EVERY_SECONDS:
            request.session["touched"] = int(time.time())
        response = self.get_response(request)
        if signed_in or request.user.is_authenticated:
            if not response.has_header("Cache-Control"):
                add_never_cache_headers(response)
            patch_cache_control(response, no_store=True, private=True)
        return response


class ErrorPageMiddleware:
    """Turns what a view refuses into the page of its status, and refuses addresses that no database can look up.

    A request by a method that a page does not take gets a page too.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        bare = response.status_code == NO_SUCH_METHOD and not is_api(request) and not response.content
        return no_such_method(request, response) if bare else response

    def process_view(self, request: HttpRequest, *view: object) -> HttpResponse | None:
        """A NUL character in the path or the query is nobody's honest input, and PostgreSQL takes none."""
        if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return error_page(request, 400)
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return page_for(request, exception)
