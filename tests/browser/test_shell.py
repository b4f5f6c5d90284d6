"""Signing in and the shell around every page, in both languages, as a person meets them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)


def test_signing_in_shows_the_shell_in_both_languages_and_signing_out_hides_it(
    browser_page: Page, cast: Cast, sign_in_by_form: Callable, assert_accessible: Callable, shots: Callable
) -> None:
    page = browser_page
    page.goto("/sign-in/")
    assert_accessible(page)
    shots(page, "sign-in-zh")

    sign_in_by_form(page, cast.enshi.applicant_handler, "/account/")
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(page.get_by_role("navigation", name="主导航")).to_be_visible()
    assert_accessible(page)
    shots(page, "account-zh")

    page.get_by_role("button", name="EN").first.click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    assert_accessible(page)
    shots(page, "account-en")

    page.locator(".sh-top .sh-menu > summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in/**")
    page.go_back()
    expect(page.locator(".sh-side")).to_have_count(0)


def test_the_navigation_is_a_drawer_on_a_phone_and_escape_gives_the_focus_back(
    browser_page: Page, cast: Cast, sign_in: Callable, assert_accessible: Callable
) -> None:
    page = browser_page
    sign_in(page, cast.enshi.provider_leader, "/account/")
    page.set_viewport_size({"width": 390, "height": 844})
    navigation = page.locator("#navigation")
    expect(navigation).to_be_hidden()

    page.locator(".sh-burger").click()
    expect(navigation).to_be_visible()
    expect(navigation.locator("a").first).to_be_in_viewport(ratio=1)
    assert_accessible(page)

    page.keyboard.press("Escape")
    expect(navigation).to_be_hidden()
    expect(page.locator(".sh-burger")).to_be_focused()


def test_the_keyboard_reaches_the_content_first_and_the_list_of_shortcuts_can_switch_them_off(
    browser_page: Page, cast: Cast, sign_in: Callable
) -> None:
    page = browser_page
    sign_in(page, cast.enshi.applicant_handler, "/account/")
    page.reload()
    page.keyboard.press("Tab")
    expect(page.locator(".sh-skip")).to_be_focused()

    page.locator("body").press("?")
    dialog = page.locator("#sh-keys")
    expect(dialog).to_be_visible()
    dialog.get_by_role("checkbox").uncheck()
    dialog.get_by_role("button").click()
    assert page.evaluate("localStorage.getItem('sh-keys-off')") == "1"
