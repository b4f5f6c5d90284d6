"""Reports on projects: asked for when their day comes of who has projects under way, complete, on time, read; what is
in a project's way; and how far it is against its plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client

from cases import services as cases
from cases.errors import DoorClosed
from cases.models import Case, Clock
from organizations.errors import BadInput, Conflict, NotKnown, NotPermitted
from projects.living import living, planned_percent, state_of
from projects.models import LedgerEntry, PeriodicReport, ProgressReport, Project, ProjectIssue
from projects.services import reports
from statutes.definitions import Every
from tests.cast import Place
from tests.projects.plan_scene import at, city, come_round
from tests.projects.scene import filed
from tests.scenes import act

pytestmark = pytest.mark.django_db
Opens = Callable[..., Client]


@pytest.fixture
def now() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(at(5, 4), tick=False) as traveller:
        yield traveller


@pytest.fixture
def jiaocheng(now: time_machine.Coordinates, db: None) -> Place:
    return city("jiaocheng", "finance", "approval_bureau", "technical_centre")


@pytest.fixture
def xianyang(now: time_machine.Coordinates, db: None) -> Place:
    return city("xianyang", "finance", "it_office")


def approved(place: Place, name: str = "村级便民服务平台", **changes: Any) -> Project:
    """A filed project whose ledger says that it was approved on the day of the scene."""
    project = filed(place, name=name, **changes)
    LedgerEntry.objects.create(
        project=project, kind="approved", amount=project.total, on=date(2026, 5, 4), case=project.case, seq=1
    )
    return project


def progress(of: Project, **changes: Any) -> reports.Progress:
    values = {"project": of.pk, "percent": 40, "spent": Decimal(200_000), "done": "完成需求分析", **changes}
    return reports.Progress(**values)


def fill(place: Place, *rows: reports.Progress, note: str = "") -> PeriodicReport:
    report = PeriodicReport.objects.latest("pk")
    return reports.save_report(place.applicant_handler, report=report, rows=rows, note=note)


def closed_by(actor: Any, case: Case, action: str) -> set[str]:
    with pytest.raises(DoorClosed) as closed:
        act(actor, case, action)
    return {why.rule for why in closed.value.reasons}


def asked(procedure: str) -> Case:
    return Case.objects.get(procedure=procedure)


# --- whom a schedule asks, and of what


@pytest.mark.parametrize(
    ("period", "on", "first", "last", "name"),
    [
        ("quarter", date(2026, 12, 1), date(2026, 10, 1), date(2026, 12, 31), "Q4 2026"),
        ("quarter", date(2026, 3, 1), date(2026, 1, 1), date(2026, 3, 31), "Q1 2026"),
        ("quarter", date(2027, 1, 1), date(2026, 10, 1), date(2026, 12, 31), "Q4 2026"),
        ("year", date(2027, 1, 1), date(2026, 1, 1), date(2026, 12, 31), "2026"),
        ("year", date(2026, 12, 1), date(2026, 1, 1), date(2026, 12, 31), "2026"),
        ("half_year", date(2026, 7, 1), date(2026, 1, 1), date(2026, 6, 30), "2026-01-01 – 2026-06-30"),
    ],
)
def test_a_report_is_about_the_period_of_the_day_before(
    period: Any, on: date, first: date, last: date, name: str
) -> None:
    every = Every(period, 1)
    assert reports.period_of(every, on) == (first, last)
    assert reports.period_name(every, on)[1] == name


def test_only_who_has_an_approved_project_under_way_is_asked(panjin_city: Place, now: Any) -> None:
    """Panjin art. 20: a filed project alone owes no report, one of another house is not one's own."""
    filed(panjin_city, name="未批准的项目")
    come_round(now, at(7, 1))
    assert not Case.objects.filter(procedure="progress_report").exists()
    project = approved(panjin_city)
    assert list(living(panjin_city.applicant)) == [project]
    come_round(now, at(10, 1))
    case = asked("progress_report")
    assert case.opener == panjin_city.applicant
    assert case.title.endswith("2026年第三季度")
    assert case.title_en.endswith("Q3 2026")
    report = PeriodicReport.objects.get(case=case)
    assert (report.first_day, report.last_day) == (date(2026, 7, 1), date(2026, 9, 30))
    assert Clock.objects.get(case=case).due_on == date(2026, 10, 20), "ten working days after the holidays"


