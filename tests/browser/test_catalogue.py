"""The catalogue in a real browser: search as one types, filters, and an entry registered by keyboard."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from catalog import services
from catalog.models import Resource
from catalog.services import SystemEntry
from tests.cast import Cast
from tests.scenes import category, published_resource, store_law

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "datasets"])


def test_rows_and_filters_follow_what_is_typed(
    browser_page: Page,
    cast: Cast,
    sign_in: Callable[..., None],
    assert_accessible: Callable[[Page], None],
    shots: Callable[[Page, str], None],
) -> None:
    store_law()
    place = cast.enshi
    published_resource(place)
    published_resource(place, title="道路名录", sharing_class="unconditional")
    sign_in(browser_page, place.applicant_handler, "/catalog/")
    browser_page.goto("/catalog/")
    results, facets = browser_page.locator("#results"), browser_page.locator("#facets")
    expect(results).to_contain_text("统计用区划代码(村级)")
    browser_page.locator("#catalogue-query").press_sequentially("道路")
    expect(results).not_to_contain_text("统计用区划代码(村级)")
    expect(results).to_contain_text("道路名录")
    expect(facets).not_to_contain_text("有条件")
    facets.get_by_role("link").filter(has_text="无条件").first.click()
    expect(browser_page.locator("#applied")).to_contain_text("无条件")
    assert "q=" in browser_page.url
    assert_accessible(browser_page)
    shots(browser_page, "catalogue")
    results.get_by_role("link", name="道路名录").click()
    expect(browser_page.locator("h1")).to_contain_text("道路名录")
    assert_accessible(browser_page)
    shots(browser_page, "resource")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_an_entry_is_registered_by_keyboard(
    browser_page: Page,
    cast: Cast,
    sign_in: Callable[..., None],
    assert_accessible: Callable[[Page], None],
    shots: Callable[[Page, str], None],
    language: str,
) -> None:
    """Items are added and put in order in place, what was typed elsewhere stays; Enter in a field saves."""
    store_law()
    steward, chosen = cast.enshi.provider_steward, category(cast.enshi)
    steward.user.language = language
    steward.user.save(update_fields=["language"])
    page = browser_page
    sign_in(page, steward)
    page.goto("/catalog/upkeep/new/")
    page.fill("#id_summary", "全市道路")
    page.locator("#id_category").select_option(str(chosen.pk))
    page.locator("#id_sharing_class").select_option("unconditional")
    page.locator("#id_update_cycle").select_option("yearly")
    page.locator("input[name=formats][value=database]").check()
    page.locator("input[name=sharing_methods][value=download]").check()
    for row, (code, title) in enumerate([("code", "编号"), ("name", "名称"), ("kind", "类别")]):
        page.fill(f"#id_items-{row}-code", code)
        page.fill(f"#id_items-{row}-title", title)
    page.locator("button[name=step][value=add]").press("Enter")
    expect(page.locator("#id_items-5-code")).to_be_visible()
    expect(page.locator("#id_items-2-code")).to_have_value("kind")
    page.locator("button[name=step][value=up-2]").press("Enter")
    expect(page.locator("#id_items-1-code")).to_have_value("kind")
    expect(page.locator("#id_summary")).to_have_value("全市道路")
    assert_accessible(page)
    shots(page, f"entry-form-{language}")
    page.fill("#id_title", "道路名录")
    page.locator("#id_title").press("Enter")
    expect(page.locator("h1")).to_contain_text("道路名录")
    resource = Resource.objects.get()
    assert list(resource.items.values_list("code", flat=True)) == ["code", "kind", "name"]
    page.goto("/catalog/upkeep/")
    assert_accessible(page)
    shots(page, f"upkeep-{language}")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_register_of_systems_is_accessible_and_fits_desk_and_phone(
    browser_page: Page,
    cast: Cast,
    sign_in: Callable[..., None],
    assert_accessible: Callable[[Page], None],
    shots: Callable[[Page, str], None],
    language: str,
) -> None:
    store_law()
    place = cast.enshi
    entry = SystemEntry(name="人口统计系统", purpose="汇总人口数据", resources=[published_resource(place)])
    system = services.register_system(place.provider_handler, organization=place.provider, entry=entry)
    reader = place.provider_handler
    reader.user.language = language
    reader.user.save(update_fields=["language"])
    sign_in(browser_page, reader, "/catalog/systems/")
    one = f"/catalog/systems/{system.pk}/"
    pages = {"list": "/catalog/systems/", "page": one, "new": "/catalog/systems/new/", "retire": f"{one}retire/"}
    for name, path in pages.items():
        browser_page.goto(path)
        expect(browser_page.locator("h1")).to_have_count(1)
        assert_accessible(browser_page)
        shots(browser_page, f"systems-{name}-{language[:2]}")
