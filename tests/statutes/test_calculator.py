"""The calculator by a rule: its number on the day, the one above it, its extension, forwards and backwards."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO, StringIO

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries

from organizations.actors import Actor, SystemActor
from organizations.models import Jurisdiction
from statutes.calculation import NotCountableError, backwards, bare, basis_by, basis_on, forwards
from statutes.definitions import CompiledPack
from statutes.forms import BackwardForm, ForwardForm
from statutes.resolution import NotInForceError
from statutes.selectors import law
from statutes.services import record_local_day, sync_packs
from statutes.sheets import workbook
from statutes.timelimits import start_of
from statutes.workdays import OutOfCalendarError
from tests.cast import Cast
from tests.statutes.packs.support import NATION, TOWN, changed, compiled
from tests.statutes.test_time_vectors import CALENDAR

Browser = Callable[[Actor], Client]
RULES = "rules.toml"
CHANGE = date(2025, 8, 1)


def changing(before: int, after: int) -> CompiledPack:
    """A town whose own number ended when the nation's came into force."""
    town = changed(TOWN, RULES, "amount = 5", f"amount = {before}")
    town = changed(town, RULES, 'floor = ["permit.answer"]', 'floor = ["permit.answer"]\nin_force_to = 2025-07-31')
    nation = changed(NATION, "pack.toml", "2020-01-01", CHANGE.isoformat())
    return compiled(town, changed(nation, RULES, "amount = 10", f"amount = {after}"))


@pytest.fixture
def packs(db: None) -> None:
    sync_packs()


def page(client: Client, language: str = "en", **query: str) -> str:
    response = client.get(reverse("statutes:calculator"), query, headers={"accept-language": language})
    assert response.status_code == 200
    return response.content.decode()


# --- the counting ----------------------------------------------------------------------------------------


def test_the_number_is_that_of_the_day_of_the_start() -> None:
    found = changing(15, 10)
    before, after = (basis_on(found, "town.answer", CHANGE - timedelta(days=days)) for days in (1, 0))
    assert (before.limit.amount, before.rule and before.rule.id) == (15, "town.answer")
    assert (after.limit.amount, after.rule and after.rule.id) == (10, "permit.answer")


@pytest.mark.parametrize(("before", "after"), [(15, 10), (10, 15), (2, 20), (20, 2)])
def test_counted_back_over_a_change_of_law_the_answer_is_the_last_day_that_is_in_time(before: int, after: int) -> None:
    """For every day of a quarter, against trying each start by the law of that start."""
    found = changing(before, after)
    starts = [date(2025, 6, 1) + timedelta(days=days) for days in range(150)]
    ends = {
        day: forwards(basis_on(found, "town.answer", day), start_of(day), CALENDAR).main.derivation.due_on
        for day in starts
    }
    for by in (date(2025, 7, 20) + timedelta(days=days) for days in range(60)):
        basis, upto = basis_by(found, "town.answer", by, CALENDAR)
        expected = max(day for day, due in ends.items() if day <= by and due is not None and due <= by)
        answer = backwards(basis, by, CALENDAR, upto=upto)
        assert answer.main.last == expected, by


def test_both_numbers_are_counted_and_the_one_that_binds_is_named() -> None:
    answer = forwards(basis_on(compiled(), "town.answer", date(2026, 3, 2)), start_of(date(2026, 3, 2)), CALENDAR)
    told = [(line.rule.id, line.binds, line.count and line.count.derivation.due_on) for line in answer.lines]
    assert told == [("town.answer", True, date(2026, 3, 9)), ("permit.answer", False, date(2026, 3, 16))]
    assert answer.main.derivation.due_on == date(2026, 3, 9)


def test_what_cannot_be_counted_is_refused() -> None:
    with pytest.raises(NotInForceError):
        basis_on(compiled(), "town.answer", date(2019, 1, 1))
    with pytest.raises(NotInForceError):
        basis_on(compiled(), "no.such", date(2026, 3, 2))
    with pytest.raises(NotCountableError):
        basis_on(compiled(), "permit", date(2026, 3, 2))
    with pytest.raises(NotCountableError):
        backwards(bare("hour", 3), date(2026, 3, 2), CALENDAR)


def test_long_periods_are_counted_back_near_the_end_of_the_calendar() -> None:
    """Twenty years that end in 2050: the search for the start must not trip over the calendar's own end."""
    assert backwards(bare("year", 20, roll=False), date(2050, 3, 2), CALENDAR).main.last == date(2030, 3, 2)
    with pytest.raises(OutOfCalendarError):
        backwards(bare("year", 20), date(2023, 3, 2), CALENDAR)
    with pytest.raises(OutOfCalendarError):
        backwards(bare("day", 2), date(2061, 3, 2), CALENDAR)


