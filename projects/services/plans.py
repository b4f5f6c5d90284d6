"""Annual plans: a department's part of one, what stands in it, and what is taken up besides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import services as audit
from cases.families import Context
from cases.hands import held_by
from cases.models import Attachment, Case
from cases.services import load, open_case, opened_before
from organizations.actors import Actor, AnyActor
from organizations.errors import BadInput, Conflict, NotKnown, NotPermitted
from organizations.models import Organization
from organizations.selectors import current_organization
from projects.models import AnnualPlan, DepartmentPlan, DevelopmentPlan, PlanAddition, PlanItem, Project
from projects.services.planning import CENT, HIGHEST_TOTAL

ANNUAL, DEPARTMENT, ADDITION, FILING = "annual_plan", "department_plan", "plan_addition", "plan_filing"
MOST_ITEMS = 60
LONGEST = 4000


@dataclass(frozen=True, slots=True)
class Item:
    """One project that a department wants in the plan. Amounts in yuan; `project`: id of one of its own, or None."""

    name: str = ""
    kind: str = Project.Kind.NEW
    basis: str = ""
    goals: str = ""
    total: Decimal = Decimal(0)
    amount: Decimal = Decimal(0)
    service_years: int | None = None
    build_months: int | None = None
    shares_data: bool = True
    no_sharing_reason: str = ""
    project: int | None = None


# --- a department's part


@transaction.atomic
def save_department_plan(
    actor: Actor,
    *,
    department_plan: DepartmentPlan,
    items: Sequence[Item],
    note: str = "",
    version: int | None = None,
) -> DepartmentPlan:
    """Write what the department wants built in the year, while its part is with it.

    Raises NotPermitted once it has been handed in, Conflict for a stale version, BadInput naming what is wrong.
    """
    case = Case.objects.select_for_update().get(department_plan=department_plan)
    locked = DepartmentPlan.objects.select_for_update(of=("self",)).get(pk=department_plan.pk)
    if not may_fill(actor, locked):
        raise NotPermitted(_("The department's plan can be changed only by the department, until it is handed in."))
    if version is not None and version != locked.version:
        raise Conflict(_("The plan was changed meanwhile. Open it again to see the newer one."))
    rows = _items(locked, items)
    locked.items.all().delete()
    PlanItem.objects.bulk_create(rows)
    locked.note, locked.updated_at = note.strip()[:LONGEST], timezone.now()
    locked.version += 1
    locked.save(update_fields=["note", "version", "updated_at"])
    audit.record(
        verb="department_plan.save",
        who=actor.who,
        subject="case",
        subject_id=str(case.pk),
        data={"number": case.number, "items": {row.name: str(row.amount) for row in rows}},
    )
    return locked


def may_fill(actor: AnyActor, department_plan: DepartmentPlan) -> bool:
    """Whether the actor's hand may change the department's part now: where its case waits for it to be handed in."""
    case = department_plan.case
    if case is None or case.closed_at is not None or not isinstance(actor, Actor) or actor.organization is None:
        return False
    if current_organization(department_plan.organization).pk != actor.organization.pk:
        return False
    matter = load(case)
    submits = [action for action in matter.procedure.actions_from(case.state) if action.kind == "submit"]
    return any(held_by(matter, actor, action.by) is not None for action in submits)


def _items(department_plan: DepartmentPlan, items: Sequence[Item]) -> list[PlanItem]:
    """The rows to be written. Raises BadInput: "items" maps the place of each wrong row to what is wrong with it."""
    if len(items) > MOST_ITEMS:
        raise BadInput(_("Some entries are wrong."), {"items": _("At most %(most)s projects.") % {"most": MOST_ITEMS}})
    own = Project.objects.filter(owner=department_plan.organization).in_bulk([item.project for item in items])
    rows, problems = [], {}
    seen: set[Any] = set()
    for place, item in enumerate(items):
        project = own.get(item.project) if item.project else None
        row = _row(department_plan, item, project)
        if problem := _problem(row, item, project, seen):
            problems[str(place)] = problem
        seen |= {row.name, project}
        rows.append(row)
    if problems:
        raise BadInput(_("Some entries are wrong."), {"items": problems})
    return rows


def _row(department_plan: DepartmentPlan, item: Item, project: Project | None) -> PlanItem:
    """What a project says of itself is taken from it; the form asks only for what the year costs."""
    row = PlanItem(department_plan=department_plan, project=project, amount=item.amount)
    if project is None:
        row.name, row.kind, row.total = item.name.strip(), item.kind, item.total
        row.basis, row.goals = item.basis.strip(), item.goals.strip()
        row.service_years, row.build_months = item.service_years, item.build_months
        row.shares_data, row.no_sharing_reason = item.shares_data, item.no_sharing_reason.strip()
        return row
    row.name, row.kind, row.total = project.name, project.kind, project.total
    row.basis, row.goals = project.basis, project.goals
    row.service_years, row.build_months = project.service_years, project.build_months
    row.shares_data = project.promises.exists()
    row.no_sharing_reason = item.no_sharing_reason.strip() or project.no_sharing_reason
    return row


def _problem(row: PlanItem, item: Item, project: Project | None, seen: set[Any]) -> str:
    if item.project and project is None:
        return _("There is no such project of your organization.")
    if not row.name:
        return _("A project needs a name.")
    if row.name in seen or (project is not None and project in seen):
        return _("The plan names “%(name)s” twice.") % {"name": row.name}
    if row.kind not in Project.Kind.values:
        return _("There is no such kind of project.")
    for amount in (row.total, row.amount):
        if not 0 <= amount <= HIGHEST_TOTAL or amount != amount.quantize(CENT):
            return _("Amounts are in yuan, not negative, with at most two decimals.")
    if row.amount > row.total:
        return _("The year cannot cost more than the whole project.")
    if max(len(row.name) - 200, *(len(text) - LONGEST for text in (row.basis, row.goals, row.no_sharing_reason))) > 0:
        return _("This text is too long.")
    return ""


# --- effects


def take_up_items(context: Context) -> None:
    """Effect of a department's case: what the department applied for, and nobody left out, stands in the plan."""
    context.subject.items.filter(standing=PlanItem.Standing.ASKED).update(standing=PlanItem.Standing.IN)


