"""The digest of each working morning, and which mails people want."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.test import Client
from pytest_django import Settings

from cases import services
from cases.models import Case, DigestMail, Notification
from organizations import services as organizations
from organizations.actors import Actor, SystemActor
from tests.cast import Place
from tests.scenes import act, filed, published_resource

pytestmark = pytest.mark.django_db

HERE = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=HERE)
SATURDAY = datetime(2026, 11, 28, 9, 0, tzinfo=HERE)
NATIONAL_DAY = datetime(2026, 10, 1, 9, 0, tzinfo=HERE)
MAKE_UP = datetime(2026, 10, 10, 9, 0, tzinfo=HERE)


def with_address(*actors: Actor) -> None:
    for actor in actors:
        actor.user.email = f"{actor.user.username}@example.test"
        actor.user.save(update_fields=["email"])


@pytest.fixture
def place(law: None, cast: object) -> Place:
    """People whose positions began before the days that are played."""
    with time_machine.travel(datetime(2026, 9, 1, 9, 0, tzinfo=HERE)):
        return cast.enshi  # type: ignore[attr-defined, no-any-return]


def case_awaiting_an_answer(place: Place, at: datetime) -> Case:
    with time_machine.travel(at):
        case = filed(place, published_resource(place))
        act(place.applicant_leader, case, "endorse", opinion="只供内部的意见")
    mail.outbox.clear()
    return case


def sent_to(actor: Actor) -> list[str]:
    return [m.subject + m.body for m in mail.outbox if m.to == [actor.user.email]]


def test_one_mail_in_the_morning_however_often_it_is_asked(place: Place) -> None:
    case = case_awaiting_an_answer(place, MONDAY - timedelta(hours=20))
    with_address(place.provider_handler)
    assert services.send_digests(MONDAY - timedelta(minutes=31)) == 0
    assert services.send_digests(MONDAY) == 1
    assert services.send_digests(MONDAY + timedelta(minutes=5)) == 0
    [text] = sent_to(place.provider_handler)
    assert case.number in text
    assert "只供内部" not in text


def test_a_late_beat_still_sends_the_same_morning_and_not_afterwards(place: Place) -> None:
    case_awaiting_an_answer(place, MONDAY - timedelta(hours=20))
    with_address(place.provider_handler)
    assert services.send_digests(MONDAY.replace(hour=12, minute=0)) == 0
    assert services.send_digests(MONDAY.replace(hour=11, minute=59)) == 1
    assert DigestMail.objects.get().day == MONDAY.date()


@pytest.mark.parametrize(("day", "expected"), [(SATURDAY, 0), (NATIONAL_DAY, 0), (MAKE_UP, 1)])
def test_digests_follow_the_working_calendar(place: Place, day: datetime, expected: int) -> None:
    """None on a weekend or holiday, one on a make-up Saturday."""
    case_awaiting_an_answer(place, day - timedelta(hours=20))
    with_address(place.provider_handler)
    with time_machine.travel(day):
        assert services.send_digests(day) == expected


def test_who_has_nothing_to_know_gets_no_mail(place: Place) -> None:
    with_address(place.outsider, place.provider_handler)
    assert services.send_digests(MONDAY) == 0
    assert mail.outbox == []
    assert set(DigestMail.objects.values_list("lines", flat=True)) == {0}


def test_overdue_and_soon_and_what_the_organization_owes(place: Place) -> None:
    """The handler's overdue case is the handler's; the leader reads it as what the organization owes."""
    case = case_awaiting_an_answer(place, MONDAY - timedelta(weeks=2))
    with_address(place.provider_handler, place.provider_leader, place.applicant_handler)
    with time_machine.travel(MONDAY):
        services.send_digests(MONDAY)
    [mine] = sent_to(place.provider_handler)
    assert mine.index("超期") < mine.index(case.number)
    [owed] = sent_to(place.provider_leader)
    assert owed.index("本单位应办") < owed.index(case.number)
    assert sent_to(place.applicant_handler) == []


def test_a_person_with_two_positions_gets_one_mail_with_both(place: Place) -> None:
    case = case_awaiting_an_answer(place, MONDAY - timedelta(hours=20))
    with time_machine.travel(MONDAY - timedelta(hours=30)):
        user = place.outsider.user
        organizations.give_position(SystemActor("test"), user=user, organization=place.provider, kind="handler")
    with_address(place.outsider)
    assert services.send_digests(MONDAY) == 1
    assert case.number in sent_to(place.outsider)[0]


def test_a_digest_is_in_the_persons_language(place: Place) -> None:
    case_awaiting_an_answer(place, MONDAY - timedelta(hours=20))
    with_address(place.provider_handler)
    place.provider_handler.user.language = "en"
    place.provider_handler.user.save()
    services.send_digests(MONDAY)
    assert "Digest of 2026-11-23" in sent_to(place.provider_handler)[0]


def test_what_could_not_be_mailed_is_tried_again_the_same_morning(place: Place, settings: Settings) -> None:
    case_awaiting_an_answer(place, MONDAY - timedelta(hours=20))
    with_address(place.provider_handler)
    kept = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = (
        "django.core.mail.backends.smtp.EmailBackend",
        "127.0.0.1",
        9,
    )
    assert services.send_digests(MONDAY) == 0
    settings.EMAIL_BACKEND = kept
    assert services.send_digests(MONDAY + timedelta(minutes=5)) == 1
    assert DigestMail.objects.get().attempts == 2


def test_who_wants_no_digest_gets_none(place: Place, client_for: Callable[[Actor], Client]) -> None:
    case_awaiting_an_answer(place, MONDAY - timedelta(hours=20))
    with_address(place.provider_handler)
    client_for(place.provider_handler).post("/cases/settings/mail/", {"immediate": "on"})
    assert services.send_digests(MONDAY) == 0


def test_mails_that_were_off_are_not_sent_later(place: Place) -> None:
    """Notices stay in the portal; only what comes after the person wants mails again is mailed."""
    with_address(place.provider_handler)
    services.choose_mail(place.provider_handler, immediate=False, digest=True)
    case = filed(place, published_resource(place))
    act(place.applicant_leader, case, "endorse")
    services.send_mail()
    assert sent_to(place.provider_handler) == []
    assert Notification.objects.filter(user=place.provider_handler.user).exists()
    services.choose_mail(place.provider_handler, immediate=True, digest=True)
    services.send_mail()
    assert sent_to(place.provider_handler) == []
    services.comment(place.applicant_leader, case, audience="parties", text="x", mentions=[_pk(place)])
    services.send_mail()
    assert len(sent_to(place.provider_handler)) == 1


def _pk(place: Place) -> int:
    return place.provider_handler.user.pk


def test_turning_the_digest_off_loses_no_notice(place: Place) -> None:
    with_address(place.provider_handler)
    case = filed(place, published_resource(place))
    act(place.applicant_leader, case, "endorse")
    services.choose_mail(place.provider_handler, immediate=True, digest=False)
    services.send_mail()
    assert len(sent_to(place.provider_handler)) == 1
