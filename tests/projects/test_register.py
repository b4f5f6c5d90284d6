"""The register of projects: filters that live in the address, sums, sheets, order, and what is wrong in an address."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook
from rest_framework.test import APIClient

from cases.models import Clock, SavedFilter
from organizations.actors import Actor
from projects import services
from projects.models import Project
from tests.cast import Place
from tests.projects.scene import filed, organ, plan, submitted

pytestmark = pytest.mark.django_db
Browser = Callable[[Actor], Client]
Caller = Callable[[Actor], APIClient]
ADDRESS = "/api/v1/projects/"
ENGLISH = {"accept-language": "en"}


@pytest.fixture
def two(enshi: Place) -> tuple[Project, Project]:
    """One of 860,000 yuan from the budget, one of 1,200,000 built with another department from a fund."""
    organ(enshi, "development")
    small = filed(enshi, name="便民平台")
    money = {"total": Decimal(1_200_000), "years": {2028: Decimal(1_200_000)}}
    large = filed(enshi, name="道路监测", funding="special_fund", co_builders=[enshi.provider.pk], **money)
    return small, large


def names(client: Client, **given: str) -> list[str]:
    page = client.get(reverse("projects:projects"), {"plain": "1", **given}, headers=ENGLISH)
    assert page.status_code == 200
    return [card.project.name for card in page.context["cards"]]


def test_each_filter_finds_what_it_says(enshi: Place, two: tuple[Project, Project], client_for: Browser) -> None:
    client = client_for(enshi.applicant_handler)
    small, large = (row.name for row in two)
    assert names(client) == [small, large]
    assert names(client, funding="special_fund") == [large]
    assert names(client, co_builder=str(enshi.provider.pk)) == [large]
    assert names(client, owner=str(enshi.applicant.pk)) == [small, large]
    assert names(client, year="2028") == [large]
    assert names(client, state="preparing") == [small, large]
    assert names(client, q="道路 监测") == [large]
    assert names(client, sort="dearest") == [large, small]
    assert names(client, sort="newest") == [large, small]


def test_amounts_are_read_in_the_unit_that_is_shown(
    enshi: Place, two: tuple[Project, Project], client_for: Browser
) -> None:
    """120 of ten thousand yuan are 1,200,000 yuan, inclusive; 120 yuan are not."""
    client = client_for(enshi.applicant_handler)
    assert names(client, **{"from": "120", "unit": "ten_thousand"}) == [two[1].name]
    assert names(client, to="86", unit="ten_thousand") == [two[0].name]
    assert names(client, to="120") == []
    assert names(client, **{"from": "860,000.01"}) == [two[1].name]


def test_a_filter_that_is_not_known_is_left_out_and_said_so(
    enshi: Place, two: tuple[Project, Project], client_for: Browser
) -> None:
    client = client_for(enshi.applicant_handler)
    wrong = {"kind": "none", "state": "none", "year": "20x6", "from": "viel", "owner": "0", "sort": "up", "unit": "mu"}
    page = client.get(reverse("projects:projects"), wrong, headers=ENGLISH)
    assert page.content.decode().count("was left out") == len(wrong)
    assert page.context["page"].total == 2
    page = client.get(reverse("projects:projects"), {"from": "9", "to": "8"}, headers=ENGLISH)
    assert "is above the one up to which" in page.content.decode()


def test_the_api_refuses_what_it_does_not_know(enshi: Place, two: tuple[Project, Project], api_for: Caller) -> None:
    client = api_for(enshi.applicant_handler)
    for name, value in (("state", "none"), ("from", "viel"), ("owner", "0"), ("sort", "up"), ("overdue", "yes")):
        answer = client.get(ADDRESS, {name: value})
        assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, [name])
    assert client.get(ADDRESS, {"from": "9", "to": "8"}).status_code == 400
    found = client.get(ADDRESS, {"from": "100", "unit": "ten_thousand", "sort": "dearest"}).json()
    assert (found["count"], found["sum"]) == (1, "1200000.00")


def test_overdue_only_shows_projects_with_a_limit_that_is_over(
    enshi: Place, two: tuple[Project, Project], client_for: Browser
) -> None:
    review = submitted(enshi, two[0])
    client = client_for(enshi.bureau_reviewer)
    assert names(client, overdue="1") == []
    Clock.objects.filter(case=review).update(due_at=timezone.now() - timezone.timedelta(days=1))
    assert names(client, overdue="1") == [two[0].name]


def test_the_sheet_holds_what_is_listed(enshi: Place, two: tuple[Project, Project], client_for: Browser) -> None:
    client = client_for(enshi.applicant_handler)
    answer = client.get(reverse("projects:projects"), {"funding": "special_fund", "export": "xlsx"}, headers=ENGLISH)
    rows = list(load_workbook(BytesIO(answer.content)).active.values)
    assert [row[1] for row in rows if row[0] and str(row[0]) == two[1].code] == [two[1].name]
    assert two[0].name not in str(rows)
    text = client.get(reverse("projects:projects"), {"export": "csv"}, headers=ENGLISH).content.decode()
    assert "1200000.00" in text
    assert "860000.00" in text
    stranger = client_for(enshi.outsider).get(reverse("projects:projects"), {"export": "csv"}).content.decode()
    assert two[0].name not in stranger


def test_a_view_is_saved_under_a_name(enshi: Place, two: tuple[Project, Project], client_for: Browser) -> None:
    client = client_for(enshi.applicant_handler)
    given = {"listing": "projects", "name": "专项资金", "query": "funding=special_fund&cursor=x"}
    answer = client.post(reverse("cases:save-filter"), given)
    assert answer["Location"] == f"{reverse('projects:projects')}?funding=special_fund"
    assert SavedFilter.objects.get().listing == "projects"
    assert "专项资金" in client.get(reverse("projects:projects")).content.decode()


def test_pages_follow_each_other_in_every_order(
    enshi: Place, client_for: Browser, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    """Whatever the order, each project stands on exactly one page, and a page asks no more for more projects."""
    organ(enshi, "development")
    for number in range(53):
        services.file_at_once(enshi.applicant_handler, plan=plan(enshi, name=f"项目{number:02}"))
    client = client_for(enshi.applicant_handler)
    for sort in ("", "newest", "dearest", "name"):
        first = client.get(reverse("projects:projects"), {"plain": "1", "sort": sort}).context["page"]
        with django_assert_max_num_queries(30):
            second = client.get(reverse("projects:projects"), {"sort": sort, "cursor": first.next}).context["page"]
        assert len({row.pk for row in (*first.rows, *second.rows)}) == 53


def test_search_finds_a_project_by_number_and_name(
    enshi: Place, two: tuple[Project, Project], client_for: Browser
) -> None:
    client = client_for(enshi.applicant_handler)
    address = reverse("projects:project", args=[two[1].pk])
    for text in (two[1].code, "道路监"):
        assert address in client.get("/search/", {"q": text}).content.decode()
    assert address not in client_for(enshi.outsider).get("/search/", {"q": "道路监"}).content.decode()


def test_a_plan_is_changed_in_part_by_its_owner_alone(
    enshi: Place, two: tuple[Project, Project], api_for: Caller
) -> None:
    """What is not sent stays; a stale or missing version, a stranger and a plan under review are refused."""
    project = two[0]
    address = f"{ADDRESS}{project.pk}/"
    client = api_for(enshi.applicant_handler)
    sent = {"goals": "新目标", "version": project.version}
    done = client.patch(address, sent, format="json")
    assert done.status_code == 200
    assert (done.json()["plan"]["goals"], done.json()["plan"]["basis"]) == ("新目标", "市信息化发展规划")
    assert len(done.json()["promises"]) == 1
    assert client.patch(address, sent, format="json").status_code == 409
    assert client.patch(address, {"goals": "新"}, format="json").status_code == 400
    assert api_for(enshi.outsider).patch(address, sent, format="json").status_code == 404
    fresh = {"goals": "再改", "version": done.json()["version"]}
    assert client.patch(address, {**fresh, "total": "1"}, format="json").status_code == 400
    submitted(enshi, project)
    assert client.patch(address, fresh, format="json").status_code in (403, 409)
    assert api_for(enshi.bureau_reviewer).patch(address, fresh, format="json").status_code == 403
