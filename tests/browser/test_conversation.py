"""Talking about a case, following it, filters under a name, and the page of one's own settings, as people do it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect

from cases.models import Case, Comment, Following, Mention, SavedFilter
from tests.cast import Place
from tests.scenes import act, filed, published_resource

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def case(enshi: Place) -> Case:
    call_command("seed_calendar")
    case = filed(enshi, published_resource(enshi))
    act(enshi.applicant_leader, case, "endorse", opinion="符合我局职责,同意申请。")
    return case


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_somebody_is_mentioned_by_typing_at_and_choosing_with_the_keyboard(
    browser_page: Page,
    enshi: Place,
    case: Case,
    sign_in: Callable,
    shots: Callable,
    assert_accessible: Callable,
    language: str,
) -> None:
    page, leader = browser_page, enshi.provider_leader.user
    sign_in(page, enshi.provider_handler, f"/cases/{case.number}/")
    if language == "en":
        page.locator(".sh-who > .sh-language button").click()
        expect(page.locator("html")).to_have_attribute("lang", "en")
        page.goto(f"/cases/{case.number}/")
    page.locator("input[name='comment-audience'][value=organization]").check()
    area = page.locator("textarea[name='comment-text']")
    area.focus()
    page.keyboard.type(f"请 @{leader.full_name[0]}")
    listed = page.locator("#sh-mention-list")
    expect(listed).to_contain_text(leader.full_name)
    assert_accessible(page)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(listed).to_have_count(0)
    expect(area).to_have_value(f"请 @{leader.full_name} ")
    page.keyboard.type("核对第三项")
    with page.expect_navigation():
        page.locator("#comments form[action$='/comments/#comments'] button[type=submit]").click()
    expect(page.locator(".sh-comments")).to_contain_text("核对第三项")
    assert Comment.objects.get().audience == "organization"
    assert Mention.objects.get().user == leader
    assert_accessible(page)
    shots(page, f"case-comments-{language}")


def test_without_scripts_people_are_chosen_from_a_list(
    browser_page: Page, enshi: Place, case: Case, sign_in: Callable
) -> None:
    page, leader = browser_page, enshi.provider_leader.user
    sign_in(page, enshi.provider_handler)
    page.route("**/*.js", lambda route: route.fulfill(content_type="text/javascript", body=""))
    page.goto(f"/cases/{case.number}/")
    page.locator("select[name='comment-mentions']").select_option(str(leader.pk))
    page.locator("input[name='comment-audience'][value=parties]").check()
    page.fill("textarea[name='comment-text']", "无脚本也可以")
    page.locator("#comments form[action$='/comments/#comments'] button[type=submit]").click()
    expect(page.locator(".sh-comments")).to_contain_text("无脚本也可以")
    assert Mention.objects.get().user == leader


def test_a_case_is_followed_and_found_again_and_a_filter_is_kept(
    browser_page: Page, enshi: Place, case: Case, sign_in: Callable, assert_accessible: Callable, shots: Callable
) -> None:
    page = browser_page
    sign_in(page, enshi.provider_handler, f"/cases/{case.number}/")
    with page.expect_navigation():
        page.locator(f"form[action='/cases/{case.number}/follow/'] button").click()
    assert Following.objects.count() == 1
    page.goto("/cases/?box=followed")
    page.keyboard.press("j")
    expect(page.locator("tr.sh-at")).to_contain_text(case.number)
    page.locator(".sh-save-filter summary").click()
    page.fill("#filter-name", "我关注的办件")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator(".sh-saved a[aria-current]")).to_have_text("我关注的办件")
    assert SavedFilter.objects.get().query == "box=followed"
    assert_accessible(page)
    shots(page, "cases-saved-filters")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_mails_calendar_and_filters_are_set_up_on_one_page(
    browser_page: Page, enshi: Place, sign_in: Callable, assert_accessible: Callable, shots: Callable, language: str
) -> None:
    page = browser_page
    sign_in(page, enshi.provider_handler, "/cases/settings/")
    if language == "en":
        page.locator(".sh-who > .sh-language button").click()
    with page.expect_navigation():
        page.locator("form[action='/cases/settings/calendar/'] button").click()
    address = page.locator("#feed-address").inner_text()
    assert page.request.get(address).headers["content-type"].startswith("text/calendar")
    assert_accessible(page)
    shots(page, f"settings-{language}")
    page.goto("/cases/settings/")
    expect(page.locator("#feed-address")).to_have_count(0)


def test_the_case_file_is_downloaded_from_its_page(
    browser_page: Page, enshi: Place, case: Case, sign_in: Callable
) -> None:
    page = browser_page
    sign_in(page, enshi.provider_leader, f"/cases/{case.number}/")
    with page.expect_download() as download:
        page.locator("a[href$='/file.pdf']").click()
    assert download.value.suggested_filename == f"{case.number}.pdf"


def test_the_notices_are_walked_and_pages_reached_with_the_keyboard(
    browser_page: Page, enshi: Place, case: Case, sign_in: Callable
) -> None:
    page = browser_page
    sign_in(page, enshi.provider_handler)
    page.keyboard.press("g")
    page.keyboard.press("n")
    page.wait_for_url("**/cases/notices/")
    page.wait_for_load_state("load")
    page.keyboard.press("j")
    expect(page.locator("li.sh-at")).to_have_count(1)
    page.keyboard.press("o")
    page.wait_for_url(f"**/cases/{case.number}/")
    page.wait_for_load_state("load")
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.wait_for_url("**/cases/")
