"""The law pages in a real browser: found, read, compared and counted, in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect

from organizations.actors import SystemActor
from statutes.services import record_local_day
from tests.cast import Cast
from tests.scenes import store_law

pytestmark = pytest.mark.django_db(transaction=True)

PAGES = {
    "search": "/law/search/?q=809&numbered=on",
    "instrument": "/law/national/instruments/o809/",
    "pack": "/law/xianyang/",
    "rule": "/law/enshi/rules/share.reply/",
    "procedure": "/law/enshi/procedures/share_request/",
    "compare": "/law/compare/?what=limits&pack=national&pack=enshi&pack=xianyang",
    "deciders": "/law/compare/?what=deciders",
    "coverage": "/law/coverage/",
    "calendar": "/law/calendar/?year=2026",
    "calculator": "/law/calculator/?start=2026-12-20T09:00&amount=10&unit=working_day",
    "backwards": "/law/calculator/?direction=back&by=2026-02-27&amount=5&unit=working_day",
    "by-rule": "/law/calculator/?rule=enshi:share.reply&extended=on&start=2026-12-20T09:00",
    "by-rule-back": "/law/calculator/?direction=back&rule=xianyang:share.bureau_reply&by=2026-02-27",
    "minimum": "/law/calculator/?rule=national:records.network_logs&start=2026-12-20T09:00",
    "practice": "/law/xianyang/procedures/share_request/",
    "own-days": "/law/calendar/?year=2026&jurisdiction=enshi",
    "missing": "/law/nope/",
}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_law_page_is_accessible_and_fits_desk_and_phone(
    browser_page: Page,
    cast: Cast,
    sign_in: Callable[..., None],
    assert_accessible: Callable[[Page], None],
    shots: Callable[[Page, str], None],
    language: str,
) -> None:
    call_command("seed_calendar")
    store_law()
    holiday = {"day": date(2026, 8, 19), "is_working": False, "name": "州庆"}
    record_local_day(actor=SystemActor("test"), jurisdiction="enshi", **holiday)
    reader = cast.enshi.applicant_handler
    reader.user.language = language
    reader.user.save(update_fields=["language"])
    sign_in(browser_page, reader, "/law/")
    browser_page.fill("main input[name=q]", "答复")
    browser_page.press("main input[name=q]", "Enter")
    browser_page.wait_for_url("**/law/search/**")
    expect(browser_page.locator("main .sh-rules tbody tr").first).to_be_visible()
    for name, path in PAGES.items():
        browser_page.goto(path)
        expect(browser_page.locator("h1")).to_have_count(1)
        assert_accessible(browser_page)
        shots(browser_page, f"law-{name}-{language[:2]}")


def test_the_keyboard_reaches_the_states_of_a_diagram_and_paper_holds_it(
    browser_page: Page, cast: Cast, sign_in: Callable[..., None]
) -> None:
    store_law()
    sign_in(browser_page, cast.enshi.applicant_handler, PAGES["procedure"])
    browser_page.locator(".sh-diagram").focus()
    browser_page.keyboard.press("Tab")
    reached = browser_page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert reached
    browser_page.emulate_media(media="print")
    drawing = browser_page.locator(".sh-diagram svg").bounding_box()
    assert drawing is not None
    assert drawing["height"] <= 150 / 25.4 * 96 + 1


def test_what_is_compared_is_downloaded_as_a_table(
    browser_page: Page, cast: Cast, sign_in: Callable[..., None]
) -> None:
    store_law()
    sign_in(browser_page, cast.enshi.applicant_handler, PAGES["compare"])
    for place, name in enumerate(("comparison.xlsx", "comparison.csv")):
        with browser_page.expect_download() as download:
            browser_page.locator("main a[download]").nth(place).click()
        assert download.value.suggested_filename == name


def test_a_rule_is_found_by_typing_and_counted(browser_page: Page, cast: Cast, sign_in: Callable[..., None]) -> None:
    store_law()
    sign_in(browser_page, cast.enshi.applicant_handler, "/law/calculator/")
    browser_page.locator("#id_rule-ts-control").fill("使用部门没有共享权限")
    expect(browser_page.locator(".ts-dropdown .option").first).to_contain_text("使用部门没有共享权限")
    browser_page.keyboard.press("Enter")
    browser_page.keyboard.press("Tab")
    browser_page.keyboard.press("Space")
    expect(browser_page.locator("[name=extended]")).to_be_checked()
    browser_page.locator("main form button").click()
    expect(browser_page.locator(".sh-strip")).to_have_count(2)
    expect(browser_page.locator("[name=rule]")).to_have_value("enshi:share.reply")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_year_of_the_calendar_prints_on_one_sheet(
    browser_page: Page, cast: Cast, sign_in: Callable[..., None], language: str
) -> None:
    reader = cast.enshi.applicant_handler
    reader.user.language = language
    reader.user.save(update_fields=["language"])
    holiday = {"day": date(2026, 8, 19), "is_working": False, "name": "州庆"}
    record_local_day(actor=SystemActor("test"), jurisdiction="enshi", **holiday)
    sign_in(browser_page, reader, "/law/calendar/?year=2026")
    browser_page.emulate_media(media="print")
    sheet = browser_page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", sheet)) == 1
