"""Conditions ask only what somebody can answer."""

from __future__ import annotations

from statutes.definitions import All, Any, CasesAre, ClockIs, Cond, InputIs, Not, OverThreshold, Rule, Taken, Test
from statutes.validation.scope import Scope

COMPUTED = ("count", "mean", "sum")


def check_cond(scope: Scope, key: str, named: str, cond: Cond) -> None:
    """Report every unknown name in a condition and in those inside it."""
    if cond.rule is not None:
        scope.rule(key, named, cond.rule)
    match cond:
        case All(items=items) | Any(items=items):
            for item in items:
                check_cond(scope, key, named, item)
        case Not(item=item):
            check_cond(scope, key, named, item)
        case Test(name=name):
            if scope.names is not None:
                scope.known(key, named, name, scope.names.conditions, "condition")
        case OverThreshold(threshold=rule_id):
            check_threshold(scope, key, named, rule_id)
        case InputIs():
            _input(scope, key, named, cond)
        case Taken():
            scope.known(key, named, cond.action, scope.procedure.actions, "action")
            _count(scope, key, named, cond.count)
        case ClockIs(clock=clock):
            scope.known(key, named, clock, scope.procedure.clocks, "clock")
        case CasesAre():
            _cases(scope, key, named, cond)


def check_threshold(scope: Scope, key: str, named: str, rule_id: str) -> None:
    """The rule states a threshold on a field that is registered, or computed from this procedure."""
    rule: Rule | None = scope.rule(key, named, rule_id)
    if rule is None:
        return
    if rule.threshold is None:
        scope.problem(key, named, f"“{rule_id}” states no threshold.", "Name a rule with a threshold.")
        return
    kind, colon, name = rule.threshold.field.partition(":")
    if not colon:
        if scope.names is not None:
            scope.known(key, named, kind, scope.names.fields, "field")
    elif kind == "count":
        scope.known(key, named, name, scope.procedure.actions, "action")
    elif kind in COMPUTED:
        scope.input(key, named, name)


def _input(scope: Scope, key: str, named: str, cond: InputIs) -> None:
    if cond.action and scope.known(key, named, cond.action, scope.procedure.actions, "action"):
        scope.known(key, named, cond.name, scope.procedure.actions[cond.action].inputs, "input of that action")
    definition = scope.input(key, named, cond.name)
    if definition is not None and definition.options:
        options = [name for name, _label in definition.options]
        scope.known(key, named, str(cond.value), options, f"option of “{cond.name}”")


def _count(scope: Scope, key: str, named: str, count: int | str) -> None:
    if isinstance(count, str) and count != "all":
        check_threshold(scope, key, named, count)


def _cases(scope: Scope, key: str, named: str, cond: CasesAre) -> None:
    procedures = [p for pack in scope.compiled.chain for p in pack.procedures]
    of_id = [procedure for procedure in procedures if procedure.id == cond.procedure]
    if cond.count != "last":
        _count(scope, key, named, cond.count)
    if not of_id:
        scope.known(key, named, cond.procedure, {p.id for p in procedures}, "procedure")
    elif cond.outcome:
        outcomes = {state.outcome for p in of_id for state in p.states.values() if state.outcome}
        scope.known(key, named, cond.outcome, outcomes, "outcome")
