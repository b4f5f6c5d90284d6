"""What the acceptance of a project plugs into the case engine, and what payments and the life ask of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from cases import families
from cases.engine.context import Matter
from cases.families import Condition, Family
from organizations.actors import AnyActor
from projects.models import Acceptance, Procurement, Project, ProjectDocument
from projects.procedures.shared import FIELDS, MAJOR, asks, heading, owner_of, project_of
from projects.promised import all_kept, kept_promises
from projects.services import acceptance, steps

BUILDING = "building"
Kind = ProjectDocument.Kind


def _has(kind: str) -> Callable[[Project], bool]:
    return lambda project: project.documents.filter(kind=kind).exists()


def _supervised(project: Project) -> bool:
    return project.contracts.filter(kind=Procurement.Kind.SUPERVISION, signed_on__isnull=False).exists()


def is_accepted(project: Project) -> bool:
    return project.acceptances.filter(accepted_on__isnull=False).exists()


def _report_filed_or_not_due(project: Project) -> bool:
    """No acceptance has passed whose report is still to be filed."""
    return not project.acceptances.filter(accepted_on__isnull=False, report_filed_on__isnull=True).exists()


ACCEPTED = asks(
    is_accepted,
    unmet=_("The project is not accepted yet."),
    met=_("The project is accepted."),
)
REPORT_FILED = asks(
    _report_filed_or_not_due,
    unmet=_("The project is accepted, but the report on its acceptance is not filed yet."),
    met=_("No report on an acceptance is outstanding."),
)
"""Condition `acceptance_report_filed_or_not_due` of payments."""

CONDITIONS = {
    "being_built": asks(
        lambda project: project.case is not None and project.case.state == BUILDING,
        unmet=_("The project is not being built."),
        met=_("The project is being built."),
    ),
    "promised_resources_delivered": Condition(
        lambda context: all_kept(project_of(context.subject), context.at),
        unmet=_("Data that the sharing plan promised is not published, loaded, fresh and delivered: see the board."),
        met=_("All data that the sharing plan promised is published, loaded, fresh and delivered."),
    ),
    "system_tested": asks(
        _has(Kind.TEST),
        unmet=_("The test report is missing from the papers."),
        met=_("The test report is among the papers."),
    ),
    "trial_reported": asks(
        _has(Kind.TRIAL),
        unmet=_("The report on the trial run is missing from the papers."),
        met=_("The report on the trial run is among the papers."),
    ),
    "security_tested": asks(
        _has(Kind.SECURITY_TEST),
        unmet=_("The report of the security test is missing from the papers."),
        met=_("The report of the security test is among the papers."),
    ),
    "products_stated": asks(
        _has(Kind.PRODUCTS),
        unmet=_("The statement on secure and controllable products is missing from the papers."),
        met=_("The statement on secure and controllable products is among the papers."),
    ),
    "owner_papers": asks(
        _has(Kind.OWNER),
        unmet=_("The owner's papers on acceptance are missing."),
        met=_("The owner's papers on acceptance are there."),
    ),
    "builder_papers": asks(
        _has(Kind.BUILDER),
        unmet=_("The builder's papers on acceptance are missing: the owner hands them in."),
        met=_("The builder's papers on acceptance are there."),
    ),
    "supervisor_papers": asks(
        lambda project: not _supervised(project) or _has(Kind.SUPERVISION)(project),
        unmet=_("The supervisor's papers on acceptance are missing: the owner hands them in."),
        met=_("The supervisor's papers on acceptance are there, or there is no supervisor."),
    ),
    "acceptance_report_there": asks(
        _has(Kind.ACCEPTANCE),
        unmet=_("The acceptance report is missing from the papers."),
        met=_("The acceptance report is among the papers."),
    ),
    "major_project": MAJOR,
}


def _facts(row: Acceptance) -> Sequence[tuple[str, str]]:
    """What the case file says: the project, the day, its papers, and each promise as it stands now."""
    project = row.project
    papers = project.documents.filter(kind__in=acceptance.PAPER_KINDS).select_related("attachment")
    return [
        *heading(project),
        (_now("Accepted on"), row.accepted_on.isoformat() if row.accepted_on else "—"),
        (_now("Report filed on"), row.report_filed_on.isoformat() if row.report_filed_on else "—"),
        *((str(paper.get_kind_display()), f"{paper.attachment.name} {paper.attachment.digest}") for paper in papers),
        *(
            (kept.promise.title, kept.missing or _now("kept as promised"))
            for kept in kept_promises(project, timezone.now())
        ),
    ]


def _panel(matter: Matter, actor: AnyActor) -> dict[str, Any]:
    row: Acceptance = matter.subject
    may_link = acceptance.may_link(actor, row.project)
    papers = row.project.documents.filter(kind__in=acceptance.PAPER_KINDS).select_related("attachment")
    return {
        "acceptance": row,
        "project": row.project,
        "promises": kept_promises(row.project, timezone.now()),
        "papers": list(papers),
        "kinds": [(kind.value, kind.label) for kind in acceptance.PAPER_KINDS],
        "may_add": acceptance.may_add_papers(actor, row),
        "may_link": may_link,
        "entries": list(acceptance.linkable(row.project)[:500]) if may_link else [],
    }


def register() -> None:
    """Called once when the app is ready."""
    families.register(
        Family(
            id=acceptance.ACCEPTANCE,
            prefix="YS",
            label=_("acceptance of a project"),
            subject_model=Acceptance,
            link=steps.link,
            related=("project__owner", "project__case"),
            resolvers={"project_owner": owner_of},
            conditions=CONDITIONS,
            fields=FIELDS,
            effects={"accept": acceptance.accept, "note_report": acceptance.note_report},
            facts=_facts,
            panel="projects/_acceptance_panel.html",
            panel_context=_panel,
        )
    )
