"""Reading pasted notices, and every reason why one cannot be entered: each is named with its line and its mend."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from statutes import calendar_source
from statutes.notice_checks import Asked, Judgement, judge
from statutes.notice_text import MOST_CHARACTERS, read_notice
from statutes.workdays import build_calendar
from tests.statutes.notices import LIST_2027, NOTICE_2024, NOTICE_2025, NOTICE_2026, NOTICE_2027

ROWS = {day: (works, name) for day, works, name in calendar_source.all_days()}
YEARS = dict.fromkeys(calendar_source.announced_years(), True) | dict.fromkeys(calendar_source.projected_years(), False)
KNOWN = build_calendar(YEARS, ROWS, version=1)
TODAY = date(2026, 11, 22)


@pytest.fixture(autouse=True)
def _in_english() -> object:
    with translation.override("en"):
        yield


def judged(text: str, year: int = 2027, *, today: date = TODAY, **more: object) -> Judgement:
    return judge(Asked(year, text, **more), KNOWN, ROWS, today)  # type: ignore[arg-type]


def complaints(text: str, year: int = 2027, **more: object) -> list[str]:
    return [f"{each.line}: {each.message}" for each in judged(text, year, **more).problems]


def amended(line: str, replaced: str) -> str:
    assert line in NOTICE_2027
    return NOTICE_2027.replace(line, replaced)


@pytest.mark.parametrize(("year", "text"), [(2024, NOTICE_2024), (2025, NOTICE_2025), (2026, NOTICE_2026)])
def test_the_notices_of_three_years_give_the_calendar_as_seeded(year: int, text: str) -> None:
    judgement = judged(text, year, correction=True)
    assert [each.message for each in judgement.problems] == [
        "The calendar already says all this; nothing would change."
    ]
    days = {day for day, (works, _name) in ROWS.items() if day.year == year and (works or day.weekday() < 5)}
    assert {day for day, (works, _name) in judgement.days.items() if works or day.weekday() < 5} == days
    assert all(judgement.calendar.is_working(day) == KNOWN.is_working(day) for day in judgement.days)


def test_a_new_year_is_read_in_prose_and_as_a_list_alike() -> None:
    prose, listed = judged(NOTICE_2027), judged(LIST_2027)
    assert prose.passes
    assert listed.passes
    assert {day: works for day, (works, _name) in prose.days.items()} == {
        day: works for day, (works, _name) in listed.days.items()
    }
    assert (prose.first, prose.last, prose.amends) == (date(2027, 1, 1), date(2027, 12, 31), False)
    assert [change.date for change in prose.changes][:2] == [date(2027, 1, 31), date(2027, 2, 11)]


@pytest.mark.parametrize(
    "text",
    [
        "元旦：12月31日（周四）至1月2日（周六）放假调休，共3天。12月27日（周日）上班。",
        "元旦：2026年12月31日至2027年1月2日放假，共三天；2026年12月27日（星期日）补班。",
        "元旦: 2026年12月31日—1月2日 放假调休, 共3天, 12月27日 上班",
        "2026-12-31..2027-01-02 元旦\n+2026-12-27 元旦",
    ],
)
def test_a_holiday_across_the_year_s_end_reaches_back_into_december(text: str) -> None:
    days = {day: works for day, (works, _name) in read_notice(text, 2027).days().items()}
    assert days == {
        date(2026, 12, 27): True,
        date(2026, 12, 31): False,
        date(2027, 1, 1): False,
        date(2027, 1, 2): False,
    }


def test_advice_to_rest_is_no_holiday_and_the_date_of_issue_no_day() -> None:
    assert date(2024, 2, 9) not in read_notice(NOTICE_2024, 2024).days()
    assert date(2024, 11, 12) not in read_notice(NOTICE_2025, 2025).days()


def test_a_joint_holiday_gives_each_day_the_festival_whose_day_it_is() -> None:
    days = judged(NOTICE_2025, 2025, correction=True).days
    assert days[date(2025, 10, 6)] == (False, "Mid-autumn Festival")
    assert days[date(2025, 10, 7)] == (False, "National Day")


@pytest.mark.parametrize(
    ("line", "replaced", "said"),
    [
        (
            "1月31日（周日）、",
            "2月1日（周一）、",
            "2: A make-up working day is a Saturday or Sunday; these are not: 2027-02-01",
        ),
        ("1月31日（周日）、", "1月31日（周六）、", "2: 2027-01-31 is a Sun, not what the notice says in parentheses."),
        ("5月8日（周六）上班", "5月4日上班", "4: 2027-05-04 is both off and worked (see line 4)."),
        (
            "5日（周三）放假调休，共5天",
            "5日（周三）放假调休，共6天",
            "4: The notice says 6 days, but 2027-05-01 to 2027-05-05 are 5.",
        ),
        (
            "6月9日（周三）放假1天，不调休。",
            "各单位照常上班。",
            "0: These statutory holidays are missing: 2027-06-09 Dragon Boat Festival",
        ),
        ("9月15日（周三）放假", "2月30日放假", "6: There is no day 2027-02-30."),
        (
            "9月15日（周三）放假",
            "9月15日（周三）",
            "6: “9月15日(周三)1天,不调休” names days but not whether they are off or worked.",
        ),
        ("6月9日（周三）放假1天", "2028年6月9日放假1天", "5: 2028-06-09: outside the year 2027."),
        (
            "6月9日（周三）放假1天",
            "6月9日至1日放假",
            "5: The range from 2027-06-09 to 2027-06-01 ends before it begins.",
        ),
        (
            "6月9日（周三）放假1天",
            "6月9日至8月9日放假",
            "5: The range from 2027-06-09 to 2027-08-09 is longer than a month.",
        ),
        ("6月9日（周三）放假1天", "6月9日放假，5月2日放假", "5: 2027-05-02 is named twice (see line 4)."),
        (
            "不调休。\n六",
            "不调休。延长端午节假期至6月11日。\n六",
            "5: “延长端午节假期至6月11日” does not say which days are added.",
        ),
    ],
)
def test_each_contradiction_is_named_with_its_line(line: str, replaced: str, said: str) -> None:
    found = complaints(amended(line, replaced))
    assert said in found


def test_every_problem_says_how_to_mend_it() -> None:
    text = "二月放假\n2027-13-01\n6月9日\n+2027-06-08\n2027-09-02..2027-09-01"
    assert all(each.mend for each in judged(text).problems)
    assert len(judged(text).problems) >= 5


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "0: No day was found in the text."), ("放假安排另行通知", "0: No day was found in the text.")],
)
def test_a_text_without_days_is_refused(text: str, said: str) -> None:
    assert complaints(text) == [said]


def test_a_text_too_long_is_not_read() -> None:
    assert complaints("1" * (MOST_CHARACTERS + 1)) == [f"0: The text is longer than {MOST_CHARACTERS} characters."]


def test_the_notice_of_another_year_is_refused() -> None:
    assert "1: The notice is about 2024, not about 2027." in complaints(NOTICE_2024)


@pytest.mark.parametrize("year", [1900, 2003, 2004, 2061, 9999])
def test_a_year_outside_the_calendar_is_refused(year: int) -> None:
    assert complaints(NOTICE_2027, year) == [f"0: The calendar does not know the year {year}."]


def test_an_announced_year_entered_again_is_an_amendment_that_shows_what_changes() -> None:
    longer = NOTICE_2026.replace(
        "10月1日（周四）至7日（周三）放假调休，共7天", "10月1日（周四）至8日（周四）放假调休，共8天"
    )
    judgement = judged(longer, 2026, today=date(2026, 9, 1))
    assert judgement.passes
    assert judgement.amends
    assert [change.date for change in judgement.changes] == [date(2026, 10, 8)]
    assert judgement.warnings == ["2026 has been announced before: this amends it."]


def test_only_the_days_named_change_when_that_is_asked() -> None:
    """As in January 2020, when a holiday was extended while it ran; a day off can be taken back as well."""
    judgement = judged("10月8日放假。10月7日上班。", 2026, today=date(2026, 9, 1), whole_year=False)
    assert judgement.passes, judgement.problems
    assert [(change.date.day, change.works) for change in judgement.changes] == [(7, True), (8, False)]
    weekday = complaints("10月12日上班。", 2026, today=date(2026, 9, 1), whole_year=False)
    assert weekday[0] == "1: A make-up working day is a Saturday or Sunday; these are not: 2026-10-12"


def test_days_that_have_passed_change_only_as_a_correction_and_with_a_warning() -> None:
    text, today = "10月8日放假。", date(2026, 10, 9)
    assert complaints(text, 2026, today=today, whole_year=False) == [
        "0: These days have passed and would change: 2026-10-08"
    ]
    judgement = judged(text, 2026, today=today, whole_year=False, correction=True)
    assert judgement.passes
    assert "This corrects 1 day that has passed: 2026-10-08" in judgement.warnings
    assert complaints(text, 2026, today=date(2026, 10, 8), whole_year=False) == []


def test_own_days_of_a_jurisdiction_may_be_any_day() -> None:
    judgement = judged("2027-08-19 州庆\n+2027-08-22", jurisdiction="somewhere")
    assert judgement.passes
    assert [(change.date, change.works) for change in judgement.changes] == [
        (date(2027, 8, 19), False),
        (date(2027, 8, 22), True),
    ]


@given(
    st.text(alphabet="0123456789年月日至放假上班共天（）()，。、+-.周一二三春节元旦：\n 2027", max_size=200),
    st.integers(2005, 2060),
)
def test_no_text_makes_the_reader_fail(text: str, year: int) -> None:
    """Whatever is pasted ends in days or in named problems."""
    judgement = judged(text, year)
    assert judgement.passes or all(each.message and each.mend for each in judgement.problems)
