"""The register of projects (performance goals, row 6): list, filter and board, each against a bare view on its query.

`PROJECTS` overrides how many there are. Half of them are filed, the plan of the other half is under review. Each page
must ask as many questions of the database among all projects as among the first hundred.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.http import urlencode

from benchmarks import common, population, visits

if TYPE_CHECKING:
    from django.test import Client

    from cases.models import Case
    from organizations.actors import Actor
    from projects.models import Project
    from tests.cast import Place

DEPARTMENTS = {"small": 2, "full": 10}
PROJECTS = {"small": 200, "full": 10_000}
FEW = 100
FILTER = {"q": "平台", "kind": "new", "year": "2027"}


def main() -> None:
    options = common.start(__doc__ or "")
    with common.scratch_database():
        from tests.cast import Cast, signed_in_client
        from tests.projects import scene

        population.prepare()
        place = Cast().enshi
        scene.organ(place, "development")
        lives = _lives(place, population.departments(place, DEPARTMENTS[options.size]))
        wanted = int(os.environ.get("PROJECTS", "0")) or PROJECTS[options.size]
        client = signed_in_client(place.auditor)
        _fill(lives, FEW)
        among_few = {name: visits.visit(client, url, 1).queries for name, url in _pages(client).items()}
        _fill(lives, wanted)
        _bare_views()
        rounds = 20 if options.size == "full" else 2
        found = {name: visits.against(name, client, url, name, rounds) for name, url in _pages(client).items()}
        for name, visit in found.items():
            assert visit.queries == among_few[name], (name, visit.queries, among_few[name])
        common.show("queries of each page", f"those among {FEW}", "", "goal: the same")
        deep, first = found["deep page"].wall, found["list"].wall
        common.show("deep page against the first", f"{deep * 1000:.0f} ms", f"{deep / first:.1f}x", "goal: as fast")


@dataclass(frozen=True)
class Life:
    """A project with the case of its life and, under review, the case of its review."""

    project: Project
    review: Case | None


def _lives(place: Place, people: list[dict[str, Actor]]) -> list[Life]:
    """Two projects of each department: one filed, one sent to review."""
    from tests.projects import scene

    found = []
    for own in people:
        organization = own["handler"].organization
        assert organization is not None
        hands = {"applicant_handler": own["handler"], "applicant_leader": own["leader"]}
        there = replace(
            place,
            organizations=place.organizations | {"applicant": organization},
            actors=place.actors | hands,
        )
        found.append(Life(scene.filed(there, name=f"{organization.name}服务平台"), None))
        reviewed = scene.filed(there, name=f"{organization.name}数据平台", kind="upgrade")
        found.append(Life(reviewed, scene.submitted(there, reviewed)))
    return found


def _fill(lives: list[Life], wanted: int) -> None:
    """Copies of the projects with their cases, years, promises and systems, until there are so many."""
    from cases import models
    from projects.models import Project, ProjectReview, SharingPromise, YearlyInvestment

    there = Project.objects.count()
    times = (wanted - there) // len(lives)
    number = {"number": f"t.number || '-{there}-' || n"}
    begun = population.multiply_cases([each.project.case for each in lives], times, **number)
    reviews = [each.review for each in lives if each.review is not None]
    sent = population.multiply_cases(reviews, times, parent_id=begun.key_of("parent_id"), **number)
    projects = population.multiply(
        Project,
        [each.project.pk for each in lives],
        times,
        case_id=begun.key_of("case_id"),
        code=f"t.code || '-{there}-' || n",
        name=f"t.name || '-{there}-' || n",
    )
    key = projects.key_of("project_id")
    originals = Project.objects.filter(pk__in=projects.patterns)
    of_originals = {"project__in": originals}
    population.multiply(
        ProjectReview, _keys(ProjectReview, of_originals), times, project_id=key, case_id=sent.key_of("case_id")
    )
    for model in (YearlyInvestment, SharingPromise, Project.systems.through):
        population.multiply(model, _keys(model, of_originals), times, project_id=key)
    names = ("Case", "CaseParty", "AwaitedHand", "CaseEvent", "Clock", "ClockEntry")
    population.vacuum(Project, ProjectReview, YearlyInvestment, *(getattr(models, name) for name in names))
    under_review = ProjectReview.objects.filter(case__closed_at=None).count()
    common.show("projects", f"{Project.objects.count():,}", "", f"{under_review:,} of them under review")


def _keys(model: Any, condition: Mapping[str, Any]) -> list[int]:
    return list(model.objects.filter(**condition).order_by("pk").values_list("pk", flat=True))


def _pages(client: Client) -> dict[str, str]:
    """Addresses by name."""
    listing = reverse("projects:projects")
    return {
        "list": listing,
        "deep page": _deepest(client, listing),
        "filtered list": f"{listing}?{urlencode(FILTER)}",
        "board": reverse("projects:board"),
    }


def _deepest(client: Client, listing: str) -> str:
    """The last page, found as a reader finds it: from one page to the next."""
    deepest = listing
    while following := client.get(deepest).context["page"].next:
        deepest = f"{listing}?{urlencode({'cursor': following})}"
    return deepest


def _bare_views() -> None:
    """Each reads the projects that its page shows, and nothing beside them."""
    from organizations.paging import PER_PAGE
    from projects.board import MOST_CARDS
    from projects.selectors import visible_projects

    def listed(actor: Actor, **condition: Any) -> list[Project]:
        return list(visible_projects(actor).filter(**condition).order_by("code", "pk")[:PER_PAGE])

    filtered = {"name__icontains": FILTER["q"], "kind": FILTER["kind"], "years__year": int(FILTER["year"])}
    visits.QUERIES["list"] = visits.QUERIES["deep page"] = listed
    visits.QUERIES["filtered list"] = lambda actor: listed(actor, **filtered)
    visits.QUERIES["board"] = lambda actor: list(visible_projects(actor).order_by("-pk")[: 2 * MOST_CARDS])


if __name__ == "__main__":
    main()
