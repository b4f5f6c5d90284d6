"""What a notice does to due dates: before it is confirmed as an estimate, afterwards line by line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import F, Q, QuerySet

from cases import selectors as cases
from cases.engine.clocks import RECOUNT_PRACTICE, derive_from
from cases.engine.recount import concerned_clocks
from cases.models import Clock, ClockEntry, Recount
from organizations.actors import Actor
from reports.forms import Moved, RecountFilter
from statutes.definitions import Rule
from statutes.models import CalendarNotice
from statutes.notice_checks import Judgement
from statutes.selectors import compiled
from statutes.selectors.notices import ENTERED_BY

SAMPLE = 1_000


@dataclass(frozen=True, slots=True)
class Impact:
    """Open clocks that a notice touches, how many of their due dates would change, and ended ones it touches.

    `exact`: every one was counted; otherwise the figure is projected from a sample.
    """

    open: int
    changed: int
    ended: int
    exact: bool


@dataclass(frozen=True, slots=True)
class RecountLine:
    """A due date before and after. `linked`: the reader may open the case."""

    entry: ClockEntry
    rule: Rule
    linked: bool

    @property
    def number(self) -> str:
        return self.entry.clock.case.number

    @property
    def before(self) -> date | None:
        return self.entry.due_before

    @property
    def after(self) -> date | None:
        return self.entry.due_after

    @property
    def what(self) -> Moved:
        if self.entry.rule == RECOUNT_PRACTICE:
            return Moved.GRACED
        return Moved.MOVED if self.before != self.after else Moved.STAYED


def impact_of(actor: Actor, notice: CalendarNotice, judgement: Judgement) -> Impact:
    """What confirming a notice would touch, counted on at most a thousand clocks. Figures only, of the whole house."""
    if actor.kind not in ENTERED_BY or judgement.first is None or judgement.last is None:
        return Impact(0, 0, 0, exact=True)
    touched = concerned_clocks(notice.jurisdiction, judgement.first, judgement.last)
    running = touched.filter(status=Clock.Status.OPEN)
    count = running.count()
    sample = list(running.filter(due_on__isnull=False).prefetch_related("ledger").order_by("pk")[:SAMPLE])
    moved = sum(_moves(clock, judgement) for clock in sample)
    exact = count <= SAMPLE
    changed = moved if exact or not sample else round(moved * count / len(sample))
    return Impact(count, changed, touched.filter(status=Clock.Status.LATE).count(), exact)


def _moves(clock: Clock, judgement: Judgement) -> bool:
    entries = sorted(clock.ledger.all(), key=lambda entry: entry.pk)
    return derive_from(clock, entries, judgement.calendar).due_on != clock.due_on


def recount_of(actor: Actor, notice: CalendarNotice) -> Recount | None:
    """How far the recount of a notice is; None before it was confirmed."""
    if actor.kind not in ENTERED_BY or notice.version is None:
        return None
    return Recount.objects.filter(version=notice.version).first()


def recounts(actor: Actor, version: int, wanted: RecountFilter) -> QuerySet[ClockEntry]:
    """Due dates of the actor's jurisdiction counted again under a calendar, narrowed by the filter."""
    if actor.kind not in ENTERED_BY:
        return ClockEntry.objects.none()
    found = ClockEntry.objects.filter(
        kind=ClockEntry.Kind.RECALCULATE,
        version_after__gte=version,
        version_before__lt=version,
        clock__case__jurisdiction=actor.jurisdiction_id,
    ).filter(_narrowed(wanted))
    return found.select_related("clock__case__pack_version").defer("clock__case__pack_version__source")


def _narrowed(wanted: RecountFilter) -> Q:
    given, narrowed = wanted.cleaned_data, Q()
    if given["since"]:
        narrowed &= Q(due_after__gte=given["since"])
    if given["until"]:
        narrowed &= Q(due_after__lte=given["until"])
    if given["words"]:
        narrowed &= Q(clock__case__number__icontains=given["words"])
    graced, same = Q(rule=RECOUNT_PRACTICE), Q(due_before=F("due_after"))
    by_what = {Moved.MOVED: ~same & ~graced, Moved.STAYED: same, Moved.GRACED: graced}
    return narrowed & by_what[given["what"]] if given["what"] else narrowed


def recount_lines(actor: Actor, entries: Sequence[ClockEntry]) -> list[RecountLine]:
    keys = {entry.clock.case_id for entry in entries}
    seen = set(cases.visible_cases(actor).filter(pk__in=keys).values_list("pk", flat=True))
    return [
        RecountLine(entry, compiled(entry.clock.case.pack_version).rule(entry.clock.rule), entry.clock.case_id in seen)
        for entry in entries
    ]
