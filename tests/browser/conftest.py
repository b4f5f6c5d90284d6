"""A real browser against the running portal: Debian's Chromium through Playwright, with axe-core.

Tests take `browser_page` (a page of a fresh, empty profile) and `live_server`. A console error, a script error or a
violation of the Content-Security-Policy fails the test. Without Chromium the tests are skipped, and say so loudly.
"""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from organizations.actors import Actor
from tests.cast import PASSWORD, signed_in_client

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

NOT_LOADED = (
    "WebUIOmniboxPopup",  # of the address bar, which nobody types into: a process of its own for every page
    "WebUIOmniboxAimPopup",
    "AimEnabled",  # the rest is what Playwright leaves out, whose list this one replaces
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    f"--disable-features={','.join(NOT_LOADED)}",
]
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
SCREENSHOTS = Path(settings.ROOT) / "var" / "screenshots"
WAITED_FOR = 10_000
BEYOND = """width => [...document.querySelectorAll("body *")]
  .filter(element => element.getBoundingClientRect().right > width + 0.5)
  .slice(-3)
  .map(element => element.outerHTML.slice(0, 200))"""
SIGNED_IN = ".sh-top .sh-menu"
EXPECTED = ("the server responded with a status of 4", "Response Status Error Code 4")


def chromium_path() -> str | None:
    """Where Chromium is: CHROMIUM, or the first of Debian's names on the path."""
    named = os.environ.get("CHROMIUM")
    return named or next((found for name in ("chromium", "chromium-browser") if (found := shutil.which(name))), None)


def _missing() -> str:
    if chromium_path() is None:
        return "Chromium is not installed (apt-get install chromium fonts-noto-cjk)"
    if not (settings.ROOT / "static" / "build" / "app.js").exists():
        return "the browser bundle is not built (npm ci && node frontend/build.mjs)"
    return ""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for the run; every test gets an empty profile in it."""
    if missing := _missing():
        warnings.warn(f"BROWSER TESTS ARE SKIPPED: {missing}", stacklevel=1)
        pytest.skip(missing)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture
def browser_page(browser: Browser, transactional_db: None, live_server: LiveServer) -> Iterator[Page]:
    """A page on the running portal; paths are relative to it. Errors in the console fail the test at its end."""
    context = browser.new_context(
        base_url=live_server.url, locale="zh-CN", viewport=DESKTOP, accept_downloads=True, reduced_motion="reduce"
    )
    context.set_default_timeout(WAITED_FOR)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if _is_fault(message.text, message.type) else None)
    yield page
    context.close()
    assert not errors, f"the browser's console: {errors}"


def _is_fault(text: str, kind: str) -> bool:
    """An error other than the lines that Chromium and htmx write for an answer of 4xx, which tests bring about."""
    return kind == "error" and not any(line in text for line in EXPECTED)


@pytest.fixture
def sign_in_by_form() -> Callable[..., None]:
    """`sign_in_by_form(page, actor, "/account/")`: as a person does, and on to that page."""

    def go(page: Page, actor: Actor, target: str = "/", password: str = PASSWORD) -> None:
        page.goto(f"/sign-in/?next={target}")
        page.fill("input[name=username]", actor.user.username)
        page.fill("input[name=password]", password)
        page.click("main button[type=submit]")
        page.wait_for_selector(SIGNED_IN)

    return go


@pytest.fixture
def sign_in(live_server: LiveServer) -> Callable[..., None]:
    """`sign_in(page, actor, "/account/")`: with the cookies that the form would have given, and on to that page."""

    def go(page: Page, actor: Actor, target: str = "/") -> None:
        session = signed_in_client(actor).cookies[settings.SESSION_COOKIE_NAME].value
        given = {settings.SESSION_COOKIE_NAME: session}
        kept = {cookie["name"] for cookie in page.context.cookies()}
        if settings.LANGUAGE_COOKIE_NAME not in kept and actor.user.language != settings.LANGUAGE_CODE:
            given[settings.LANGUAGE_COOKIE_NAME] = actor.user.language
        page.context.add_cookies([{"name": n, "value": v, "url": live_server.url} for n, v in given.items()])
        page.goto(target)
        page.wait_for_selector(SIGNED_IN)

    return go


@pytest.fixture
def assert_accessible() -> Callable[[Page], None]:
    """`assert_accessible(page)`: no serious or critical finding of axe-core.

    Contrast, two thirds of axe's time, is measured on Chinese pages: no colour depends on the language, and every page
    that is looked at in English is looked at in Chinese too.
    """

    def check(page: Page) -> None:
        rules = {"color-contrast": {"enabled": page.locator("html").get_attribute("lang") != "en"}}
        answer = Axe().run(page, options={"resultTypes": ["violations"], "rules": rules}).response
        found = [v for v in answer["violations"] if v["impact"] in ("serious", "critical")]
        told = [f"{v['id']} ({v['impact']}): {[node['html'][:160] for node in v['nodes'][:3]]}" for v in found]
        assert not told, f"{page.url}: {told}"

    return check


@pytest.fixture
def shots() -> Callable[[Page, str], None]:
    """`shots(page, "name")`: no sideways scrolling on a desk or a phone; with SCREENSHOTS=1, pictures of both.

    The pictures go to var/screenshots: most of a minute for all pages, which nobody needs who is not looking.
    """
    wanted = bool(os.environ.get("SCREENSHOTS"))

    def take(page: Page, name: str) -> None:
        for label, size in (("1440", DESKTOP), ("390", PHONE)):
            if page.viewport_size != size:
                page.set_viewport_size(size)
            if wanted:
                SCREENSHOTS.mkdir(parents=True, exist_ok=True)
                page.screenshot(path=SCREENSHOTS / f"{name}-{label}.png", full_page=True)
            width = page.evaluate("document.documentElement.scrollWidth")
            beyond = page.evaluate(BEYOND, size["width"]) if width > size["width"] else []
            assert width <= size["width"], f"{page.url} is {width} wide at {size['width']}: {beyond}"
        page.set_viewport_size(DESKTOP)

    return take
