"""The case page as people meet it: keyboard alone, on paper, and on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect

from cases.models import Case
from tests.cast import Place
from tests.scenes import act, filed, published_resource

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def under_answer(enshi: Place) -> Case:
    """A request that the provider's handler has drafted an answer to."""
    call_command("seed_calendar")
    case = filed(enshi, published_resource(enshi))
    act(enshi.applicant_leader, case, "endorse", opinion="符合我局职责,同意申请。")
    act(enshi.provider_handler, case, "propose", proposal="consent", opinion="拟同意")
    return case


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_case_prints_on_one_clean_sheet(
    browser_page: Page, enshi: Place, under_answer: Case, sign_in: Callable, language: str
) -> None:
    page = browser_page
    sign_in(page, enshi.provider_leader, f"/cases/{under_answer.number}/")
    if language == "en":
        page.locator(".sh-who > .sh-language button").click()
    page.emulate_media(media="print")
    for hidden in (".sh-top", ".sh-side", "#act", "main form"):
        expect(page.locator(hidden).first).to_be_hidden()
    expect(page.locator(".sh-print-head")).to_be_visible()
    sheets = re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))
    assert len(sheets) == 1


def test_a_case_of_eight_events_prints_on_one_sheet_too(
    browser_page: Page, enshi: Place, under_answer: Case, sign_in: Callable
) -> None:
    act(enshi.provider_leader, under_answer, "consent", opinion="同意共享，限于申请所列用途。")
    act(enshi.applicant_leader, under_answer, "sign")
    act(enshi.provider_leader, under_answer, "sign")
    act(enshi.provider_handler, under_answer, "deliver", opinion="数据已接通。")
    assert under_answer.events.count() == 8
    page = browser_page
    sign_in(page, enshi.provider_leader, f"/cases/{under_answer.number}/")
    page.emulate_media(media="print")
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) == 1


def test_on_a_phone_the_diagram_begins_where_the_case_stands(
    browser_page: Page, enshi: Place, under_answer: Case, sign_in: Callable
) -> None:
    page = browser_page
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, enshi.provider_leader, f"/cases/{under_answer.number}/")
    step, frame = page.locator(".sh-node-now").bounding_box(), page.locator(".sh-diagram").bounding_box()
    assert step is not None
    assert frame is not None
    assert frame["x"] <= step["x"]
    assert step["x"] + step["width"] <= frame["x"] + frame["width"]


def test_a_leader_answers_from_the_workbench_with_the_keyboard_alone(
    browser_page: Page, enshi: Place, under_answer: Case, sign_in: Callable
) -> None:
    page = browser_page
    sign_in(page, enshi.provider_leader)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/cases/{under_answer.number}/")

    consent = page.locator("form[action$='/actions/consent/']")
    summary = page.locator("details.sh-act", has=consent).locator("summary")
    summary.focus()
    page.keyboard.press("Enter")
    consent.locator("button[type=submit]").focus()
    page.keyboard.press("Enter")
    dialog = page.locator("#sh-confirm")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text(under_answer.number)
    dialog.locator("[data-sh-slot=go]").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    under_answer.refresh_from_db()
    assert under_answer.state == "agreement"


def test_on_a_phone_the_way_to_act_is_one_touch_and_nothing_is_wider_than_the_screen(
    browser_page: Page, enshi: Place, under_answer: Case, sign_in: Callable, shots: Callable
) -> None:
    page = browser_page
    sign_in(page, enshi.provider_leader, f"/cases/{under_answer.number}/")
    page.set_viewport_size({"width": 390, "height": 844})
    page.locator("a[href='#act']").click()
    expect(page.locator("#act")).to_be_in_viewport()
    shots(page, "case-under-answer")
