"""Accounts and passwords: opening, one-time codes, mailed links, changing."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from audit.models import AuditEntry
from organizations import services
from organizations.actors import Actor
from organizations.errors import BadInput, Conflict, NotPermitted
from organizations.models import PasswordReset, ResetMail, User
from organizations.services.reset_mail import MOST_PER_ADDRESS
from tests.cast import PASSWORD, SYSTEM, Cast, new_actor, signed_in_client, token_client

NEW = "another-Staple-42"


def test_an_administrator_opens_an_account_with_a_code(administrator: Actor) -> None:
    opened = services.open_account(administrator, username="New.One", full_name="新来")
    assert opened.user.username == "new.one"
    assert not opened.user.has_usable_password()
    services.redeem_reset_code(username="new.one", code=opened.code, password=NEW)
    assert User.objects.get(pk=opened.user.pk).check_password(NEW)


def test_a_code_is_kept_as_a_hash_and_never_in_the_record(administrator: Actor) -> None:
    code = services.open_account(administrator, username="new", full_name="新来").code
    plain = code.replace("-", "")
    assert not PasswordReset.objects.filter(digest__icontains=plain).exists()
    recorded = " ".join(str(entry.data) for entry in AuditEntry.objects.all())
    assert plain not in recorded
    assert code not in recorded


@pytest.mark.parametrize("role", ["outsider", "bureau_approver", "auditor", "coordinator"])
def test_nobody_else_opens_an_account_or_gives_a_code(cast: Cast, role: str) -> None:
    with pytest.raises(NotPermitted):
        services.open_account(cast.enshi.actors[role], username="new", full_name="新来")
    with pytest.raises(NotPermitted):
        services.issue_reset_code(cast.enshi.actors[role], user_id=cast.enshi.provider_leader.user.pk)


def test_an_administrator_never_knows_a_password(administrator: Actor) -> None:
    with pytest.raises(NotPermitted):
        services.open_account(administrator, username="new", full_name="新来", password=NEW)


def test_an_account_name_is_taken_once_whatever_its_case(administrator: Actor) -> None:
    with pytest.raises(Conflict):
        services.open_account(administrator, username="Enshi.Outsider", full_name="别人")


def test_a_code_opens_only_what_its_giver_administers(administrator: Actor, cast: Cast) -> None:
    """Otherwise one jurisdiction's administrator could act in another one."""
    stranger = cast.xianyang.outsider.user
    with pytest.raises(NotPermitted):
        services.issue_reset_code(administrator, user_id=stranger.pk)
    with pytest.raises(NotPermitted):
        services.issue_reset_code(administrator, user_id=administrator.user.pk)
    both = cast.enshi.outsider.user
    services.give_position(SYSTEM, user=both, organization=cast.xianyang.outside, kind="handler")
    with pytest.raises(NotPermitted):
        services.issue_reset_code(administrator, user_id=both.pk)


def test_a_code_works_once_and_for_a_day(administrator: Actor, outsider: Actor) -> None:
    username = outsider.user.username
    code = services.issue_reset_code(administrator, user_id=outsider.user.pk)
    services.redeem_reset_code(username=username, code=code.lower(), password=NEW)
    with pytest.raises(BadInput):
        services.redeem_reset_code(username=username, code=code, password=PASSWORD)
    code = services.issue_reset_code(administrator, user_id=outsider.user.pk)
    with time_machine.travel(timezone.now() + timedelta(hours=25)), pytest.raises(BadInput):
        services.redeem_reset_code(username=username, code=code, password=PASSWORD)


def test_a_new_code_ends_the_former_one(administrator: Actor, outsider: Actor) -> None:
    old = services.issue_reset_code(administrator, user_id=outsider.user.pk)
    services.issue_reset_code(administrator, user_id=outsider.user.pk)
    with pytest.raises(BadInput):
        services.redeem_reset_code(username=outsider.user.username, code=old, password=NEW)


def test_anothers_code_opens_nothing(administrator: Actor, outsider: Actor, provider_leader: Actor) -> None:
    code = services.issue_reset_code(administrator, user_id=outsider.user.pk)
    with pytest.raises(BadInput) as refused:
        services.redeem_reset_code(username=provider_leader.user.username, code=code, password=NEW)
    with pytest.raises(BadInput) as unknown:
        services.redeem_reset_code(username="nobody", code=code, password=NEW)
    assert str(refused.value.message) == str(unknown.value.message)


def test_a_reset_ends_sessions_and_tokens(administrator: Actor, outsider: Actor) -> None:
    browser, api = signed_in_client(outsider), token_client(outsider)
    code = services.issue_reset_code(administrator, user_id=outsider.user.pk)
    services.redeem_reset_code(username=outsider.user.username, code=code, password=NEW)
    assert browser.get("/account/").status_code == 302
    assert not outsider.position.api_tokens.filter(revoked_at__isnull=True).exists()
    assert api is not None


