"""What projects plug into the case engine for planning: the life of a project, and the review of its plan."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from cases import families
from cases.engine.context import Matter
from cases.families import Condition, Family
from cases.models import Case
from catalog.models import InformationSystem
from organizations.actors import AnyActor
from projects.afterlife import earlier_results
from projects.library import IN_FAVOUR, experts_in_favour, may_call_panel
from projects.models import Procurement, Project, ProjectReview, SharingPromise
from projects.procedures.acceptance import ACCEPTED
from projects.procedures.afterlife import ASSETS_REGISTERED, NO_FAILED_EVALUATION
from projects.procedures.shared import FIELDS, PAPER_CONDITIONS, asks, facts, owner_of, project_of
from projects.services import filing, ledger, planning


def _application_complete(project: Project) -> bool:
    """Name, basis, goals, content, total and yearly investment."""
    said = all((project.name, project.basis, project.goals, project.content))
    return said and project.total > 0 and project.years.exists()


def _sharing_planned(project: Project) -> bool:
    """At least one line of the sharing plan; or the reason why no data is shared."""
    return project.promises.exists() or bool(project.no_sharing_reason)


def _systems_registered(project: Project) -> bool:
    return project.systems.exclude(status=InformationSystem.Status.RETIRED).exists()


def _works_contracted(project: Project) -> bool:
    """A contract is filed that is neither on supervision nor on testing."""
    done = project.contracts.filter(procurement__case__outcome="contracted")
    return done.filter(kind__in=(Procurement.Kind.BUILD, Procurement.Kind.OPERATION)).exists()


def _no_step_open(project: Project) -> bool:
    """No case within the project's life is under way."""
    return not Case.objects.filter(parent__project=project, closed_at__isnull=True).exists()


CONDITIONS: dict[str, Condition] = {
    "no_step_open": asks(
        _no_step_open,
        unmet=_("A step of the project is still under way: withdraw it first."),
        met=_("No step of the project is under way."),
    ),
    "application_complete": asks(
        _application_complete,
        unmet=_("The application is not complete: basis, goals, content, total and yearly investment are stated."),
        met=_("The application is complete."),
    ),
    "security_designed": asks(
        lambda project: bool(project.security_design),
        unmet=_("The plan holds no security design."),
        met=_("The plan holds a security design."),
    ),
    "products_described": asks(
        lambda project: bool(project.product_statement),
        unmet=_("The plan does not say how its key products are secure and controllable."),
        met=_("The plan says how its key products are secure and controllable."),
    ),
    "sharing_planned": asks(
        _sharing_planned,
        unmet=_("The plan says neither which data the project will produce and need, nor why it shares none."),
        met=_("The plan says which data the project will produce and need."),
    ),
    "sharing_refused": asks(
        lambda project: bool(project.no_sharing_reason) and not project.promises.exists(),
        unmet=_("The plan promises data to others."),
        met=_("The plan promises no data to others."),
    ),
    "produces_data": asks(
        lambda project: project.promises.filter(direction=SharingPromise.Direction.PRODUCES).exists(),
        unmet=_("The sharing plan names no data that the project will produce."),
        met=_("The sharing plan names the data that the project will produce."),
    ),
    "systems_registered": asks(
        _systems_registered,
        unmet=_("None of the project's information systems is in the register of systems: register it first."),
        met=_("The project's information systems are in the register."),
    ),
    "reuse_considered": asks(
        lambda project: bool(project.reuse_statement),
        unmet=_("The plan does not say why nothing that exists suffices."),
        met=_("The plan says why nothing that exists suffices."),
    ),
    "adapts_superior_system": asks(
        lambda project: not project.replaces_superior,
        unmet=_("The project builds what a superior organ provides already: adapt that system instead."),
        met=_("The project builds nothing that a superior organ provides already."),
    ),
    "author_qualified": asks(
        lambda project: not project.design_firm or bool(project.design_qualification),
        unmet=_("The firm that wrote the plan is named without its qualification."),
        met=_("The author of the plan is qualified, or is the owner itself."),
    ),
    "responsible_named": asks(
        lambda project: bool(project.responsible and project.responsible_post),
        unmet=_("The plan names nobody who is responsible for the project, with name and post."),
        met=_("The plan names who is responsible for the project."),
    ),
    "head_is_responsible": asks(
        lambda project: project.responsible_is_head,
        unmet=_("The chief leader of the owner is not the one who is responsible for the project."),
        met=_("The chief leader of the owner is responsible for the project."),
    ),
    "working_group_named": asks(
        lambda project: bool(project.working_group),
        unmet=_("The plan names no working group of business and technical staff."),
        met=_("The plan names its working group."),
    ),
    "video_project": asks(
        lambda project: project.is_video,
        unmet=_("This is no public-security video project."),
        met=_("This is a public-security video project."),
    ),
    "joint_project": asks(
        lambda project: project.co_builders.exists(),
        unmet=_("Nobody builds the project together with its owner."),
        met=_("Other departments build the project together with its owner."),
    ),
    "privately_funded": asks(
        lambda project: project.funding == Project.Funding.PRIVATE,
        unmet=_("The project is not privately funded."),
        met=_("The project is privately funded."),
    ),
    "paid_by_superior": asks(
        lambda project: project.funding == Project.Funding.SUPERIOR,
        unmet=_("The project is not paid by a superior level."),
        met=_("The project is paid by a superior level."),
    ),
}
CONDITIONS[IN_FAVOUR] = Condition(
    experts_in_favour,
    unmet=_("No panel of experts has passed the plan as it stands: call one and wait for its conclusion."),
    met=_("A panel of experts has passed the plan."),
)
CONDITIONS["works_contracted"] = asks(
    _works_contracted,
    unmet=_("No contract on the works is filed yet."),
    met=_("A contract on the works is filed."),
)
CONDITIONS |= {
    "project_accepted": ACCEPTED,
    "no_failed_evaluation": NO_FAILED_EVALUATION,
    "assets_registered": ASSETS_REGISTERED,
}
CONDITIONS |= PAPER_CONDITIONS


def _panel(matter: Matter, actor: AnyActor) -> dict[str, Any]:
    project = project_of(matter.subject)
    return {
        "project": project,
        "law": matter.compiled,
        "law_page": "project" if isinstance(matter.subject, Project) else "review",
        "years": list(project.years.all()),
        "promises": list(project.promises.select_related("resource")),
        "partners": list(project.co_builders.all()),
        "systems": list(project.systems.all()),
        "documents": list(project.documents.select_related("attachment")),
        "may_amend": planning.may_amend(actor, project),
        "may_call_panel": may_call_panel(matter, actor),
        "earlier": earlier_results(project),
    }


def register() -> None:
    """Called once when the app is ready."""
    shared: dict[str, Any] = {
        "conditions": CONDITIONS,
        "fields": FIELDS,
        "facts": facts,
        "panel": "projects/_project_panel.html",
        "panel_context": _panel,
    }
    families.register(
        Family(
            id=filing.LIFE,
            prefix="XM",
            label=_("life of a project"),
            subject_model=Project,
            link=filing.link_project,
            effects={"post_approved": ledger.post_approved},
            **shared,
        )
    )
    families.register(
        Family(
            id=filing.REVIEW,
            prefix="SC",
            label=_("review of a project's plan"),
            subject_model=ProjectReview,
            link=filing.link_review,
            effects={"note_importance": filing.note_importance},
            resolvers={"project_owner": owner_of},
            **shared,
        )
    )
