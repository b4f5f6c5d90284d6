"""Accepting a project: opened by its owner, its papers handed in, its promises linked to the catalogue, passed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import services as audit
from cases.families import Context
from cases.hands import held_by
from cases.models import Attachment, Case
from cases.services import load, signal
from catalog.models import Resource
from organizations.actors import Actor, AnyActor
from organizations.errors import BadInput, Conflict, NotPermitted
from organizations.models import Position
from projects.models import Acceptance, Project, ProjectDocument, SharingPromise
from projects.promised import all_kept, promises
from projects.services.steps import open_step

ACCEPTANCE = "acceptance"
DAYS_OF_PASSING = ("accepted_on", "finished_on")
KEEPERS: tuple[str, ...] = (Position.Kind.HANDLER, Position.Kind.LEADER, Position.Kind.DATA_STEWARD)
Kind = ProjectDocument.Kind
PAPER_KINDS = (
    Kind.TEST, Kind.TRIAL, Kind.SECURITY_TEST, Kind.PRODUCTS, Kind.OWNER, Kind.BUILDER, Kind.SUPERVISION,
    Kind.ACCEPTANCE, Kind.OTHER,
)  # fmt: skip


def begin_acceptance(
    actor: Actor,
    *,
    project: Project,
    given: Mapping[str, Any] | None = None,
    opinion: str = "",
    idempotency_key: str = "",
    at: datetime | None = None,
) -> Case:
    """Begin the acceptance of a project that is being built. `given`: what the procedure's opening asks.

    Returns the case. Raises Conflict while another acceptance is under way or once one has passed, and as open_step.
    """

    def subject(locked: Project) -> Acceptance:
        last = locked.acceptances.order_by("-round").select_related("case").first()
        if last is not None and last.accepted_on is not None:
            raise Conflict(_("This project was accepted already."), {"number": last.case.number})
        if last is not None and last.case.closed_at is None:
            raise Conflict(_("The acceptance is under way already."), {"number": last.case.number})
        return Acceptance.objects.create(project=locked, round=last.round + 1 if last else 1)

    return open_step(
        actor,
        family=ACCEPTANCE,
        project=project,
        subject=subject,
        title=project.name,
        given=given,
        opinion=opinion,
        idempotency_key=idempotency_key,
        at=at,
    )


def may_add_papers(actor: AnyActor, acceptance: Acceptance) -> bool:
    """Whether the actor works for the owner, and the acceptance is open and awaits somebody of the owner's."""
    case = acceptance.case
    if not _of_owner(actor, acceptance.project) or case is None or case.closed_at is not None:
        return False
    matter = load(case)
    owners = [hand for hand in matter.state.awaits if hand.party == "owner"]
    return held_by(matter, actor, owners) is not None


@transaction.atomic
def add_paper(actor: Actor, *, acceptance: Acceptance, kind: str, attachment: Attachment) -> ProjectDocument:
    """Hand in a paper of an acceptance; contractor's and supervisor's papers come through the owner too.

    Raises NotPermitted when the acceptance does not await the owner, BadInput for another kind of paper or somebody
    else's file.
    """
    locked = Case.objects.select_for_update(of=("self",)).get(pk=acceptance.case_id)
    acceptance.case = locked
    if not may_add_papers(actor, acceptance):
        raise NotPermitted(_("Papers are handed in by the owner while the acceptance is with the owner."))
    if kind not in PAPER_KINDS:
        raise BadInput(_("Some entries are wrong."), {"kind": _("Choose one of the list.")})
    if attachment.organization_id != actor.organization.pk or attachment.case_id is not None:
        raise BadInput(_("Some entries are wrong."), {"paper": _("There is no such file among yours.")})
    Attachment.objects.filter(pk=attachment.pk).update(case=locked)
    paper = ProjectDocument.objects.create(project=acceptance.project, kind=kind, attachment=attachment)
    _prove(actor, "acceptance.paper", locked.pk, {"kind": kind, "attachment": attachment.pk})
    return paper


def may_link(actor: AnyActor, project: Project) -> bool:
    """Whether the actor may say which catalogue entry holds promised data: the owner's people, until acceptance."""
    accepted = project.acceptances.filter(accepted_on__isnull=False).exists()
    return _of_owner(actor, project) and actor.kind in KEEPERS and project.case_id is not None and not accepted


def linkable(project: Project) -> Any:
    """Entries that may hold what a project promised: the owner's and its co-builders', withdrawn ones left out."""
    providers = [project.owner_id, *project.co_builders.values_list("pk", flat=True)]
    return Resource.objects.filter(provider__in=providers).exclude(status=Resource.Status.WITHDRAWN).order_by("code")


@transaction.atomic
def link_promise(actor: Actor, *, promise: SharingPromise, resource: Resource) -> SharingPromise:
    """Say which entry of the catalogue holds what a promise promised.

    Raises NotPermitted for others than the owner's people and after acceptance, BadInput for an entry of others.
    """
    project = Project.objects.select_for_update(of=("self",)).get(pk=promise.project_id)
    if not may_link(actor, project):
        raise NotPermitted(_("The owner says which entries hold the promised data, until the project is accepted."))
    if promise.direction != SharingPromise.Direction.PRODUCES or not linkable(project).filter(pk=resource.pk).exists():
        raise BadInput(_("Some entries are wrong."), {"resource": _("There is no such entry in the catalogue.")})
    promise.resource = resource
    promise.save(update_fields=["resource"])
    _prove(actor, "promise.link", project.case_id, {"promise": promise.title, "resource": resource.code})
    return promise


def accept(context: Context) -> None:
    """Effect: the project is accepted, on the day that the act names, else today. Its life is told.

    Promised entries are held meanwhile: one that is withdrawn at this moment closes the gate after all (Conflict).
    """
    row: Acceptance = context.subject
    named = promises(row.project).filter(resource__isnull=False).values("resource")
    list(Resource.objects.filter(pk__in=named).order_by("pk").select_for_update(of=("self",), no_key=True))
    if not all_kept(row.project, context.at):
        raise Conflict(_("Promised data was taken away at this moment: look at the sharing board again."))
    stated = next((context.inputs[name] for name in DAYS_OF_PASSING if context.inputs.get(name)), None)
    row.accepted_on = date.fromisoformat(stated) if stated else timezone.localdate(context.at)
    row.save(update_fields=["accepted_on"])
    if row.project.case_id is not None:
        signal(row.project.case_id, "project_accepted")


def note_report(context: Context) -> None:
    """Effect: the report on the acceptance is filed."""
    row: Acceptance = context.subject
    row.report_filed_on = timezone.localdate(context.at)
    row.save(update_fields=["report_filed_on"])


def _of_owner(actor: AnyActor, project: Project) -> bool:
    return isinstance(actor, Actor) and actor.organization is not None and actor.organization.pk == project.owner_id


def _prove(actor: Actor, verb: str, case_id: Any, data: dict[str, Any]) -> None:
    audit.record(verb=verb, who=actor.who, subject="case", subject_id=str(case_id), data=data)
