"""Secrets in addresses never reach the logs, whoever writes the line."""

from __future__ import annotations

import logging

import pytest
from django.http import HttpRequest
from django.test import RequestFactory
from django.urls import reverse
from structlog.testing import capture_logs

from organizations.actors import Actor
from portal.redaction import SafePaths, SafeRequestMiddleware, safe_path
from tests.cast import signed_in_client

TOKEN = "c8x3f1-0123456789abcdef"  # noqa: S105
ADDRESS = f"/password/mail/MTI/{TOKEN}/"
HIDDEN = "/password/mail/…/…/"


def test_the_address_under_test_is_the_one_that_is_mailed() -> None:
    assert reverse("organizations:mail-reset", args=["MTI", TOKEN]) == ADDRESS


@pytest.mark.parametrize("path", [ADDRESS, ADDRESS.rstrip("/")])
def test_segments_that_a_pattern_captures_as_secret_are_hidden(path: str) -> None:
    """Also where the last slash was lost, which no pattern matches."""
    assert safe_path(path).rstrip("/") == HIDDEN.rstrip("/")


def test_other_addresses_stay_readable() -> None:
    for path in ("/", "/organizations/12/", "/account/tokens/7/revoke/", "/no/such/place/", "/区划/"):
        assert safe_path(path) == path


def test_query_parameters_of_these_names_are_hidden() -> None:
    request = RequestFactory().get("/resources/?q=区划&token=abc&token=def")
    logged = SafeRequestMiddleware.format_request(request)
    assert "abc" not in logged
    assert "def" not in logged
    assert logged.startswith("GET /resources/?q=")


@pytest.mark.django_db
def test_no_line_of_a_request_holds_the_token(outsider: Actor) -> None:
    """Neither those of the request's beginning and end, nor Django's own on a refused link."""
    seen: list[str] = []
    handler = logging.Handler()
    handler.addFilter(SafePaths())
    handler.emit = lambda record: seen.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger("django.request").addHandler(handler)
    try:
        with capture_logs() as lines:
            assert signed_in_client(outsider).get(ADDRESS).status_code == 403
    finally:
        logging.getLogger("django.request").removeHandler(handler)
    assert [line for line in lines if line["event"] == "request_finished"]
    assert seen == [f"Forbidden: {HIDDEN}"]
    assert TOKEN not in repr(lines)


def test_the_handler_that_writes_the_logs_has_the_filter(settings: object) -> None:
    handler = settings.LOGGING["handlers"]["stdout"]  # type: ignore[attr-defined]
    assert handler["filters"] == ["safe_paths"]
    record = logging.LogRecord("django.request", logging.WARNING, "", 0, "%s: %s", ("Gone", ADDRESS), None)
    request: HttpRequest = RequestFactory().get(ADDRESS)
    record.request = request
    SafePaths().filter(record)
    assert record.getMessage() == f"Gone: {HIDDEN}"
