"""Cases that other cases or schedules open: they can be opened so, and never open each other without end."""

from __future__ import annotations

from statutes.definitions import Opener, Procedure
from statutes.schedules import MONTHS, months_between
from statutes.validation.scope import Scope

ALWAYS_EVEN = ("week", "working_day", "day")


def check_openings(scope: Scope) -> None:
    for state in scope.procedure.states.values():
        for opens in state.opens:
            _openable(scope, "state.opens", state.id, opens.procedure, "parent")
    for schedule in scope.procedure.schedules.values():
        key = f"schedule.{schedule.id}"
        _openable(scope, key, schedule.id, schedule.procedure, "schedule")
        even = schedule.every.period in MONTHS and months_between(schedule.every) is not None
        if not even and (schedule.every.period not in ALWAYS_EVEN or schedule.every.times != 1):
            message = f"{schedule.every.times} times a {schedule.every.period} do not come out in whole months."
            scope.problem(f"{key}.every", schedule.id, message, "Choose a period and number that do.")
    if _opens_itself(scope):
        message = "Cases of this procedure would open each other without end."
        scope.problem("state.opens", scope.procedure.id, message, "Break the circle.")


def _openable(scope: Scope, key: str, named: str, procedure_id: str, opener: Opener) -> None:
    for procedure in _named(scope, procedure_id):
        try:
            procedure.opening_action(opener)
        except KeyError:
            message = f"No action of “{procedure_id}” opens a case by a {opener}."
            scope.problem(key, named, message, f'Give it an opening action with by = ["{opener}"].')


def _named(scope: Scope, procedure_id: str) -> list[Procedure]:
    """The procedures of an id that the nearest pack states, one for each span of time."""
    for pack in scope.compiled.chain:
        if stated := [procedure for procedure in pack.procedures if procedure.id == procedure_id]:
            return stated
    return []


def _opens_itself(scope: Scope) -> bool:
    seen: set[str] = set()
    ahead = _opened_by(scope.procedure)
    while ahead:
        procedure_id = ahead.pop()
        if procedure_id == scope.procedure.id:
            return True
        if procedure_id not in seen:
            seen.add(procedure_id)
            for procedure in _named(scope, procedure_id):
                ahead |= _opened_by(procedure)
    return False


def _opened_by(procedure: Procedure) -> set[str]:
    return {opens.procedure for state in procedure.states.values() for opens in state.opens}
