"""Which projects are under way, how far each is by its plan and by its reports, and what is in their way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from cases.models import CaseEvent
from organizations.actors import AnyActor
from organizations.models import Jurisdiction, Organization
from projects.models import LedgerEntry, PeriodicReport, ProgressReport, Project, ProjectIssue

MONTHS_OF_A_YEAR = 12
DAYS_OF_A_YEAR = 365
MOST_REPORTS = 12
WHOLE = 100
APPROVED = LedgerEntry.Kind.APPROVED


def living(of: Jurisdiction | Organization, on: date | None = None) -> QuerySet[Project]:
    """Projects of a place or of an owner that were approved by a day (today) and whose life went on then."""
    on = on or timezone.localdate()
    lives = Q(case__closed_at__isnull=True) | Q(case__closed_at__date__gt=on)
    rows = Project.objects.filter(lives, case__isnull=False)
    rows = rows.filter(jurisdiction=of) if isinstance(of, Jurisdiction) else rows.filter(owner=of)
    approved = LedgerEntry.objects.filter(kind=APPROVED, on__lte=on).values("project")
    return rows.filter(pk__in=approved).order_by("code", "pk")


def funded(rows: QuerySet[Project]) -> QuerySet[Project]:
    """Those that a special fund pays."""
    return rows.filter(funding=Project.Funding.SPECIAL_FUND)


def approved_on(project: Project) -> date | None:
    """The day on which the project was approved, by its ledger."""
    entry = LedgerEntry.objects.filter(project=project, kind=APPROVED).select_related("case").order_by("pk").first()
    return entry.on if entry else None


def planned_percent(project: Project, on: date) -> int | None:
    """How far the project should be: the share of its build period that has passed since its approval."""
    begun = approved_on(project)
    if begun is None or not project.build_months:
        return None
    length = project.build_months * DAYS_OF_A_YEAR / MONTHS_OF_A_YEAR
    return max(0, min(WHOLE, round((on - begun).days * WHOLE / length)))


@dataclass(frozen=True, slots=True)
class State:
    """What the page of a project shows of its progress. `planned`, `actual`: percent, None where nothing is known."""

    planned: int | None
    actual: int | None
    reports: list[ProgressReport]
    issues: list[ProjectIssue]


def handed_in(project: Project) -> QuerySet[ProgressReport]:
    """What reports that were signed say of the project, newest first. Drafts are their makers' own."""
    signed = CaseEvent.objects.filter(kind=CaseEvent.Kind.ACTION, action="sign_off").values("case")
    rows = ProgressReport.objects.filter(project=project, report__case__in=signed)
    return rows.select_related("report__case").order_by("-report__last_day", "-pk")


def state_of(actor: AnyActor, project: Project) -> State:
    """Progress, issues and risks of a project that the actor may see."""
    reports = list(handed_in(project)[:MOST_REPORTS])
    issues = project.issues.order_by(F("settled_at").desc(nulls_first=True), "due_on", "-pk")
    return State(
        planned_percent(project, timezone.localdate()),
        reports[0].percent if reports else None,
        reports,
        list(issues),
    )


def owed(report: PeriodicReport) -> QuerySet[Project]:
    """The projects that a periodic report speaks of: all that its organization has under way."""
    return living(report.organization)
