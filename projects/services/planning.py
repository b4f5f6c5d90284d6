"""The plan of a project: drafting it, and changing it while it is with its owner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import services as audit
from cases.hands import held_by
from cases.models import Attachment, Case
from cases.services import load
from catalog.models import InformationSystem, OpeningClass, Resource, SharingClass, UpdateCycle
from organizations.actors import Actor, AnyActor
from organizations.errors import BadInput, Conflict, NotKnown, NotPermitted
from organizations.models import Organization, Position
from organizations.selectors import current_organization
from projects.models import Project, ProjectDocument, SharingPromise, YearlyInvestment

TEXTS = (
    "name",
    "kind",
    "funding",
    "basis",
    "goals",
    "content",
    "security_design",
    "product_statement",
    "reuse_statement",
    "no_sharing_reason",
    "design_firm",
    "design_qualification",
    "responsible",
    "responsible_post",
    "working_group",
)
LONGEST_TEXT = 8000
HIGHEST_TOTAL = Decimal(100_000_000_000)
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Promise:
    """One line of the sharing plan; see SharingPromise. `resource`: id of a catalogue entry of the owner, or None."""

    direction: str
    title: str
    source: str
    format: str
    update_cycle: str
    sharing_class: str
    opening: str
    resource: int | None = None


@dataclass(frozen=True, slots=True)
class Paper:
    """A file handed in before, and which paper of the project it is."""

    kind: str
    attachment: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What the owner typed. Amounts in yuan; `years`: calendar year to amount; ids for what stands elsewhere."""

    name: str = ""
    kind: str = Project.Kind.NEW
    funding: str = Project.Funding.BUDGET
    basis: str = ""
    goals: str = ""
    content: str = ""
    total: Decimal = Decimal(0)
    years: Mapping[int, Decimal] = field(default_factory=dict)
    service_years: int | None = None
    build_months: int | None = None
    security_design: str = ""
    product_statement: str = ""
    reuse_statement: str = ""
    no_sharing_reason: str = ""
    is_video: bool = False
    classified: bool = False
    replaces_superior: bool = False
    design_firm: str = ""
    design_qualification: str = ""
    responsible: str = ""
    responsible_post: str = ""
    responsible_is_head: bool = False
    working_group: str = ""
    systems: Sequence[int] = ()
    co_builders: Sequence[int] = ()
    promises: Sequence[Promise] = ()
    papers: Sequence[Paper] = ()


@dataclass(slots=True)
class _Found:
    """What the ids of a plan stand for."""

    systems: list[InformationSystem]
    co_builders: list[Organization]
    attachments: dict[int, Attachment]


def save_draft(actor: Actor, *, plan: Plan, draft: Project | None = None, version: int | None = None) -> Project:
    """Keep a project that is not filed yet. Only what is wrong in itself is refused; gaps may stay.

    Raises BadInput with the fields, Conflict when the draft was saved elsewhere meanwhile or is filed.
    """
    owner = _owner(actor)
    try:
        with transaction.atomic():
            if draft is None:
                project = Project(jurisdiction=owner.jurisdiction, owner=owner, drafted_by=actor.user)
            else:
                project = _locked_draft(actor, draft.pk, version)
            _write(actor, project, plan)
            return project
    except IntegrityError as error:
        if "project_name_of_owner_unique" in str(error):
            raise BadInput(
                _("Some entries are wrong."), {"name": _("Your organization has a project of this name already.")}
            ) from error
        raise


@transaction.atomic
def discard_draft(actor: Actor, *, draft: Project) -> None:
    """Throw a draft away. Raises Conflict when it has been filed."""
    _locked_draft(actor, draft.pk, None).delete()


@transaction.atomic
def amend_plan(actor: Actor, *, project: Project, plan: Plan, version: int | None = None) -> Project:
    """Change the plan of a filed project while no organ is looking at it.

    Raises NotPermitted while a review has it, Conflict for a stale version, BadInput with the fields.
    """
    case = Case.objects.select_for_update().get(pk=_governing(project).pk)
    locked = Project.objects.select_for_update().get(pk=project.pk)
    if _governing(locked).pk != case.pk or not may_amend(actor, locked):
        raise NotPermitted(_("The plan can be changed only by its owner, and not while it is under review."))
    if version is not None and version != locked.version:
        raise Conflict(_("The plan was changed meanwhile. Open it again to see the newer one."))
    _write(actor, locked, plan)
    audit.record(
        verb="project.amend_plan",
        who=actor.who,
        subject="case",
        subject_id=str(case.pk),
        data={"number": case.number, "content": content(locked)},
    )
    return locked


