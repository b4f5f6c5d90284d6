"""Every page that a link leads to, in both languages: accessible, no wider than a phone, no console error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.management import call_command
from django.urls import Resolver404, resolve
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page

from tests.cast import Cast, Place
from tests.scenes import act, filed, published_resource, store_law

pytestmark = pytest.mark.django_db(transaction=True)

ROLES = ("applicant_handler", "provider_leader", "bureau_approver", "auditor", "administrator")
ELSEWHERE = ("admin", "schema", "api-docs", "set_language")
MOST_PAGES = 80


def view_name(path: str) -> str:
    """The name of the page at a path; empty for what is no page of the portal."""
    try:
        return resolve(urlsplit(path).path).view_name
    except Resolver404:
        return ""


def links(page: Page) -> Iterator[str]:
    """Paths that the page links to, the navigation's first."""
    found = page.eval_on_selector_all("#navigation a[href], main a[href]", "all => all.map((a) => a.href)")
    for href in found:
        parts = urlsplit(href)
        if parts.netloc == urlsplit(page.url).netloc and not parts.fragment:
            yield f"{parts.path}?{parts.query}" if parts.query else parts.path


def walk(page: Page, seen: set[str]) -> Iterator[str]:
    """Opens one page of every name that was not seen before, breadth first."""
    waiting = [urlsplit(page.url).path, *links(page)]
    while waiting and len(seen) < MOST_PAGES:
        path = waiting.pop(0)
        name = view_name(path)
        if not name or name in seen or name.split(":")[0] in ELSEWHERE:
            continue
        seen.add(name)
        if not opened(page, path):
            continue
        yield name
        waiting += list(links(page))


def opened(page: Page, path: str) -> bool:
    """Opens the page; False for a file, which is answered all the same."""
    try:
        answer = page.goto(path)
    except PlaywrightError as stopped:
        if "Download is starting" not in stopped.message:
            raise
        assert page.context.request.get(path).status == 200, path
        return False
    assert answer is not None
    assert answer.status == 200, f"{path}: {answer.status}"
    return "text/html" in answer.headers.get("content-type", "")


def furnish(place: Place) -> None:
    """Something to see: a resource, and requests at the first step, under answer, refused and delivered."""
    resource = published_resource(place)
    published_resource(place, title="人口统计年鉴", sharing_class="unconditional")
    filed(place, resource)
    answered, refused, delivered = (filed(place, resource) for _number in range(3))
    for case in (answered, refused, delivered):
        act(place.applicant_leader, case, "endorse", opinion="符合我局职责,同意申请。")
    for case, proposal in ((refused, "refuse"), (delivered, "consent")):
        act(place.provider_handler, case, "propose", proposal=proposal, opinion="拟办意见")
    act(place.provider_leader, refused, "refuse", reason="超出使用范围")
    act(place.provider_leader, delivered, "consent")
    for leader in (place.applicant_leader, place.provider_leader):
        act(leader, delivered, "sign")
    act(place.provider_handler, delivered, "deliver")


def choose(page: Page, language: str) -> None:
    """Every page from now on in that language."""
    origin = "{0.scheme}://{0.netloc}/".format(urlsplit(page.url))
    page.context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": origin}])


def read_in(page: Page, language: str) -> None:
    """The same page in that language."""
    choose(page, language)
    page.reload()


def test_every_page_that_a_link_leads_to_is_accessible_in_both_languages(
    browser_page: Page, cast: Cast, sign_in: Callable, assert_accessible: Callable, shots: Callable
) -> None:
    call_command("seed_calendar")
    store_law()
    furnish(cast.enshi)
    seen: set[str] = {"organizations:sign-in", "organizations:sign-out"}

    def looked_at(name: str, language: str) -> None:
        assert browser_page.locator("html").get_attribute("lang") == language
        assert browser_page.locator("h1").count() == 1, f"{name} has not one heading"
        shots(browser_page, f"{name.replace(':', '-')}-{language[:2]}")

    for role in ROLES:
        browser_page.context.clear_cookies()
        sign_in(browser_page, cast.enshi.actors[role], "/account/")
        choose(browser_page, "en")
        for name in walk(browser_page, seen):
            looked_at(name, "en")
            read_in(browser_page, "zh-hans")
            looked_at(name, "zh-Hans")
            assert_accessible(browser_page)
            choose(browser_page, "en")
    assert len(seen) > len(ROLES)
