"""The calendar feed: a secret address, RFC 5545, numbers and states alone, only what the person may see now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from audit.models import AuditEntry
from cases import agenda, services
from cases.models import CalendarFeed, Case
from organizations import services as organizations
from organizations.actors import Actor, SystemActor
from portal.redaction import safe_path
from tests.cast import Place
from tests.scenes import act, filed, published_resource

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(enshi: Place) -> Case:
    """A request that the provider has to answer."""
    case = filed(enshi, published_resource(enshi))
    act(enshi.applicant_leader, case, "endorse")
    return case


def feed(client: Client, actor: Actor, **headers: str) -> Any:
    token = services.issue_calendar_feed(actor).token
    return client.get(reverse("cases:calendar-feed", args=[token]), headers=headers)


def events_of(content: bytes) -> list[Any]:
    return Calendar.from_ical(content).walk("VEVENT")


def test_the_feed_is_a_valid_calendar_of_all_day_events_with_an_alarm(enshi: Place, case: Case, client: Client) -> None:
    answer = feed(client, enshi.provider_handler)
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    calendar = Calendar.from_ical(answer.content)
    assert calendar["version"] == "2.0"
    assert calendar["prodid"]
    [event] = events_of(answer.content)
    assert event["dtstart"].dt == case.clocks.get(status="open").due_on
    assert isinstance(event["dtstart"].dt, date)
    assert event["dtstamp"].dt.tzinfo is not None
    assert event["status"] in ("CONFIRMED", "TENTATIVE")
    [alarm] = event.walk("VALARM")
    assert alarm["action"] == "DISPLAY"
    assert alarm["trigger"].dt < timedelta(0)
    lines = answer.content.split(b"\r\n")
    assert max(len(line) for line in lines) <= 75
    assert not any(b"\n" in line for line in lines)
    for line in lines:
        line.decode()


def test_an_event_names_number_and_step_and_no_content(enshi: Place, case: Case, client: Client) -> None:
    content = feed(client, enshi.provider_handler).content.decode().replace("\r\n ", "")
    assert case.number in content
    assert case.title not in content
    assert "区划代码" not in content
    assert enshi.applicant.name not in content


def test_the_identity_of_an_event_stays_and_its_sequence_grows(enshi: Place, case: Case) -> None:
    def now() -> dict[str, Any]:
        [event] = events_of(agenda.calendar_file(enshi.provider_handler.user, timezone.now(), "https://portal.test"))
        return {"uid": str(event["uid"]), "sequence": int(event["sequence"]), "status": str(event["status"])}

    before = now()
    act(enshi.provider_handler, case, "propose", proposal="consent", opinion="拟同意")
    after = now()
    assert before["uid"] == after["uid"]
    assert before["sequence"] < after["sequence"]


def test_what_is_done_is_cancelled_and_later_gone(enshi: Place, case: Case) -> None:
    """The handler has drafted the answer: the limit runs on, but it is the leader's now."""
    act(enshi.provider_handler, case, "propose", proposal="consent", opinion="拟同意")
    user, now = enshi.provider_handler.user, timezone.now()
    [mine] = events_of(agenda.calendar_file(user, now, ""))
    assert str(mine["status"]) == "CANCELLED"
    assert not mine.walk("VALARM")
    [theirs] = events_of(agenda.calendar_file(enshi.provider_leader.user, now, ""))
    assert str(theirs["status"]) != "CANCELLED"
    assert events_of(agenda.calendar_file(user, now + timedelta(weeks=9), "")) == []


def test_the_feed_holds_only_what_the_person_may_see_now(enshi: Place, case: Case) -> None:
    user, now = enshi.provider_handler.user, timezone.now()
    assert len(agenda.due_dates(user, now)) == 1
    organizations.leave_position(SystemActor("test"), enshi.provider_handler.position.pk)
    assert agenda.due_dates(user, now) == []
    for stranger in (enshi.outsider, enshi.administrator, enshi.auditor):
        assert agenda.due_dates(stranger.user, now) == []


def test_the_feed_spans_all_positions_of_the_person(enshi: Place, case: Case) -> None:
    user = enshi.outsider.user
    organizations.give_position(SystemActor("test"), user=user, organization=enshi.provider, kind="handler")
    assert len(agenda.due_dates(user, timezone.now())) == 1


def test_an_unchanged_feed_is_not_sent_again(enshi: Place, case: Case, client: Client) -> None:
    token = services.issue_calendar_feed(enshi.provider_handler).token
    address = reverse("cases:calendar-feed", args=[token])
    first = client.get(address)
    assert client.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 304
    act(enshi.provider_handler, case, "propose", proposal="consent", opinion="拟同意")
    assert client.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_a_new_address_ends_the_former_and_only_its_hash_is_kept(enshi: Place, client: Client) -> None:
    actor = enshi.provider_handler
    first, second = services.issue_calendar_feed(actor).token, services.issue_calendar_feed(actor).token
    assert client.get(reverse("cases:calendar-feed", args=[first])).status_code == 404
    assert client.get(reverse("cases:calendar-feed", args=[second])).status_code == 200
    assert second not in repr(list(CalendarFeed.objects.values()))
    services.revoke_calendar_feed(actor)
    services.revoke_calendar_feed(actor)
    assert client.get(reverse("cases:calendar-feed", args=[second])).status_code == 404
    verbs = AuditEntry.objects.filter(subject="calendar_feed").order_by("pk").values_list("verb", flat=True)
    issue, revoke = "calendar_feed.issue", "calendar_feed.revoke"
    assert list(verbs) == [issue, revoke, issue, revoke]


def test_a_closed_account_has_no_feed(enshi: Place, client: Client) -> None:
    token = services.issue_calendar_feed(enshi.provider_handler).token
    type(enshi.provider_handler.user).objects.filter(pk=enshi.provider_handler.user.pk).update(is_active=False)
    assert client.get(reverse("cases:calendar-feed", args=[token])).status_code == 404


def test_the_secret_is_not_logged() -> None:
    address = reverse("cases:calendar-feed", args=["c29tZS1zZWNyZXQ"])
    assert "c29tZS1zZWNyZXQ" not in safe_path(address)


def test_the_address_is_shown_once(enshi: Place, client_for: Callable[[Actor], Client], client: Client) -> None:
    browser = client_for(enshi.provider_handler)
    answer = browser.post("/cases/settings/calendar/")
    assert (answer.status_code, answer.url) == (302, "/cases/settings/")
    shown = browser.get("/cases/settings/").content.decode()
    address = shown.split('id="feed-address">')[1].split("<")[0]
    assert client.get(address).status_code == 200
    assert "feed-address" not in browser.get("/cases/settings/").content.decode()
    browser.post("/cases/settings/calendar/revoke/")
    assert client.get(address).status_code == 404


def test_reading_writes_nothing_but_when_it_was_last_read(enshi: Place, case: Case, client: Client) -> None:
    token = services.issue_calendar_feed(enshi.provider_handler).token
    address = reverse("cases:calendar-feed", args=[token])
    entries = AuditEntry.objects.count()
    with time_machine.travel(timezone.now(), tick=False):
        client.get(address)
        first = CalendarFeed.objects.get().last_used_at
    with time_machine.travel(timezone.now() + timedelta(minutes=1), tick=False):
        client.get(address)
    assert CalendarFeed.objects.get().last_used_at == first
    assert AuditEntry.objects.count() == entries
