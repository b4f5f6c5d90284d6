"""The plan of a fund: drafting it, and changing it while it is with whoever proposed it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import services as audit
from cases.models import Attachment, Case
from funds.models import Fund, FundPaper
from funds.services.resubmitting import may_resubmit
from organizations.actors import Actor, AnyActor
from organizations.errors import BadInput, Conflict, NotKnown, NotPermitted
from organizations.models import Organization, OrganRole, Position

DEPARTMENT, FINANCE = "department", "finance"
TEXTS = ("name", "basis", "purpose", "scope", "goal", "difference")
SWITCHES = ("is_major", "central_match", "local_match", "shared_duty", "running_costs")
LONGEST_TEXT = 8000
HIGHEST = Decimal(1_000_000_000_000)
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Paper:
    """A file handed in before, and which paper of the fund it is."""

    kind: str
    attachment: int


@dataclass(frozen=True, slots=True)
class FundPlan:
    """What was typed. `size`: yuan a year. `department`: id, where finance proposes; `renews`: id of a fund."""

    name: str = ""
    basis: str = ""
    purpose: str = ""
    scope: str = ""
    goal: str = ""
    difference: str = ""
    size: Decimal = Decimal(0)
    term_from: date | None = None
    term_until: date | None = None
    is_major: bool = False
    central_match: bool = False
    local_match: bool = False
    shared_duty: bool = False
    running_costs: bool = False
    department: int | None = None
    renews: int | None = None
    papers: Sequence[Paper] = ()


def holds_role(organization: Organization | None, *roles: str) -> bool:
    """Whether an organization holds one of these organ roles in its own place."""
    if organization is None:
        return False
    held = OrganRole.objects.filter(organization=organization, jurisdiction=organization.jurisdiction_id)
    return held.filter(role__in=roles).exists()


def save_draft(actor: Actor, *, plan: FundPlan, draft: Fund | None = None, version: int | None = None) -> Fund:
    """Keep a fund that is not applied for yet. Only what is wrong in itself is refused; gaps may stay.

    Raises BadInput with the fields, NotPermitted for houses that set up no funds, Conflict for a stale copy.
    """
    house = _proposer(actor)
    try:
        with transaction.atomic():
            if draft is None:
                fund = Fund(jurisdiction=house.jurisdiction, proposer=house, department=house, drafted_by=actor.user)
            else:
                fund = _locked_draft(actor, draft.pk, version)
            _write(actor, fund, plan)
            return fund
    except IntegrityError as error:
        if "fund_name_of_department_unique" in str(error):
            raise BadInput(
                _("Some entries are wrong."), {"name": _("The department has a fund of this name and term already.")}
            ) from error
        raise


@transaction.atomic
def discard_draft(actor: Actor, *, draft: Fund) -> None:
    """Throw a draft away. Raises Conflict when it has been applied for."""
    _locked_draft(actor, draft.pk, None).delete()


@transaction.atomic
def amend_fund(actor: Actor, *, fund: Fund, plan: FundPlan, version: int | None = None) -> Fund:
    """Change the plan of a fund that was sent back. Raises NotPermitted while others look at it, Conflict if stale."""
    case = Case.objects.select_for_update().get(pk=fund.case_id)
    locked = Fund.objects.select_for_update(of=("self",)).get(pk=fund.pk)
    if not may_amend(actor, locked):
        raise NotPermitted(_("A fund can be changed only by whoever applies for it, while it is sent back."))
    if version is not None and version != locked.version:
        raise Conflict(_("The fund was changed meanwhile. Open it again to see the newer one."))
    _write(actor, locked, plan)
    data = {"number": case.number, "content": content(locked)}
    audit.record(verb="fund.amend", who=actor.who, subject="case", subject_id=str(case.pk), data=data)
    return locked


def may_amend(actor: AnyActor, fund: Fund) -> bool:
    """Whether the actor's hand may change the plan now: where the life waits for it to be sent in again."""
    return may_resubmit(actor, fund.case)


def content(fund: Fund) -> dict[str, Any]:
    """What a plan says, as plain values for the audit record."""
    return {
        **{name: getattr(fund, name) for name in (*TEXTS, *SWITCHES)},
        "department": fund.department.code,
        "size": str(fund.size),
        "term": [str(fund.term_from), str(fund.term_until)],
    }


