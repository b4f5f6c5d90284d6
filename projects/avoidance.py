"""Who of the expert library may review a project, and why somebody may not."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, TextChoices
from django.utils.translation import gettext_lazy as _

from cases.models import CaseEvent
from organizations.models import Organization, Position
from organizations.selectors import current_organization
from projects.models import Expert, ExpertReview, Project

PANEL = "panel"
"""The party of experts in procedures of the family `expert_review`."""


class Ground(TextChoices):
    """Why an expert stays off a panel."""

    INACTIVE = "inactive", _("not to be drawn at present")
    EMPLOYER = "employer", _("works for the owner or a co-builder of the project")
    DESIGN_FIRM = "design_firm", _("works for the author of the plan")
    INVOLVED = "involved", _("has taken part in the project")
    DECLARED = "declared", _("has a known conflict with somebody concerned")
    SEATED = "seated", _("is or was on this panel")


@dataclass(frozen=True, slots=True)
class Concerned:
    """Whom a project concerns: organizations by id and by name, people by account, the panel's experts."""

    houses: frozenset[int]
    names: tuple[str, ...]
    short_names: frozenset[str]
    firm: str
    marks: frozenset[str]
    staff: frozenset[int]
    involved: frozenset[int]
    seated: frozenset[int]


def concerned(project: Project, on: date, *, review: ExpertReview | None = None) -> Concerned:
    """Everybody whom the avoidance looks at, as of a day, in a number of queries that does not grow."""
    houses = [current_organization(one) for one in (project.owner, *project.co_builders.all())]
    keys = frozenset(house.pk for house in houses)
    return Concerned(
        houses=keys,
        names=tuple(_plain(house.name) for house in houses),
        short_names=frozenset(_plain(house.short_name) for house in houses if house.short_name),
        firm=_plain(project.design_firm),
        marks=frozenset(_plain(mark) for mark in (project.code or "", project.name) if mark),
        staff=frozenset(_staff(keys, on)),
        involved=frozenset(_involved(project)),
        seated=frozenset(review.panellists.values_list("expert", flat=True)) if review and review.pk else frozenset(),
    )


def grounds(expert: Expert, about: Concerned) -> list[Ground]:
    """Why the expert may not review; empty when nothing is in the way."""
    declared = set(_lines(expert.conflicts))
    employer = _plain(expert.employer)
    found = {
        Ground.INACTIVE: not (expert.active and expert.user.is_active),
        Ground.EMPLOYER: _employed(expert, employer, about),
        Ground.DESIGN_FIRM: bool(about.firm) and about.firm in employer,
        Ground.INVOLVED: expert.user_id in about.involved or bool(about.marks.intersection(_lines(expert.involvement))),
        Ground.DECLARED: bool(declared.intersection({*about.names, *about.short_names, about.firm} - {""})),
        Ground.SEATED: expert.pk in about.seated,
    }
    return [ground for ground, holds in found.items() if holds]


def eligible(review: ExpertReview, on: date) -> list[Expert]:
    """Experts of the project's place who may be drawn now, by id."""
    about = concerned(review.project, on, review=review)
    library = Expert.objects.filter(jurisdiction=review.project.jurisdiction_id, active=True)
    rows = library.select_related("user", "employer_organization__merged_into").order_by("pk")
    return [expert for expert in rows if not grounds(expert, about)]


def _employed(expert: Expert, employer: str, about: Concerned) -> bool:
    """By what the library says, or by a position held there, whatever the library says."""
    house = expert.employer_organization
    said = employer in about.short_names or any(name in employer for name in about.names)
    return said or expert.user_id in about.staff or (house is not None and _now(house) in about.houses)


def _now(organization: Organization) -> int:
    return current_organization(organization).pk


def _staff(houses: Collection[int], on: date) -> Iterable[int]:
    """People who hold a position there; one as an expert alone makes nobody staff."""
    there = Q(organization__in=houses) | Q(organization__merged_into__in=houses)
    held = Position.objects.held_on(on).filter(there).exclude(kind=Position.Kind.EXPERT)
    return held.values_list("user", flat=True)


def _involved(project: Project) -> Iterable[int]:
    """Who drafted the plan, and who acted in a case of the project's life otherwise than on a panel."""
    people = {project.drafted_by_id}
    if project.case_id is not None:
        of_life = Q(case=project.case_id) | Q(case__parent=project.case_id) | Q(case__parent__parent=project.case_id)
        events = CaseEvent.objects.filter(of_life, person__isnull=False).exclude(party=PANEL)
        people.update(events.values_list("person", flat=True))
    return people


def _lines(text: str) -> list[str]:
    return [_plain(line) for line in text.splitlines() if line.strip()]


def _plain(text: str) -> str:
    """A name without spaces, in one letter case."""
    return "".join(text.split()).casefold()
