"""How accepted projects are doing: until when they are under warranty, what they share, how they were evaluated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases.models import Clock
from organizations.actors import AnyActor
from projects.models import Acceptance, Evaluation, Project
from projects.promised import Kept, kept_by_project
from projects.selectors import visible_projects
from projects.services.afterlife import WARRANTY
from statutes.sheets import workbook

WIDTHS = (18, 36, 28, 14, 14, 14, 40, 12, 14)


@dataclass(frozen=True, slots=True)
class Standing:
    """One accepted project. `warranty_until`: None where its law knows no warranty."""

    project: Project
    accepted_on: date | None
    warranty_until: date | None
    promises: Sequence[Kept]
    evaluation: Evaluation | None

    @property
    def kept(self) -> int:
        return sum(row.kept for row in self.promises)

    @property
    def broken(self) -> list[Kept]:
        """The promises that are not kept at this moment."""
        return [row for row in self.promises if not row.kept]


def accepted_projects(actor: AnyActor) -> QuerySet[Project]:
    """Accepted projects that the actor may see."""
    passed = Acceptance.objects.filter(accepted_on__isnull=False).values("project")
    return visible_projects(actor).filter(pk__in=passed)


def standing_of(projects: Sequence[Project], now: datetime) -> list[Standing]:
    """How these projects stand; five queries however many there are."""
    kept = kept_by_project(projects, now)
    accepted = Acceptance.objects.filter(project__in=projects, accepted_on__isnull=False)
    days = dict(accepted.values_list("project", "accepted_on"))
    clocks = Clock.objects.filter(case__warranty__project__in=projects, case__family=WARRANTY, name="period")
    ends = dict(clocks.order_by("round").values_list("case__warranty__project", "due_on"))
    done = Evaluation.objects.filter(project__in=projects, concluded_on__isnull=False).order_by("concluded_on", "pk")
    last = {row.project_id: row for row in done}
    return [Standing(row, days.get(row.pk), ends.get(row.pk), kept[row.pk], last.get(row.pk)) for row in projects]


def sheet(rows: Sequence[Standing]) -> BytesIO:
    """The list as a workbook."""
    title = _("Projects in use")
    lead = _("As of %(moment)s") % {"moment": f"{timezone.localtime():%Y-%m-%d %H:%M}"}
    head = [
        _("Project number"), _("Project name"), _("Project owner"), _("Accepted on"), _("Warranty until"),
        _("Promises kept"), _("What is missing"), _("Score"), _("Result"),
    ]  # fmt: skip
    return workbook(title, lead, head, _lines(rows), WIDTHS, title)


def _lines(rows: Sequence[Standing]) -> Iterator[list[str]]:
    for row in rows:
        last = row.evaluation
        yield [
            row.project.code or "",
            row.project.name,
            row.project.owner.shown_name,
            str(row.accepted_on or ""),
            str(row.warranty_until or ""),
            f"{row.kept} / {len(row.promises)}",
            " ".join(f"{kept.promise.title}: {kept.missing}" for kept in row.broken),
            "" if last is None or last.score is None else str(last.score),
            "" if last is None else said_result(last),
        ]


def said_result(row: Evaluation) -> str:
    """The result of a concluded evaluation in words."""
    if row.passed:
        return pgettext("evaluation", "passed")
    return _("failed, put right") if row.rectified_on else pgettext("evaluation", "failed")
