"""Whose address a request comes from: only our own reverse proxies are believed."""

from __future__ import annotations

from ipaddress import ip_address

from django.http import HttpRequest


def forwarded_address(remote: str, forwarded: str, proxies: int) -> str:
    """The client's address, given the peer's, the X-Forwarded-For header and how many proxies of ours stand before.

    Each of our proxies appends the address it was called from, so with N proxies the client is the Nth entry from
    the right; everything further left was written by the client and is not believed.
    """
    if proxies < 1:
        return remote
    entries = [entry.strip() for entry in forwarded.split(",") if entry.strip()]
    if len(entries) < proxies:
        return remote
    try:
        return str(ip_address(entries[-proxies]))
    except ValueError:
        return remote


def client_address(request: HttpRequest) -> str:
    """The address ClientAddressMiddleware settled on."""
    return str(request.META.get("REMOTE_ADDR", ""))
