"""After acceptance: the warranty runs, defects are reported, evaluations held and their failures put right."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from cases.families import Context
from cases.models import Case
from organizations.actors import Actor
from organizations.errors import BadInput, Conflict
from organizations.models import Organization
from projects.models import Acceptance, Contract, Defect, Evaluation, EvaluationRound, Project, Warranty
from projects.services.steps import open_step

WARRANTY, DEFECT, EVALUATION, ROUND = "warranty", "defect", "evaluation", "evaluation_round"
Kind = Evaluation.Kind


def spawn_warranty(parent: Case | None, organization: Organization | None, at: datetime) -> Warranty:
    """The warranty of the project whose life has come to its use."""
    passed = _acceptance_of(parent)
    return Warranty.objects.create(project=passed.project, since=passed.accepted_on or timezone.localdate(at))


def spawn_evaluation(parent: Case | None, organization: Organization | None, at: datetime) -> Evaluation:
    """The evaluation that follows a year of running."""
    passed = _acceptance_of(parent)
    year = (passed.accepted_on or timezone.localdate(at)).year + 1
    return Evaluation.objects.create(project=passed.project, kind=Kind.AFTER_YEAR, year=year)


def spawn_round(parent: Case | None, organization: Organization | None, at: datetime) -> EvaluationRound:
    """The round of a year, in the place of the organ that holds it."""
    if organization is None:
        raise ValueError("a round of evaluations is opened for the organ that holds it")
    year = timezone.localdate(at).year
    found, _created = EvaluationRound.objects.get_or_create(jurisdiction=organization.jurisdiction, year=year)
    return found


def _acceptance_of(life: Case | None) -> Acceptance:
    rows = Acceptance.objects.select_related("project")
    return rows.get(project__case=life, accepted_on__isnull=False)


def begin_evaluation(
    actor: Actor,
    *,
    project: Project,
    kind: str,
    year: int,
    given: Mapping[str, Any] | None = None,
    opinion: str = "",
    idempotency_key: str = "",
    at: datetime | None = None,
) -> Case:
    """Begin to evaluate a project that is in use. Returns the case.

    Raises Conflict while one of this kind is under way for the year, BadInput for an unknown kind, and as open_step.
    """

    def subject(locked: Project) -> Evaluation:
        if kind not in Kind.values or kind == Kind.AFTER_YEAR:
            raise BadInput(_("Some entries are wrong."), {"kind": _("Choose one of the list.")})
        if not 2000 <= year <= timezone.localdate().year:
            raise BadInput(_("Some entries are wrong."), {"year": _("A year of four digits, not one to come.")})
        same = locked.evaluations.filter(kind=kind, year=year, case__closed_at__isnull=True)
        if (held := same.select_related("case").first()) is not None:
            raise Conflict(_("This evaluation is under way already."), {"number": held.case.number})
        return Evaluation.objects.create(project=locked, kind=kind, year=year)

    return open_step(
        actor,
        family=EVALUATION,
        project=project,
        subject=subject,
        title=project.name,
        given=given,
        opinion=opinion,
        idempotency_key=idempotency_key,
        at=at,
    )


def report_defect(
    actor: Actor,
    *,
    contract: Contract,
    title: str,
    description: str,
    given: Mapping[str, Any] | None = None,
    opinion: str = "",
    idempotency_key: str = "",
    at: datetime | None = None,
) -> Case:
    """Report what does not work, under a signed contract. Returns the case. Raises BadInput, and as open_step."""

    def subject(locked: Project) -> Defect:
        problems: dict[str, object] = {}
        if contract.signed_on is None:
            problems["contract"] = _("This contract is not signed.")
        if not title.strip():
            problems["title"] = _("This is required.")
        if not description.strip():
            problems["description"] = _("Say what does not work.")
        if problems:
            raise BadInput(_("Some entries are missing or wrong."), problems)
        return Defect.objects.create(
            project=locked, contract=contract, title=title.strip(), description=description.strip()
        )

    return open_step(
        actor,
        family=DEFECT,
        project=contract.project,
        subject=subject,
        title=title.strip() or contract.project.name,
        given=given,
        opinion=opinion,
        idempotency_key=idempotency_key,
        at=at,
    )


def evaluation_passed(context: Context) -> None:
    """Effect: the evaluation is concluded in favour, with its score where one is given."""
    _conclude(context, passed=True)


def evaluation_failed(context: Context) -> None:
    """Effect: the evaluation is concluded against the project; it weighs until things are put right."""
    _conclude(context, passed=False)


def evaluation_rectified(context: Context) -> None:
    """Effect: what the evaluation found wrong is put right."""
    Evaluation.objects.filter(pk=context.subject.pk).update(rectified_on=timezone.localdate(context.at))


def _conclude(context: Context, *, passed: bool) -> None:
    row: Evaluation = context.subject
    row.score = context.inputs.get("score")
    row.passed, row.concluded_on, row.rectified_on = passed, timezone.localdate(context.at), None
    row.save(update_fields=["score", "passed", "concluded_on", "rectified_on"])
