"""Standing duties of the portal's packs: opened on their day for who owes them, handed in, told, listed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client

from cases import selectors, services
from cases.models import Case, Clock, Notification, ScheduleCursor
from organizations import services as organizations
from organizations.actors import SystemActor
from sharing.services import objections
from tests.cast import Place
from tests.scenes import act, published_resource

pytestmark = pytest.mark.django_db
LOCAL = ZoneInfo("Asia/Shanghai")
DECEMBER = datetime(2026, 12, 1, 9, 0, tzinfo=LOCAL)
JANUARY = datetime(2027, 1, 4, 9, 0, tzinfo=LOCAL)
Opens = Callable[..., Client]


@pytest.fixture(autouse=True)
def now() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(DECEMBER, tick=False) as traveller:
        yield traveller


def appoint(place: Place, *names: str) -> None:
    for name in names:
        organizations.assign_organ_role(
            SystemActor("test"),
            jurisdiction=place.jurisdiction,
            organization=place.organizations[name],
            role="department",
        )


def the_year_begins(now: time_machine.Coordinates) -> None:
    services.open_scheduled()
    now.move_to(JANUARY)
    services.open_scheduled()


def test_every_department_owes_its_opening_plan_within_the_year(enshi: Place, now: time_machine.Coordinates) -> None:
    """Enshi art. 22."""
    appoint(enshi, "applicant", "provider")
    the_year_begins(now)
    owed = Case.objects.filter(procedure="opening_plan")
    assert {case.opener for case in owed} == {enshi.applicant, enshi.provider}
    assert {Clock.objects.get(case=case).due_on for case in owed} == {date(2027, 12, 31)}
    case = owed.get(opener=enshi.provider)
    assert case in selectors.todo(enshi.provider_handler)
    assert not selectors.can_see(enshi.applicant_handler, case)
    act(enshi.provider_handler, case, "hand_in", plan="开放行政区划代码,一季度,全市,接口,按年更新")
    act(enshi.provider_leader, case, "sign_off")
    case.refresh_from_db()
    assert case.outcome == "filed"
    assert selectors.can_see(enshi.bureau_reviewer, case), "who is told may read it"
    assert Notification.objects.filter(case=case, user=enshi.bureau_reviewer.user).exists()


def test_an_overdue_plan_is_the_bureaus_to_urge(enshi: Place, now: time_machine.Coordinates) -> None:
    appoint(enshi, "provider")
    the_year_begins(now)
    now.move_to(datetime(2028, 1, 3, 8, 0, tzinfo=LOCAL))
    services.sweep()
    case = Case.objects.get(procedure="opening_plan")
    assert case in selectors.overdue(enshi.provider_handler, datetime.now(LOCAL))
    assert case.urgings.get().organization == enshi.bureau


def test_the_bureau_publishes_the_years_requirements_to_every_unit(
    xianyang: Place, now: time_machine.Coordinates
) -> None:
    """Xianyang art. 34."""
    appoint(xianyang, "applicant", "provider")
    the_year_begins(now)
    case = Case.objects.get(procedure="sharing_requirements")
    assert case.opener == xianyang.bureau
    act(xianyang.bureau_reviewer, case, "draft", requirements="各单位六月底前完成目录核对,按更新时效考核")
    assert not selectors.can_see(xianyang.applicant_handler, case)
    act(xianyang.bureau_approver, case, "publish")
    for reader in (xianyang.applicant_handler, xianyang.provider_leader):
        assert selectors.can_see(reader, case)
        assert Notification.objects.filter(case=case, user=reader.user).exists()
    assert not selectors.can_see(xianyang.outsider, case)


def test_the_bureau_gets_a_copy_of_an_objection_in_enshi(enshi: Place) -> None:
    """Enshi art. 20: the report goes to the provider, and in copy to the bureau."""
    resource = published_resource(enshi)
    case = objections.file_objection(
        enshi.applicant_handler, resource=resource, description="名称有误", items=["name"], record_key="1", suggested=""
    )
    assert selectors.can_see(enshi.bureau_reviewer, case)
    assert Notification.objects.filter(case=case, user=enshi.bureau_reviewer.user).exists()


def test_the_page_says_what_comes_when_and_to_watchers_why_it_failed(
    enshi: Place, now: time_machine.Coordinates, client_for: Opens
) -> None:
    the_year_begins(now)
    assert ScheduleCursor.objects.get(procedure="opening_plan").error, "nobody is a department yet"
    reviewer = client_for(enshi.bureau_reviewer)
    page = reviewer.get("/cases/duties/").content.decode()
    assert "年度开放计划" in page
    assert "2027-01-01" in page
    assert "尚无单位承担“" in page
    assert "尚无单位承担" not in client_for(enshi.provider_handler).get("/cases/duties/").content.decode()
    reviewer.cookies["shutong_language"] = "en"
    assert "No organization holds the role “" in reviewer.get("/cases/duties/").content.decode()
    appoint(enshi, "provider")
    services.open_scheduled()
    case = Case.objects.get(procedure="opening_plan")
    assert case.number in client_for(enshi.provider_handler).get("/cases/duties/").content.decode()
    assert case.number not in client_for(enshi.applicant_handler).get("/cases/duties/").content.decode()


def test_the_case_page_says_what_is_owed_by_whom_and_takes_text_and_file(
    enshi: Place, now: time_machine.Coordinates, client_for: Opens
) -> None:
    appoint(enshi, "provider")
    the_year_begins(now)
    case = Case.objects.get(procedure="opening_plan")
    assert (case.title, case.title_en) == ("年度开放计划 · 2027年", "Yearly opening plan · 2027")
    handler = client_for(enshi.provider_handler)
    handler.cookies["shutong_language"] = "en"
    english = handler.get(f"/cases/{case.number}/").content.decode()
    assert f"{case.title_en}</h1>" in english
    assert case.title not in english
    handler.cookies["shutong_language"] = "zh-hans"
    page = handler.get(f"/cases/{case.number}/").content.decode()
    for shown in ("每年制定开放计划", enshi.provider.name, 'type="file"', 'name="hand_in-plan"', "2027-01-01"):
        assert shown in page