@pytest.mark.parametrize("weak", ["short", "1234567890123", "enshi.outsider", "password123"])
def test_a_weak_password_is_refused_with_the_reason(administrator: Actor, outsider: Actor, weak: str) -> None:
    code = services.issue_reset_code(administrator, user_id=outsider.user.pk)
    with pytest.raises(BadInput) as refused:
        services.redeem_reset_code(username=outsider.user.username, code=code, password=weak)
    assert refused.value.fields["password"]
    services.redeem_reset_code(username=outsider.user.username, code=code, password=NEW)


def test_changing_the_password_ends_the_other_sessions_and_keeps_this_one(outsider: Actor) -> None:
    here, elsewhere = signed_in_client(outsider), signed_in_client(outsider)
    answer = here.post(
        "/account/password/", {"old_password": PASSWORD, "password": NEW, "password_again": NEW}, follow=True
    )
    assert answer.status_code == 200
    assert here.get("/account/").status_code == 200
    assert elsewhere.get("/account/").status_code == 302


def test_changing_needs_the_present_password(outsider: Actor) -> None:
    form = {"old_password": "wrong", "password": NEW, "password_again": NEW}
    answer = signed_in_client(outsider).post("/account/password/", form)
    assert "old_password" in answer.context["form"].errors
    outsider.user.refresh_from_db()
    assert outsider.user.check_password(PASSWORD)


def test_who_must_set_a_password_reaches_nothing_else(cast: Cast) -> None:
    person = new_actor(cast.enshi.outside, "leader", "fresh")
    User.objects.filter(pk=person.user.pk).update(must_change_password=True)
    browser = signed_in_client(person)
    for path in ("/account/", "/organizations/", "/people/", "/admin/"):
        assert browser.get(path)["Location"] == "/account/password/"
    browser.post("/account/password/", {"old_password": PASSWORD, "password": NEW, "password_again": NEW})
    assert browser.get("/account/").status_code == 200


@pytest.fixture
def mailable(outsider: Actor) -> Actor:
    User.objects.filter(pk=outsider.user.pk).update(email="person@example.test")
    return outsider


def ask(username: str, **meta: str) -> HttpResponse:
    return Client().post("/password/forgotten/", {"username": username}, **meta)


def test_a_mailed_link_sets_a_password_once(mailable: Actor) -> None:
    ask(mailable.user.username)
    assert mail.outbox == []
    assert services.send_reset_mails() == 1
    path = re.search(r"http://testserver(\S+)", mail.outbox[0].body)[1]
    browser = Client()
    assert browser.get(path).status_code == 200
    assert browser.post(path, {"password": NEW, "password_again": NEW}).status_code == 302
    mailable.user.refresh_from_db()
    assert mailable.user.check_password(NEW)
    assert browser.get(path).status_code == 403


def test_asking_for_a_link_never_tells_whether_an_account_exists(mailable: Actor) -> None:
    """Neither page nor work differs: the request writes one row and sends nothing, for an account and for none."""
    pages, queries = [], []
    for name in (mailable.user.username, "nobody"):
        with CaptureQueriesContext(connection) as captured:
            pages.append(ask(name).content.replace(name.encode(), b""))
        queries.append([query["sql"].split(" ")[:3] for query in captured.captured_queries])
    strip = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]*"|"X-CSRFToken": "[^"]*"')
    assert strip.sub(b"", pages[0]) == strip.sub(b"", pages[1])
    assert queries[0] == queries[1]
    assert mail.outbox == []
    assert services.send_reset_mails() == 1
    assert [message.to for message in mail.outbox] == [["person@example.test"]]


def test_one_mail_in_five_minutes(mailable: Actor) -> None:
    for _attempt in range(3):
        ask(mailable.user.username)
        services.send_reset_mails()
    assert len(mail.outbox) == 1
    with time_machine.travel(timezone.now() + timedelta(minutes=6), tick=False):
        ask(mailable.user.username)
        assert services.send_reset_mails() == 1


def test_a_reset_mail_that_fails_is_tried_again_and_not_for_ever(mailable: Actor, settings: Settings) -> None:
    """A mail server that is away for an hour delays the mail; after a day the asking is forgotten."""
    working = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = "django.core.mail.backends.smtp.EmailBackend", "127.0.0.1"
    settings.EMAIL_PORT = 1
    ask(mailable.user.username)
    assert services.send_reset_mails() == 0
    assert services.send_reset_mails() == 0
    assert ResetMail.objects.get().attempts == 1
    settings.EMAIL_BACKEND = working
    with time_machine.travel(timezone.now() + timedelta(minutes=3), tick=False):
        assert services.send_reset_mails() == 1
    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=False):
        services.send_reset_mails()
        assert not ResetMail.objects.exists()


def test_askings_from_one_address_are_bounded(mailable: Actor) -> None:
    for number in range(MOST_PER_ADDRESS + 3):
        assert ask(f"nobody{number}", REMOTE_ADDR="203.0.113.9").status_code == 200
    assert ResetMail.objects.count() == MOST_PER_ADDRESS
    ask(mailable.user.username, REMOTE_ADDR="203.0.113.10")
    assert services.send_reset_mails() == 1
