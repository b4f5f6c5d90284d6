"""Open cases when a new version of their law is activated: they stay, unless the pack says that they go on under it.

Each case moves in its own transaction and leaves one line behind, moved or stayed and why, so that the work can
be broken off anywhere, done by two at once, and begun again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from cases.conditions import Look
from cases.engine import clocks
from cases.engine.context import Matter, load
from cases.engine.founding import bind_missing_organs
from cases.engine.transitions import finish, follow_exits, next_seq, record_event
from cases.models import Case, CaseEvent, VersionMove
from cases.selectors import cases_concerned
from organizations.actors import SystemActor
from organizations.errors import BadInput
from statutes.definitions import CompiledPack, Procedure, Transition
from statutes.models import PackVersion
from statutes.selectors import compiled as compiled_version

BY_ACTIVATION = SystemActor("new version of the law")
NO_PROCEDURE, NO_STATE, NO_RULE, NO_ORGAN = "no_procedure", "no_state", "no_rule", "no_organ"


def move_open_cases(moment: datetime | None = None) -> int:
    """Take every case concerned to the version of its law that is in force. Returns how many were looked at now."""
    return sum(move_cases(version, moment) for version in PackVersion.objects.filter(is_current=True).defer("source"))


def move_cases(version: PackVersion, moment: datetime | None = None) -> int:
    """The same for one version, one transaction for each case."""
    looked_at = 0
    waiting = cases_concerned(version).exclude(version_moves__version=version).order_by("pk")
    for case_id in list(waiting.values_list("pk", flat=True)):
        looked_at += _move(case_id, version, moment or timezone.now())
    return looked_at


@transaction.atomic
def _move(case_id: int, version: PackVersion, moment: datetime) -> int:
    """One case. A case that somebody holds is left for the next run."""
    case = Case.objects.select_for_update(of=("self",), skip_locked=True).filter(pk=case_id).first()
    if case is None or case.closed_at is not None or VersionMove.objects.filter(version=version, case=case).exists():
        return 0
    at = max(moment, case.last_at)
    matter = load(case)
    reason = _go_on(matter, version, at)
    VersionMove.objects.create(version=version, case=case, moved=not reason, reason=reason, at=at)
    return 1


def _go_on(matter: Matter, version: PackVersion, at: datetime) -> str:
    """Put the case under the version. Returns why it has to stay instead; "" when it has gone on."""
    case, compiled = matter.case, compiled_version(version)
    rule = next(rule for rule in compiled.own.transitions if rule.procedure == case.procedure)
    try:
        procedure = compiled.procedure(case.procedure, timezone.localdate(at))
    except KeyError:
        return NO_PROCEDURE
    if reason := why_not(matter, rule, compiled, procedure):
        return reason
    target = rule.states.get(case.state, case.state)
    after = replace(matter, compiled=compiled, procedure=procedure)
    try:
        bind_missing_organs(after)
    except BadInput:
        return NO_ORGAN
    event = _event(matter, version, target, at)
    case.pack_version, case.law_on = version, timezone.localdate(at)
    case.state, case.entered_seq = target, event.seq
    _let_clocks_go_on(after, event, at)
    record_event(after, event)
    follow_exits(after, BY_ACTIVATION, at)
    finish(after, BY_ACTIVATION, at, said=[])
    return ""


def why_not(matter: Matter, rule: Transition, compiled: CompiledPack, procedure: Procedure) -> str:
    """Why a case cannot go on under another version, as a code; "" when it can."""
    state = procedure.states.get(rule.states.get(matter.case.state, matter.case.state))
    if state is None or state.terminal:
        return NO_STATE
    for clock in matter.clocks:
        if clock.ended_at is None and clock.name in procedure.clocks:
            try:
                compiled.rule(clock.rule)
            except KeyError:
                return NO_RULE
    return ""


def _event(matter: Matter, version: PackVersion, target: str, at: datetime) -> CaseEvent:
    case = matter.case
    return CaseEvent(
        seq=next_seq(matter),
        kind=CaseEvent.Kind.TRANSITION,
        from_state=case.state,
        to_state=target,
        at=at,
        rule=matter.procedure.rule,
        seen={"from_version": case.pack_version_id, "law_on": case.law_day.isoformat(), "version": version.version},
    )


def _let_clocks_go_on(matter: Matter, event: CaseEvent, at: datetime) -> None:
    """Clocks that both versions name run on with the number they have; others end; a state without any gets its own."""
    step = clocks.Step(event, frozenset({event.to_state}), at)
    for clock in matter.clocks:
        if clock.ended_at is None and clock.name not in matter.procedure.clocks:
            clocks.void(clock, step)
    if any(clock.ended_at is None for clock in matter.clocks):
        return
    look = Look(matter, matter.context(BY_ACTIVATION, at, {}))
    clocks.apply(matter, step, clocks.choose_limits(matter, look), {})
