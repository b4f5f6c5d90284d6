"""Filing a project, which begins its life as a case, and sending its plan to review within that life."""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.families import Context
from cases.models import Attachment, Case
from cases.services import open_case, opened_before
from organizations.actors import Actor
from organizations.errors import BadInput, Conflict, NotKnown
from projects.models import Project, ProjectReview
from projects.services.planning import Plan, save_draft

LIFE, REVIEW = "project", "project_review"


def file_project(
    actor: Actor,
    *,
    draft: Project,
    version: int | None = None,
    opinion: str = "",
    idempotency_key: str = "",
    at: Any = None,
) -> Case:
    """File a draft: the project gets its number and its life begins under the law of its city. Returns that case.

    Raises BadInput naming what is missing; see cases.engine.open_case for the rest.
    """
    if earlier := opened_before(actor, idempotency_key):
        return earlier
    with transaction.atomic():
        project = _locked(actor, draft.pk)
        if project.case_id is not None:
            raise Conflict(_("This project has been filed already."), {"number": project.case.number})
        if version is not None and version != project.version:
            raise Conflict(_("This draft was saved elsewhere meanwhile. Open it again to see the newer one."))
        if project.total <= 0:
            raise BadInput(_("The project is not complete."), {"total": _("State the total investment.")})
        project.code = _next_code(project)
        return open_case(
            actor,
            family=LIFE,
            procedure=LIFE,
            jurisdiction=project.jurisdiction,
            subject=project,
            title=project.name,
            opinion=opinion,
            idempotency_key=idempotency_key,
            at=at,
        )


def file_at_once(actor: Actor, *, plan: Plan, idempotency_key: str = "") -> Case:
    """File a plan that was no draft before; when it cannot be filed nothing is kept. Returns the case of its life.

    The same key answers with the case of the first time, also when both come at once. Raises as save_draft and
    file_project do.
    """
    if earlier := opened_before(actor, idempotency_key):
        return earlier
    try:
        with transaction.atomic():
            return file_project(actor, draft=save_draft(actor, plan=plan), idempotency_key=idempotency_key)
    except BadInput:
        if earlier := opened_before(actor, idempotency_key):
            return earlier
        raise


def submit_for_review(
    actor: Actor, *, project: Project, opinion: str = "", idempotency_key: str = "", at: Any = None
) -> Case:
    """Send the plan to review: a case of its own within the project's life. Returns it.

    Raises Conflict while an earlier review is open, or when the project is not filed.
    """
    if earlier := opened_before(actor, idempotency_key):
        return earlier
    with transaction.atomic():
        locked = _locked(actor, project.pk)
        if locked.case is None:
            raise Conflict(_("File the project before its plan goes to review."))
        last = locked.reviews.order_by("-round").select_related("case").first()
        if last is not None and last.case.closed_at is None:
            raise Conflict(_("The plan is under review already."), {"number": last.case.number})
        review = ProjectReview.objects.create(project=locked, round=last.round + 1 if last else 1)
        return open_case(
            actor,
            family=REVIEW,
            procedure=REVIEW,
            jurisdiction=locked.jurisdiction,
            subject=review,
            title=locked.name,
            opinion=opinion,
            idempotency_key=idempotency_key,
            at=at,
            parent=locked.case,
        )


def note_importance(context: Context) -> None:
    """Effect: whether the authority found the project to be a major one, by the input `importance`."""
    if found := context.inputs.get("importance"):
        Project.objects.filter(pk=context.subject.project_id).update(major=found == "major")


def link_project(project: Project, case: Case) -> None:
    """Store the case of a project's life, and give the project's papers to it. Inside the opening's transaction."""
    project.case = case
    project.updated_at = timezone.now()
    project.save(update_fields=["case", "code", "updated_at"])
    papers = project.documents.values_list("attachment_id", flat=True)
    Attachment.objects.filter(pk__in=papers, case__isnull=True).update(case=case)


def link_review(review: ProjectReview, case: Case) -> None:
    """Store the case of a review. Inside the opening's transaction."""
    review.case = case
    review.save(update_fields=["case"])


def _locked(actor: Actor, project_id: int) -> Project:
    found = Project.objects.select_for_update(of=("self",)).filter(pk=project_id, owner=actor.organization).first()
    if found is None:
        raise NotKnown(_("There is no such project of your organization."))
    return found


def _next_code(project: Project) -> str:
    """From a sequence, so that filings never wait for each other; gaps are allowed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('projects_project_code')")
        (serial,) = cursor.fetchone()
    return f"{project.jurisdiction_id.upper()}-P{timezone.localdate().year}-{serial:05d}"
