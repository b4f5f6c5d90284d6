"""Reports on projects that come round or are due at once, and the register of a project's issues and risks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import services as audit
from cases.families import Round
from cases.hands import held_by
from cases.models import Case
from cases.services import load, open_case, opened_before
from organizations.actors import Actor, AnyActor
from organizations.errors import BadInput, Conflict, NotKnown, NotPermitted
from organizations.models import Organization, Position
from organizations.selectors import current_organization
from projects.living import funded, living
from projects.models import PeriodicReport, ProgressReport, Project, ProjectIssue
from projects.services.planning import CENT
from statutes.definitions import Every
from statutes.schedules import MONTHS

FAMILY = "progress_report"
AT_ONCE = "progress_report"
"""Procedure by which progress is reported as it happens, where the law of a place wants that."""
WHOLE = 100
LONGEST = 4000
MONTHS_OF_A_YEAR = 12
QUARTERS = "一二三四"


@dataclass(frozen=True, slots=True)
class Progress:
    """What is reported of one project. `percent`: of the work; `spent`: yuan in all so far."""

    project: int
    percent: int
    spent: Decimal
    done: str
    troubles: str = ""


# --- periods


def period_of(every: Every, on: date) -> tuple[date, date]:
    """First and last day of the period that a report asked for on `on` is about: the one in which the day before lies.

    A report asked for on the first day of a period is about the one that has ended, one asked for later about its own.
    """
    months = MONTHS.get(every.period, 1)
    before = on - timedelta(days=1)
    first = date(before.year, (before.month - 1) // months * months + 1, 1)
    index = first.year * MONTHS_OF_A_YEAR + first.month - 1 + months
    after = date(index // MONTHS_OF_A_YEAR, index % MONTHS_OF_A_YEAR + 1, 1)
    return first, after - timedelta(days=1)


def period_name(every: Every, on: date) -> tuple[str, str]:
    """The period of a report in Chinese and in English."""
    first, last = period_of(every, on)
    if every.period == "year":
        return f"{first.year}年", str(first.year)
    if every.period == "quarter":
        number = (last.month - 1) // MONTHS["quarter"]
        return f"{first.year}年第{QUARTERS[number]}季度", f"Q{number + 1} {first.year}"
    return f"{first.isoformat()}—{last.isoformat()}", f"{first.isoformat()} – {last.isoformat()}"


# --- reports


@transaction.atomic
def save_report(
    actor: Actor, *, report: PeriodicReport, rows: Sequence[Progress], note: str = "", version: int | None = None
) -> PeriodicReport:
    """Write what the organization reports of its projects, while the report is with it.

    Raises NotPermitted once it has been handed in, Conflict for a stale version, BadInput naming what is wrong.
    """
    case = Case.objects.select_for_update().get(project_report=report)
    locked = PeriodicReport.objects.select_for_update(of=("self",)).select_related("organization").get(pk=report.pk)
    if not may_fill(actor, locked):
        raise NotPermitted(_("The report can be changed only by who owes it, until it is handed in."))
    if version is not None and version != locked.version:
        raise Conflict(_("The report was changed meanwhile. Open it again to see the newer one."))
    written = _rows(locked, rows, {row.pk: row for row in living(locked.organization)})
    locked.rows.all().delete()
    ProgressReport.objects.bulk_create(written)
    locked.note = note.strip()[:LONGEST]
    locked.version += 1
    locked.save(update_fields=["note", "version"])
    audit.record(
        verb="progress_report.save",
        who=actor.who,
        subject="case",
        subject_id=str(case.pk),
        data={"number": case.number, "projects": {row.project.code: row.percent for row in written}},
    )
    return locked


def may_fill(actor: AnyActor, report: PeriodicReport) -> bool:
    """Whether the actor's hand may change the report now: where its case waits for it to be handed in."""
    case = report.case
    if case is None or case.closed_at is not None or not isinstance(actor, Actor) or actor.organization is None:
        return False
    if current_organization(report.organization).pk != actor.organization.pk:
        return False
    matter = load(case)
    submits = [action for action in matter.procedure.actions_from(case.state) if action.kind == "submit"]
    return any(held_by(matter, actor, action.by) is not None for action in submits)


def report_at_once(
    actor: Actor,
    *,
    project: Project,
    progress: Progress,
    happened_on: date,
    idempotency_key: str = "",
    at: datetime | None = None,
) -> Case:
    """Report what happened in one project: a case within its life, whose limit runs from the day it happened.

    Raises BadInput naming what is wrong; see cases.engine.open_case for the rest.
    """
    if earlier := opened_before(actor, idempotency_key):
        return earlier
    with transaction.atomic():
        rows = Project.objects.select_for_update(of=("self",)).select_related("case", "owner")
        locked = rows.filter(pk=project.pk, owner=actor.organization).first()
        if locked is None or actor.organization is None:
            raise NotKnown(_("There is no such project of your organization."))
        if locked.case is None or not living(locked.owner).filter(pk=locked.pk).exists():
            raise Conflict(_("Progress is reported of a project that is approved and under way."))
        report = PeriodicReport.objects.create(
            jurisdiction=locked.jurisdiction, organization=locked.owner, first_day=happened_on, last_day=happened_on
        )
        ProgressReport.objects.bulk_create(_rows(report, [progress], {locked.pk: locked}))
        return open_case(
            actor,
            family=FAMILY,
            procedure=AT_ONCE,
            jurisdiction=locked.jurisdiction,
            subject=report,
            title=locked.name,
            given={"happened_on": happened_on.isoformat()},
            idempotency_key=idempotency_key,
            at=at,
            parent=locked.case,
        )


