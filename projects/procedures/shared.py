"""What the families of projects share: the project behind a subject, conditions on it, its papers, its facts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from cases.families import Condition, Context
from organizations.models import Organization
from projects.models import Project, ProjectDocument, SharingPromise

Test = Callable[[Project], bool]
MONTHS_OF_A_YEAR = 12


def project_of(subject: Any) -> Project:
    """The project that a case is about, whatever step of its life the case is."""
    return subject if isinstance(subject, Project) else subject.project


def owner_of(subject: Any) -> Organization:
    return project_of(subject).owner


def asks(test: Test, *, unmet: Any, met: Any) -> Condition:
    return Condition(lambda context: test(project_of(context.subject)), unmet=unmet, met=met)


PAPERS = {
    "has_proposal": (
        ProjectDocument.Kind.PROPOSAL,
        _("The project proposal is missing from the project's papers."),
        _("The project proposal is among the project's papers."),
    ),
    "has_feasibility_study": (
        ProjectDocument.Kind.FEASIBILITY,
        _("The feasibility study is missing from the project's papers."),
        _("The feasibility study is among the project's papers."),
    ),
    "has_preliminary_design": (
        ProjectDocument.Kind.DESIGN,
        _("The preliminary design is missing from the project's papers."),
        _("The preliminary design is among the project's papers."),
    ),
    "has_cost_estimate": (
        ProjectDocument.Kind.ESTIMATE,
        _("The cost estimate is missing from the project's papers."),
        _("The cost estimate is among the project's papers."),
    ),
    "has_superior_approval": (
        ProjectDocument.Kind.SUPERIOR_APPROVAL,
        _("The approval of the superior organ is missing from the project's papers."),
        _("The approval of the superior organ is among the project's papers."),
    ),
    "has_risk_assessment": (
        ProjectDocument.Kind.RISK,
        _("The social risk assessment is missing from the project's papers."),
        _("The social risk assessment is among the project's papers."),
    ),
}


def _has_paper(kind: str) -> Test:
    return lambda project: project.documents.filter(kind=kind).exists()


MAJOR = asks(
    lambda project: project.major,
    unmet=_("The authority has not found this project to be a major one."),
    met=_("The authority found this to be a major project."),
)
REVIEWED = asks(
    lambda project: project.reviews.filter(case__outcome="passed").exists(),
    unmet=_("The plan of the project has not passed review."),
    met=_("The plan of the project has passed review."),
)
PAPER_CONDITIONS = {name: asks(_has_paper(kind), unmet=unmet, met=met) for name, (kind, unmet, met) in PAPERS.items()}


def _security_grade(context: Context) -> float:
    """The highest grade of protection among the project's systems; 0 where none is graded."""
    grades = project_of(context.subject).systems.values_list("security_grade", flat=True)
    return float(max((grade or 0 for grade in grades), default=0))


FIELDS: dict[str, Callable[[Context], float]] = {
    "protection_level": _security_grade,
    "total_investment": lambda context: float(project_of(context.subject).total),
    "project_investment": lambda context: float(project_of(context.subject).total),
    "service_life_years": lambda context: float(project_of(context.subject).service_years or 0),
    "build_period_years": lambda context: (project_of(context.subject).build_months or 0) / MONTHS_OF_A_YEAR,
}
"""What thresholds of packs compare: amounts in yuan, times in years."""


def in_words(amount: Decimal) -> str:
    """An amount with its unit, as papers show it."""
    return _now("%(amount)s yuan") % {"amount": f"{amount:,.2f}"}


def heading(subject: Any) -> list[tuple[str, str]]:
    """The first lines of what a case file says of a step: its project, and whose it is."""
    project = project_of(subject)
    return [(_now("Project"), f"{project.name} {project.code}"), (_now("Project owner"), project.owner.shown_name)]


def facts(subject: Any) -> Sequence[tuple[str, str]]:
    """What the case file says of the project."""
    project = project_of(subject)
    years = _now(", ").join(f"{row.year}: {in_words(row.amount)}" for row in project.years.all())
    return [
        *heading(project),
        (_now("Kind of project"), str(project.get_kind_display())),
        (_now("Total investment"), in_words(project.total)),
        (_now("Yearly investment"), years or "—"),
        (_now("Basis of the project"), project.basis or "—"),
        (_now("Goals"), project.goals or "—"),
        (_now("Data it will produce"), _titles(project, SharingPromise.Direction.PRODUCES)),
        (_now("Data it needs"), _titles(project, SharingPromise.Direction.NEEDS)),
    ]


def _titles(project: Project, direction: str) -> str:
    return _now(", ").join(row.title for row in project.promises.all() if row.direction == direction) or "—"
