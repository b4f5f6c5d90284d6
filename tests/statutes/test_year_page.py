"""The calendar's year page: the notices behind it, days of a place's own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import pytest
import time_machine
from django.test import Client

from organizations.actors import Actor, SystemActor
from organizations.models import Position
from statutes.calendars import current_version
from statutes.models import CalendarNotice
from statutes.services import apply_notice, record_local_day, save_notice, submit_notice
from statutes.services.notices import Wish
from statutes.timelimits import TZ
from tests.cast import Cast, Place, new_actor
from tests.statutes.notices import NOTICE_2027

pytestmark = pytest.mark.django_db
Browser = Callable[[Actor], Client]


def applied(place: Place, **changes: object) -> CalendarNotice:
    """A notice that two persons of a place brought into force."""
    given = {
        "year": 2027,
        "number": "国办发明电〔2026〕99号",
        "title": "2027年部分节假日安排",
        "issued_on": date(2026, 11, 20),
        "text": NOTICE_2027,
    }
    second = new_actor(place.bureau, Position.Kind.APPROVER, "second")
    row = save_notice(place.administrator, wish=Wish(**{**given, **changes}))
    submit_notice(place.administrator, notice_id=row.pk)
    return apply_notice(second, notice_id=row.pk, seen_version=current_version())


def shown(client: Client, query: str) -> str:
    response = client.get(f"/law/calendar/?{query}", headers={"accept-language": "en"})
    assert response.status_code == 200
    return response.content.decode()


def test_a_year_leads_to_the_notices_that_made_it_for_those_who_may_see_them(cast: Cast, client_for: Browser) -> None:
    with time_machine.travel(datetime(2026, 11, 25, 9, tzinfo=TZ)):
        row = applied(cast.enshi)
        for who in (cast.enshi.administrator, cast.enshi.bureau_approver, cast.xianyang.administrator):
            page = shown(client_for(who), "year=2027")
            assert f"/reports/calendar/{row.pk}/" in page
            assert row.title in page
        for who in (cast.enshi.outsider, cast.enshi.auditor):
            page = shown(client_for(who), "year=2027")
            assert row.title not in page
            assert row.number in page
        assert row.title not in shown(client_for(cast.enshi.administrator), "year=2026")
        assert row.title not in shown(client_for(cast.enshi.administrator), "year=2028")


def test_a_place_s_own_notice_is_shown_on_its_calendar_to_its_people_only(cast: Cast, client_for: Browser) -> None:
    with time_machine.travel(datetime(2026, 3, 2, 9, tzinfo=TZ)):
        row = applied(
            cast.enshi,
            year=2026,
            jurisdiction="enshi",
            title="州庆放假",
            text="2026-08-19",
            reason="州庆",
            legal_basis="放假办法第4条",
            whole_year=False,
        )
        mine = shown(client_for(cast.enshi.administrator), "year=2026")
        assert row.title in mine
        assert row.title not in shown(client_for(cast.enshi.administrator), "year=2026&jurisdiction=")
        assert row.title not in shown(client_for(cast.xianyang.administrator), "year=2026&jurisdiction=enshi")


def test_the_notice_leads_back_to_its_year(cast: Cast, client_for: Browser) -> None:
    with time_machine.travel(datetime(2026, 11, 25, 9, tzinfo=TZ)):
        row = applied(cast.enshi)
        page = client_for(cast.enshi.administrator).get(f"/reports/calendar/{row.pk}/").content.decode()
        assert "/law/calendar/?year=2027&amp;jurisdiction=" in page


def test_days_of_a_place_s_own_are_framed_there_and_named_to_all(cast: Cast, client_for: Browser) -> None:
    """A day off and a worked Saturday: in words on that place's calendar; the nation's calendar leads there."""
    place = cast.enshi.jurisdiction
    for day, works, name in ((date(2026, 8, 19), False, "州庆"), (date(2026, 8, 22), True, "州庆调休")):
        record_local_day(actor=SystemActor("test"), jurisdiction="enshi", day=day, is_working=works, name=name)
    client = client_for(cast.xianyang.outsider)
    there = shown(client, "year=2026&jurisdiction=enshi")
    assert there.count("sh-day-own") == 2
    assert "2026-08-19: 州庆 (a day of the place&#x27;s own)" in there
    assert "州庆调休" in there
    nation = shown(client, "year=2026&jurisdiction=")
    assert "sh-day-own" not in nation
    assert f"?year=2026&amp;jurisdiction={place.pk}" in nation
    assert place.name_en in nation.partition("Places with days of their own")[2]
    assert "Places with days of their own" not in shown(client, "year=2025&jurisdiction=")
    assert "州庆" not in shown(client, "year=2026")
    assert "州庆" not in shown(client, "year=2025&jurisdiction=enshi")