def refuse_items(context: Context) -> None:
    """Effect of a department's case: nothing of it stands in the plan, for the reason given."""
    reason = str(context.inputs.get("reason", "")) or _("The department's plan was not taken up.")
    context.subject.items.exclude(standing=PlanItem.Standing.OUT).update(
        standing=PlanItem.Standing.OUT, out_reason=reason
    )


def leave_out_items(context: Context) -> None:
    """Effect: the items named do not stand in the plan, for the reason given."""
    chosen = [int(key) for key in context.inputs.get("items", ())]
    rows = items_of(context.subject).filter(pk__in=chosen)
    rows.update(standing=PlanItem.Standing.OUT, out_reason=str(context.inputs["reason"]))


def issue_plan(context: Context) -> None:
    """Effect of the annual plan's case: from now on everybody of the place reads it."""
    plan: AnnualPlan = context.subject
    plan.issued_at = context.at
    plan.save(update_fields=["issued_at"])


def items_of(subject: AnnualPlan | DepartmentPlan) -> Any:
    """The items of an annual plan, or of one department's part of it, that nobody left out."""
    rows = PlanItem.objects.exclude(standing=PlanItem.Standing.OUT)
    if isinstance(subject, DepartmentPlan):
        return rows.filter(department_plan=subject)
    return rows.filter(department_plan__plan=subject, standing=PlanItem.Standing.IN)


# --- what cases are about


def spawn_plan(parent: Case | None, organization: Organization | None, at: datetime) -> AnnualPlan:
    """The plan of the year after `at`, for the place of the organ that gathers it."""
    assert organization is not None
    year = timezone.localdate(at).year + 1
    plan, _created = AnnualPlan.objects.get_or_create(jurisdiction=organization.jurisdiction, year=year)
    if plan.case_id is not None:
        raise Conflict(_("The plan of %(year)s is under way already.") % {"year": year}, {"number": plan.case.number})
    return plan


def spawn_department_plan(parent: Case | None, organization: Organization | None, at: datetime) -> DepartmentPlan:
    """A department's part of the plan whose case opens it."""
    return DepartmentPlan.objects.create(plan=AnnualPlan.objects.get(case=parent), organization=organization)


def link_case(row: Any, case: Case) -> None:
    """Store the case of a plan, of a part of one, of an addition or of a filing. Inside the opening's transaction."""
    row.case = case
    row.save(update_fields=["case"])


# --- outside the plan, and after it


