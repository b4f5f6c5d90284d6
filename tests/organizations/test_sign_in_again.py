"""A form that was opened before somebody signed in again in another tab: whose it is decides what becomes of it."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.conf import settings
from django.test import Client

from organizations.actors import Actor
from organizations.models import ApiToken
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db
ORIGIN = {"HTTP_ORIGIN": "http://testserver"}
TYPED = {"label": "季度核对\n第二行", "lifetime": "12h"}


def token_of(page: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert found is not None
    return unescape(found[1])


def sign_in(browser: Client, actor: Actor) -> None:
    page = browser.get("/sign-in/").content.decode()
    given = {"username": actor.user.username, "password": PASSWORD, "csrfmiddlewaretoken": token_of(page)}
    assert browser.post("/sign-in/", given, **ORIGIN).status_code == 302


def stale(first: Actor, then: Actor, *, way: str) -> tuple[Client, dict[str, str]]:
    """A browser where a form of `first` is still open after `then` signed in, and what that form sends."""
    browser = Client(enforce_csrf_checks=True)
    sign_in(browser, first)
    form = token_of(browser.get("/account/tokens/").content.decode())
    if way == "ended":
        del browser.cookies[settings.SESSION_COOKIE_NAME]
    else:
        assert browser.post("/sign-out/", {"csrfmiddlewaretoken": form}, **ORIGIN).status_code == 302
    sign_in(browser, then)
    return browser, {**TYPED, "csrfmiddlewaretoken": form}


def test_the_same_person_gets_what_was_typed_to_send_again(outsider: Actor) -> None:
    browser, form = stale(outsider, outsider, way="ended")
    answer = browser.post("/account/tokens/", form, **ORIGIN)
    assert answer.status_code == 403
    assert dict(answer.context["carried"].fields) == TYPED
    assert "季度核对" in answer.content.decode()
    assert not ApiToken.objects.exists(), "nothing is done before the person confirms"
    again = {**TYPED, "csrfmiddlewaretoken": token_of(answer.content.decode())}
    assert browser.post(answer.context["carried"].url, again, **ORIGIN).status_code in (200, 302)
    assert ApiToken.objects.filter(position=outsider.position).count() == 1


def test_somebody_else_is_told_so_and_gets_nothing_of_it(outsider: Actor, provider_leader: Actor) -> None:
    browser, form = stale(outsider, provider_leader, way="ended")
    answer = browser.post("/account/tokens/", form, headers={"accept-language": "en"}, **ORIGIN)
    assert answer.status_code == 403
    assert "Somebody else signed in" in answer.content.decode()
    assert "季度核对" not in answer.content.decode()


def test_after_signing_out_the_form_is_refused_in_the_right_words(outsider: Actor) -> None:
    browser, form = stale(outsider, outsider, way="out")
    answer = browser.post("/account/tokens/", form, headers={"accept-language": "en"}, **ORIGIN)
    assert answer.status_code == 403
    assert "You signed in since this form was opened" in answer.content.decode()


def test_a_form_of_another_site_is_never_offered_for_sending(outsider: Actor) -> None:
    browser, form = stale(outsider, outsider, way="ended")
    for origin in ({"HTTP_ORIGIN": "http://elsewhere.example"}, {}):
        answer = browser.post("/account/tokens/", form, **origin)
        assert answer.status_code == 403
        assert "季度核对" not in answer.content.decode()
