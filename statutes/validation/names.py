"""Every name that a procedure uses is one that somebody knows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from statutes import vocabulary
from statutes.definitions import Action, Clock, Extends, Procedure, Schedule, State
from statutes.loader import nearest
from statutes.validation.conditions import check_cond
from statutes.validation.scope import Scope

PLAIN_SOURCES = ("opener", "each", "bound")
DATES = ("date", "datetime")


def check_names(scope: Scope) -> None:
    procedure = scope.procedure
    if scope.names is None:
        message = f"No app of the portal handles the family “{procedure.family}”."
        scope.problem("family", procedure.id, message, nearest(procedure.family, vocabulary.families()))
    scope.rule("rule", procedure.id, procedure.rule)
    for parent in procedure.parents:
        scope.known("parent", procedure.id, parent, procedures_of(scope), "procedure")
    _parties(scope)
    _inputs(scope)
    _namespace(scope)
    for state in procedure.states.values():
        _state(scope, state)
    for clock in procedure.clocks.values():
        _clock(scope, clock)
    for action in procedure.actions.values():
        _action(scope, action)
    for schedule in procedure.schedules.values():
        _schedule(scope, schedule)


def procedures_of(scope: Scope) -> set[str]:
    return {procedure.id for pack in scope.compiled.chain for procedure in pack.procedures}


def _parties(scope: Scope) -> None:
    organs = scope.compiled.organs()
    for party in scope.procedure.parties.values():
        key = f"party.{party.id}"
        if party.id in organs:
            scope.problem(key, party.id, f"“{party.id}” is also an organ.", "Rename the party: organs need no naming.")
        if scope.names is not None:
            known = [*PLAIN_SOURCES, *sorted(scope.names.resolvers)]
            scope.known(f"{key}.from", party.id, party.source, known, "source of parties")


def _inputs(scope: Scope) -> None:
    for definition in scope.procedure.inputs.values():
        if definition.rule is None:
            continue
        rule = scope.rule(f"input.{definition.id}.rule", definition.id, definition.rule)
        if rule is not None and rule.range is None:
            scope.problem(f"input.{definition.id}.rule", definition.id, f"“{rule.id}” states no range.", "Give it one.")


def _namespace(scope: Scope) -> None:
    procedure = scope.procedure
    for name in procedure.actions.keys() & procedure.states.keys():
        scope.problem(f"action.{name}", name, "An action and a state have one name.", "Rename one of them.")
    for clock in procedure.clocks.values():
        if not clock.own_state and clock.id in {*procedure.actions, *procedure.states}:
            scope.problem(f"clock.{clock.id}", clock.id, "A clock has the name of an action or state.", "Rename it.")


def _state(scope: Scope, state: State) -> None:
    key, procedure = f"state.{state.id}", scope.procedure
    scope.hands(f"{key}.awaits", state.id, state.awaits)
    _effects(scope, f"{key}.effects", state.id, state.effects)
    for index, way in enumerate(state.next):
        scope.known(f"{key}.next[{index}].to", state.id, way.to, procedure.states, "state")
        check_cond(scope, f"{key}.next[{index}].when", state.id, way.when)
    for opened in state.opens:
        scope.known(f"{key}.opens", state.id, opened.procedure, procedures_of(scope), "procedure")
        _each(scope, f"{key}.opens", state.id, opened.each)
    if state.terminal and (state.awaits or state.next or state.opens or state.id in procedure.clocks):
        scope.problem(key, state.id, "A state with an outcome ends the case.", "Remove what would go on in it.")


def _each(scope: Scope, key: str, named: str, each: str) -> None:
    if not each:
        return
    kind, colon, role = each.partition(":")
    if colon:
        scope.known(key, named, kind, ("organ",), "source of cases")
        scope.known(key, named, role, scope.compiled.organs(), "organ")
    elif scope.names is not None:
        scope.known(key, named, each, scope.names.resolvers, "resolver")


def _effects(scope: Scope, key: str, named: str, effects: Iterable[str]) -> None:
    if scope.names is not None:
        for effect in effects:
            scope.known(key, named, effect, scope.names.effects, "effect")


def _clock(scope: Scope, clock: Clock) -> None:
    key, procedure = f"state.{clock.id}" if clock.own_state else f"clock.{clock.id}", scope.procedure
    for option in clock.limit:
        rule = scope.rule(f"{key}.limit", clock.id, option.value)
        if rule is not None and rule.limit is None:
            scope.problem(f"{key}.limit", clock.id, f"“{rule.id}” states no limit.", "Name a rule with a limit.")
        if rule is not None and rule.limit is not None and rule.limit.unit == "set":
            _amount_of_set(scope, key, clock)
        if option.when is not None:
            check_cond(scope, f"{key}.limit", clock.id, option.when)
    if clock.own_state and not clock.duty:
        scope.problem(key, clock.id, "A state that awaits nobody cannot have a limit of its own.", "Use a [clock].")
    else:
        scope.known(f"{key}.duty", clock.id, clock.duty, scope.parties(), "party")
    if clock.own_state and not clock.until and not clock.until_next:
        scope.problem(key, clock.id, "Nobody whom the state awaits can leave it.", "Let an awaited hand act.")
    for name, events in (("from", clock.starts), ("until", clock.until), ("void", clock.void)):
        for event in events:
            scope.known(f"{key}.{name}", clock.id, event, scope.events(), "action, state or due date")
    for state in clock.pause:
        scope.known(f"{key}.pause", clock.id, state, procedure.states, "state")
    scope.hands(f"{key}.on_due.notify", clock.id, clock.notify)
    if clock.agreed and scope.names is not None:
        scope.known(f"{key}.agreed", clock.id, clock.agreed, scope.names.fields, "field")
    if clock.act:
        _act(scope, f"{key}.on_due.act", clock)


def _act(scope: Scope, key: str, clock: Clock) -> None:
    known = scope.known(key, clock.id, clock.act, scope.procedure.actions, "action")
    if known and not scope.procedure.actions[clock.act].by_clock:
        scope.problem(key, clock.id, f"“{clock.act}” is not taken by the clock.", 'Add by = ["clock"] to it.')


def _amount_of_set(scope: Scope, key: str, clock: Clock) -> None:
    """A date that an input sets has to be given by every action that starts the clock."""
    definition = scope.input(f"{key}.amount", clock.id, clock.amount)
    if definition is None:
        return
    if definition.type != "date":
        scope.problem(f"{key}.amount", clock.id, f"“{clock.amount}” is no date.", "Name an input of type date.")
    for event in clock.starts:
        action = scope.procedure.actions.get(event)
        if action is None or action.inputs.get(clock.amount) != "required":
            message = f"“{event}” starts the clock without requiring “{clock.amount}”."
            scope.problem(f"{key}.from", clock.id, message, "Start it by actions that require the date.")


def _action(scope: Scope, action: Action) -> None:
    key, procedure = f"action.{action.id}", scope.procedure
    scope.rule(f"{key}.rule", action.id, action.rule)
    for source in action.sources:
        if source != "*":
            scope.known(f"{key}.from", action.id, source, procedure.states, "state")
    for option in action.to:
        scope.known(f"{key}.to", action.id, option.value, procedure.states, "state")
        if option.when is not None:
            check_cond(scope, f"{key}.to", action.id, option.when)
    for index, cond in enumerate(action.when):
        check_cond(scope, f"{key}.when[{index}]", action.id, cond)
    scope.hands(f"{key}.by", action.id, action.by)
    scope.hands(f"{key}.notify", action.id, action.notify)
    _effects(scope, f"{key}.effects", action.id, action.effects)
    for name in action.inputs:
        scope.input(f"{key}.inputs", action.id, name)
    if action.dated:
        _input_of_type(scope, f"{key}.dated", action, action.dated, DATES)
    _binds(scope, key, action)
    if action.extends is not None:
        _extends(scope, f"{key}.extends", action, action.extends)
    _others(scope, key, action)


def _input_of_type(scope: Scope, key: str, action: Action, name: str, types: tuple[str, ...]) -> None:
    if not scope.known(key, action.id, name, action.inputs, "input of this action"):
        return
    definition = scope.input(key, action.id, name)
    if definition is not None and definition.type not in types:
        scope.problem(key, action.id, f"“{name}” is no {' or '.join(types)}.", "Name an input of that type.")


def _binds(scope: Scope, key: str, action: Action) -> None:
    parties = scope.procedure.parties
    for party, name in action.binds.items():
        if scope.known(f"{key}.binds", action.id, party, parties, "party") and parties[party].source != "bound":
            scope.problem(
                f"{key}.binds", action.id, f"“{party}” is bound when the case opens.", 'Give it from = "bound".'
            )
        _input_of_type(scope, f"{key}.binds", action, name, ("organization", "person"))


def _extends(scope: Scope, key: str, action: Action, extends: Extends) -> None:
    scope.known(f"{key}.clock", action.id, extends.clock, scope.procedure.clocks, "clock")
    rule = scope.rule(f"{key}.by", action.id, extends.by)
    if rule is not None and rule.limit is None:
        scope.problem(f"{key}.by", action.id, f"“{rule.id}” states no limit.", "Name a rule with a limit.")
    elif rule is not None and rule.limit is not None:
        _same_unit(scope, f"{key}.by", action, rule.limit.unit)
    if not extends.amount:
        return
    taken, _dot, name = extends.amount.rpartition(".")
    source = scope.procedure.actions.get(taken, None) if taken else action
    if source is None:
        scope.known(f"{key}.amount", action.id, taken, scope.procedure.actions, "action")
    else:
        _input_of_type(scope, f"{key}.amount", source, name, ("number",))


def _same_unit(scope: Scope, key: str, action: Action, unit: str) -> None:
    """An extension is counted as the limit is that it lengthens."""
    clock = scope.procedure.clocks.get(action.extends.clock) if action.extends else None
    for option in clock.limit if clock else ():
        limit = next((r.limit for p in scope.compiled.chain for r in p.rules if r.id == option.value), None)
        if limit is not None and limit.unit != unit:
            message = f"It lengthens by {unit} what is counted by {limit.unit}."
            scope.problem(key, action.id, message, "Name a rule of the same unit.")


def _others(scope: Scope, key: str, action: Action) -> None:
    """The clock, a schedule or a parent may take an action only if they are told to."""
    procedure = scope.procedure
    if action.by_clock and not any(clock.act == action.id for clock in procedure.clocks.values()):
        scope.problem(f"{key}.by", action.id, "No clock takes this action.", f'Add act = "{action.id}" to an on_due.')
    if action.by_schedule and not _is_scheduled(scope, procedure):
        scope.problem(f"{key}.by", action.id, "No schedule opens this procedure.", "Add a [[schedule]].")


def _is_scheduled(scope: Scope, procedure: Procedure) -> bool:
    packs = scope.compiled.chain
    return any(s.procedure == procedure.id for p in packs for other in p.procedures for s in other.schedules.values())


def _schedule(scope: Scope, schedule: Schedule) -> None:
    key = f"schedule.{schedule.id}"
    scope.rule(f"{key}.rule", schedule.id, schedule.rule)
    scope.known(f"{key}.procedure", schedule.id, schedule.procedure, procedures_of(scope), "procedure")
    _each(replace(scope, names=_names_of(scope, schedule.procedure)), f"{key}.for_each", schedule.id, schedule.for_each)


def _names_of(scope: Scope, procedure_id: str) -> vocabulary.Vocabulary | None:
    """What is known of the family of a procedure; None where there is none of that name, which is said elsewhere."""
    opened = (p for pack in scope.compiled.chain for p in pack.procedures if p.id == procedure_id)
    return next((vocabulary.family(procedure.family) for procedure in opened), None)