def apply_for_addition(
    actor: Actor, *, project: Project, year: int, reason: str, idempotency_key: str = "", at: datetime | None = None
) -> Case:
    """Ask that a filed project is taken up outside the plan: a case within its life. Returns it.

    Raises BadInput without a reason, Conflict while an earlier application is open; see cases.engine.open_case.
    """
    if earlier := opened_before(actor, idempotency_key):
        return earlier
    if not reason.strip():
        raise BadInput(_("Some entries are wrong."), {"reason": _("Say why the project cannot wait for the plan.")})
    with transaction.atomic():
        locked = _own_project(actor, project.pk)
        if locked.case is None:
            raise Conflict(_("File the project before it asks to be taken up."))
        open_one = locked.plan_additions.filter(case__closed_at__isnull=True).select_related("case").first()
        if open_one is not None:
            raise Conflict(_("The project asks to be taken up already."), {"number": open_one.case.number})
        return open_case(
            actor,
            family=ADDITION,
            procedure=ADDITION,
            jurisdiction=locked.jurisdiction,
            subject=PlanAddition.objects.create(project=locked, year=year, reason=reason.strip()[:LONGEST]),
            title=locked.name,
            idempotency_key=idempotency_key,
            at=at,
            parent=locked.case,
        )


@transaction.atomic
def carry_out_item(actor: Actor, *, item: PlanItem, project: Project) -> PlanItem:
    """Say which filed project is the one that an issued plan intended.

    Raises Conflict when the item is another's already or the project is of another kind or costs more than planned.
    """
    locked = _own_project(actor, project.pk)
    row = PlanItem.objects.select_for_update(of=("self",)).select_related("department_plan__plan").get(pk=item.pk)
    if current_organization(row.department_plan.organization).pk != locked.owner_id:
        raise NotKnown(_("There is no such project of your organization."))
    if row.standing != PlanItem.Standing.IN or row.department_plan.plan.issued_at is None:
        raise Conflict(_("“%(name)s” stands in no issued plan.") % {"name": row.name})
    if row.project_id is not None:
        raise Conflict(_("“%(name)s” is carried out by a project already.") % {"name": row.name})
    if locked.kind != row.kind or locked.total > row.total:
        raise Conflict(
            _("The plan has “%(name)s” as %(kind)s for %(total)s yuan at most; the project goes beyond it.")
            % {"name": row.name, "kind": row.get_kind_display(), "total": f"{row.total:,.2f}"}
        )
    row.project = locked
    row.save(update_fields=["project"])
    audit.record(
        verb="annual_plan.carry_out",
        who=actor.who,
        subject="case",
        subject_id=str(locked.case_id),
        data={"item": row.name, "year": row.department_plan.plan.year, "project": locked.code},
    )
    return row


def file_development_plan(
    actor: Actor,
    *,
    title: str,
    first_year: int,
    last_year: int,
    systems: str,
    paper: Attachment | None = None,
    idempotency_key: str = "",
    at: datetime | None = None,
) -> Case:
    """Ask the authority's opinion on a plan of several years that touches information systems, and file it.

    Raises BadInput naming what is wrong; see cases.engine.open_case.
    """
    if earlier := opened_before(actor, idempotency_key):
        return earlier
    if actor.organization is None:
        raise NotPermitted(_("You hold no position in which you could open a case."))
    row = DevelopmentPlan(
        jurisdiction=actor.organization.jurisdiction,
        organization=actor.organization,
        title=title.strip()[:200],
        first_year=first_year,
        last_year=last_year,
        systems=systems.strip()[:LONGEST],
        paper=paper,
    )
    _check_filing(row)
    with transaction.atomic():
        row.save()
        given: dict[str, Any] = {
            "family": FILING,
            "procedure": FILING,
            "jurisdiction": row.jurisdiction,
            "subject": row,
        }
        case = open_case(actor, **given, title=row.title, idempotency_key=idempotency_key, at=at)
        Attachment.objects.filter(pk=row.paper_id, case__isnull=True).update(case=case)
        return case


def _check_filing(row: DevelopmentPlan) -> None:
    problems: dict[str, object] = {
        name: _("This is required.") for name in ("title", "systems") if not getattr(row, name)
    }
    if not 2000 <= row.first_year <= row.last_year <= 2100:
        problems["last_year"] = _("The last year is not before the first.")
    if problems:
        raise BadInput(_("Some entries are wrong."), problems)


def _own_project(actor: Actor, project_id: int) -> Project:
    rows = Project.objects.select_for_update(of=("self",)).select_related("case")
    found = rows.filter(pk=project_id, owner=actor.organization).first()
    if found is None:
        raise NotKnown(_("There is no such project of your organization."))
    return found
