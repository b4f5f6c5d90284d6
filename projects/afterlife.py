"""What may be read of evaluations, defects and warranties, and what follows from an evaluation that failed."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from projects.models import Contract, Evaluation, EvaluationRound, Procurement, Project

MOST = 20
MONTHS_OF_A_YEAR = 12
BUILT_UPON = (Project.Kind.EXTENSION, Project.Kind.UPGRADE)


def last_evaluation(project: Project) -> Evaluation | None:
    """The evaluation of a project that was concluded last."""
    done = project.evaluations.filter(concluded_on__isnull=False)
    return done.select_related("case").order_by("-concluded_on", "-pk").first()


def failing(project: Project) -> bool:
    """Whether a project's last evaluation failed and things are not put right."""
    last = last_evaluation(project)
    return last is not None and last.passed is False and last.rectified_on is None


def built_upon(project: Project) -> QuerySet[Project]:
    """The projects whose systems an extension or upgrade builds upon; none for projects of other kinds."""
    if project.kind not in BUILT_UPON:
        return Project.objects.none()
    return Project.objects.filter(systems__in=project.systems.all()).exclude(pk=project.pk).distinct()


def earlier_results(project: Project) -> Sequence[Evaluation]:
    """Concluded evaluations that a review of this project's plan weighs: of its owner's projects and of its systems."""
    near = Q(project__owner=project.owner_id) | Q(project__systems__in=project.systems.all())
    rows = Evaluation.objects.filter(near, concluded_on__isnull=False).select_related("project", "case").distinct()
    return list(rows.order_by("-concluded_on", "-pk")[:MOST])


def to_evaluate(round_: EvaluationRound) -> QuerySet[Project]:
    """Projects in use of the round's place that were accepted in earlier years."""
    accepted = Q(acceptances__accepted_on__year__lt=round_.year)
    rows = Project.objects.filter(accepted, jurisdiction=round_.jurisdiction, case__closed_at__isnull=True)
    return rows.select_related("owner", "case").order_by("code")


def results_of(round_: EvaluationRound) -> dict[int, Evaluation]:
    """Project id to its evaluation of the round's year, the last where there are several."""
    rows = Evaluation.objects.filter(
        project__in=to_evaluate(round_), year=round_.year, kind=Evaluation.Kind.USE
    ).select_related("case")
    return {row.project_id: row for row in rows.order_by("pk")}


def agreed_years(project: Project) -> int:
    """Whole years of warranty that the project's contracts on works state at the most; 0 where none says."""
    months = project.contracts.filter(kind=Procurement.Kind.BUILD, signed_on__isnull=False)
    return max((row or 0 for row in months.values_list("warranty_months", flat=True)), default=0) // MONTHS_OF_A_YEAR


def under_contract(project: Project) -> QuerySet[Contract]:
    """Signed contracts of a project, under which defects are reported."""
    return project.contracts.filter(signed_on__isnull=False).select_related("firm").order_by("pk")