@pytest.fixture
def panjin_city(now: time_machine.Coordinates, db: None) -> Place:
    return city("panjin", "finance")


def test_a_report_speaks_of_every_project_and_is_read(panjin_city: Place, now: Any) -> None:
    first, second = approved(panjin_city), approved(panjin_city, "另一项目")
    come_round(now, at(7, 1))
    case = asked("progress_report")
    fill(panjin_city, progress(first))
    assert closed_by(panjin_city.applicant_handler, case, "hand_in") == {"progress.report"}
    fill(panjin_city, progress(first), progress(second, percent=5))
    act(panjin_city.applicant_handler, case, "hand_in")
    with pytest.raises(NotPermitted):
        fill(panjin_city, progress(first))
    assert state_of(panjin_city.bureau_reviewer, first).actual is None, "not signed yet"
    with pytest.raises(NotPermitted):
        act(panjin_city.applicant_handler, case, "sign_off")
    act(panjin_city.applicant_leader, case, "sign_off")
    assert state_of(panjin_city.bureau_reviewer, first).actual == 40
    act(panjin_city.bureau_reviewer, case, "note")
    case.refresh_from_db()
    assert case.outcome == "filed"


def test_the_fund_is_reported_on_each_quarter_before_it_ends(xianyang: Place, now: Any) -> None:
    """Xianyang art. 24 and 27: of projects that the fund pays, to Finance and to the office; both read it."""
    approved(xianyang, "预算项目")
    come_round(now, at(6, 1))
    assert not Case.objects.filter(procedure="fund_report").exists()
    project = approved(xianyang, "专项资金项目", funding="special_fund")
    come_round(now, at(9, 1))
    case = asked("fund_report")
    assert Clock.objects.get(case=case).due_on == date(2026, 9, 30)
    assert closed_by(xianyang.applicant_handler, case, "hand_in") == {"fund.quarterly_report"}
    fill(xianyang, progress(project))
    act(xianyang.applicant_handler, case, "hand_in")
    act(xianyang.applicant_leader, case, "sign_off")
    act(xianyang.finance_reviewer, case, "note", opinion="资金使用与进度相符")
    case.refresh_from_db()
    assert case.state == "reading", "the office has not read it"
    act(xianyang.it_office_reviewer, case, "note")
    case.refresh_from_db()
    assert case.outcome == "filed"


def test_at_the_end_of_the_year_the_budget_is_reported_with_a_summary(xianyang: Place, now: Any) -> None:
    """Xianyang art. 24: by 31 December."""
    project = approved(xianyang, "专项资金项目", funding="special_fund")
    come_round(now, at(12, 1))
    case = asked("budget_report")
    assert Clock.objects.get(case=case).due_on == date(2026, 12, 31)
    report = PeriodicReport.objects.get(case=case)
    reports.save_report(xianyang.applicant_handler, report=report, rows=[progress(project)])
    assert closed_by(xianyang.applicant_handler, case, "hand_in") == {"fund.year_end_report"}
    report.refresh_from_db()
    reports.save_report(
        xianyang.applicant_handler, report=report, rows=[progress(project)], note="预算执行率百分之四十"
    )
    act(xianyang.applicant_handler, case, "hand_in")


def test_who_lags_behind_the_plan_says_why(jiaocheng: Place, now: Any) -> None:
    """Jiaocheng art. 19: the plan has 12 months from its approval in May; by the end of June some 16 percent."""
    project = approved(jiaocheng)
    come_round(now, at(7, 1))
    case = asked("progress_comparison")
    assert planned_percent(project, date(2026, 6, 30)) == 16
    fill(jiaocheng, progress(project, percent=15))
    assert closed_by(jiaocheng.applicant_handler, case, "hand_in") == {"progress.compared"}
    fill(jiaocheng, progress(project, percent=16))
    fill(jiaocheng, progress(project, percent=15, troubles="设备到货延迟"))
    act(jiaocheng.applicant_handler, case, "hand_in")


