"""An entry leaves the catalogue; the bureau hands out work, and looks at standing duties and deputies."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Page, expect

from cases import services
from cases.models import Assignment, Case
from organizations.services import appoint_deputy
from tests.browser.test_pages import read_in
from tests.cast import Cast, Place, new_actor
from tests.scenes import act, filed, published_resource, store_law

pytestmark = pytest.mark.django_db(transaction=True)


def look_at(page: Page, words: dict[str, str], accessible: Callable, shots: Callable, name: str) -> None:
    """The page in both languages: it says these words, and axe finds nothing."""
    for language, said in words.items():
        read_in(page, language)
        expect(page.locator("main")).to_contain_text(said)
        accessible(page)
        shots(page, f"{name}-{language[:2]}")


def test_an_entry_is_withdrawn_and_its_page_says_when_and_why(
    browser_page: Page, cast: Cast, sign_in: Callable, assert_accessible: Callable, shots: Callable
) -> None:
    call_command("seed_calendar")
    store_law()
    page, place = browser_page, cast.enshi
    resource = published_resource(place)
    last_day = timezone.localdate() + timedelta(days=20)
    sign_in(page, place.provider_steward, f"/catalog/{resource.pk}/withdraw/")
    look_at(page, {"en": "Nobody holds a right", "zh-hans": "提出停止提供"}, assert_accessible, shots, "withdraw")
    page.fill("[name=reason]", "职能划转")
    page.fill("[name=stop_basis]", "机构改革方案")
    page.fill("[name=ends_on]", last_day.isoformat())
    page.locator("main form[data-sh-guard] button[type=submit]").click()
    page.wait_for_url("**/cases/**")
    case = Case.objects.get()
    gone(place, case, last_day.isoformat())
    page.goto(f"/catalog/{resource.pk}/")
    look_at(page, {"zh-hans": "职能划转", "en": "职能划转"}, assert_accessible, shots, "tombstone")
    expect(page.locator(f"main a[href='/cases/{case.number}/']").first).to_be_visible()


def gone(place: Place, case: Case, last_day: str) -> None:
    """Signed, filed and recorded; then the last day is over."""
    act(place.provider_leader, case, "sign_off")
    act(place.provider_handler, case, "file", opinion="无使用部门")
    act(place.bureau_reviewer, case, "record", ends_on=last_day)
    services.sweep(timezone.now() + timedelta(days=22))
    case.refresh_from_db()
    assert case.outcome == "stopped"


def test_the_bureau_hands_out_work_from_its_console_by_keyboard_and_by_range(
    browser_page: Page, cast: Cast, sign_in: Callable, assert_accessible: Callable, shots: Callable
) -> None:
    """Shift+j ticks the rows it goes through, Shift+click those between; a row opens its case; duties and deputies."""
    call_command("seed_calendar")
    store_law()
    page, place = browser_page, cast.xianyang
    resource = published_resource(place)
    for number in range(4):
        act(place.applicant_leader, filed(place, resource, key=f"k{number}"), "endorse")
    approver, today = place.bureau_approver, timezone.localdate()
    colleague = new_actor(place.bureau, "reviewer", "xianyang.colleague", "冯二")
    sign_in(page, approver, "/reports/console/")
    look_at(page, {"en": "Console", "zh-hans": "工作总台"}, assert_accessible, shots, "reports-console")
    boxes = page.locator("tbody input[name=case]")
    page.keyboard.press("j")
    page.keyboard.press("Shift+J")
    assert [boxes.nth(at).is_checked() for at in range(4)] == [True, True, False, False]
    boxes.nth(0).uncheck()
    boxes.nth(3).click(modifiers=["Shift"])
    assert [boxes.nth(at).is_checked() for at in range(4)] == [True, True, True, True]
    reviewer = place.bureau_reviewer.user
    page.select_option("#selected-assignee", str(reviewer.pk))
    page.locator("button[formaction='/cases/bulk/assign/']").click()
    expect(page.locator("main")).to_contain_text(reviewer.full_name)
    assert Assignment.objects.filter(assignee=reviewer, ended_at=None).count() == 4
    read_in(page, "en")
    assert_accessible(page)
    appoint_deputy(
        approver, position=approver.position, user=colleague.user, active_until=today + timedelta(days=3), reason="出差"
    )
    page.goto("/reports/console/")
    page.get_by_role("link", name=resource.title).first.click()
    page.wait_for_url("**/cases/*/")
    page.goto("/reports/console/delegations/")
    look_at(page, {"en": "冯二", "zh-hans": "出差"}, assert_accessible, shots, "console-delegations")
    page.goto("/cases/duties/")
    look_at(page, {"en": "next", "zh-hans": "周期性义务"}, assert_accessible, shots, "duties")
