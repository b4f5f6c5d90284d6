"""What may be read of projects."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import F, Min, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cases.models import Case, Clock
from cases.selectors import visible_cases
from catalog.models import InformationSystem
from organizations.actors import Actor, AnyActor
from organizations.errors import NotKnown
from organizations.models import Position
from projects.models import Project, ProjectReview
from projects.services import planning
from statutes.definitions import Procedure, State
from statutes.selectors import compiled

DRAFTERS = (Position.Kind.HANDLER, Position.Kind.LEADER)
MOST_REVIEWS = 20


def may_draft(actor: AnyActor) -> bool:
    """Whether the actor's position is one that drafts projects."""
    return isinstance(actor, Actor) and actor.organization is not None and actor.kind in DRAFTERS


def drafts(actor: Actor) -> QuerySet[Project]:
    """Projects of the actor's organization that are not filed yet."""
    if not may_draft(actor):
        return Project.objects.none()
    return Project.objects.filter(owner=actor.organization, case__isnull=True)


def draft_for(actor: Actor, project_id: int) -> Project:
    """One draft of the actor's organization. Raises NotKnown."""
    found = drafts(actor).filter(pk=project_id).first()
    if found is None:
        raise NotKnown(_("There is no such draft."))
    return found


def visible_projects(actor: AnyActor) -> QuerySet[Project]:
    """Filed projects that the actor may see: their owner and co-builders, and whoever sees a case of their life."""
    cases = visible_cases(actor)
    steps = cases.filter(parent__family="project").values("parent")
    seen = Q(case__in=cases.filter(family="project")) | Q(case__in=steps) | Q(contracts__case__in=cases)
    if isinstance(actor, Actor) and actor.organization is not None and actor.kind != Position.Kind.ADMINISTRATOR:
        seen |= Q(owner=actor.organization) | Q(co_builders=actor.organization)
    keys = Project.objects.filter(seen, case__isnull=False).values("pk")
    return Project.objects.filter(pk__in=keys).select_related("owner", "case", "jurisdiction")


def project_for(actor: AnyActor, project_id: int) -> Project:
    """One project that the actor may see. Raises NotKnown."""
    found = visible_projects(actor).filter(pk=project_id).first()
    if found is None:
        raise NotKnown(_("There is no such project."))
    return found


def projects_of_system(actor: Actor, system: InformationSystem) -> dict[str, Any]:
    """For the page of a system: the projects that build, extend or run it, of what the actor may see, newest first."""
    return {"rows": list(visible_projects(actor).filter(systems=system).order_by("-pk")[:MOST_REVIEWS])}


def reviews_of(project: Project) -> Sequence[ProjectReview]:
    """The reviews of a project's plan, newest first."""
    rows = project.reviews.select_related("case__jurisdiction").order_by("-round")
    return list(rows[:MOST_REVIEWS])


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another project of the same owner that a splitting check has to look at. `together`: both totals, in yuan."""

    project: Project
    together: Decimal


def neighbours(project: Project) -> list[Neighbour]:
    """Filed projects of the same owner within a year before or after: one undertaking cut in two shows here.

    Whether it was cut to stay below a threshold is for whoever reviews to say.
    """
    near = Project.objects.filter(
        owner=project.owner_id,
        case__isnull=False,
        created_at__year__gte=project.created_at.year - 1,
        created_at__year__lte=project.created_at.year + 1,
    )
    rows = near.exclude(pk=project.pk).order_by("-pk")[:MOST_REVIEWS]
    return [Neighbour(row, row.total + project.total) for row in rows]


def cases_of(actor: AnyActor, project: Project) -> QuerySet[Case]:
    """The cases of a project's life that the actor may see, oldest first."""
    kin = Q(pk=project.case_id) | Q(parent=project.case_id)
    return visible_cases(actor).filter(kin).order_by("opened_at", "pk")


def dues(actor: AnyActor, projects: Iterable[Project]) -> dict[int | None, datetime]:
    """By the case of a project's life: when the earliest open time limit in it or in a step of it ends."""
    lives = [project.case_id for project in projects]
    clocks = _clocks(actor).filter(life__in=lives)
    return dict(clocks.order_by().values_list("life").annotate(due=Min("due_at")))


def late_lives(actor: AnyActor, now: datetime) -> QuerySet[Clock, dict[str, Any]]:
    """The cases of those projects' lives in which a time limit is over, as far as the actor sees the cases."""
    return _clocks(actor).filter(due_at__lt=now).order_by().values("life")


def _clocks(actor: AnyActor) -> QuerySet[Clock]:
    seen = visible_cases(actor).values("pk")
    clocks = Clock.objects.filter(status=Clock.Status.OPEN, due_at__isnull=False, case__in=seen)
    return clocks.annotate(life=Coalesce(F("case__parent"), F("case")))


def stages_of(actor: AnyActor) -> list[tuple[str, str]]:
    """The stages in which visible projects stand, with their names, as the law of one life in each orders them."""
    lives = Case.objects.filter(project__in=visible_projects(actor)).order_by("state", "-pk").distinct("state")
    found = []
    for life in lives.select_related("pack_version").defer("pack_version__source"):
        states = _law(life).states
        label = states[life.state].label.in_language(get_language() or "zh")
        found.append((list(states).index(life.state), life.state, label))
    return [(state, label) for _place, state, label in sorted(found)]


@dataclass(frozen=True, slots=True)
class Stage:
    """A state of a project's life. `place`: "past", "here" or "ahead"."""

    label: str
    place: str


def stages(project: Project) -> list[Stage]:
    """The stages of a project in the order of its law, ends left out that it has not come to."""
    life = project.case
    assert life is not None
    states, language = list(_law(life).states.values()), get_language() or "zh"
    left = set(life.events.exclude(from_state="").values_list("from_state", flat=True))

    def place(state: State) -> str:
        return "here" if state.id == life.state else "past" if state.id in left else "ahead"

    shown = [state for state in states if not state.terminal or state.id == life.state]
    return [Stage(state.label.in_language(language), place(state)) for state in shown]


def may_submit(actor: AnyActor, project: Project) -> bool:
    """Whether the plan may go to review now: filed, with its owner, and no review open."""
    open_ones = project.reviews.filter(case__closed_at__isnull=True).exists()
    return not open_ones and may_draft(actor) and planning.may_amend(actor, project)


def _law(life: Case) -> Procedure:
    return compiled(life.pack_version).procedure(life.procedure, timezone.localdate(life.opened_at))