# --- the page --------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("packs")
def test_a_rule_brings_number_calendar_reading_and_the_national_number(
    client_for: Browser, outsider: Actor, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = client_for(outsider)
    page(client)
    with django_assert_max_num_queries(14):
        shown = page(client, rule="enshi:share.reply", start="2026-03-02T09:00")
    assert 'datetime="2026-03-09"' in shown
    assert 'datetime="2026-03-16"' in shown
    for words in ("art. 16", "art. 21", "5 working days", "10 working days", "The local number is stricter", "reading"):
        assert words in shown
    assert "longest extension, 10" not in shown


@pytest.mark.usefixtures("packs")
def test_the_longest_extension_is_a_second_derivation_forwards_and_backwards(
    client_for: Browser, outsider: Actor
) -> None:
    """Five working days and up to ten more: from Monday 2 March to the 9th, extended to the 23rd."""
    client = client_for(outsider)
    shown = page(client, rule="enshi:share.reply", start="2026-03-02T09:00", extended="on")
    assert "With the longest extension, 10 working days" in shown
    assert 'datetime="2026-03-23"' in shown
    assert shown.count('class="sh-strip"') == 2
    back = page(client, direction="back", rule="enshi:share.reply", by="2026-03-23", extended="on")
    assert 'datetime="2026-03-02"' in back
    none = page(client, rule="enshi:share.provide", start="2026-03-02T09:00", extended="on")
    assert "sh-error" in none
    none = page(client, rule="national:share.provide", start="2026-03-02T09:00", extended="on")
    assert "No procedure of this law extends this limit." in none


@pytest.mark.usefixtures("packs")
def test_a_number_that_ended_gives_way_to_the_national_one_by_date(client_for: Browser, outsider: Actor) -> None:
    """Enshi's fifteen working days for updating the catalogue ended when Order 809 came into force."""
    client = client_for(outsider)
    old = page(client, rule="enshi:catalog.update", start="2025-07-31T09:00")
    new = page(client, rule="enshi:catalog.update", start="2025-08-01T09:00")
    assert 'datetime="2025-08-21"' in old
    assert 'datetime="2025-08-15"' in new
    assert "The local number ended on 2025-07-31" in new


@pytest.mark.usefixtures("packs")
def test_a_rule_of_a_place_is_counted_by_the_days_of_that_place(
    client_for: Browser, outsider: Actor, cast: Cast
) -> None:
    enshi, xianyang = cast.enshi.jurisdiction, cast.xianyang.jurisdiction
    days = {"day": date(2026, 3, 4), "is_working": False, "name": "州庆"}
    record_local_day(actor=SystemActor("test"), jurisdiction=enshi.pk, **days)
    client = client_for(outsider)
    for chosen in ("", enshi.pk, xianyang.pk):
        shown = page(client, rule="enshi:share.reply", start="2026-03-02T09:00", jurisdiction=chosen)
        assert 'datetime="2026-03-10"' in shown
        assert f"calendar of {enshi.name_en}" in shown
    national = page(client, rule="national:share.reply_conditional", start="2026-03-02T09:00", jurisdiction="")
    assert 'datetime="2026-03-16"' in national
    assert 'datetime="2026-03-17"' in page(
        client, rule="national:share.reply_conditional", start="2026-03-02T09:00", jurisdiction=enshi.pk
    )


@pytest.mark.usefixtures("packs")
def test_a_place_below_that_lives_by_the_pack_keeps_its_own_calendar(outsider: Actor, cast: Cast) -> None:
    enshi = cast.enshi.jurisdiction
    county = Jurisdiction.objects.create(id="county", name_zh="某县", name_en="County", region="422899", pack="enshi")
    assert law.place_for(outsider, "enshi", county) == county
    assert law.place_for(outsider, "enshi", cast.xianyang.jurisdiction) == enshi
    assert law.place_for(outsider, "national", None) is None


@pytest.mark.usefixtures("packs")
def test_practice_and_soft_rules_are_marked_and_stand_beside_the_law_above_them(
    client_for: Browser, outsider: Actor
) -> None:
    shown = page(client_for(outsider), rule="xianyang:share.bureau_reply", start="2026-03-02T09:00")
    assert "practice" in shown
    assert "art. 21" in shown
    assert "Both say the same." in shown


@pytest.mark.usefixtures("packs")
def test_a_minimum_period_is_said_to_be_no_time_limit(client_for: Browser, outsider: Actor) -> None:
    """Network records are kept for six months at least: nothing is owed when these are over."""
    client = client_for(outsider)
    query = {"rule": "national:records.network_logs", "start": "2026-03-02T09:00"}
    shown = page(client, **query)
    assert "minimum period" in shown
    assert "No time limit" in shown
    assert "Due on" not in shown
    assert "不是办理时限" in page(client, "zh-hans", **query)
    for address in ("/law/national/rules/records.network_logs/", "/law/national/?q=records.network_logs"):
        assert "No time limit" in client.get(address, headers={"accept-language": "en"}).content.decode()


@pytest.mark.usefixtures("packs")
@pytest.mark.parametrize(
    "query",
    [
        {"rule": "enshi:no.such", "start": "2026-03-02T09:00"},
        {"rule": "enshi", "start": "2026-03-02T09:00"},
        {"rule": "enshi:share.ladder", "start": "2026-03-02T09:00"},
        {"rule": "enshi:share.reply", "start": "2010-03-02T09:00"},
        {"rule": "", "start": "2026-03-02T09:00"},
        {"rule": "", "amount": "5", "start": "2026-03-02T09:00"},
        {"rule": "enshi:share.reply", "start": ""},
        {"rule": "national:records.network_logs", "start": "2060-12-30T09:00"},
        {"direction": "back", "rule": "national:records.network_logs", "by": "2004-01-02"},
        {"direction": "back", "rule": "enshi:share.reply", "by": "2010-03-02"},
    ],
)
def test_a_rule_that_cannot_be_counted_says_why(client_for: Browser, outsider: Actor, query: dict[str, str]) -> None:
    shown = page(client_for(outsider), **query)
    assert "sh-error" in shown
    assert "sh-strip" not in shown


@pytest.mark.usefixtures("packs")
def test_every_rule_that_is_offered_is_counted_or_not_in_force(outsider: Actor) -> None:
    """Of every pack, in both directions; what is offered backwards is never counted by the clock or by a fixed day."""
    packs = {each.law.own.id: each.law for each in law.packs_in_force(outsider)}
    known = [each.own for each in packs.values()]
    for kind in (ForwardForm, BackwardForm):
        groups = kind(packs=known, language="en").fields["rule"].choices[1:]
        offered = [key for _name, options in groups for key, _label in options]
        assert len(offered) > 40
        for key in offered:
            pack, _colon, rule_id = key.partition(":")
            basis = basis_on(packs[pack], rule_id, date(2026, 3, 2))
            if kind is BackwardForm:
                assert backwards(basis, date(2058, 3, 2), CALENDAR, extended=True).main.last
            else:
                assert forwards(basis, start_of(date(2026, 3, 2)), CALENDAR, extended=True).main.derivation.due_on


@pytest.mark.usefixtures("packs")
def test_a_rule_s_page_leads_to_the_calculation_by_that_rule(client_for: Browser, outsider: Actor) -> None:
    client = client_for(outsider)
    shown = client.get("/law/enshi/rules/share.reply/").content.decode()
    assert "/law/calculator/?rule=enshi%3Ashare.reply" in shown
    form = client.get("/law/calculator/?rule=enshi%3Ashare.reply").context["form"]
    assert form["rule"].value() == "enshi:share.reply"


@pytest.mark.usefixtures("packs")
def test_pages_and_comparison_mark_a_minimum_period_as_one(client_for: Browser, outsider: Actor) -> None:
    client = client_for(outsider)
    for address in ("/law/national/", "/law/compare/?what=limits&pack=national", "/law/xianyang/instruments/projects/"):
        assert "minimum period" in client.get(address, headers={"accept-language": "en"}).content.decode()


@pytest.mark.usefixtures("packs")
@pytest.mark.parametrize(
    "address",
    ["/law/xianyang/rules/share.bureau_reply/", "/law/xianyang/procedures/share_request/", "/law/xianyang/"],
)
def test_a_number_of_the_operator_stands_beside_the_national_one_by_which_it_binds(
    client_for: Browser, outsider: Actor, address: str
) -> None:
    """Xianyang's bureau answers in ten working days because Order 809, article 21, says so."""
    shown = client_for(outsider).get(address, headers={"accept-language": "en"}).content.decode()
    beside = shown.partition("by the law above it:")[2][:600]
    assert "10 working days" in beside
    assert "art. 21" in beside


@pytest.mark.usefixtures("packs")
def test_the_comparison_is_handed_out_as_a_workbook_as_shown(client_for: Browser, outsider: Actor) -> None:
    query = "?what=limits&pack=xianyang&pack=pingliang&export="
    client = client_for(outsider)
    answer = client.get(f"/law/compare/{query}xlsx", headers={"accept-language": "zh-hans"})
    assert answer["Content-Disposition"] == 'attachment; filename="comparison.xlsx"'
    sheet = load_workbook(BytesIO(answer.content)).active
    assert sheet is not None
    found = [
        ["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(min_row=3, values_only=True)
    ]
    text = client.get(f"/law/compare/{query}csv", headers={"accept-language": "zh-hans"}).content.decode("utf-8-sig")
    assert found == list(csv.reader(StringIO(text)))
    assert found[0][2:] == ["咸阳市", "平凉市"]
    assert any("《政务数据共享条例》第21条" in cell for row in found for cell in row)


def test_a_workbook_holds_no_formula() -> None:
    file = workbook("t", "l", ["a"], [["=1+1"], ["+1"], ["plain"]], [10])
    sheet = load_workbook(file).active
    assert sheet is not None
    cells = [row[0] for row in sheet.iter_rows(min_row=4)]
    assert [(cell.data_type, cell.quotePrefix) for cell in cells] == [("s", True), ("s", True), ("s", False)]
