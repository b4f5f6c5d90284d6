"""The calendar tables: seeding, projection, entering a notice, local days, versions."""

from __future__ import annotations

from datetime import date, datetime

import holidays
import pytest
from django.core.management import call_command
from holidays.calendars.chinese import _ChineseLunisolar

from audit.models import AuditEntry
from organizations.actors import SystemActor
from organizations.errors import BadInput, NotPermitted
from statutes import calendar_source
from statutes.calendars import CalendarMissingError, calendar_for, current_version
from statutes.models import CalendarDay, CalendarVersion, CalendarYear
from statutes.services import record_local_day, record_year, seed_calendar
from statutes.timelimits import TZ, derive
from tests.cast import Cast
from tests.statutes.test_time_vectors import CALENDAR

SYSTEM = SystemActor("test")
DISPUTED = {date(2005, 12, 31)}


def notice_for_2027() -> dict[date, tuple[bool, str]]:
    """An invented notice: the statutory days, with Sunday 3 January made a working day."""
    return {**calendar_source.projected_days(2027), date(2027, 1, 3): (True, "New Year's Day")}


def test_the_announced_days_agree_with_a_second_source_but_for_the_disputed_day() -> None:
    """2005-12-31: a Saturday that one source says was worked."""
    other = holidays.country_holidays("CN", years=range(2004, 2027))
    differing = set()
    for number in range(date(2004, 1, 1).toordinal(), date(2026, 12, 31).toordinal() + 1):
        day = date.fromordinal(number)
        if CALENDAR.is_working(day) != other.is_working_day(day):
            differing.add(day)
    assert differing == DISPUTED


@pytest.mark.parametrize(("year", "days"), [(2018, 250), (2020, 249), (2024, 251), (2025, 248), (2026, 248)])
def test_the_number_of_working_days_is_that_of_the_notices(year: int, days: int) -> None:
    assert CALENDAR.working_days_between(date(year - 1, 12, 31), date(year, 12, 31)) == days


def test_the_lunar_days_agree_with_a_second_computation() -> None:
    lunisolar = _ChineseLunisolar()
    for year, days in calendar_source.LUNAR_DAYS.items():
        expected = [
            find(year)[0]
            for find in (
                lunisolar.lunar_new_year_date,
                lunisolar.qingming_date,
                lunisolar.dragon_boat_date,
                lunisolar.mid_autumn_date,
            )
        ]
        assert days == expected, year


def test_a_projected_year_has_the_statutory_days_and_their_weekday_substitutes() -> None:
    """2027: new year's eve is Friday 5 February, the first three days Saturday to Monday; 1 and 2 May a weekend."""
    off = sorted(day for day in calendar_source.projected_days(2027) if day.weekday() < 5)
    assert off == [
        date(2027, 1, 1),
        *(date(2027, 2, day) for day in (5, 8, 9, 10)),
        date(2027, 4, 5),
        *(date(2027, 5, day) for day in (3, 4)),
        date(2027, 6, 9),
        date(2027, 9, 15),
        *(date(2027, 10, day) for day in (1, 4, 5)),
    ]
    assert not any(works for works, _name in calendar_source.projected_days(2027).values())


def test_every_weekend_holiday_of_every_projected_year_is_made_up() -> None:
    for year in calendar_source.projected_years():
        statutory = calendar_source.statutory_days(year)
        weekdays_off = [day for day in calendar_source.projected_days(year) if day.weekday() < 5]
        assert len(weekdays_off) == len(statutory), year


@pytest.mark.django_db
def test_migrating_fills_the_calendar() -> None:
    calendar = calendar_for("")
    assert (calendar.first, calendar.last) == (date(2004, 1, 1), date(2060, 12, 31))
    assert calendar.working == CALENDAR.working
    assert calendar.announced == CALENDAR.announced
    assert calendar.version == current_version() == 1


@pytest.mark.django_db
def test_the_calendar_is_kept_until_it_changes(django_assert_num_queries: pytest.FixtureRequest) -> None:
    first = calendar_for("")
    with django_assert_num_queries(1):
        assert calendar_for("") is first
    record_local_day(actor=SYSTEM, jurisdiction="somewhere", day=date(2026, 8, 19), is_working=False, name="州庆")
    assert calendar_for("") is not first


@pytest.mark.django_db
def test_seeding_again_adds_nothing_and_after_a_loss_restores_what_is_missing() -> None:
    assert seed_calendar(actor=SYSTEM) == 0
    CalendarDay.objects.filter(date__year__gte=2050).delete()
    CalendarYear.objects.filter(year__gte=2050).delete()
    call_command("seed_calendar")
    assert CalendarYear.objects.count() == 57
    assert calendar_for("").working == CALENDAR.working
    assert current_version() == 2


@pytest.mark.django_db
def test_an_empty_calendar_says_how_to_fill_it() -> None:
    CalendarVersion.objects.all().delete()
    with pytest.raises(CalendarMissingError, match="seed_calendar"):
        calendar_for("")


