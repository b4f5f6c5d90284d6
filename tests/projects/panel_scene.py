"""An expert library with people in it, and panels that score."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from cases.models import Case
from organizations.actors import Actor
from organizations.models import Organization, Position
from projects import library
from projects.models import Expert, ExpertReview, Panellist, ProjectReview
from projects.services import experts, panels
from statutes.selectors import compiled, current
from tests.cast import Place, new_actor
from tests.scenes import act


def about(**changes: Any) -> experts.About:
    values: dict[str, Any] = {"employer": "某大学信息学院", "fields": ["security", "data"], "title": "教授"}
    return experts.About(**{**values, **changes})


def expert(place: Place, name: str, house: Organization | None = None, **changes: Any) -> Actor:
    """A person with a position as an expert, in the library of the place."""
    keeper = place.actors.get("keeper") or place.bureau_reviewer
    person = new_actor(house or place.outside, Position.Kind.EXPERT, f"{place.jurisdiction.pk}.{name}")
    experts.add_expert(keeper, user_id=person.user.pk, about=about(**changes))
    return person


def library_of(place: Place, count: int) -> list[Actor]:
    return [expert(place, f"expert{number:02d}") for number in range(count)]


def panel_of(place: Place, review: Case) -> Case:
    """A panel called for the review of a plan, and drawn."""
    keeper = place.actors.get("keeper") or place.bureau_reviewer
    panel = panels.begin_panel(keeper, plan_review=ProjectReview.objects.get(case=review))
    act(keeper, panel, "draw")
    return panel


def seated(panel: Case) -> list[Actor]:
    """Those on the panel, by seat."""
    rows = Panellist.objects.filter(review__case=panel, status="seated").select_related("expert__user")
    return [person_of(row.expert) for row in rows.order_by("seat")]


def person_of(found: Expert) -> Actor:
    return Actor(found.user, found.user.positions.get(kind=Position.Kind.EXPERT))


def heads(panel: Case) -> list[str]:
    law = compiled(current(panel.jurisdiction.pack))
    return library.heads_of(law, law.procedure("expert_review", timezone.localdate()))


def score(person: Actor, panel: Case, points: int | Iterable[int], **more: Any) -> Any:
    names = heads(panel)
    given = dict(zip(names, [points] * len(names) if isinstance(points, int) else points, strict=True))
    return act(person, panel, "score", **{**given, "recommendation": "agree", "opinion": "方案可行", **more})


def review_of(panel: Case) -> ExpertReview:
    return ExpertReview.objects.get(case=panel)


def experts_agree(place: Place, review: Case) -> Case:
    """A panel called, drawn and unanimous for the plan; the library is filled where it is not yet."""
    keeper = place.actors.get("keeper") or place.bureau_reviewer
    lacking = 5 - Expert.objects.filter(jurisdiction=place.jurisdiction).count()
    for number in range(lacking):
        expert(place, f"panellist{number}")
    panel = panel_of(place, review)
    for person in seated(panel):
        score(person, panel, 80)
    act(keeper, panel, "conclude", opinion="专家组一致通过")
    panel.refresh_from_db()
    return panel
