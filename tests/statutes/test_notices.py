"""A notice goes through two persons' hands; only the second one's changes the calendar, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

import pytest
import time_machine
from django.db import IntegrityError, transaction

from audit.models import AuditEntry
from organizations.actors import Actor
from organizations.errors import BadInput, Conflict, NotKnown, NotPermitted
from organizations.models import Position
from statutes.calendars import calendar_for, current_version
from statutes.models import CalendarDay, CalendarNotice, CalendarVersion, CalendarYear
from statutes.selectors.notices import notice_for, notices_for
from statutes.services import Wish, apply_notice, reject_notice, save_notice, submit_notice
from statutes.timelimits import TZ
from tests.cast import Cast, Place, new_actor
from tests.statutes.notices import NOTICE_2027

pytestmark = pytest.mark.django_db
NATIONAL = Wish(2027, "国办发明电〔2026〕99号", "2027年部分节假日安排", date(2026, 11, 20), NOTICE_2027)


@pytest.fixture(autouse=True)
def _in_november() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 11, 22, 9, tzinfo=TZ), tick=True):
        yield


@pytest.fixture
def place(cast: Cast) -> Place:
    return cast.enshi


@pytest.fixture
def second(place: Place) -> Actor:
    return new_actor(place.bureau, Position.Kind.ADMINISTRATOR, "second", "乙")


def submitted(actor: Actor, wish: Wish = NATIONAL) -> CalendarNotice:
    return submit_notice(actor, notice_id=save_notice(actor, wish=wish).pk)


def test_nothing_changes_until_another_person_confirms(place: Place, second: Actor) -> None:
    row = submitted(place.administrator)
    assert calendar_for("").is_projected(date(2027, 3, 1))
    applied = apply_notice(second, notice_id=row.pk, seen_version=current_version())
    calendar = calendar_for("")
    assert not calendar.is_projected(date(2027, 3, 1))
    assert calendar.is_working(date(2027, 1, 31))
    assert not calendar.is_working(date(2027, 2, 11))
    version = CalendarVersion.objects.get(number=applied.version)
    assert (version.number, version.changed_from, version.changed_to) == (2, date(2027, 1, 1), date(2027, 12, 31))
    assert CalendarYear.objects.get(year=2027).notice == NATIONAL.number
    assert [entry.verb for entry in AuditEntry.objects.filter(subject="calendar_notice").order_by("id")] == [
        "calendar.submit_notice",
        "calendar.apply_notice",
    ]


def test_who_entered_a_notice_cannot_confirm_it_in_any_position(place: Place) -> None:
    row = submitted(place.administrator)
    with pytest.raises(NotPermitted, match=r"somebody else|由其他人"):
        apply_notice(place.administrator, notice_id=row.pk, seen_version=1)
    assert current_version() == 1


def test_the_database_itself_refuses_one_person_in_both_parts(place: Place) -> None:
    row = submitted(place.administrator)
    with pytest.raises(IntegrityError, match="notice_confirmed_by_another"), transaction.atomic():
        CalendarNotice.objects.filter(pk=row.pk).update(status="applied", version=9, confirmed_by=row.entered_by)


def test_an_applied_notice_has_a_version_and_a_confirming_person(place: Place) -> None:
    row = submitted(place.administrator)
    with pytest.raises(IntegrityError, match="notice_applied_has_version"), transaction.atomic():
        CalendarNotice.objects.filter(pk=row.pk).update(status="applied")


@pytest.mark.parametrize("who", ["outsider", "applicant_leader", "provider_steward", "auditor", "applicant_handler"])
def test_others_neither_enter_nor_confirm_nor_see(place: Place, who: str) -> None:
    row = submitted(place.administrator)
    actor = place.actors[who]
    with pytest.raises(NotPermitted):
        save_notice(actor, wish=NATIONAL)
    with pytest.raises(NotPermitted):
        apply_notice(actor, notice_id=row.pk, seen_version=1)
    with pytest.raises(NotKnown):
        notice_for(actor, row.pk)


def test_the_reviewer_may_enter_but_not_confirm(place: Place) -> None:
    mine = submitted(place.bureau_reviewer)
    other = submitted(place.administrator, replace(NATIONAL, number="2"))
    with pytest.raises(NotPermitted):
        apply_notice(place.bureau_reviewer, notice_id=other.pk, seen_version=1)
    apply_notice(place.bureau_approver, notice_id=mine.pk, seen_version=1)
    assert current_version() == 2


def test_a_text_with_a_fault_stays_a_draft_and_cannot_be_submitted(place: Place) -> None:
    row = save_notice(place.administrator, wish=replace(NATIONAL, text="6月9日（周四）放假"))
    with pytest.raises(BadInput) as refused:
        submit_notice(place.administrator, notice_id=row.pk)
    assert "2027-06-09" in str(refused.value.fields["text"])
    row = save_notice(place.administrator, wish=NATIONAL, notice_id=row.pk)
    assert submit_notice(place.administrator, notice_id=row.pk).status == "submitted"


def test_a_draft_is_its_author_s_alone(place: Place, second: Actor) -> None:
    row = save_notice(place.administrator, wish=NATIONAL)
    assert list(notices_for(second)) == []
    with pytest.raises(NotPermitted):
        save_notice(second, wish=NATIONAL, notice_id=row.pk)
    with pytest.raises(NotPermitted):
        submit_notice(second, notice_id=row.pk)


def test_a_confirmation_of_an_old_preview_is_a_conflict(place: Place, second: Actor) -> None:
    first = submitted(place.administrator)
    other = submitted(place.administrator, replace(NATIONAL, number="2"))
    apply_notice(second, notice_id=first.pk, seen_version=1)
    with pytest.raises(Conflict):
        apply_notice(second, notice_id=other.pk, seen_version=1)
    with pytest.raises(BadInput):
        apply_notice(second, notice_id=other.pk, seen_version=2)
    with pytest.raises(Conflict):
        apply_notice(second, notice_id=first.pk, seen_version=2)
    assert current_version() == 2


def test_a_failure_while_applying_leaves_nothing_behind(
    place: Place, second: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The version is made after the days; with the version refused the days are as before."""
    row = submitted(place.administrator)
    before = list(CalendarDay.objects.values_list("date", "is_working"))
    monkeypatch.setattr(CalendarVersion, "save_base", lambda *_args, **_kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        apply_notice(second, notice_id=row.pk, seen_version=1)
    monkeypatch.undo()
    assert list(CalendarDay.objects.values_list("date", "is_working")) == before
    row.refresh_from_db()
    assert (row.status, current_version()) == ("submitted", 1)


def test_a_rejection_gives_its_reason_and_ends_the_notice(place: Place, second: Actor) -> None:
    row = submitted(place.administrator)
    with pytest.raises(BadInput):
        reject_notice(second, notice_id=row.pk, reason=" ")
    assert reject_notice(second, notice_id=row.pk, reason="日期有误").rejection == "日期有误"
    with pytest.raises(Conflict):
        apply_notice(second, notice_id=row.pk, seen_version=1)


def test_an_amendment_changes_its_days_and_counts_one_more_version(place: Place, second: Actor) -> None:
    apply_notice(second, notice_id=submitted(place.administrator).pk, seen_version=1)
    wish = replace(NATIONAL, number="2", text="2月12日（周五）放假。", whole_year=False)
    applied = apply_notice(second, notice_id=submitted(place.administrator, wish).pk, seen_version=2)
    version = CalendarVersion.objects.get(number=3)
    assert (version.changed_from, version.changed_to) == (date(2027, 2, 12), date(2027, 2, 12))
    assert applied.changed == [["2027-02-12", False, "working", "holiday:"]]
    assert not calendar_for("").is_working(date(2027, 2, 11))


def test_a_notice_that_reaches_back_amends_the_december_before(place: Place, second: Actor) -> None:
    """As the notice for 2019 did: the Saturday of the last week worked, New Year's Eve off."""
    text = NOTICE_2027.replace(
        "1月1日（周五）至3日（周日）放假，共3天。",
        "12月31日（周四）至1月3日（周日）放假调休，共4天。12月26日（周六）上班。",
    )
    row = submitted(place.administrator, replace(NATIONAL, text=text))
    apply_notice(second, notice_id=row.pk, seen_version=1)
    assert calendar_for("").is_working(date(2026, 12, 26))
    assert not calendar_for("").is_working(date(2026, 12, 31))
    assert calendar_for("").is_working(date(2026, 12, 30))
    assert CalendarVersion.objects.get(number=2).changed_from == date(2026, 12, 26)


def test_own_days_need_reason_and_basis_and_bind_their_jurisdiction_only(place: Place, second: Actor) -> None:
    own = Wish(
        2027, "州政发〔2026〕8号", "州庆放假", date(2026, 11, 2), "2027-08-19 州庆", jurisdiction=place.jurisdiction.pk
    )
    with pytest.raises(BadInput) as refused:
        save_notice(place.administrator, wish=own)
    assert set(refused.value.fields) == {"reason", "legal_basis"}
    own = replace(own, reason="建州纪念日", legal_basis="全国年节及纪念日放假办法 第四条")
    apply_notice(second, notice_id=submitted(place.administrator, own).pk, seen_version=1)
    assert not calendar_for(place.jurisdiction.pk).is_working(date(2027, 8, 19))
    assert calendar_for("elsewhere").is_working(date(2027, 8, 19))
    assert calendar_for("").is_projected(date(2027, 8, 19))
    assert CalendarVersion.objects.get(number=2).jurisdiction == place.jurisdiction.pk


def test_own_days_of_another_jurisdiction_are_neither_entered_nor_seen(cast: Cast) -> None:
    foreign = cast.xianyang.administrator
    own = replace(NATIONAL, jurisdiction="enshi", reason="a", legal_basis="b", text="2027-08-19")
    with pytest.raises(NotPermitted):
        save_notice(foreign, wish=own)
    row = submitted(cast.enshi.administrator, own)
    with pytest.raises(NotPermitted):
        apply_notice(foreign, notice_id=row.pk, seen_version=1)
    assert list(notices_for(foreign)) == []
