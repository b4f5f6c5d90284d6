"""The page of a project: gates with their articles, what is owed, what resembles it, what happened, and its times."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from organizations.actors import Actor
from projects import gantt
from tests.cast import Place
from tests.projects.scene import filed, organ, submitted, system

pytestmark = pytest.mark.django_db
Browser = Callable[[Actor], Client]
ENGLISH = {"accept-language": "en"}


def test_gates_obligations_and_events_stand_on_the_page(enshi: Place, client_for: Browser) -> None:
    """Each closed gate says why under its article; each time limit has its day; each event says who acted."""
    organ(enshi, "development")
    project = filed(enshi)
    review = submitted(enshi, project)
    page = client_for(enshi.bureau_reviewer).get(reverse("projects:project", args=[project.pk]), headers=ENGLISH)
    known = page.context["known"]
    assert {row.case.number for row in known.obligations} >= {review.number}
    assert all(sentence and rule.article for gate in known.gates if not gate.open for sentence, rule in gate.told)
    assert any(gate.open and gate.mine for gate in known.gates)
    text = page.content.decode()
    for part in (
        "What may be done next",
        "What is owed",
        "What happened",
        "赵甲",
        enshi.applicant_leader.user.full_name,
    ):
        assert part in text


def test_what_resembles_a_plan_is_named_before_it_is_approved(enshi: Place, client_for: Browser) -> None:
    organ(enshi, "development")
    system(enshi, "村级便民服务平台一期")
    first = filed(enshi, name="村级便民服务平台")
    second = filed(enshi, name="村级便民服务平台二期")
    page = client_for(enshi.applicant_handler).get(reverse("projects:project", args=[second.pk]), headers=ENGLISH)
    assert [row.project.pk for row in page.context["alike_projects"]] == [first.pk]
    assert "村级便民服务平台一期" in [row.system.name for row in page.context["alike_systems"]]
    assert "Reuse check" in page.content.decode()


def test_a_system_names_its_projects_to_those_who_may_see_them(enshi: Place, client_for: Browser) -> None:
    organ(enshi, "development")
    project = filed(enshi)
    address = reverse("catalog:system", args=[system(enshi).pk])
    assert project.name in client_for(enshi.applicant_handler).get(address).content.decode()
    assert project.name not in client_for(enshi.outsider).get(address).content.decode()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_times_are_drawn_and_written(enshi: Place, client_for: Browser, language: str) -> None:
    organ(enshi, "development")
    project = filed(enshi)
    review = submitted(enshi, project)
    client = client_for(enshi.applicant_handler)
    for address in (reverse("projects:project-times", args=[project.pk]), reverse("projects:times")):
        text = client.get(address, headers={"accept-language": language}).content.decode()
        assert "<svg" in text
        assert f"{review.opened_at:%Y-%m}" in text
    stranger = client_for(enshi.outsider)
    assert stranger.get(reverse("projects:project-times", args=[project.pk])).status_code == 404
    assert project.name not in stranger.get(reverse("projects:times")).content.decode()


def test_a_bar_is_late_once_it_passes_its_plan() -> None:
    """Both spans lie on one scale that also holds today."""
    planned, actual = gantt.Span(date(2026, 1, 1), date(2026, 1, 31)), gantt.Span(date(2026, 1, 11), date(2026, 2, 10))
    drawn = gantt.chart([gantt.Bar("a", "", planned, actual), gantt.Bar("b", "", planned, None)], date(2026, 3, 2))
    assert drawn is not None
    assert (drawn.days, drawn.today) == (60, 60)
    assert [(row.planned, row.actual, row.bar.late) for row in drawn.rows] == [
        ((0, 30), (10, 30), True),
        ((0, 30), None, False),
    ]
    assert gantt.chart([gantt.Bar("c", "", None, None)], date(2026, 3, 2)) is None
