"""What every response carries: the policy, the request's id, and nothing that a shared PC may keep."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import Settings

from audit import services as audit
from organizations.actors import Actor
from tests.cast import SYSTEM

ClientFor = Callable[[Actor], Client]


def test_every_response_carries_the_policy_and_its_requests_id(client: Client) -> None:
    for path in ("/healthz", "/nothing-here/", "/static/nothing.css"):
        response = client.get(path)
        assert "default-src 'self'" in response.headers["Content-Security-Policy"]
        assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert len(client.get("/nothing-here/").headers["X-Request-ID"]) == 36


@pytest.mark.django_db
def test_pages_of_people_who_are_signed_in_stay_in_no_cache(client_for: ClientFor, applicant_handler: Actor) -> None:
    client = client_for(applicant_handler)
    for path in ("/", "/account/", "/nothing-here/"):
        assert "no-store" in client.get(path).headers["Cache-Control"], path


@pytest.mark.django_db
def test_after_signing_out_the_same_address_shows_nothing(client_for: ClientFor, applicant_handler: Actor) -> None:
    client = client_for(applicant_handler)
    assert client.get("/account/").status_code == 200
    client.logout()
    response = client.get("/account/")
    assert response.status_code in {302, 403, 404}
    assert applicant_handler.user.full_name not in response.content.decode()


@pytest.mark.django_db
def test_a_session_in_use_is_kept_alive_but_not_written_at_every_click(
    client_for: ClientFor, applicant_handler: Actor
) -> None:
    client = client_for(applicant_handler)
    client.get("/account/")
    first = client.session["touched"]
    client.get("/account/")
    assert client.session["touched"] == first
    session = client.session
    session["touched"] = first - 120
    session.save()
    client.get("/account/")
    assert client.session["touched"] >= first


def test_a_probe_answers_whatever_host_it_is_asked_by(client: Client) -> None:
    assert client.get("/healthz", HTTP_HOST="10.1.2.3").status_code == 200


@pytest.mark.django_db
def test_what_is_not_ready_is_named(client: Client) -> None:
    response = client.get("/readyz")
    assert response.status_code == 503
    assert "packs" in json.loads(response.content)["wrong"]


@pytest.mark.django_db
def test_an_audit_record_far_behind_with_its_seals_is_degraded_and_stays_in_service(
    client: Client, settings: Settings
) -> None:
    """Degraded has a sentence of its own and the seconds; only what is wrong makes the probe fail."""
    audit.record(verb="test.write", who=SYSTEM.who, subject="test", subject_id="1")
    settings.AUDIT_SEAL_LAG_LIMIT = -1
    found = json.loads(client.get("/readyz").content)
    assert "at most -1" in found["degraded"]["audit_seal"]
    assert found["audit_seal_lag_seconds"] >= 0
    assert "audit_seal" not in found["wrong"]
    settings.AUDIT_SEAL_LAG_LIMIT = 300
    assert json.loads(client.get("/readyz").content)["degraded"] == {}
