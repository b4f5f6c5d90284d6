"""Fairness that every procedure owes: reasons for a refusal, two pairs of eyes, and the umbrella of higher law."""

from __future__ import annotations

from statutes.definitions import CompiledPack, Procedure, Rule
from statutes.resolution import floors
from statutes.validation.scope import Scope

REASON = "reason"
OPINION = "opinion"


def check_duties(scope: Scope) -> None:
    _reasons(scope)
    _separation(scope)
    _umbrellas(scope)
    _several_at_once(scope)
    _internal(scope)


def _reasons(scope: Scope) -> None:
    for action in scope.procedure.actions.values():
        if action.kind == "refuse" and action.inputs.get(REASON) != "required":
            message = "A refusal has to give its reasons."
            scope.problem(f"action.{action.id}.inputs", action.id, message, f'Add {REASON} = "required".')


def _separation(scope: Scope) -> None:
    """No position both asks and decides."""
    actions = scope.procedure.actions.values()
    asking = {hand: action.id for action in actions if action.kind == "submit" for hand in action.by}
    for action in actions:
        if action.kind not in ("decide", "refuse"):
            continue
        for hand in action.by:
            if hand in asking:
                message = f"{hand} submits (“{asking[hand]}”) and also decides."
                scope.problem(f"action.{action.id}.by", action.id, message, "Let another position decide.")


def _several_at_once(scope: Scope) -> None:
    """What is done to many cases with one confirmation asks for nothing that each case would have to say itself."""
    for action in scope.procedure.actions.values():
        if not action.bulk:
            continue
        asked = [name for name, need in action.inputs.items() if need == "required" and name != OPINION]
        if action.kind in ("refuse", "submit"):
            message, mend = "Refusals and submissions are taken one by one.", "Remove `bulk`."
        elif action.opens_case or not action.by or action.sealed or action.binds or action.extends:
            message = "Only a plain act by hand on a case that is under way is taken on several at once."
            mend = "Remove `bulk`."
        elif asked:
            message = f"It asks for {', '.join(asked)}, which differs from case to case."
            mend = "Remove `bulk`, or ask for an opinion only."
        else:
            continue
        scope.problem(f"action.{action.id}.bulk", action.id, message, mend)


def _internal(scope: Scope) -> None:
    """What stays in the house is nobody's answer: a decision is for the others to read, and papers are the case's."""
    for action in scope.procedure.actions.values():
        if not action.internal:
            continue
        files = [name for name in action.inputs if _is_file(scope, name)]
        if action.opens_case or not action.by or action.kind in ("decide", "refuse"):
            message = "What opens or decides a case, or happens by itself, is not internal."
            mend = "Remove `internal`."
        elif files:
            message = f"Papers are the case's, so {', '.join(files)} would be read by all."
            mend = "Remove `internal`, or the file."
        else:
            continue
        scope.problem(f"action.{action.id}.internal", action.id, message, mend)


def _is_file(scope: Scope, name: str) -> bool:
    known = [scope.procedure.inputs, *(pack.inputs for pack in scope.compiled.chain)]
    return next((inputs[name].type for inputs in known if name in inputs), "") == "file"


def _umbrellas(scope: Scope) -> None:
    """A limit that an ancestor lays over a whole family is measured in every procedure of it."""
    chain = scope.compiled.chain
    own = next(index for index, pack in enumerate(chain) if pack.id == scope.procedure.pack)
    for pack in chain[own + 1 :]:
        for rule in pack.rules:
            if scope.procedure.family in rule.clocked_in and not _measured(scope.compiled, scope.procedure, rule):
                message = f"No clock measures the limit “{rule.id}” of {pack.name.en}, which covers this family."
                mend = "Add a clock on it, or on a rule that names it as `floor`."
                scope.problem("clock", scope.procedure.id, message, mend)


def _measured(compiled: CompiledPack, procedure: Procedure, umbrella: Rule) -> bool:
    cited = {option.value for clock in procedure.clocks.values() for option in clock.limit}
    return any(umbrella.id in _line(compiled, rule_id) for rule_id in cited)


def _line(compiled: CompiledPack, rule_id: str) -> set[str]:
    """The rule and all that stands under it."""
    try:
        rule = compiled.rule(rule_id)
    except KeyError:
        return set()
    return {rule.id, *rule.floor, *(floor.id for floor in floors(compiled, rule))}
