"""An annual plan in a real browser: a department fills in its part and sends it on, the issued plan is read by all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from playwright.sync_api import Page, expect

from cases.models import Case
from projects.models import AnnualPlan, DepartmentPlan
from projects.services import reports
from tests.projects.plan_scene import annual, at, city, come_round, fill, hand_in, item
from tests.projects.test_reports import approved, progress
from tests.scenes import act

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def season() -> Iterator[time_machine.Coordinates]:
    """The first of June to come: departments have months left, and no cookie has expired for the browser."""
    with time_machine.travel(at(6, 1, year=timezone.localdate().year + 1), tick=True) as traveller:
        yield traveller


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_plan_is_filled_in_sent_on_and_issued(
    browser_page: Page,
    sign_in: Callable[..., None],
    assert_accessible: Callable[[Page], None],
    shots: Callable[[Page, str], None],
    season: time_machine.Coordinates,
    language: str,
) -> None:
    """A row added keeps what was typed; amounts typed in ten thousands are shown in yuan."""
    place, page = city("xianyang", "it_office", "finance"), browser_page
    for actor in (place.applicant_handler, place.outsider):
        actor.user.language = language
        actor.user.save(update_fields=["language"])
    come_round(season, at(6, 2, year=timezone.localdate().year))
    plan, part = AnnualPlan.objects.get(), DepartmentPlan.objects.get(organization=place.applicant)

    def look(name: str) -> None:
        assert_accessible(page)
        shots(page, f"plans-{name}-{language[:2]}")

    sign_in(page, place.applicant_handler, f"/projects/plans/{plan.year}/")
    look("gathering")
    page.goto(f"/projects/plans/{plan.year}/parts/{part.pk}/")
    page.select_option("select[name=unit]", "ten_thousand")
    typed = {"name": "养老服务监管平台", "total": "126", "amount": "70", "service_years": "6", "build_months": "18"}
    for name, text in typed.items():
        page.fill(f"input[name=items-0-{name}]", text)
    page.fill("textarea[name=items-0-basis]", "数字政府建设规划")
    page.fill("textarea[name=items-0-goals]", "机构和从业人员全程在线监管")
    page.click("button[name=add]")
    expect(page.locator("input[name=items-0-name]")).to_have_value(typed["name"])
    expect(page.locator("input[name=items-1-name]")).to_be_visible()
    look("form")
    page.click("button[name=remove][value='1']")
    page.locator(".sh-form-actions button[type=submit]").click()
    page.wait_for_url("**/cases/**")
    expect(page.locator("main")).to_contain_text("700,000.00")
    look("part")
    fill(place, "provider", item("统计直报平台"))
    for name in ("applicant", "provider"):
        act(place.it_office_reviewer, hand_in(place, name), "include")
    case = annual(place)
    act(place.it_office_reviewer, case, "close_gathering")
    act(place.it_office, case, "review", opinion="符合规划")
    act(place.finance, case, "fund", opinion="同意安排")
    act(place.arbiter, case, "approve", document_number="1号")
    sign_in(page, place.outsider, "/projects/plans/")
    look("list")
    page.goto(f"/projects/plans/{plan.year}/")
    expect(page.locator("main")).to_contain_text("1,000,000.00")
    look("issued")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_progress_and_issues_stand_on_the_page_of_a_project(
    browser_page: Page,
    sign_in: Callable[..., None],
    assert_accessible: Callable[[Page], None],
    shots: Callable[[Page, str], None],
    season: time_machine.Coordinates,
    language: str,
) -> None:
    place, page = city("jiaocheng", "finance", "approval_bureau", "technical_centre"), browser_page
    handler = place.applicant_handler
    handler.user.language = language
    handler.user.save(update_fields=["language"])
    project, today = approved(place), timezone.localdate()
    case = reports.report_at_once(handler, project=project, progress=progress(project), happened_on=today)
    act(place.applicant_leader, case, "sign_off")
    reports.raise_issue(
        handler, project=project, title="设备到货延迟", keeper="赵甲", severity="high", due_on=today - timedelta(days=3)
    )

    def look(name: str) -> None:
        assert_accessible(page)
        shots(page, f"progress-{name}-{language[:2]}")

    sign_in(page, handler, f"/projects/{project.pk}/")
    expect(page.locator("main")).to_contain_text("设备到货延迟")
    expect(page.locator("main")).to_contain_text("40%")
    look("project")
    for name in ("progress", "issues/new", "outside-plan"):
        page.goto(f"/projects/{project.pk}/{name}/")
        look(name.partition("/")[0])
    come_round(season, at(7, 1, year=today.year))
    sign_in(page, handler, "/projects/")
    page.goto(f"/cases/{Case.objects.get(procedure='progress_comparison').number}/")
    look("report")
    page.locator("main a[href^='/projects/reports/']").click()
    look("report-form")
