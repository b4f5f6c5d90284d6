"""A project in a real browser: from the draft to its review, with list, board and page, readable and accessible."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from projects.models import Project
from tests.cast import Cast
from tests.projects.scene import drafted, organ
from tests.scenes import store_law

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_draft_is_filed_goes_to_review_and_is_seen(
    browser_page: Page,
    cast: Cast,
    sign_in: Callable[..., None],
    assert_accessible: Callable[[Page], None],
    shots: Callable[[Page, str], None],
    language: str,
) -> None:
    """Amounts typed in ten thousands are shown in yuan; the plan is sent to review after being asked once more."""
    store_law()
    handler, page = cast.enshi.applicant_handler, browser_page
    handler.user.language = language
    handler.user.save(update_fields=["language"])
    organ(cast.enshi, "development")
    draft = drafted(cast.enshi)

    def look(name: str) -> None:
        assert_accessible(page)
        shots(page, f"projects-{name}-{language[:2]}")

    sign_in(page, handler, "/projects/")
    look("drafts")
    page.goto("/projects/new/")
    look("new")
    page.goto(f"/projects/drafts/{draft.pk}/")
    page.select_option("select[name=unit]", "ten_thousand")
    for name, amount in (("total", "90"), ("years-0-amount", "54"), ("years-1-amount", "36")):
        page.fill(f"input[name={name}]", amount)
    page.click("button[name=file]")
    expect(page).to_have_url(f"/projects/{draft.pk}/")
    expect(page.locator("main")).to_contain_text("900,000.00")
    look("filed")
    page.locator(f'form[action="/projects/{draft.pk}/review/"] button').click()
    page.locator("#sh-confirm [data-sh-slot=go]").click()
    page.wait_for_url("**/cases/**")
    review = Project.objects.get().reviews.get().case
    expect(page.locator("main")).to_contain_text(review.number)
    addresses = {"page": f"/projects/{draft.pk}/", "list": "/projects/", "board": "/projects/board/"}
    addresses |= {"times": f"/projects/{draft.pk}/times/", "all-times": "/projects/times/"}
    for name, address in addresses.items():
        page.goto(address)
        expect(page.locator("main")).to_contain_text(draft.name)
        look(name)
