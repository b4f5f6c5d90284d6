"""What projects plug into the case engine for reports: on progress, on money used, on the own evaluation."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from cases import families
from cases.engine.context import Matter
from cases.families import Condition, Family
from organizations.actors import AnyActor
from projects.living import funded, owed, planned_percent
from projects.models import PeriodicReport, ProgressReport
from projects.plan_table import linked
from projects.procedures.shared import in_words
from projects.services import reports


def _all_reported(report: PeriodicReport) -> bool:
    return not owed(report).exclude(pk__in=report.rows.values("project")).exists()


def _funded_reported(report: PeriodicReport) -> bool:
    return not funded(owed(report)).exclude(pk__in=report.rows.values("project")).exists()


def _lag_explained(report: PeriodicReport) -> bool:
    return all(row.troubles or not _lags(row) for row in report.rows.select_related("project"))


def _lags(row: ProgressReport) -> bool:
    planned = planned_percent(row.project, row.report.last_day)
    return planned is not None and row.percent < planned


def _ask(test: Any, *, unmet: Any, met: Any) -> Condition:
    return Condition(lambda context: test(context.subject), unmet=unmet, met=met)


CONDITIONS = {
    "all_reported": _ask(
        _all_reported,
        unmet=_("The report says nothing of a project that is approved and under way."),
        met=_("The report speaks of every project under way."),
    ),
    "funded_reported": _ask(
        _funded_reported,
        unmet=_("The report says nothing of a project under way that the special fund pays."),
        met=_("The report speaks of every project under way that the special fund pays."),
    ),
    "lag_explained": _ask(
        _lag_explained,
        unmet=_("A project is behind its plan and the report does not say why."),
        met=_("No project is behind its plan without a reason given."),
    ),
    "summary_given": _ask(
        lambda report: bool(report.note),
        unmet=_("The report has no summary."),
        met=_("The report has a summary."),
    ),
}


def lines(report: PeriodicReport) -> list[tuple[ProgressReport, int | None]]:
    """What the report says of each project, with how far it should be by its plan on the last day, in percent."""
    rows = report.rows.select_related("project").order_by("project__code")
    return [(row, planned_percent(row.project, report.last_day)) for row in rows]


def _panel(matter: Matter, actor: AnyActor) -> dict[str, Any]:
    report: PeriodicReport = matter.subject
    said = lines(report)
    return {
        "report": report,
        "lines": said,
        "linked": linked(actor, [row.project_id for row, _planned in said]),
        "may_fill": reports.may_fill(actor, report),
    }


def _facts(report: PeriodicReport) -> list[tuple[str, str]]:
    return [
        (_now("Reported by"), report.organization.shown_name),
        (_now("Reporting period"), f"{report.first_day.isoformat()} – {report.last_day.isoformat()}"),
        *(
            (row.project.name, f"{row.percent}% · {in_words(row.spent)} · {row.done}")
            for row in report.rows.select_related("project")
        ),
        (_now("Summary"), report.note or "—"),
    ]


def register() -> None:
    """Called once when the app is ready."""
    families.register(
        Family(
            id=reports.FAMILY,
            prefix="JZ",
            label=_("report on projects"),
            subject_model=PeriodicReport,
            link=reports.link_report,
            spawn=reports.spawn_report,
            resolvers={
                "owners_of_projects": reports.owners_of_projects,
                "owners_of_fund_projects": reports.owners_of_fund_projects,
            },
            conditions=CONDITIONS,
            panel="projects/_report_panel.html",
            panel_context=_panel,
            related=("organization",),
            facts=_facts,
            period=reports.period_name,
        )
    )
