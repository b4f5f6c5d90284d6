"""Planned and actual times side by side: bars that a table draws, each with its days in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Min
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case, Clock
from projects.models import LedgerEntry, Project

DAYS_OF_A_MONTH = 30.4375


@dataclass(frozen=True, slots=True)
class Span:
    """From a day to a day. `open`: it has not ended; `to` is then the day of looking."""

    since: date
    to: date
    open: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """One line. `url`: where it leads; `late`: it took or takes longer than planned. None: nothing is known."""

    label: str
    url: str
    planned: Span | None
    actual: Span | None

    @property
    def late(self) -> bool:
        return bool(self.planned and self.actual and self.actual.to > self.planned.to)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A bar in days from the first day of its chart."""

    bar: Bar
    planned: tuple[int, int] | None
    actual: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars on one scale: `days` wide from `first` to `last`; `today` in days from the first."""

    rows: Sequence[Drawn]
    first: date
    last: date
    days: int
    today: int


def chart(bars: Iterable[Bar], today: date) -> Chart | None:
    """The bars on a scale that holds all of them and today; None where nothing is known of any."""
    known = [bar for bar in bars if bar.planned or bar.actual]
    if not known:
        return None
    spans = [span for bar in known for span in (bar.planned, bar.actual) if span]
    first, last = min(span.since for span in spans), max([today, *(span.to for span in spans)])

    def placed(span: Span | None) -> tuple[int, int] | None:
        return ((span.since - first).days, max((span.to - span.since).days, 1)) if span else None

    rows = [Drawn(bar, placed(bar.planned), placed(bar.actual)) for bar in known]
    return Chart(rows, first, last, max((last - first).days, 1), (today - first).days)


def _actual(began: datetime | date | None, ended: datetime | None, today: date) -> Span | None:
    if began is None:
        return None
    since = timezone.localdate(began) if isinstance(began, datetime) else began
    return Span(since, timezone.localdate(ended) if ended else max(today, since), open=ended is None)


def _build(project: Project, approved: date | None) -> Span | None:
    """The build period of the plan, from the day of approval."""
    if approved is None or not project.build_months:
        return None
    return Span(approved, date.fromordinal(approved.toordinal() + round(project.build_months * DAYS_OF_A_MONTH)))


def _approvals(projects: Iterable[Project]) -> dict[int, date]:
    lines = LedgerEntry.objects.filter(project__in=[row.pk for row in projects], kind=LedgerEntry.Kind.APPROVED)
    return dict(lines.order_by().values_list("project").annotate(Min("on")))


def of_projects(projects: Sequence[Project], today: date) -> Chart | None:
    """One line for each project: its build period as planned, and its life since its approval."""
    approvals = _approvals(projects)
    bars = []
    for project in projects:
        approved, life = approvals.get(project.pk), project.case
        ended = life.closed_at if life else None
        actual = _actual(approved or (life.opened_at if life else None), ended, today)
        bars.append(Bar(project.name, f"/projects/{project.pk}/", _build(project, approved), actual))
    return chart(bars, today)


def of_project(project: Project, seen: Sequence[Case], labels: dict[int, str], today: date) -> Chart | None:
    """One line for the building, each contract and each case that the reader may see. `labels`: of cases, by key."""
    approved = _approvals([project]).get(project.pk)
    life = project.case
    bars = [
        Bar(_("Building"), "", _build(project, approved), _actual(approved, life.closed_at if life else None, today))
    ]
    for contract in project.contracts.filter(signed_on__isnull=False).order_by("signed_on", "pk"):
        begun = contract.begins_on or contract.signed_on
        term = Span(begun, contract.ends_on) if begun and contract.ends_on else None
        bars.append(Bar(str(contract), "", term, _actual(contract.signed_on, None, today)))
    ends: dict[int, date] = {}
    for key, day in Clock.objects.filter(case__in=seen).values_list("case", "due_on"):
        if day is not None:
            ends[key] = max(day, ends.get(key, day))
    for case in seen:
        if case.pk == project.case_id:
            continue
        since = timezone.localdate(case.opened_at)
        due = ends.get(case.pk)
        planned = Span(since, max(due, since)) if due else None
        actual = _actual(case.opened_at, case.closed_at, today)
        bars.append(Bar(labels.get(case.pk, case.title), f"/cases/{case.number}/", planned, actual))
    return chart(bars, today)
