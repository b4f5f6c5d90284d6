"""The shell around every page: who sees which line, and what it costs."""

from __future__ import annotations

import pytest
from django.test import RequestFactory
from django.urls import reverse

from organizations.actors import Actor
from portal import navigation
from tests.cast import Cast

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
