"""Who is settled when: the sweep over all cases, and one case with its kin before the next action on it.

What falls due is settled in the order in which it fell due, also between a case and its children, so that the
record is the same however late this runs. An act that a clock takes has a transaction of its own, after the
breach is committed; so has each case that was signalled.
"""

from __future__ import annotations

import logging
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import Exists, Min, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from cases import notices
from cases.engine.context import Matter, load
from cases.engine.failing import Failed, attempt
from cases.engine.inheriting import inherit
from cases.engine.recount import recount_case, recount_due
from cases.engine.settling import CHUNK, SWEEP, open_cases_due, settle_chunk
from cases.engine.transitions import Taking, carry_out, finish, follow_exits
from cases.models import Case, Clock, Notification, Signal
from organizations.errors import Conflict

logger = logging.getLogger(__name__)

KIN = Q(parent__isnull=False) | Q(Exists(Case.objects.filter(parent__isnull=False, parent=OuterRef("pk"))))
ALONE = ~KIN


def is_due(case: Case, moment: datetime) -> bool:
    """Whether something of the case has to be settled before an action at `moment`."""
    if case.closed_at is not None or case.error:
        return False
    return (case.next_fire_at is not None and case.next_fire_at <= moment) or bool(_pending_acts([case.pk]))


def settle_case(case_id: int, moment: datetime | None = None) -> None:
    """Fire whatever of one case and of its kin fell due before `moment` (now), counted by the calendar of today."""
    moment = moment or timezone.now()
    recount_case(case_id, moment)
    kin = _kin_of(case_id)
    if len(kin) > 1:
        _settle_kin(Q(pk__in=kin), moment, kin)
    settled = True
    while settled:
        settled = bool(settle_chunk(Q(pk=case_id), moment, moment, wait=True))
        settled = bool(take_pending_acts([case_id])) or settled
        settled = bool(read_signals(moment, [case_id])) or settled


def sweep(moment: datetime | None = None) -> int:
    """Settle every case with something due and every case that was signalled. Returns how many were touched.

    Cases are claimed by row and skipped while somebody else holds them, so any number of sweepers may run.
    """
    moment = moment or timezone.now()
    inherit()
    recount_due(moment)
    touched = progress = _settle_alone(moment)
    while progress:
        progress = _settle_alone(moment)
        touched += progress
    touched += _settle_kin(KIN, moment, None)
    while count := read_signals(moment):
        touched += count
    return touched


def _settle_alone(moment: datetime) -> int:
    """Cases that have neither parent nor child, all at once: whose order among each other nothing can tell."""
    touched = 0
    while count := settle_chunk(ALONE, moment, moment):
        touched += count
    return touched + len(take_pending_acts(None))


def _settle_kin(which: Q, moment: datetime, case_ids: list[int] | None) -> int:
    """Cases that open each other, instant by instant, so that a child's end is known before its parent's next rung."""
    touched = 0
    while horizon := open_cases_due(moment).filter(which).aggregate(first=Min("next_fire_at"))["first"]:
        progress = read_signals(horizon, case_ids)
        while count := settle_chunk(which, horizon, moment):
            progress += count
        progress += len(take_pending_acts(case_ids))
        progress += read_signals(horizon, case_ids)
        if not progress:
            return touched
        touched += progress
    return touched + (read_signals(moment, case_ids) if case_ids else 0)


def _kin_of(case_id: int) -> list[int]:
    """The case with its ancestors and all that these opened."""
    top = case_id
    while parent := Case.objects.filter(pk=top).values_list("parent_id", flat=True).first():
        top = parent
    found, newest = [top], [top]
    while newest := list(Case.objects.filter(parent__in=newest).values_list("pk", flat=True)):
        found += newest
    return found


def _pending_acts(case_ids: list[int] | None) -> list[tuple[int, int]]:
    """(case, clock) of recorded breaches whose act by the clock is still to be taken and not postponed."""
    waiting = Clock.objects.filter(status=Clock.Status.OPEN, act_pending=True, case__closed_at__isnull=True)
    if case_ids is not None:
        waiting = waiting.filter(case__in=case_ids)
    return list(waiting.order_by("breached_at", "name").values_list("case_id", "pk"))


def take_pending_acts(case_ids: list[int] | None) -> list[int]:
    """Take the acts of clocks that ran out, each in its own transaction. Returns the cases that moved."""
    moved = []
    for case_id, clock_id in _pending_acts(case_ids):
        try:
            attempt(partial(_take_act, case_id, clock_id))
        except Failed as failed:
            logger.exception("the act of clock %s failed", clock_id)
            Case.objects.filter(pk=case_id).update(error=failed.zh, error_en=failed.en)
            Clock.objects.filter(pk=clock_id).update(error=failed.note)
        else:
            moved.append(case_id)
    return moved


@transaction.atomic
def _take_act(case_id: int, clock_id: int) -> None:
    """An ordinary action by the clock, at the due instant; its rule is the legal basis of the deemed outcome."""
    case = Case.objects.select_for_update(of=("self",)).get(pk=case_id)
    matter = load(case)
    clock = next((c for c in matter.clocks if c.pk == clock_id), None)
    if clock is None or clock.status != Clock.Status.OPEN or not clock.act_pending or clock.breached_at is None:
        return
    action = matter.procedure.actions[matter.procedure.clocks[clock.name].act]
    if case.state not in action.sources and "*" not in action.sources:
        raise Conflict(_("The automatic step cannot be taken where the case stands."))
    at = max(clock.breached_at, case.last_at)
    clock.act_pending, clock.error, case.error, case.error_en = False, "", "", ""
    clock.save(update_fields=["act_pending", "error"])
    carry_out(matter, Taking(action, SWEEP, at, at, held=None))


def read_signals(until: datetime, case_ids: list[int] | None = None) -> int:
    """Let cases signalled up to `until` read their automatic exits, one transaction each. Returns how many were."""
    waiting = Signal.objects.filter(handled_at__isnull=True, created_at__lte=until)
    if case_ids is not None:
        waiting = waiting.filter(case__in=case_ids)
    handled = 0
    for case_id in list(waiting.order_by("case_id").values_list("case_id", flat=True).distinct()[:CHUNK]):
        try:
            handled += _read_signal(case_id, until)
        except Exception:
            logger.exception("the signals of case %s could not be read", case_id)
    return handled


@transaction.atomic
def _read_signal(case_id: int, until: datetime) -> int:
    """What a signal sets off counts from the moment of the signal, however late it is read."""
    case = Case.objects.select_for_update(of=("self",), skip_locked=True).filter(pk=case_id).first()
    signals = Signal.objects.filter(case=case_id, handled_at__isnull=True, created_at__lte=until)
    newest = signals.order_by("-created_at").values_list("created_at", flat=True).first()
    if case is None or newest is None:
        return 0
    moment = max(newest, case.last_at)
    if case.closed_at is None:
        matter = load(case)
        if follow_exits(matter, SWEEP, moment):
            finish(matter, SWEEP, moment, said=_arrived(matter, moment))
    return signals.update(handled_at=timezone.now())


def _arrived(matter: Matter, moment: datetime) -> list[Notification]:
    """Notices of a move by itself: to those whom the new state awaits."""
    people = notices.people_for(matter, matter.state.awaits, moment)
    return notices.notices(people, matter, "awaited", moment)