def test_after_the_budget_year_owners_evaluate_themselves(jiaocheng: Place, now: Any) -> None:
    """Jiaocheng art. 26."""
    project = approved(jiaocheng)
    come_round(now, at(1, 4, year=2027))
    case = asked("self_evaluation")
    report = PeriodicReport.objects.get(case=case)
    assert (report.first_day, report.last_day) == (date(2026, 1, 1), date(2026, 12, 31))
    reports.save_report(jiaocheng.applicant_handler, report=report, rows=[progress(project)])
    assert closed_by(jiaocheng.applicant_handler, case, "hand_in") == {"evaluation.self"}


# --- at once


def test_progress_is_reported_on_the_day_it_was_made(jiaocheng: Place, now: Any) -> None:
    """Jiaocheng art. 20: signed on the same day it is in time, a day later it is late."""
    project = approved(jiaocheng)
    said = {"project": project, "progress": progress(project), "happened_on": date(2026, 5, 4)}
    case = reports.report_at_once(jiaocheng.applicant_handler, **said)
    assert Clock.objects.get(case=case).due_on == date(2026, 5, 4)
    act(jiaocheng.applicant_leader, case, "sign_off")
    assert Clock.objects.get(case=case).status == Clock.Status.MET
    now.move_to(at(5, 6))
    late = reports.report_at_once(jiaocheng.applicant_handler, **{**said, "happened_on": date(2026, 5, 5)})
    cases.sweep()
    act(jiaocheng.applicant_leader, late, "sign_off")
    assert Clock.objects.get(case=late).status == Clock.Status.LATE
    with pytest.raises(BadInput):
        reports.report_at_once(jiaocheng.applicant_handler, **{**said, "happened_on": date(2026, 5, 7)})


def test_nothing_is_reported_of_what_is_not_approved_or_not_ones_own(jiaocheng: Place) -> None:
    project = filed(jiaocheng)
    with pytest.raises(Conflict):
        reports.report_at_once(
            jiaocheng.applicant_handler, project=project, progress=progress(project), happened_on=date(2026, 5, 4)
        )
    with pytest.raises(NotKnown):
        reports.report_at_once(
            jiaocheng.provider_handler, project=project, progress=progress(project), happened_on=date(2026, 5, 4)
        )


@pytest.mark.parametrize(
    "wrong",
    [
        {"percent": 101},
        {"percent": -1},
        {"spent": Decimal("860000.01")},
        {"spent": Decimal(-1)},
        {"spent": Decimal("0.001")},
        {"done": " "},
        {"project": 987654},
    ],
)
def test_what_is_wrong_in_itself_is_named_by_its_row(panjin_city: Place, now: Any, wrong: dict[str, Any]) -> None:
    project = approved(panjin_city)
    come_round(now, at(7, 1))
    with pytest.raises(BadInput) as refused:
        fill(panjin_city, progress(project, **wrong))
    assert list(refused.value.fields["rows"]) == ["0"]
    assert not ProgressReport.objects.exists()


