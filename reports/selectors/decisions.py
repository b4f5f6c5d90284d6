"""What was decided, by whom, on which basis, in time or not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from cases import families
from cases.models import Case, CaseEvent, Clock
from cases.page import said
from cases.selectors import visible_cases
from organizations.actors import Actor
from organizations.models import Position
from reports.forms import CaseFilter, Progress, Timeliness
from statutes.definitions import Action, CompiledPack, Instrument, Procedure, Rule
from statutes.selectors import compiled as compiled_version


def audited_cases(actor: Actor, wanted: CaseFilter) -> QuerySet[Case]:
    """Cases under the law of the auditor's jurisdiction, as narrowed by a valid form."""
    if actor.kind != Position.Kind.AUDITOR:
        return Case.objects.none()
    rows = visible_cases(actor).filter(jurisdiction_id=actor.jurisdiction_id)
    since, until = wanted.span()
    given = wanted.cleaned_data
    if since:
        rows = rows.filter(opened_at__gte=since)
    if until:
        rows = rows.filter(opened_at__lt=until)
    if given["family"]:
        rows = rows.filter(family=given["family"])
    if given["progress"]:
        rows = rows.filter(closed_at__isnull=given["progress"] == Progress.OPEN)
    if given["timeliness"]:
        rows = rows.filter(_timely(given["timeliness"]))
    if words := given["organization"]:
        rows = rows.filter(Q(opener__name__icontains=words) | Q(opener__short_name__icontains=words))
    if words := given["words"]:
        rows = rows.filter(Q(number__icontains=words) | Q(title__icontains=words))
    return rows.select_related("opener", "pack_version").defer("pack_version__source")


def _timely(wanted: str) -> Any:
    """Late, in time so far, or without any limit to be late with."""
    late, limited = _late(), _limited()
    if wanted == Timeliness.LATE:
        return late
    return ~late & limited if wanted == Timeliness.IN_TIME else ~limited


def _late() -> Exists:
    return Exists(late_clocks(timezone.now()).filter(case=OuterRef("pk")))


def _limited() -> Exists:
    return Exists(Clock.objects.filter(case=OuterRef("pk"), bound="latest"))


def late_clocks(now: datetime) -> QuerySet[Clock]:
    """Duties that were done late, given up after they were due, or are overdue now. Waiting periods are none."""
    return Clock.objects.filter(bound="latest").filter(
        Q(status=Clock.Status.LATE)
        | Q(status=Clock.Status.OPEN, due_at__lt=now)
        | Q(status=Clock.Status.VOID, breached_at__isnull=False)
    )


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts over the cases of a filter."""

    total: int
    closed: int
    late: int
    unlimited: int

    @property
    def in_time(self) -> int:
        """Cases that have a limit and are or were late with none."""
        return self.total - self.late - self.unlimited


def figures(cases: QuerySet[Case]) -> Figures:
    """How many cases there are, are closed, were or are late, and have no limit to be late with; one query."""
    counted = (
        cases.order_by()
        .annotate(is_late=_late(), is_limited=_limited())
        .aggregate(
            total=Count("pk"),
            closed=Count("pk", filter=Q(closed_at__isnull=False)),
            late=Count("pk", filter=Q(is_late=True)),
            unlimited=Count("pk", filter=Q(is_late=False, is_limited=False)),
        )
    )
    return Figures(**counted)


@dataclass(frozen=True, slots=True)
class Decision:
    """The last act by which somebody decided."""

    event: CaseEvent
    label: str
    rule: Rule
    instrument: Instrument | None


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One case in words. `limits`: clocks that bound somebody; `late`: those of them that were or are late."""

    case: Case
    family: str
    procedure: str
    state: str
    pack: str
    decision: Decision | None
    limits: int
    late: int
    verdict: str
    css: str


def case_lines(actor: Actor, rows: Sequence[Case]) -> list[CaseLine]:
    """Lines for a page of cases; two more queries, for clocks and events."""
    now = timezone.now()
    clocks: dict[int, list[Clock]] = defaultdict(list)
    for clock in Clock.objects.filter(case__in=rows, bound="latest"):
        clocks[clock.case_id].append(clock)
    events: dict[int, list[CaseEvent]] = defaultdict(list)
    acts = CaseEvent.objects.filter(case__in=rows, kind=CaseEvent.Kind.ACTION).order_by("seq")
    for event in acts.select_related("organization", "deputy_for__user"):
        events[event.case_id].append(event)
    return [_line(case, clocks[case.pk], events[case.pk], now) for case in rows]


def _line(case: Case, clocks: list[Clock], events: list[CaseEvent], now: datetime) -> CaseLine:
    compiled = compiled_version(case.pack_version)
    procedure = compiled.procedure(case.procedure, case.law_day)
    late = sum(1 for clock in clocks if is_late(clock, now))
    verdict, css = _verdict(case, len(clocks), late)
    return CaseLine(
        case=case,
        family=str(families.get(case.family).label),
        procedure=said(procedure.label),
        state=said(procedure.states[case.state].label),
        pack=f"{said(compiled.own.name)} {compiled.own.version}",
        decision=_decision(compiled, procedure, events),
        limits=len(clocks),
        late=late,
        verdict=verdict,
        css=css,
    )


def is_late(clock: Clock, now: datetime) -> bool:
    """The same question as `late_clocks`, of one row."""
    match clock.status:
        case Clock.Status.LATE:
            return True
        case Clock.Status.OPEN:
            return clock.due_at is not None and clock.due_at < now
        case Clock.Status.VOID:
            return clock.breached_at is not None
    return False


def _verdict(case: Case, limits: int, late: int) -> tuple[str, str]:
    if late:
        return (_("late"), "sh-over") if case.closed_at else (_("late or overdue"), "sh-over")
    if not limits:
        return _("no time limit"), "sh-hold"
    return (_("in time"), "sh-done") if case.closed_at else (_("in time so far"), "sh-run")


def _decision(compiled: CompiledPack, procedure: Procedure, events: list[CaseEvent]) -> Decision | None:
    for event in reversed(events):
        action: Action | None = procedure.actions.get(event.action)
        if action is not None and action.kind in ("decide", "refuse"):
            rule = compiled.rule(event.rule)
            return Decision(event, said(action.label), rule, compiled.instrument(rule))
    return None
