"""What warranties, defects and evaluations plug into the case engine, and what payments and filings ask of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from cases import families
from cases.engine.context import Matter
from cases.families import Condition, Context, Family
from organizations.actors import AnyActor
from projects import afterlife as reading
from projects.models import Acceptance, Defect, Evaluation, EvaluationRound, Payment, Project, Warranty
from projects.procedures.acceptance import ACCEPTED
from projects.procedures.shared import asks, heading, owner_of
from projects.services import afterlife, steps

NO_ASSETS = (Project.Kind.SERVICE, Project.Kind.OPERATION, Project.Kind.RESEARCH)


def _allows_upkeep(context: Context) -> bool:
    payment: Payment = context.subject
    return payment.kind != Payment.Kind.OPERATION or not reading.failing(payment.project)


def _free_time_over(context: Context) -> bool:
    """Whether no time of free operation is running for the project of a payment for operation."""
    payment: Payment = context.subject
    if payment.kind != Payment.Kind.OPERATION:
        return True
    return not Warranty.objects.filter(project=payment.project, case__closed_at__isnull=True).exists()


NO_FAILED_EVALUATION = asks(
    lambda project: not any(reading.failing(other) for other in reading.built_upon(project)),
    unmet=_("A project on the same systems failed its last evaluation, and things are not put right yet."),
    met=_("No project on the same systems has failed its evaluation."),
)
"""Condition `no_failed_evaluation` of the filing of an extension or upgrade."""
ASSETS_REGISTERED = asks(
    lambda project: project.kind in NO_ASSETS or project.assets.exists(),
    unmet=_("No asset of the project is registered."),
    met=_("The project's assets are registered."),
)
ALLOWS_UPKEEP = Condition(
    _allows_upkeep,
    unmet=_("The project failed its last evaluation: no money for operation until things are put right."),
    met=_("No evaluation stands against money for operation."),
)
"""Condition `evaluation_allows_upkeep` of payments."""
FREE_TIME_OVER = Condition(
    _free_time_over,
    unmet=_("The time in which the builder operates the project free of charge is still running."),
    met=_("No time of free operation is running."),
)
"""Condition `free_operation_over` of payments."""


def _all_evaluated(context: Context) -> bool:
    round_: EvaluationRound = context.subject
    done = {key for key, row in reading.results_of(round_).items() if row.concluded_on}
    return set(reading.to_evaluate(round_).values_list("pk", flat=True)) <= done


def _since(subject: Warranty | Evaluation) -> date | None:
    """The day of acceptance, from which the warranty and the year of running count."""
    passed = Acceptance.objects.filter(project=subject.project_id, accepted_on__isnull=False).first()
    return passed.accepted_on if passed else None


def _warranty_facts(row: Warranty) -> Sequence[tuple[str, str]]:
    return [*heading(row.project), (_now("Counts from the acceptance on"), row.since.isoformat())]


def _defect_facts(row: Defect) -> Sequence[tuple[str, str]]:
    return [
        *heading(row.project),
        (_now("Contract"), f"{row.contract} ({row.contract.firm.name})"),
        (_now("Defect"), row.title),
        (_now("What does not work"), row.description),
    ]


def _evaluation_facts(row: Evaluation) -> Sequence[tuple[str, str]]:
    said = {None: "—", True: pgettext("evaluation", "passed"), False: pgettext("evaluation", "failed")}
    return [
        *heading(row.project),
        (_now("Kind of evaluation"), f"{row.get_kind_display()} {row.year}"),
        (_now("Score"), "—" if row.score is None else str(row.score)),
        (_now("Result"), said[row.passed]),
        (_now("Put right on"), row.rectified_on.isoformat() if row.rectified_on else "—"),
    ]


def _panel(matter: Matter, actor: AnyActor) -> dict[str, Any]:
    subject, project = matter.subject, matter.subject.project
    return {
        "subject": subject,
        "project": project,
        "facts": matter.family.facts(subject) if matter.family.facts else [],
        "earlier": [row for row in reading.earlier_results(project) if row.pk != subject.pk],
        "defects": list(project.defects.select_related("case", "contract__firm")[:50]),
    }


def _round_panel(matter: Matter, actor: AnyActor) -> dict[str, Any]:
    results = reading.results_of(matter.subject)
    rows = [(project, results.get(project.pk)) for project in reading.to_evaluate(matter.subject)]
    return {"round": matter.subject, "rows": rows}


def _hours(context: Context) -> float:
    return float(context.subject.contract.response_hours or 0)


SHARED: dict[str, Any] = {
    "link": steps.link,
    "resolvers": {"project_owner": owner_of},
    "panel": "projects/_afterlife_panel.html",
    "panel_context": _panel,
}


def _warranty() -> Family:
    return Family(
        id=afterlife.WARRANTY,
        prefix="BX",
        label=_("warranty of a project"),
        subject_model=Warranty,
        related=("project__owner",),
        spawn=afterlife.spawn_warranty,
        since=_since,
        fields={"agreed_years": lambda context: float(reading.agreed_years(context.subject.project))},
        facts=_warranty_facts,
        **SHARED,
    )


def _defect() -> Family:
    return Family(
        id=afterlife.DEFECT,
        prefix="QX",
        label=_("defect of a project"),
        subject_model=Defect,
        related=("project__owner", "contract__firm"),
        conditions={"project_accepted": ACCEPTED},
        fields={"response_hours": _hours},
        facts=_defect_facts,
        **SHARED,
    )


def _evaluation() -> Family:
    return Family(
        id=afterlife.EVALUATION,
        prefix="PJ",
        label=_("evaluation of a project"),
        subject_model=Evaluation,
        related=("project__owner",),
        spawn=afterlife.spawn_evaluation,
        since=_since,
        conditions={"project_accepted": ACCEPTED},
        effects={
            "evaluation_passed": afterlife.evaluation_passed,
            "evaluation_failed": afterlife.evaluation_failed,
            "evaluation_rectified": afterlife.evaluation_rectified,
        },
        facts=_evaluation_facts,
        **SHARED,
    )


def _round() -> Family:
    return Family(
        id=afterlife.ROUND,
        prefix="PL",
        label=_("round of evaluations"),
        subject_model=EvaluationRound,
        related=("jurisdiction",),
        link=steps.link,
        spawn=afterlife.spawn_round,
        conditions={
            "all_evaluated": Condition(
                _all_evaluated,
                unmet=_("Not every project accepted in earlier years is evaluated this year yet."),
                met=_("Every project accepted in earlier years is evaluated."),
            )
        },
        panel="projects/_evaluation_round_panel.html",
        panel_context=_round_panel,
    )


def register() -> None:
    """Called once when the app is ready."""
    for family in (_warranty(), _defect(), _evaluation(), _round()):
        families.register(family)
