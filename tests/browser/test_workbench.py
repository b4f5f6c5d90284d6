"""The workbench as people meet it: a deputy named and at work, several cases approved at once, work handed out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Page, expect

from cases.models import Assignment, Case, CaseEvent
from organizations.models import Position
from tests.cast import Place, new_actor
from tests.scenes import act, filed, published_resource

pytestmark = pytest.mark.django_db(transaction=True)
LANGUAGES = pytest.mark.parametrize("language", ["zh-hans", "en"])


@pytest.fixture
def three(enshi: Place) -> list[Case]:
    """Three requests that wait for the applicant's own leader."""
    call_command("seed_calendar")
    resource = published_resource(enshi)
    return [filed(enshi, resource, key=f"k{number}") for number in range(3)]


def speak(page: Page, language: str) -> None:
    if language == "en":
        page.locator(".sh-who > .sh-language button").click()
        page.wait_for_selector("html[lang=en]")


@LANGUAGES
def test_a_leader_approves_several_and_sees_what_became_of_each(
    browser_page: Page,
    enshi: Place,
    three: list[Case],
    sign_in: Callable,
    assert_accessible: Callable,
    shots: Callable,
    language: str,
) -> None:
    page = browser_page
    sign_in(page, enshi.applicant_leader)
    speak(page, language)
    page.goto("/")
    assert_accessible(page)
    page.locator("[data-sh-all=case]").check()
    page.locator("form[action='/cases/bulk/'] button[type=submit]").click()
    expect(page.locator("tbody tr")).to_have_count(3)
    for case in three:
        expect(page.locator("main")).to_contain_text(case.number)
    expect(page.locator("main")).to_contain_text("同意并报送提供部门" if language != "en" else "Agree and send")
    assert_accessible(page)
    shots(page, f"bulk-summary-{language}")
    assert not CaseEvent.objects.filter(action="endorse").exists()

    act(enshi.applicant_leader, three[1], "return_draft", reason="请补充依据")
    page.fill("#opinion", "同意")
    page.locator("form[action='/cases/bulk/take/'] button[type=submit]").click()
    expect(page.locator(".sh-chip.sh-done")).to_have_count(2)
    expect(page.locator("td .sh-chip.sh-over")).to_have_count(1)
    assert_accessible(page)
    shots(page, f"bulk-result-{language}")
    page.reload()
    expect(page.locator(".sh-chip.sh-done")).to_have_count(2)
    assert CaseEvent.objects.filter(action="endorse", opinion="同意").count() == 2


@LANGUAGES
def test_a_leader_names_a_deputy_who_does_the_work(
    browser_page: Page,
    enshi: Place,
    three: list[Case],
    sign_in: Callable,
    assert_accessible: Callable,
    shots: Callable,
    language: str,
) -> None:
    page = browser_page
    colleague = new_actor(enshi.applicant, Position.Kind.DATA_STEWARD, "enshi.colleague", "冯二")
    sign_in(page, enshi.applicant_leader, "/account/")
    speak(page, language)
    page.goto("/account/")
    form = page.locator("form[action='/account/deputies/']")
    form.locator("select[name=user]").evaluate(
        "(select, value) => select.tomselect ? select.tomselect.setValue(value) : (select.value = value)",
        str(colleague.user.pk),
    )
    today = timezone.localdate()
    form.locator("input[name=active_from]").fill(today.isoformat())
    form.locator("input[name=active_until]").fill((today + timedelta(days=3)).isoformat())
    form.locator("[name=reason]").fill("出差")
    form.locator("button[type=submit]").click()
    for told in ("冯二", enshi.applicant_leader.user.full_name, today.isoformat(), "出差"):
        expect(page.locator("#sh-confirm")).to_contain_text(told)
    with page.expect_navigation():
        page.locator("#sh-confirm [data-sh-slot=go]").click()
    expect(page.locator("#deputies").locator("xpath=ancestor::section")).to_contain_text("冯二")
    assert_accessible(page)
    shots(page, f"deputy-account-{language}")
    page.goto("/")
    expect(page.locator("main .alert-info")).to_contain_text("冯二")
    page.context.clear_cookies()

    sign_in(page, colleague)
    speak(page, language)
    page.goto("/")
    page.locator(".sh-switch button", has_text="3").click()
    expect(page.locator("main .alert-info")).to_contain_text(enshi.applicant_leader.user.full_name)
    assert_accessible(page)
    shots(page, f"deputy-workbench-{language}")
    page.locator(f"a[href='/cases/{three[0].number}/']").first.click()
    act_form = page.locator("form[action$='/actions/endorse/']")
    page.locator("details.sh-act", has=act_form).locator("summary").click()
    act_form.locator("button[type=submit]").click()
    page.locator("#sh-confirm [data-sh-slot=go]").click()
    expect(page.locator("main")).to_contain_text(
        f"冯二 {enshi.applicant.shown_short_name}" if language != "en" else "冯二"
    )
    event = CaseEvent.objects.get(action="endorse")
    assert (event.person, event.deputy_for) == (colleague.user, enshi.applicant_leader.position)
    expect(page.locator("main")).to_contain_text(enshi.applicant_leader.user.full_name)


@LANGUAGES
def test_a_leader_hands_out_work_and_sees_what_the_organization_owes(
    browser_page: Page,
    enshi: Place,
    three: list[Case],
    sign_in: Callable,
    assert_accessible: Callable,
    shots: Callable,
    language: str,
) -> None:
    page = browser_page
    for case in three:
        act(enshi.applicant_leader, case, "endorse")
    sign_in(page, enshi.provider_leader)
    speak(page, language)
    page.goto("/")
    expect(page.locator("main")).to_contain_text(enshi.provider_handler.user.full_name)
    shots(page, f"workbench-owed-{language}")
    for address in ("/cases/owed/", "/cases/stranded/", "/cases/?box=todo"):
        page.goto(address)
        assert_accessible(page)
    page.goto(f"/cases/{three[0].number}/")
    page.locator("section[aria-labelledby=handled-by] summary").click()
    page.locator("section[aria-labelledby=handled-by] button[type=submit]").click()
    expect(page.locator("section[aria-labelledby=handled-by]")).to_contain_text(enshi.provider_handler.user.full_name)
    assert Assignment.objects.get().assignee == enshi.provider_handler.user
    assert_accessible(page)
    shots(page, f"case-assigned-{language}")
