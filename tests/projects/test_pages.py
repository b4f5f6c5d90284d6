"""What people see of projects: the register, the form in yuan and ten thousands, the page of one."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from organizations.actors import Actor
from projects.models import Project
from tests.cast import Place
from tests.projects.scene import drafted, filed, organ, submitted, system

pytestmark = pytest.mark.django_db
Browser = Callable[[Actor], Client]


def typed(place: Place, **changes: object) -> dict[str, object]:
    """The form as a handler sends it, in ten thousands of yuan."""
    values: dict[str, object] = {
        "name": "村级便民服务平台",
        "kind": "new",
        "funding": "budget",
        "basis": "市信息化发展规划",
        "goals": "村级事项网上可办",
        "content": "受理、办理、评价",
        "unit": "ten_thousand",
        "total": "86",
        "responsible": "赵甲",
        "responsible_post": "局长",
        "systems": [system(place).pk],
        "security_design": "等级保护二级",
        "reuse_statement": "现有系统没有村级办理功能",
        "years-TOTAL_FORMS": 2,
        "years-INITIAL_FORMS": 0,
        "years-0-year": 2026,
        "years-0-amount": "50",
        "years-1-year": 2027,
        "years-1-amount": "36",
        "promises-TOTAL_FORMS": 1,
        "promises-INITIAL_FORMS": 0,
        "promises-0-direction": "produces",
        "promises-0-title": "村级便民服务事项",
        "promises-0-source": "系统产生",
        "promises-0-format": "数据库",
        "promises-0-update_cycle": "daily",
        "promises-0-sharing_class": "unconditional",
        "promises-0-opening": "closed",
    }
    return {**values, **changes}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_project_is_drafted_filed_and_read(enshi: Place, client_for: Browser, language: str) -> None:
    organ(enshi, "development")
    client = client_for(enshi.applicant_handler)
    spoken = {"accept-language": language}
    assert client.get(reverse("projects:new"), headers=spoken).status_code == 200
    saved = client.post(reverse("projects:new"), typed(enshi), headers=spoken)
    draft = Project.objects.get()
    assert saved["Location"] == reverse("projects:draft", args=[draft.pk])
    assert (draft.total, draft.years.get(year=2027).amount) == (Decimal("860000.00"), Decimal("360000.00"))
    again = typed(enshi, version=draft.version, unit="yuan", total="860000", file="1")
    again |= {"years-0-amount": "500000", "years-1-amount": "360000"}
    answer = client.post(reverse("projects:draft", args=[draft.pk]), again, headers=spoken, follow=True)
    draft.refresh_from_db()
    assert draft.case is not None
    for part in (draft.code, draft.name, "860,000.00", "村级便民服务事项", draft.case.number):
        assert part in answer.content.decode()
    listed = client.get(reverse("projects:projects"), headers=spoken).content.decode()
    assert draft.name in listed
    assert "860,000.00" in listed


def test_ten_thousands_and_yuan_do_not_mix_unseen(enshi: Place, client_for: Browser) -> None:
    """Years typed in yuan under the unit of ten thousands do not add up, and nothing is kept."""
    client = client_for(enshi.applicant_handler)
    wrong = typed(enshi, **{"years-0-amount": "500000", "years-1-amount": "360000"})
    answer = client.post(reverse("projects:new"), wrong, headers={"accept-language": "en"})
    assert answer.status_code == 400
    assert "8,600,000,000.00 yuan, the total is 860,000.00 yuan" in answer.content.decode()
    assert not Project.objects.exists()


def test_a_stale_form_is_a_conflict_that_keeps_what_was_typed(enshi: Place, client_for: Browser) -> None:
    draft = drafted(enshi)
    client = client_for(enshi.applicant_handler)
    client.post(reverse("projects:draft", args=[draft.pk]), typed(enshi, version=1))
    answer = client.post(reverse("projects:draft", args=[draft.pk]), typed(enshi, version=1, goals="后到的目标"))
    assert answer.status_code == 409
    assert "后到的目标" in answer.content.decode()


def test_the_plan_goes_to_review_from_the_projects_page(enshi: Place, client_for: Browser) -> None:
    organ(enshi, "development")
    project = filed(enshi)
    client = client_for(enshi.applicant_handler)
    page = client.get(reverse("projects:project", args=[project.pk])).content.decode()
    assert reverse("projects:submit", args=[project.pk]) in page
    answer = client.post(reverse("projects:submit", args=[project.pk]))
    review = project.reviews.get().case
    assert answer["Location"] == reverse("cases:case", args=[review.number])
    shown = client.get(answer["Location"]).content.decode()
    assert project.code in shown
    assert (
        reverse("projects:submit", args=[project.pk])
        not in client.get(reverse("projects:project", args=[project.pk])).content.decode()
    )


def test_nobody_meets_a_project_before_their_turn(enshi: Place, xianyang: Place, client_for: Browser) -> None:
    organ(enshi, "development")
    project = filed(enshi)
    address = reverse("projects:project", args=[project.pk])
    for stranger in (enshi.outsider, enshi.administrator, enshi.bureau_reviewer, xianyang.applicant_handler):
        assert client_for(stranger).get(address).status_code == 404
        assert project.name not in client_for(stranger).get(reverse("projects:projects")).content.decode()
    assert client_for(enshi.outsider).post(reverse("projects:submit", args=[project.pk])).status_code == 404
    submitted(enshi, project)
    assert client_for(enshi.bureau_reviewer).get(address).status_code == 200
    assert client_for(enshi.bureau_reviewer).get(reverse("projects:amend", args=[project.pk])).status_code == 403


def test_the_register_asks_as_many_questions_for_ten_projects_as_for_one(
    enshi: Place, client_for: Browser, django_assert_max_num_queries: Callable
) -> None:
    organ(enshi, "development")
    client = client_for(enshi.applicant_handler)
    for number in range(10):
        filed(enshi, name=f"项目{number}")
    client.get(reverse("projects:projects"))
    with django_assert_max_num_queries(18):
        assert client.get(reverse("projects:projects")).status_code == 200


def test_filters_of_the_register_find_what_they_name(enshi: Place, client_for: Browser) -> None:
    organ(enshi, "development")
    filed(enshi)
    filed(enshi, name="道路监测", kind="upgrade")
    client = client_for(enshi.applicant_handler)

    def found(query: str) -> tuple[bool, bool]:
        text = client.get(reverse("projects:projects") + query).content.decode()
        return "村级便民服务平台</a>" in text, "道路监测</a>" in text

    assert found("?q=道路") == (False, True)
    assert found("?kind=new") == (True, False)
    assert found("?state=preparing&year=2027") == (True, True)
    assert found("?year=2031") == (False, False)
    assert found("?year=abc") == (True, True)  # left out, and said so


def test_a_year_named_twice_is_refused(enshi: Place, client_for: Browser) -> None:
    """Of two amounts for one year the later would hide the earlier, even where it adds up."""
    client = client_for(enshi.applicant_handler)
    twice = typed(enshi, **{"years-0-year": 2026, "years-0-amount": "50", "years-1-year": 2026, "years-1-amount": "86"})
    answer = client.post(reverse("projects:new"), twice, headers={"accept-language": "en"})
    assert answer.status_code == 400
    assert "Name each year once." in answer.content.decode()
    assert not Project.objects.exists()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_board_shows_each_stage_with_sum_and_next_limit(
    enshi: Place, xianyang: Place, client_for: Browser, django_assert_max_num_queries: Callable, language: str
) -> None:
    organ(enshi, "development")
    projects = [filed(enshi, name=f"项目{number}") for number in range(6)]
    submitted(enshi, projects[0])
    client = client_for(enshi.applicant_handler)
    spoken = {"accept-language": language}
    address = reverse("projects:board")
    client.get(address, headers=spoken)
    with django_assert_max_num_queries(20):
        text = client.get(address, headers=spoken).content.decode()
    assert all(f"{project.name}</a>" in text for project in projects)
    assert "5,160,000.00" in text
    assert "<time" in client_for(enshi.bureau_reviewer).get(address).content.decode()
    for stranger in (enshi.outsider, enshi.administrator, xianyang.applicant_handler):
        assert "项目0" not in client_for(stranger).get(address).content.decode()