def may_amend(actor: AnyActor, project: Project) -> bool:
    """Whether the actor's hand may change the plan now.

    While a review is open, only where that review waits for the owner to submit the plan again; else while the life
    of the project awaits its owner.
    """
    if project.case_id is None or not isinstance(actor, Actor) or actor.organization is None:
        return False
    if current_organization(project.owner).pk != actor.organization.pk:
        return False
    case = _governing(project)
    if case.closed_at is not None:
        return False
    matter = load(case)
    if case.pk == project.case_id:
        return held_by(matter, actor, matter.state.awaits) is not None
    again = [action for action in matter.procedure.actions_from(case.state) if action.kind == "submit"]
    return any(held_by(matter, actor, action.by) is not None for action in again)


def _governing(project: Project) -> Case:
    """The case that says whose turn it is with a filed plan: the open review, else the life of the project."""
    reviews = Case.objects.filter(project_review__project=project, closed_at__isnull=True)
    return reviews.first() or Case.objects.get(project=project)


def content(project: Project) -> dict[str, Any]:
    """What a plan says, as plain values: for the audit record and for comparing versions."""
    return {
        **{name: getattr(project, name) for name in TEXTS},
        "owner": project.owner.code,
        "total": str(project.total),
        "years": {str(row.year): str(row.amount) for row in project.years.all()},
        "service_years": project.service_years,
        "build_months": project.build_months,
        "systems": sorted(project.systems.values_list("code", flat=True)),
        "co_builders": sorted(project.co_builders.values_list("code", flat=True)),
        "promises": [f"{row.direction}: {row.title} ({row.sharing_class})" for row in project.promises.all()],
    }


def _owner(actor: Actor) -> Organization:
    if actor.organization is None or actor.kind not in (Position.Kind.HANDLER, Position.Kind.LEADER):
        raise NotPermitted(_("Projects are drafted by a handler. Switch to such a position, or ask for one."))
    return actor.organization


def _locked_draft(actor: Actor, project_id: int, version: int | None) -> Project:
    draft = Project.objects.select_for_update().filter(pk=project_id, owner=actor.organization).first()
    if draft is None:
        raise NotKnown(_("There is no such draft."))
    if draft.case_id is not None:
        raise Conflict(_("This project has been filed already."))
    if version is not None and version != draft.version:
        raise Conflict(_("This draft was saved elsewhere meanwhile. Open it again to see the newer one."))
    return draft


def _write(actor: Actor, project: Project, plan: Plan) -> None:
    problems, found = _check(actor, project, plan)
    if problems:
        raise BadInput(_("Some entries are wrong."), problems)
    for name in TEXTS:
        setattr(project, name, getattr(plan, name).strip())
    for name in ("total", "service_years", "build_months", "is_video", "replaces_superior", "responsible_is_head"):
        setattr(project, name, getattr(plan, name))
    project.updated_at = timezone.now()
    project.version += 0 if project.pk is None else 1
    project.save()
    project.systems.set(found.systems)
    project.co_builders.set(found.co_builders)
    project.years.all().delete()
    YearlyInvestment.objects.bulk_create(
        YearlyInvestment(project=project, year=year, amount=amount) for year, amount in sorted(plan.years.items())
    )
    _write_promises(project, plan)
    _write_papers(project, plan, found)


def _write_promises(project: Project, plan: Plan) -> None:
    """Rows are kept by direction and title, so that what refers to a promise goes on referring to it.

    A catalogue entry that a promise was kept with stays with it: the form does not ask for it again.
    """
    kept = {(row.direction, row.title): row for row in project.promises.all()}
    for promise in plan.promises:
        row = kept.pop((promise.direction, promise.title.strip()), None) or SharingPromise(project=project)
        row.direction, row.title = promise.direction, promise.title.strip()
        row.source, row.format = promise.source.strip(), promise.format.strip()
        row.update_cycle, row.sharing_class = promise.update_cycle, promise.sharing_class
        row.opening, row.resource_id = promise.opening, promise.resource or row.resource_id
        row.save()
    SharingPromise.objects.filter(pk__in=[row.pk for row in kept.values()]).delete()


