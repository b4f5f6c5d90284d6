"""Keys to the API: hashed, expiring, revocable, bound to a position."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from audit.models import AuditEntry
from organizations import selectors, services
from organizations.actors import Actor
from organizations.errors import BadInput, Conflict, NotKnown, NotPermitted
from organizations.models import ApiToken, User
from organizations.services.tokens import LONGEST_LIFETIME, TOKENS_PER_POSITION
from tests.cast import PASSWORD, SYSTEM, Cast, signed_in_client


def ask(actor: Actor, **fields: object) -> object:
    body = {"username": actor.user.username, "password": PASSWORD, **fields}
    return Client().post("/api/v1/auth/token/", body, content_type="application/json")


def test_account_and_password_give_a_token(outsider: Actor) -> None:
    answer = ask(outsider)
    assert answer.status_code == 200
    token = selectors.live_token(answer.json()["token"])
    assert token.position == outsider.position
    assert "no-store" in answer["Cache-Control"]


def test_only_the_hash_is_kept(outsider: Actor) -> None:
    issued = services.issue_token(outsider)
    row = ApiToken.objects.values().get()
    assert issued.token not in " ".join(str(value) for value in row.values())
    assert issued.token not in str(AuditEntry.objects.filter(verb="token.issue").get().data)


def test_a_wrong_password_gives_none(outsider: Actor) -> None:
    answer = ask(outsider, **{"password": "wrong"})
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "not_authenticated"


def test_missing_fields_are_named(db: None) -> None:
    answer = Client().post("/api/v1/auth/token/", {}, content_type="application/json")
    assert answer.status_code == 400
    assert set(answer.json()["error"]["fields"]) == {"username", "password"}


def test_who_holds_several_positions_names_one(outsider: Actor, cast: Cast) -> None:
    second = services.give_position(SYSTEM, user=outsider.user, organization=cast.enshi.provider, kind="leader")
    assert "position" in ask(outsider).json()["error"]["fields"]
    assert ask(outsider, position=second.pk).json()["position"] == second.pk
    assert ask(outsider, position=cast.enshi.auditor.position.pk).status_code == 400


def test_who_holds_no_position_gets_no_token(outsider: Actor) -> None:
    services.leave_position(SYSTEM, outsider.position.pk)
    assert ask(outsider).status_code == 403


def test_who_must_change_the_password_gets_no_token(outsider: Actor) -> None:
    User.objects.filter(pk=outsider.user.pk).update(must_change_password=True)
    assert ask(outsider).status_code == 403


def test_an_expired_a_revoked_and_an_unknown_token_are_refused(outsider: Actor) -> None:
    expiring = services.issue_token(outsider, lifetime=timedelta(minutes=5))
    revoked = services.issue_token(outsider)
    services.revoke_token(outsider, revoked.row.pk)
    assert selectors.live_token(expiring.token) is not None
    assert selectors.live_token(revoked.token) is None
    assert selectors.live_token("unknown") is None
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert selectors.live_token(expiring.token) is None


@pytest.mark.parametrize("header", ["Token wrong", "Token", "Token a b"])
def test_a_bad_token_is_401_even_where_a_session_would_do(outsider: Actor, header: str) -> None:
    client = APIClient()
    client.cookies = signed_in_client(outsider).cookies
    answer = client.get("/api/v1/auth/me/", HTTP_AUTHORIZATION=header)
    assert answer.status_code == 401


def test_a_token_acts_in_its_position(outsider: Actor, cast: Cast) -> None:
    second = services.give_position(SYSTEM, user=outsider.user, organization=cast.enshi.provider, kind="leader")
    issued = services.issue_token(Actor(outsider.user, second))
    answer = APIClient().get("/api/v1/auth/me/", HTTP_AUTHORIZATION=f"Token {issued.token}")
    assert answer.json()["position"]["id"] == second.pk
    assert ApiToken.objects.get(pk=issued.row.pk).last_used_at is not None


def test_a_session_reads_the_api_in_its_position(outsider: Actor) -> None:
    answer = signed_in_client(outsider).get("/api/v1/auth/me/")
    assert answer.json()["position"]["id"] == outsider.position.pk
    assert Client().get("/api/v1/auth/me/").status_code == 401


def test_a_token_of_a_closed_account_is_refused(outsider: Actor) -> None:
    issued = services.issue_token(outsider)
    User.objects.filter(pk=outsider.user.pk).update(is_active=False)
    assert selectors.live_token(issued.token) is None


def test_nobody_revokes_or_sees_anothers_token(outsider: Actor, provider_leader: Actor, auditor: Actor) -> None:
    row = services.issue_token(provider_leader).row
    for stranger in (outsider, auditor):
        with pytest.raises(NotKnown):
            services.revoke_token(stranger, row.pk)
        assert not selectors.own_tokens(stranger).exists()
    assert signed_in_client(outsider).post(f"/account/tokens/{row.pk}/revoke/").status_code == 404


def test_the_administrator_revokes_within_the_jurisdiction(administrator: Actor, outsider: Actor, cast: Cast) -> None:
    services.revoke_token(administrator, services.issue_token(outsider).row.pk)
    row = services.issue_token(cast.xianyang.outsider).row
    with pytest.raises(NotKnown):
        services.revoke_token(administrator, row.pk)


def test_lifetime_and_number_are_bounded(outsider: Actor) -> None:
    with pytest.raises(BadInput):
        services.issue_token(outsider, lifetime=LONGEST_LIFETIME + timedelta(days=1))
    for _token in range(TOKENS_PER_POSITION):
        services.issue_token(outsider)
    with pytest.raises(Conflict):
        services.issue_token(outsider)


def test_a_token_of_a_position_that_is_not_held_is_not_issued(outsider: Actor) -> None:
    services.leave_position(SYSTEM, outsider.position.pk)
    outsider.position.refresh_from_db()
    with pytest.raises(NotPermitted):
        services.issue_token(outsider)


def test_the_page_shows_a_token_once(outsider: Actor) -> None:
    browser = signed_in_client(outsider)
    page = browser.post("/account/tokens/", {"label": "夜间任务", "lifetime": "7d"})
    token = page.context["issued"].token
    assert token in page.content.decode()
    assert token not in browser.get("/account/tokens/").content.decode()
    row = ApiToken.objects.get()
    assert browser.post(f"/account/tokens/{row.pk}/revoke/").status_code == 302
    assert selectors.live_token(token) is None
