"""A rule that the portal only shows is shown where it matters, from the law of the place."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone

from statutes.selectors import compiled, current
from tests.cast import Place
from tests.projects.scene import filed, organ, submitted

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate


def test_the_register_of_systems_names_what_the_readers_law_asks_of_systems(client_for: Callable, enshi: Place) -> None:
    page = client_for(enshi.applicant_handler).get("/catalog/systems/").content.decode()
    shown = compiled(current("enshi")).shown_at("systems", TODAY())
    assert [rule.id for rule in shown] == ["platform.migration"]
    assert shown[0].summary.zh in page


def test_who_reviews_a_plan_reads_what_the_law_asks_of_it(client_for: Callable, enshi: Place) -> None:
    """The rules that only a person can judge stand on the page of the review, not on that of the project."""
    organ(enshi, "development")
    project = filed(enshi)
    review = submitted(enshi, project)
    rules = compiled(review.pack_version).shown_at("review", TODAY())
    assert {"platform.no_rival", "platform.no_own_hardware"} <= {rule.id for rule in rules}
    page = client_for(enshi.bureau_reviewer).get(f"/cases/{review.number}/").content.decode()
    assert all(rule.summary.zh in page for rule in rules)
    own = client_for(enshi.applicant_handler).get(f"/projects/{project.pk}/").content.decode()
    asked = compiled(current("enshi")).shown_at("project", TODAY())
    assert asked
    assert all(rule.summary.zh in own for rule in asked)
