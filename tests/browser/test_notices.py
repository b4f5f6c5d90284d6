"""A notice in a real browser: pasted, mended, submitted, refused to its author, confirmed by another, recounted."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from cases import services as cases
from cases.models import Case
from organizations.models import Position
from statutes.models import CalendarNotice
from tests.cases.provisional import copies
from tests.cases.test_recount_scale import YEAR_END
from tests.cast import Cast, Place, new_actor
from tests.scenes import act, filed, published_resource, store_law
from tests.statutes.notices import NOTICE_2027

pytestmark = pytest.mark.django_db(transaction=True)
BAD = NOTICE_2027.replace("6月9日（周三）", "6月9日（周五）")


@pytest.fixture
def place(cast: Cast) -> Place:
    store_law()
    return cast.enshi


@pytest.fixture
def provisional(place: Place) -> list[int]:
    """Cases whose time limits run into a year that has not been announced."""
    case = filed(place, published_resource(place))
    act(place.applicant_leader, case, "endorse")
    return copies(case, 30, YEAR_END, ("reply", "share"))


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_notice_is_entered_by_two_persons_and_counts_due_dates_again(
    browser_page: Page,
    place: Place,
    provisional: list[int],
    sign_in: Callable[..., None],
    assert_accessible: Callable[[Page], None],
    shots: Callable[[Page, str], None],
    language: str,
) -> None:
    second = new_actor(place.bureau, Position.Kind.APPROVER, "second", "王乙")
    for actor in (place.administrator, second):
        actor.user.language = language
        actor.user.save(update_fields=["language"])

    def seen(name: str) -> None:
        assert_accessible(browser_page)
        shots(browser_page, f"notices-{name}-{language[:2]}")

    sign_in(browser_page, place.administrator, "/reports/calendar/")
    seen("empty")
    browser_page.locator("main a.btn-primary").click()
    browser_page.wait_for_url("**/reports/calendar/new/**")
    seen("form")
    for name, value in {"number": "国办发明电〔2026〕99号", "title": "2027年节假日安排", "text": BAD}.items():
        browser_page.fill(f"[name={name}]", value)
    browser_page.fill("[name=issued_on]", "2026-11-20")
    browser_page.locator("main form button[type=submit]").click()
    browser_page.wait_for_selector(".alert-danger")
    seen("faults")
    row = CalendarNotice.objects.get()
    browser_page.goto(f"/reports/calendar/{row.pk}/edit/")
    browser_page.fill("[name=text]", NOTICE_2027)
    browser_page.locator("main form button[type=submit]").click()
    browser_page.wait_for_selector("form[action$='/submit/']")
    seen("preview")
    browser_page.locator("form[action$='/submit/'] button").click()
    browser_page.wait_for_selector("form[action$='/reject/']")
    expect(browser_page.locator("form[action$='/confirm/']")).to_have_count(0)

    browser_page.context.clear_cookies()
    sign_in(browser_page, second, f"/reports/calendar/{row.pk}/")
    seen("to-confirm")
    browser_page.locator("form[action$='/confirm/'] button").click()
    browser_page.locator("dialog[open] .btn-primary, dialog[open] button[value=yes]").first.click()
    browser_page.wait_for_selector(".sh-progress")
    row.refresh_from_db()
    assert row.version is not None
    seen("running")
    cases.recount(row.version)
    expect(browser_page.locator(".sh-progress.sh-done")).to_be_visible(timeout=15_000)
    expect(browser_page.locator("main table tbody tr").last).to_contain_text(Case.objects.first().number[:12])
    seen("done")
    with browser_page.expect_download() as download:
        browser_page.locator("form[action*='/export/'] button").first.click()
    assert download.value.suggested_filename.endswith(".xlsx")
    browser_page.goto("/reports/calendar/")
    seen("list")