def _write_papers(project: Project, plan: Plan, found: _Found) -> None:
    """New papers are added; those handed in before stay in the file, as papers of a case do."""
    known = set(project.documents.values_list("attachment_id", flat=True))
    ProjectDocument.objects.bulk_create(
        ProjectDocument(project=project, kind=paper.kind, attachment=found.attachments[paper.attachment])
        for paper in plan.papers
        if paper.attachment not in known
    )
    if project.case_id is not None:
        Attachment.objects.filter(pk__in=found.attachments, case__isnull=True).update(case=project.case_id)


def _check(actor: Actor, project: Project, plan: Plan) -> tuple[dict[str, object], _Found]:
    """What is wrong in itself: secrets, amounts out of range, unknown ids, somebody else's files."""
    problems = _check_values(plan) | _check_money(plan) | _check_promises(project, plan)
    own = project.owner.jurisdiction_id
    systems = list(InformationSystem.objects.filter(pk__in=plan.systems, jurisdiction=own))
    if len(systems) != len(set(plan.systems)):
        problems["systems"] = _("There is no such system in the register.")
    partners = list(Organization.objects.filter(pk__in=plan.co_builders, jurisdiction=own).exclude(pk=project.owner_id))
    if len(partners) != len(set(plan.co_builders)):
        problems["co_builders"] = _("Co-builders are other organizations of the same city.")
    attachments = Attachment.objects.filter(organization=actor.organization).in_bulk(
        [paper.attachment for paper in plan.papers]
    )
    if len(attachments) != len({paper.attachment for paper in plan.papers}):
        problems["papers"] = _("There is no such file among yours.")
    if wrong := {paper.kind for paper in plan.papers} - set(ProjectDocument.Kind.values):
        problems["papers"] = _("There is no such kind of paper: %(kinds)s.") % {"kinds": ", ".join(sorted(wrong))}
    return problems, _Found(systems, partners, attachments)


def _check_values(plan: Plan) -> dict[str, object]:
    problems: dict[str, object] = {}
    if plan.classified:
        problems["classified"] = _("A project that holds state secrets does not belong here: it has rules of its own.")
    if plan.kind not in Project.Kind.values:
        problems["kind"] = _("There is no such kind of project.")
    if plan.funding not in Project.Funding.values:
        problems["funding"] = _("There is no such funding.")
    if not plan.name.strip():
        problems["name"] = _("A project needs a name.")
    for name in TEXTS:
        longest = Project._meta.get_field(name).max_length or LONGEST_TEXT
        if len(getattr(plan, name)) > longest:
            problems[name] = _("At most %(length)s characters.") % {"length": longest}
    return problems


def _check_money(plan: Plan) -> dict[str, object]:
    """Amounts in yuan with at most two decimals; the years add up to the total as soon as there are any."""
    problems: dict[str, object] = {}
    for amount in (plan.total, *plan.years.values()):
        if not 0 <= amount <= HIGHEST_TOTAL or amount != amount.quantize(CENT):
            problems["total"] = _("Amounts are in yuan, not negative, with at most two decimals.")
    if any(not 2000 <= year <= 2100 for year in plan.years):
        problems["years"] = _("The year of an investment has four digits.")
    elif plan.years and (summed := sum(plan.years.values())) != plan.total:
        problems["years"] = _("The years add up to %(sum)s yuan, the total is %(total)s yuan.") % {
            "sum": f"{summed:,.2f}",
            "total": f"{plan.total:,.2f}",
        }
    return problems


def _check_promises(project: Project, plan: Plan) -> dict[str, object]:
    choices = {
        "direction": SharingPromise.Direction.values,
        "update_cycle": UpdateCycle.values,
        "sharing_class": SharingClass.values,
        "opening": OpeningClass.values,
    }
    seen: set[tuple[str, str]] = set()
    for promise in plan.promises:
        key = (promise.direction, promise.title.strip())
        if not key[1] or key in seen:
            return {"promises": _("Each line of the sharing plan names its data, and names it once.")}
        seen.add(key)
        if wrong := [name for name, known in choices.items() if getattr(promise, name) not in known]:
            return {"promises": _("“%(title)s”: choose %(fields)s.") % {"title": key[1], "fields": ", ".join(wrong)}}
    named = {promise.resource for promise in plan.promises if promise.resource is not None}
    own = Resource.objects.filter(pk__in=named, provider__jurisdiction=project.owner.jurisdiction_id)
    if own.count() != len(named):
        return {"promises": _("There is no such entry in the catalogue.")}
    return {}
