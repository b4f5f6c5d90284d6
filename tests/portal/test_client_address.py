"""A client's address is what our own proxies say it is; what the client says of itself is not believed."""

from __future__ import annotations

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from pytest_django.fixtures import Settings

from portal.middleware import ClientAddressMiddleware
from portal.network import client_address, forwarded_address


def settled(settings: Settings, proxies: int, forwarded: str, remote: str = "10.0.0.9") -> HttpRequest:
    settings.TRUSTED_PROXIES = proxies
    seen = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(request)
        return HttpResponse()

    request = RequestFactory().get("/", REMOTE_ADDR=remote, HTTP_X_FORWARDED_FOR=forwarded)
    ClientAddressMiddleware(view)(request)
    return seen[0]


def test_without_a_proxy_the_header_is_not_believed(settings: Settings) -> None:
    request = settled(settings, 0, "1.2.3.4")
    assert client_address(request) == "10.0.0.9"


def test_behind_one_proxy_only_the_entry_that_it_wrote_counts(settings: Settings) -> None:
    request = settled(settings, 1, "1.2.3.4, 203.0.113.7")
    assert client_address(request) == "203.0.113.7"


def test_what_settles_the_address_leaves_no_header_for_others_to_believe(settings: Settings) -> None:
    assert "HTTP_X_FORWARDED_FOR" not in settled(settings, 1, "1.2.3.4, 203.0.113.7").META


@pytest.mark.parametrize("forwarded", ["", "not an address", "1.2.3.4, <script>"])
def test_a_header_that_makes_no_sense_leaves_the_peer(settings: Settings, forwarded: str) -> None:
    assert client_address(settled(settings, 1, forwarded)) == "10.0.0.9"


def test_fewer_entries_than_proxies_mean_that_somebody_came_past_them() -> None:
    assert forwarded_address("10.0.0.9", "1.2.3.4", 2) == "10.0.0.9"


def test_two_proxies_skip_what_the_client_wrote() -> None:
    assert forwarded_address("10.0.0.9", "6.6.6.6, 203.0.113.7, 10.0.0.1", 2) == "203.0.113.7"


def test_an_ipv6_client_is_kept() -> None:
    assert forwarded_address("10.0.0.9", "2001:db8::1", 1) == "2001:db8::1"


def test_sign_in_lockout_counts_by_the_same_address(settings: Settings) -> None:
    assert settings.AXES_CLIENT_IP_CALLABLE == "portal.network.client_address"
