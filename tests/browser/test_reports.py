"""The auditor's reports in a real browser: readable, accessible, and verification that moves by itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from reports import services
from reports.models import Verification
from sharing.models import AccessClosed, AccessOpened
from tests.audit.sealed import seal_all
from tests.cast import Cast, Place
from tests.scenes import act, filed, published_resource, store_law

pytestmark = pytest.mark.django_db(transaction=True)
PATHS = ("/reports/", "/reports/cases/", "/reports/access/", "/reports/acts/", "/reports/integrity/")


@pytest.fixture
def place(cast: Cast) -> Place:
    store_law()
    place = cast.enshi
    resource = published_resource(place)
    case = filed(place, resource)
    act(place.applicant_leader, case, "endorse", opinion="情况属实")
    opened = AccessOpened.objects.create(
        resource=resource,
        organization=place.applicant,
        person=place.applicant_handler.user,
        channel="csv",
        columns=["code", "name"],
        purpose="救助对象住址标准化",
        address="10.1.2.3",
    )
    AccessClosed.objects.create(opened=opened, rows=620573, bytes=21_000_000, ending="complete")
    AccessOpened.objects.create(resource=resource, organization=place.outside, channel="api", refused="not_granted")
    seal_all()
    return place


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_report_is_accessible_and_fits_a_phone(
    browser_page: Page,
    place: Place,
    sign_in: Callable[..., None],
    assert_accessible: Callable[[Page], None],
    shots: Callable[[Page, str], None],
    language: str,
) -> None:
    place.auditor.user.language = language
    place.auditor.user.save(update_fields=["language"])
    sign_in(browser_page, place.auditor)
    number = place.applicant.opened_cases.first().number
    for path in (*PATHS, f"/reports/cases/{number}/"):
        browser_page.goto(path)
        assert_accessible(browser_page)
        shots(browser_page, f"reports-{path.strip('/').replace('/', '-').replace(number, 'one')}-{language}")


def test_a_verification_is_asked_for_and_its_end_appears_without_reloading(
    browser_page: Page, place: Place, sign_in: Callable[..., None]
) -> None:
    sign_in(browser_page, place.auditor, "/reports/integrity/")
    browser_page.get_by_role("button", name="全部核验").click()
    browser_page.wait_for_selector(".sh-progress")
    run = Verification.objects.get()
    services.run_verification(run.pk)
    expect(browser_page.locator(".sh-progress.sh-done")).to_contain_text("核验一致")


def test_an_export_arrives_as_a_workbook(browser_page: Page, place: Place, sign_in: Callable[..., None]) -> None:
    sign_in(browser_page, place.auditor, "/reports/access/?channel=csv")
    with browser_page.expect_download() as download:
        browser_page.get_by_role("button", name="导出 Excel").click()
    assert download.value.suggested_filename.endswith(".xlsx")