@pytest.mark.django_db
def test_a_notice_makes_the_year_firm_moves_due_dates_and_is_on_the_record() -> None:
    start = datetime(2026, 12, 28, 9, tzinfo=TZ)
    before = derive(start=start, unit="working_day", amounts=[5], calendar=calendar_for(""))
    record_year(
        actor=SYSTEM, year=2027, notice="国办发明电〔2026〕1号", announced_on=date(2026, 11, 20), days=notice_for_2027()
    )
    after = derive(start=start, unit="working_day", amounts=[5], calendar=calendar_for(""))
    assert (before.due_on, before.provisional) == (date(2027, 1, 5), True)
    assert (after.due_on, after.provisional) == (date(2027, 1, 4), False)
    version = CalendarVersion.objects.first()
    assert version is not None
    assert (version.number, version.changed_from, version.changed_to) == (2, date(2027, 1, 1), date(2027, 12, 31))
    entry = AuditEntry.objects.get(verb="calendar.record_year")
    assert [change["day"] for change in entry.data["changed"]] == ["2027-01-03"]


@pytest.mark.django_db
def test_a_notice_amended_later_changes_only_the_days_that_differ() -> None:
    """As in January 2020, when the holiday was extended while it ran."""
    record_year(actor=SYSTEM, year=2027, notice="1", announced_on=date(2026, 11, 20), days=notice_for_2027())
    extended = {**notice_for_2027(), date(2027, 2, 11): (False, "Spring Festival")}
    record_year(actor=SYSTEM, year=2027, notice="2", announced_on=date(2027, 2, 5), days=extended)
    version = CalendarVersion.objects.first()
    assert version is not None
    assert (version.number, version.changed_from, version.changed_to) == (3, date(2027, 2, 11), date(2027, 2, 11))
    record_year(actor=SYSTEM, year=2027, notice="2", announced_on=date(2027, 2, 5), days=extended)
    assert current_version() == 3


@pytest.mark.django_db
def test_a_notice_may_change_the_end_of_the_year_before() -> None:
    """As the notice for 2019 did: Saturday 29 December 2018 worked, Monday 31 off."""
    amended = {date(2026, 12, 31): (False, "New Year's Day")}
    record_year(
        actor=SYSTEM, year=2027, notice="1", announced_on=date(2026, 11, 20), days=notice_for_2027(), amended=amended
    )
    assert not calendar_for("").is_working(date(2026, 12, 31))
    assert CalendarVersion.objects.get(number=2).changed_from == date(2026, 12, 31)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("days", "notice", "field"),
    [
        ({date(2027, 6, 10): (True, "Dragon Boat Festival")}, "1", "days"),
        ({date(2028, 1, 1): (False, "New Year's Day")}, "1", "days"),
        ({date(2027, 10, 1): (True, "National Day")}, "1", "days"),
        ({}, " ", "notice"),
    ],
)
def test_a_notice_that_cannot_be_right_is_refused_whole(
    days: dict[date, tuple[bool, str]], notice: str, field: str
) -> None:
    """A make-up day on a weekday, a day of another year, a statutory day worked, no number."""
    with pytest.raises(BadInput) as refused:
        record_year(
            actor=SYSTEM,
            year=2027,
            notice=notice,
            announced_on=date(2026, 11, 20),
            days={**notice_for_2027(), **days},
        )
    assert field in refused.value.fields
    assert current_version() == 1
    assert CalendarYear.objects.get(year=2027).status == CalendarYear.Status.PROJECTED


@pytest.mark.django_db
def test_a_local_day_off_binds_its_jurisdiction_only() -> None:
    record_local_day(actor=SYSTEM, jurisdiction="somewhere", day=date(2026, 8, 19), is_working=False, name="州庆")
    assert not calendar_for("somewhere").is_working(date(2026, 8, 19))
    assert calendar_for("somewhere").why(date(2026, 8, 19)) == "holiday:州庆"
    assert calendar_for("").is_working(date(2026, 8, 19))
    assert calendar_for("elsewhere").is_working(date(2026, 8, 19))


@pytest.mark.parametrize("who", ["outsider", "applicant_leader", "bureau_approver", "auditor", "administrator"])
def test_no_single_person_changes_the_calendar(who: str, cast: Cast) -> None:
    """People go by `statutes.services.notices`, where a second person confirms."""
    actor = cast.enshi.actors[who]
    with pytest.raises(NotPermitted):
        record_year(actor=actor, year=2027, notice="1", announced_on=date(2026, 11, 20), days=notice_for_2027())
    with pytest.raises(NotPermitted):
        record_local_day(actor=actor, jurisdiction="enshi", day=date(2026, 8, 19), is_working=False, name="州庆")
    with pytest.raises(NotPermitted):
        seed_calendar(actor=actor)
    assert current_version() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_time", [1, 2])
def test_transactional_tests_find_the_calendar_as_migrated(_time: int) -> None:
    """Each of them changes it; the second must not see what the first did."""
    assert calendar_for("").working == CALENDAR.working
    record_year(actor=SYSTEM, year=2027, notice="1", announced_on=date(2026, 11, 20), days=notice_for_2027())
    assert current_version() == 2
