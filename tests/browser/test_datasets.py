"""Loading data in a real browser: from the list to what was refused, readable, accessible, in both languages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connections
from playwright.sync_api import Page, expect

from catalog.models import Resource
from datasets import services, store, tasks
from tests.cast import Cast
from tests.datasets.conftest import REGIONS, make_resource

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "datasets"])

CONTENT = "code,name,county\n422801001001,市中社区居委会,恩施市\n422801001002,,恩施市\n422801001003,土桥居委会\n"


@pytest.fixture
def resource(cast: Cast) -> Resource:
    store.prepare()
    with connections[store.alias()].cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {store.SCHEMA} CASCADE")
    return make_resource(cast.enshi.provider, REGIONS)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_file_goes_from_the_form_to_its_rejects(
    browser_page: Page,
    resource: Resource,
    cast: Cast,
    sign_in: Callable[..., None],
    assert_accessible: Callable[[Page], None],
    shots: Callable[[Page, str], None],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    language: str,
) -> None:
    """The bar is shown while the file waits and is replaced by the result once the worker has done its part."""
    waiting: list[int] = []
    monkeypatch.setattr(tasks, "enqueue", waiting.append)
    steward = cast.enshi.provider_steward
    steward.user.language = language
    steward.user.save(update_fields=["language"])
    path = tmp_path / "villages.csv"
    path.write_text(CONTENT, encoding="gb18030")
    sign_in(browser_page, steward)
    browser_page.goto("/data/")
    assert_accessible(browser_page)
    shots(browser_page, f"data-list-{language}")
    browser_page.get_by_role("link", name=resource.title).click()
    browser_page.locator(f'a[href="/data/{resource.pk}/load/"]').click()
    assert_accessible(browser_page)
    shots(browser_page, f"data-upload-{language}")
    browser_page.set_input_files("input[type=file]", path)
    browser_page.locator("main form button[type=submit]").click()
    expect(browser_page.locator("#progress progress")).to_be_visible()
    assert_accessible(browser_page)
    shots(browser_page, f"data-progress-{language}")
    services.load_batch(batch_id=waiting[0])
    expect(browser_page.locator("#progress")).to_have_count(0)
    expect(browser_page.locator("#rejects")).to_be_visible()
    assert browser_page.locator("section[aria-labelledby=rejects] tbody tr").count() == 2
    assert_accessible(browser_page)
    shots(browser_page, f"data-batch-{language}")
    with browser_page.expect_download() as download:
        browser_page.locator('a[href$="rejects.csv"]').click()
    assert Path(download.value.path()).read_text(encoding="utf-8-sig").count("\n") == 3
    browser_page.goto(f"/data/{resource.pk}/")
    assert_accessible(browser_page)
    shots(browser_page, f"data-batches-{language}")
