"""The shell around every page: who sees which line, and what it costs."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse

from organizations.actors import Actor
from portal import navigation
from tests.cast import Cast, Place
from tests.scenes import filed, published_resource

pytestmark = pytest.mark.django_db


def labels(actor: Actor, path: str = "/") -> list[str]:
    sections = navigation.sections(actor, RequestFactory().get(path))
    return [str(line.label) for section in sections for line in section.lines]


def test_a_page_that_is_not_installed_is_left_out() -> None:
    assert navigation._address(navigation.Entry("x", "nowhere:page")) == ""


def test_only_administrators_are_led_to_the_people(cast: Cast) -> None:
    assert "人员" in labels(cast.enshi.administrator)
    assert "人员" not in labels(cast.enshi.applicant_handler)
    assert "人员" not in labels(cast.enshi.outsider)


def test_the_line_with_the_longest_matching_address_is_marked(cast: Cast) -> None:
    path = reverse("organizations:directory")
    sections = navigation.sections(cast.enshi.applicant_handler, RequestFactory().get(f"{path}7/"))
    current = [line.href for section in sections for line in section.lines if line.current]
    assert current == [path]


def test_the_search_box_finds_resources_cases_organizations_and_articles(
    enshi: Place, client_for: Callable[[Actor], Client]
) -> None:
    case = filed(enshi, published_resource(enshi))
    client = client_for(enshi.applicant_handler)
    page = client.get("/search/", {"q": "区划代码"}).content.decode()
    assert "统计用区划代码(村级)" in page
    assert case.number in page
    assert enshi.provider.name in client.get("/search/", {"q": "统计局"}).content.decode()
    assert "/rules/share.reply" in client.get("/search/", {"q": "答复"}).content.decode()


def test_a_whole_case_number_leads_straight_to_the_case(enshi: Place, client_for: Callable[[Actor], Client]) -> None:
    case = filed(enshi, published_resource(enshi))
    answer = client_for(enshi.applicant_handler).get("/search/", {"q": case.number.lower()})
    assert answer.headers["Location"] == reverse("cases:case", args=[case.number])


def test_the_search_box_tells_an_outsider_of_no_case(enshi: Place, client_for: Callable[[Actor], Client]) -> None:
    case = filed(enshi, published_resource(enshi))
    client = client_for(enshi.outsider)
    assert client.get("/search/", {"q": case.number}).status_code == 200
    assert case.number not in client.get("/search/", {"q": case.number[:-1]}).content.decode().replace(
        f'value="{case.number[:-1]}"', ""
    )