def test_the_database_knows_no_more_than_the_whole(panjin_city: Place, now: Any) -> None:
    project = approved(panjin_city)
    come_round(now, at(7, 1))
    fill(panjin_city, progress(project, percent=100))
    for changes in ({"percent": 101}, {"spent": Decimal(-1)}, {"done": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ProgressReport.objects.update(**changes)


# --- issues and risks


def test_issues_and_risks_are_kept_by_the_owner(panjin_city: Place) -> None:
    project = approved(panjin_city)
    said = {"project": project, "title": "设备到货延迟", "keeper": "赵甲", "severity": "high"}
    issue = reports.raise_issue(panjin_city.applicant_handler, **said)
    for stranger in (panjin_city.provider_handler, panjin_city.bureau_reviewer, panjin_city.administrator):
        with pytest.raises(NotPermitted):
            reports.raise_issue(stranger, **said)
        with pytest.raises(NotPermitted):
            reports.settle_issue(stranger, issue=issue, settlement="已到货")
    with pytest.raises(BadInput) as refused:
        reports.raise_issue(panjin_city.applicant_handler, project=project, title=" ", keeper="", severity="miracle")
    assert set(refused.value.fields) == {"title", "keeper", "severity"}
    with pytest.raises(BadInput):
        reports.settle_issue(panjin_city.applicant_handler, issue=issue, settlement=" ")
    reports.settle_issue(panjin_city.applicant_leader, issue=issue, settlement="已到货")
    with pytest.raises(Conflict):
        reports.settle_issue(panjin_city.applicant_handler, issue=issue, settlement="再次")


# --- pages


def test_the_page_of_a_project_shows_plan_progress_and_issues(jiaocheng: Place, now: Any, client_for: Opens) -> None:
    project = approved(jiaocheng)
    now.move_to(at(11, 4))
    browser = client_for(jiaocheng.applicant_handler)
    page = browser.get(f"/projects/{project.pk}/").content.decode()
    assert f"/projects/{project.pk}/progress/" in page
    form = {"happened_on": "2026-11-04", "unit": "ten_thousand", "rows-TOTAL_FORMS": "1", "rows-INITIAL_FORMS": "1"}
    row = {"rows-0-project": str(project.pk), "rows-0-percent": "40", "rows-0-spent": "20", "rows-0-done": "完成部署"}
    wrong = browser.post(f"/projects/{project.pk}/progress/", {**form, **row, "rows-0-spent": "100"})
    assert wrong.status_code == 400
    assert "完成部署" in wrong.content.decode()
    done = browser.post(f"/projects/{project.pk}/progress/", {**form, **row})
    assert done.status_code == 302
    assert ProgressReport.objects.get().spent == Decimal(200_000)
    assert "完成部署" in browser.get(done["Location"]).content.decode()
    act(jiaocheng.applicant_leader, asked("progress_report"), "sign_off")
    noted = {"kind": "risk", "title": "人员不足", "severity": "low", "keeper": "赵甲", "due_on": "2026-11-03"}
    assert browser.post(f"/projects/{project.pk}/issues/new/", noted).status_code == 302
    page = browser.get(f"/projects/{project.pk}/").content.decode()
    assert "40%" in page
    assert "50%" in page, "half of the year of building has passed"
    assert "人员不足" in page
    issue = ProjectIssue.objects.get()
    assert browser.post(f"/projects/issues/{issue.pk}/settle/", {"settlement": ""}).status_code == 400
    assert browser.post(f"/projects/issues/{issue.pk}/settle/", {"settlement": "已调配"}).status_code == 302
    assert client_for(jiaocheng.outsider).get(f"/projects/issues/{issue.pk}/settle/").status_code == 404


def test_a_report_is_filled_in_on_its_page(panjin_city: Place, now: Any, client_for: Opens) -> None:
    first, second = approved(panjin_city), approved(panjin_city, "另一项目")
    come_round(now, at(7, 1))
    report = PeriodicReport.objects.get()
    browser = client_for(panjin_city.applicant_handler)
    address = f"/projects/reports/{report.pk}/"
    assert "另一项目" in browser.get(address).content.decode()
    form = {"version": "1", "unit": "yuan", "note": "总体顺利", "rows-TOTAL_FORMS": "2", "rows-INITIAL_FORMS": "2"}
    for place, project in enumerate((first, second)):
        form |= {
            f"rows-{place}-project": str(project.pk),
            f"rows-{place}-percent": "10",
            f"rows-{place}-spent": "1000",
            f"rows-{place}-done": "完成招标",
        }
    assert browser.post(address, {**form, "rows-1-percent": "101"}).status_code == 400
    assert browser.post(address, form).status_code == 302
    assert browser.post(address, form).status_code == 409, "a stale copy never wins"
    assert ProgressReport.objects.count() == 2
    assert client_for(panjin_city.provider_handler).get(address).status_code == 404