def _proposer(actor: Actor) -> Organization:
    if actor.organization is None or actor.kind != Position.Kind.HANDLER:
        raise NotPermitted(_("Funds are drafted by a handler. Switch to such a position, or ask for one."))
    if not holds_role(actor.organization, DEPARTMENT, FINANCE):
        raise NotPermitted(_("Funds are proposed by departments in charge and by the finance department."))
    return actor.organization


def _locked_draft(actor: Actor, fund_id: int, version: int | None) -> Fund:
    draft = Fund.objects.select_for_update(of=("self",)).filter(pk=fund_id, proposer=actor.organization).first()
    if draft is None:
        raise NotKnown(_("There is no such draft."))
    if draft.case_id is not None:
        raise Conflict(_("This fund has been applied for already."))
    if version is not None and version != draft.version:
        raise Conflict(_("This draft was saved elsewhere meanwhile. Open it again to see the newer one."))
    return draft


def _write(actor: Actor, fund: Fund, plan: FundPlan) -> None:
    problems = _check_values(plan) | _check_references(actor, fund, plan)
    attachments = _attachments(actor, fund, plan)
    if len(attachments) < len(plan.papers):
        problems["papers"] = _("There is no such file among yours.")
    if problems:
        raise BadInput(_("Some entries are wrong."), problems)
    for name in TEXTS:
        setattr(fund, name, getattr(plan, name).strip())
    for name in (*SWITCHES, "size", "term_from", "term_until"):
        setattr(fund, name, getattr(plan, name))
    if plan.department is not None and holds_role(fund.proposer, FINANCE):
        fund.department_id = plan.department
    fund.renews_id = plan.renews
    fund.updated_at = timezone.now()
    fund.version += 0 if fund.pk is None else 1
    fund.save()
    for paper in plan.papers:
        if not hasattr(attachments[paper.attachment], "fund_paper"):
            FundPaper.objects.create(fund=fund, kind=paper.kind, attachment=attachments[paper.attachment])
    if fund.case_id is not None:
        Attachment.objects.filter(pk__in=attachments, case__isnull=True).update(case=fund.case_id)


def _attachments(actor: Actor, fund: Fund, plan: FundPlan) -> dict[int, Attachment]:
    own = Attachment.objects.filter(pk__in=[p.attachment for p in plan.papers], organization=actor.organization)
    return {one.pk: one for one in own if one.case_id in (None, fund.case_id)}


def _check_values(plan: FundPlan) -> dict[str, object]:
    problems: dict[str, object] = {}
    if not plan.name.strip():
        problems["name"] = _("A fund needs a name.")
    for name in TEXTS:
        longest = Fund._meta.get_field(name).max_length or LONGEST_TEXT
        if len(getattr(plan, name)) > longest:
            problems[name] = _("At most %(length)s characters.") % {"length": longest}
    if not plan.size.is_finite() or not 0 <= plan.size <= HIGHEST or plan.size != plan.size.quantize(CENT):
        problems["size"] = _("Amounts are in yuan, not negative, with at most two decimals.")
    if plan.term_from and plan.term_until and plan.term_until < plan.term_from:
        problems["term_until"] = _("The term ends before it begins.")
    if any(paper.kind not in FundPaper.Kind.values for paper in plan.papers):
        problems["papers"] = _("Say which paper this is.")
    return problems


def _check_references(actor: Actor, fund: Fund, plan: FundPlan) -> dict[str, object]:
    problems: dict[str, object] = {}
    place = actor.jurisdiction_id
    if plan.department is not None:
        known = OrganRole.objects.filter(organization=plan.department, jurisdiction=place, role=DEPARTMENT)
        if not known.exists():
            problems["department"] = _("Choose a department in charge.")
        elif plan.department != fund.proposer_id and not holds_role(fund.proposer, FINANCE):
            problems["department"] = _("Only the finance department proposes a fund for another department.")
    if plan.renews is not None:
        earlier = Fund.objects.filter(pk=plan.renews, jurisdiction=place, established_on__isnull=False)
        if not earlier.exclude(pk=fund.pk).exists():
            problems["renews"] = _("There is no such fund.")
    return problems