def _rows(report: PeriodicReport, rows: Sequence[Progress], own: dict[int, Project]) -> list[ProgressReport]:
    """Raises BadInput: "rows" maps the place of each wrong row to what is wrong with it."""
    problems, written, seen = {}, [], set()
    for place, row in enumerate(rows):
        project = own.get(row.project)
        if project is None or row.project in seen:
            problems[str(place)] = _("There is no such project of your organization under way, or it is named twice.")
            continue
        seen.add(row.project)
        if problem := _problem(row, project):
            problems[str(place)] = problem
        written.append(
            ProgressReport(
                report=report,
                project=project,
                percent=row.percent,
                spent=row.spent,
                done=row.done.strip(),
                troubles=row.troubles.strip(),
            )
        )
    if problems:
        raise BadInput(_("Some entries are wrong."), {"rows": problems})
    return written


def _problem(row: Progress, project: Project) -> str:
    if not 0 <= row.percent <= WHOLE:
        return _("The work done lies between 0 and 100 percent.")
    if row.spent < 0 or row.spent != row.spent.quantize(CENT):
        return _("Amounts are in yuan, not negative, with at most two decimals.")
    if row.spent > project.total:
        return _("More is spent than the project costs in all: %(total)s yuan.") % {"total": f"{project.total:,.2f}"}
    if not row.done.strip():
        return _("Say what was done.")
    return _("This text is too long.") if max(len(row.done), len(row.troubles)) > LONGEST else ""


# --- what cases are about


def spawn_report(parent: Case | None, organization: Organization | None, at: datetime) -> PeriodicReport:
    """A report that a schedule asks an organization for; its period is read from the law when its case is linked."""
    assert organization is not None
    on = timezone.localdate(at)
    return PeriodicReport.objects.create(
        jurisdiction=organization.jurisdiction, organization=organization, first_day=on, last_day=on
    )


def link_report(report: PeriodicReport, case: Case) -> None:
    """Store the case of a report, and the period that its schedule asks about. Inside the opening's transaction."""
    report.case = case
    schedule = next(iter(load(case).procedure.schedules.values()), None)
    if schedule is not None:
        report.first_day, report.last_day = period_of(schedule.every, timezone.localdate(case.opened_at))
    report.save(update_fields=["case", "first_day", "last_day"])


def owners_of_projects(asked: Round) -> list[Organization]:
    """Who had an approved project under way on the day."""
    return _owners(living(asked.jurisdiction, asked.on))


def owners_of_fund_projects(asked: Round) -> list[Organization]:
    """Who had one that a special fund pays."""
    return _owners(funded(living(asked.jurisdiction, asked.on)))


def _owners(rows: QuerySet[Project]) -> list[Organization]:
    return list(Organization.objects.filter(pk__in=rows.values("owner")).order_by("sort_key", "pk"))


# --- issues and risks


@transaction.atomic
def raise_issue(
    actor: Actor,
    *,
    project: Project,
    title: str,
    kind: str = ProjectIssue.Kind.ISSUE,
    severity: str = ProjectIssue.Severity.MEDIUM,
    keeper: str = "",
    due_on: date | None = None,
) -> ProjectIssue:
    """Note what is in a project's way. Raises NotPermitted for others than its owner, BadInput with the fields."""
    _require_owner(actor, project)
    problems: dict[str, object] = {}
    if not title.strip():
        problems["title"] = _("This is required.")
    if not keeper.strip():
        problems["keeper"] = _("This is required.")
    if kind not in ProjectIssue.Kind.values:
        problems["kind"] = _("There is no such kind.")
    if severity not in ProjectIssue.Severity.values:
        problems["severity"] = _("There is no such severity.")
    if problems:
        raise BadInput(_("Some entries are wrong."), problems)
    issue = ProjectIssue.objects.create(
        project=project,
        kind=kind,
        title=title.strip()[:200],
        severity=severity,
        keeper=keeper.strip()[:80],
        due_on=due_on,
        raised_by=actor.user,
    )
    _note(actor, issue, "project_issue.raise")
    return issue


@transaction.atomic
def settle_issue(actor: Actor, *, issue: ProjectIssue, settlement: str) -> ProjectIssue:
    """Say how an issue was settled. Raises Conflict when it was before, BadInput when nothing is said."""
    locked = ProjectIssue.objects.select_for_update(of=("self",)).select_related("project__case").get(pk=issue.pk)
    _require_owner(actor, locked.project)
    if locked.settled_at is not None:
        raise Conflict(_("This is settled already."))
    if not settlement.strip():
        raise BadInput(_("Some entries are wrong."), {"settlement": _("Say how it was settled.")})
    locked.settled_at, locked.settlement = timezone.now(), settlement.strip()[:LONGEST]
    locked.save(update_fields=["settled_at", "settlement"])
    _note(actor, locked, "project_issue.settle")
    return locked


def keeps_issues(actor: AnyActor, project: Project) -> bool:
    """Whether the actor keeps the register of a project: a handler or leader of its owner, while it lives."""
    if not isinstance(actor, Actor) or actor.organization is None or project.case is None:
        return False
    of_owner = current_organization(project.owner).pk == actor.organization.pk
    return of_owner and actor.kind in (Position.Kind.HANDLER, Position.Kind.LEADER) and not project.case.closed_at


def _require_owner(actor: Actor, project: Project) -> None:
    if not keeps_issues(actor, project):
        raise NotPermitted(_("Issues and risks are noted by the project's owner while the project lives."))


def _note(actor: Actor, issue: ProjectIssue, verb: str) -> None:
    data: dict[str, Any] = {"project": issue.project.code, "title": issue.title, "severity": issue.severity}
    audit.record(verb=verb, who=actor.who, subject="case", subject_id=str(issue.project.case_id), data=data)
