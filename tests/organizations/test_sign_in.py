"""Signing in: the way back, lockout, sessions that end, forms that survive them."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from audit.models import AuditEntry
from organizations import services, tasks
from organizations.actors import Actor
from organizations.carrying import LIFETIME, Carried, seal, unseal
from organizations.middleware import POSITION_KEY
from organizations.models import ApiToken
from organizations.second_factor import planned_for
from tests.cast import PASSWORD, SYSTEM, Cast, signed_in_client

LIMIT = settings.AXES_FAILURE_LIMIT


def sign_in(browser: Client, actor: Actor, password: str = PASSWORD, **fields: str) -> object:
    return browser.post("/sign-in/", {"username": actor.user.username, "password": password, **fields})


def test_signing_in_leads_back_to_the_page_that_asked(outsider: Actor) -> None:
    browser = Client()
    asked = browser.get("/organizations/?q=x")
    assert asked["Location"] == "/sign-in/?next=%2Forganizations%2F%3Fq%3Dx"
    answer = sign_in(browser, outsider, next="/organizations/?q=x")
    assert answer["Location"] == "/organizations/?q=x"
    assert browser.session[POSITION_KEY] == outsider.position.pk
    assert AuditEntry.objects.filter(verb="session.sign_in", person_id=outsider.user.pk).count() == 1


@pytest.mark.parametrize("target", ["https://elsewhere.test/", "//elsewhere.test/", "javascript:alert(1)"])
def test_signing_in_never_leads_to_another_site(outsider: Actor, target: str) -> None:
    assert sign_in(Client(), outsider, next=target)["Location"] == "/"


def test_the_account_name_is_taken_in_any_case(outsider: Actor) -> None:
    answer = Client().post("/sign-in/", {"username": " Enshi.OUTSIDER ", "password": PASSWORD})
    assert answer.status_code == 302


def test_a_wrong_password_and_an_unknown_account_look_the_same(outsider: Actor) -> None:
    wrong = sign_in(Client(), outsider, "wrong")
    unknown = Client().post("/sign-in/", {"username": "nobody", "password": "wrong"})
    assert wrong.context["form"].errors == unknown.context["form"].errors


def test_repeated_failures_lock_the_account_and_say_how_long_and_whom_to_ask(outsider: Actor, cast: Cast) -> None:
    browser = Client()
    for _attempt in range(LIMIT):
        answer = sign_in(browser, outsider, "wrong")
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= settings.AXES_COOLOFF_TIME * 3600
    assert cast.enshi.bureau.name in answer.content.decode()
    assert sign_in(browser, outsider).status_code == 429
    assert AccessAttempt.objects.filter(username=outsider.user.username).exists()


def test_failures_are_on_the_record_and_cannot_fill_it(outsider: Actor) -> None:
    """Each failure up to the lock is one entry; what is tried during the lock is none. No password is in it."""
    browser = Client(REMOTE_ADDR="192.0.2.9")
    for _attempt in range(LIMIT + 5):
        sign_in(browser, outsider, "wrong-secret")
    entries = AuditEntry.objects.filter(verb__in=["session.fail", "session.lock"]).order_by("pk")
    assert [entry.verb for entry in entries] == ["session.fail"] * (LIMIT - 1) + ["session.lock"]
    assert {(entry.person, entry.address) for entry in entries} == {(outsider.user.username, "192.0.2.9")}
    assert not any("wrong-secret" in str(entry.data) for entry in entries)


def test_a_lock_ends_by_itself(outsider: Actor) -> None:
    browser = Client()
    for _attempt in range(LIMIT):
        sign_in(browser, outsider, "wrong")
    later = timezone.now() + timedelta(hours=settings.AXES_COOLOFF_TIME, minutes=1)
    with time_machine.travel(later):
        assert sign_in(browser, outsider).status_code == 302


def test_trying_on_during_a_lock_does_not_lengthen_it(outsider: Actor) -> None:
    browser = Client()
    for _attempt in range(LIMIT):
        sign_in(browser, outsider, "wrong")
    start = timezone.now()
    for minute in (5, 10):
        with time_machine.travel(start + timedelta(minutes=minute)):
            assert sign_in(browser, outsider, "wrong").status_code == 429
    with time_machine.travel(start + timedelta(hours=settings.AXES_COOLOFF_TIME, minutes=1)):
        assert sign_in(browser, outsider).status_code == 302


def test_an_administrator_is_never_locked_out(administrator: Actor) -> None:
    """However often somebody else fails on the account, the administrator signs in from the own address."""
    attacker = Client(REMOTE_ADDR="192.0.2.7")
    for _attempt in range(LIMIT * 4):
        sign_in(attacker, administrator, "wrong")
    assert sign_in(Client(REMOTE_ADDR="192.0.2.8"), administrator).status_code == 302


def test_an_address_that_fails_on_an_administrators_account_is_slowed(administrator: Actor) -> None:
    attacker = Client(REMOTE_ADDR="192.0.2.7")
    with time_machine.travel(timezone.now(), tick=False) as clock:
        answers = [sign_in(attacker, administrator, "wrong") for _attempt in range(LIMIT)]
        assert answers[-1].status_code == 429
        assert 0 < int(answers[-1]["Retry-After"]) <= 60
        assert sign_in(attacker, administrator).status_code == 429
        clock.shift(timedelta(seconds=61))
        assert sign_in(attacker, administrator).status_code == 302


def test_the_api_has_the_same_lockout(outsider: Actor) -> None:
    browser = Client()
    body = {"username": outsider.user.username, "password": "wrong"}
    for _attempt in range(LIMIT):
        answer = browser.post("/api/v1/auth/token/", body, content_type="application/json")
    assert answer.status_code == 429
    assert answer.json()["error"]["code"] == "too_many"
    assert int(answer["Retry-After"]) > 0
    assert sign_in(browser, outsider).status_code == 429


def test_wrong_codes_are_locked_apart_from_sign_in(administrator: Actor, outsider: Actor) -> None:
    browser = Client()
    body = {"username": outsider.user.username, "code": "x", "password": PASSWORD, "password_again": PASSWORD}
    answers = [browser.post("/password/code/", body).status_code for _attempt in range(LIMIT + 1)]
    assert answers[0] == 200
    assert answers[-1] == 429
    assert sign_in(browser, outsider).status_code == 302
    assert not AccessAttempt.objects.filter(post_data__contains=PASSWORD).exists()


def test_a_code_unlocks_who_forgot_the_password(administrator: Actor, outsider: Actor) -> None:
    browser = Client()
    for _attempt in range(LIMIT):
        sign_in(browser, outsider, "forgotten")
    code = services.issue_reset_code(administrator, user_id=outsider.user.pk)
    new = "another-Staple-42"
    body = {"username": outsider.user.username, "code": code, "password": new, "password_again": new}
    assert browser.post("/password/code/", body).status_code == 302
    assert sign_in(browser, outsider, new).status_code == 302


def test_signing_out_leaves_nothing(outsider: Actor) -> None:
    browser = Client()
    sign_in(browser, outsider)
    page = browser.get("/account/")
    assert "no-store" in page["Cache-Control"]
    browser.post("/sign-out/")
    assert browser.get("/account/").status_code == 302
    assert not browser.cookies["shutong_who"].value
    assert AuditEntry.objects.filter(verb="session.sign_out").count() == 1


def test_signing_out_is_never_a_link(outsider: Actor) -> None:
    browser = signed_in_client(outsider)
    assert browser.get("/sign-out/").status_code == 405
    assert browser.get("/account/").status_code == 200


def test_sessions_that_have_run_out_are_dropped_and_others_stay(outsider: Actor) -> None:
    old = signed_in_client(outsider)
    Session.objects.filter(pk=old.session.session_key).update(expire_date=timezone.now() - timedelta(minutes=1))
    live = signed_in_client(outsider)
    tasks.clear_sessions()
    assert [row.pk for row in Session.objects.all()] == [live.session.session_key]


def test_one_switches_between_ones_own_positions_only(outsider: Actor, cast: Cast) -> None:
    second = services.give_position(SYSTEM, user=outsider.user, organization=cast.enshi.provider, kind="leader")
    browser = signed_in_client(outsider)
    assert browser.post("/account/position/", {"position": second.pk}).status_code == 302
    assert browser.session[POSITION_KEY] == second.pk
    foreign = cast.enshi.bureau_approver.position.pk
    assert browser.post("/account/position/", {"position": foreign}).status_code == 403
    assert browser.session[POSITION_KEY] == second.pk
    assert AuditEntry.objects.filter(verb="session.switch_position").count() == 1


def test_the_position_last_acted_in_is_taken_up_again(outsider: Actor, cast: Cast) -> None:
    second = services.give_position(SYSTEM, user=outsider.user, organization=cast.enshi.provider, kind="leader")
    browser = Client()
    sign_in(browser, outsider)
    browser.post("/account/position/", {"position": second.pk})
    del browser.cookies[settings.SESSION_COOKIE_NAME]
    sign_in(browser, outsider)
    assert browser.session[POSITION_KEY] == second.pk


# --- a form that is sent after the session ended ----------------------------------------------------------


def expired_post(actor: Actor, fields: dict[str, object]) -> tuple[Client, str]:
    """A browser whose session has ended sends a form. Returns it and what its sign-in page carries."""
    browser = Client()
    sign_in(browser, actor)
    del browser.cookies[settings.SESSION_COOKIE_NAME]
    answer = browser.post("/account/tokens/", fields)
    assert answer.status_code == 401
    found = re.search(r'name="carried" value="([^"]*)"', answer.content.decode())
    return browser, unescape(found[1]) if found else ""


def test_what_was_typed_survives_the_end_of_the_session(outsider: Actor) -> None:
    """Signed in again, the same person confirms, and the form goes where it was meant to go."""
    browser, carried = expired_post(outsider, {"label": '带<引>"号"\n第二行', "lifetime": "12h"})
    page = sign_in(browser, outsider, carried=carried)
    assert page.status_code == 200
    kept = page.context["carried"]
    assert kept.url == "/account/tokens/"
    assert dict(kept.fields) == {"label": '带<引>"号"\n第二行', "lifetime": "12h"}
    assert not ApiToken.objects.exists(), "nothing is done before the person confirms"
    browser.post(kept.url, dict(kept.fields))
    assert ApiToken.objects.filter(position=outsider.position).count() == 1


def test_another_person_never_resumes_what_was_typed(outsider: Actor, provider_leader: Actor) -> None:
    browser, carried = expired_post(outsider, {"label": "机密", "lifetime": "12h"})
    answer = sign_in(browser, provider_leader, carried=carried)
    assert answer.status_code == 302
    assert "机密" not in browser.get(answer["Location"], follow=True).content.decode()


def test_the_carried_form_cannot_be_read_or_made_up(outsider: Actor) -> None:
    carried = Carried(outsider.user.pk, "/account/tokens/", [("label", "机密")])
    sealed = seal(carried)
    assert "label" not in sealed
    assert unseal(sealed, user_id=outsider.user.pk) == carried
    assert unseal(sealed, user_id=outsider.user.pk + 1) is None
    assert unseal(sealed[:-2] + "xx", user_id=outsider.user.pk) is None
    assert unseal("nonsense", user_id=outsider.user.pk) is None
    with time_machine.travel(timezone.now() + timedelta(seconds=LIFETIME + 5)):
        assert unseal(sealed, user_id=outsider.user.pk) is None


def test_passwords_are_not_carried(outsider: Actor) -> None:
    browser, carried = expired_post(outsider, {"label": "x", "old_password": "secret-1", "password": "secret-2"})
    assert dict(unseal(carried, user_id=outsider.user.pk).fields) == {"label": "x"}
    assert browser is not None


def test_a_form_past_the_size_limit_is_not_carried(outsider: Actor) -> None:
    _browser, carried = expired_post(outsider, {"label": "长" * 100_000})
    assert carried == ""


def test_after_signing_out_nothing_is_carried(outsider: Actor) -> None:
    """On a shared PC the next person gets nothing of what the former one might still send."""
    browser = Client()
    sign_in(browser, outsider)
    browser.post("/sign-out/")
    answer = browser.post("/account/tokens/", {"label": "x"})
    assert answer.status_code == 401
    assert 'name="carried"' not in answer.content.decode()


def test_the_confirmed_form_is_checked_against_forgery_again(outsider: Actor) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.cookies = signed_in_client(outsider).cookies
    assert browser.post("/account/tokens/", {"label": "x", "lifetime": "12h"}).status_code == 403
    assert not ApiToken.objects.exists()


def test_htmx_is_sent_to_the_sign_in_page(outsider: Actor) -> None:
    answer = Client().get("/organizations/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/x/"})
    assert answer.status_code == 401
    assert answer["HX-Redirect"] == "/sign-in/?next=%2Fx%2F"


def test_which_positions_will_need_a_second_factor(cast: Cast) -> None:
    place = cast.enshi
    needing = {role for role, actor in place.actors.items() if planned_for([actor.position])}
    assert {"bureau_reviewer", "bureau_approver", "auditor", "administrator"} <= needing
    assert not needing & {"applicant_handler", "applicant_leader", "provider_handler", "provider_leader", "outsider"}
