"""A new version of the law in a real browser: read, proposed, confirmed by another, followed by open cases."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings

from cases import services as cases
from statutes.models import PackVersion
from statutes.selectors import current
from tests.cast import Place
from tests.laboratory.place import PACKS, lab, opened
from tests.scenes import store_law

__all__ = ["lab"]
pytestmark = pytest.mark.django_db(transaction=True)
MOVE = '\n[[transition]]\nprocedure = "clocks"\nmode = "move"\n'


@pytest.fixture
def offered(lab: Place, tmp_path: Path, settings: Settings) -> PackVersion:
    """A version with another number, another label and open cases that go on under it."""
    opened(lab, "clocks")
    folder = Path(shutil.copytree(PACKS / "lab", tmp_path / "lab"))
    settings.STATUTES_PATH = str(tmp_path)
    rules = (folder / "rules.toml").read_text("utf-8").replace("amount = 5, unit", "amount = 4, unit")
    (folder / "rules.toml").write_text(rules, "utf-8")
    steps = folder / "procedures" / "clocks.toml"
    steps.write_text(steps.read_text("utf-8").replace('zh = "整改"', 'zh = "完成整改"'), "utf-8")
    header = (folder / "pack.toml").read_text("utf-8").replace('version = "1"', 'version = "2"')
    (folder / "pack.toml").write_text(header + MOVE, "utf-8")
    store_law()
    return PackVersion.objects.get(pack="lab", offered_at__isnull=False)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_two_persons_bring_a_version_into_force_and_open_cases_follow(
    browser_page: Page,
    lab: Place,
    offered: PackVersion,
    sign_in: Callable[..., None],
    assert_accessible: Callable[[Page], None],
    shots: Callable[[Page, str], None],
    language: str,
) -> None:
    for actor in (lab.bureau_reviewer, lab.bureau_approver):
        actor.user.language = language
        actor.user.save(update_fields=["language"])

    def seen(name: str) -> None:
        assert_accessible(browser_page)
        shots(browser_page, f"versions-{name}-{language[:2]}")

    sign_in(browser_page, lab.bureau_reviewer, "/cases/versions/")
    seen("list")
    browser_page.locator(f'main a[href="/cases/versions/{offered.pk}/"]').click()
    browser_page.wait_for_url(f"**/cases/versions/{offered.pk}/")
    expect(browser_page.locator("ins").first).to_contain_text("4")
    seen("difference")
    browser_page.fill("[name=note]", "新规定自即日起施行")
    browser_page.locator("form[action$='/propose/'] button").click()
    browser_page.wait_for_selector("form[action$='/reject/']")
    expect(browser_page.locator("form[action$='/confirm/']")).to_have_count(0)
    seen("proposed")

    browser_page.context.clear_cookies()
    sign_in(browser_page, lab.bureau_approver, f"/cases/versions/{offered.pk}/")
    browser_page.locator("form[action$='/confirm/'] button").click()
    browser_page.locator("#sh-confirm [data-sh-slot=go]").click()
    browser_page.wait_for_selector("#version-progress")
    assert current("lab") == offered
    cases.move_open_cases()
    expect(browser_page.locator("#version-progress.sh-done")).to_be_visible(timeout=15_000)
    seen("in-force")
