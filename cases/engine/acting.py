"""The only way a case moves by hand: `act`. See docs/architecture.md for the order of its steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cases import hands, inputs
from cases.conditions import Look, Reason, holds, reason
from cases.engine import clocks, sweeping
from cases.engine.context import Matter, load
from cases.engine.transitions import Taking, carry_out
from cases.errors import DoorClosed
from cases.models import Case, CaseEvent
from cases.selectors import can_see
from organizations.actors import Actor
from organizations.errors import BadInput, Conflict, NotKnown, NotPermitted
from statutes.definitions import Action

MOST_ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Attempt:
    """What somebody asks to do on a case. `version`: the seq that they saw."""

    action: str
    version: int | None
    given: Mapping[str, Any]
    opinion: str
    at: datetime | None
    key: str


def act(
    actor: Actor,
    case_id: int,
    action: str,
    *,
    version: int | None,
    given: Mapping[str, Any] | None = None,
    opinion: str = "",
    at: datetime | None = None,
    idempotency_key: str = "",
) -> CaseEvent:
    """Take an action on a case. Returns its event.

    `version`: the seq that the actor saw. `at`: an earlier moment, for the demonstration actor alone.
    Raises NotKnown (not visible), NotPermitted (wrong party, separation), DoorClosed (a condition, with its
    rule), Conflict (the case has moved, or is not where this action is taken), BadInput (inputs).
    """
    if at is not None and not actor.demonstration:
        raise NotPermitted(_("Only the demonstration may act at an earlier moment."))
    attempt = Attempt(action, version, dict(given or {}), opinion.strip(), at, idempotency_key)
    for _round in range(MOST_ROUNDS):
        sweeping.settle_case(case_id, at)
        event = _act_once(actor, case_id, attempt)
        if event is not None:
            if event.fact_at is not None:
                sweeping.settle_case(case_id, at)
            return event
    raise Conflict(_("The case keeps changing by itself. Please try again in a moment."))


@transaction.atomic
def _act_once(actor: Actor, case_id: int, attempt: Attempt) -> CaseEvent | None:
    """One try under the row lock; None when something fell due meanwhile and has to be settled first."""
    case = Case.objects.select_for_update(of=("self",)).select_related("parent").filter(pk=case_id).first()
    if case is None or not can_see(actor, case):
        raise NotKnown(_("There is no such case."))
    moment = max(attempt.at or timezone.now(), case.last_at)
    if attempt.key and (earlier := _answered(case, actor, attempt)):
        return earlier
    if sweeping.is_due(case, moment):
        return None
    hands.require_position(actor)
    matter = load(case)
    action = matter.procedure.actions.get(attempt.action)
    if action is None or action.opens_case:
        raise NotKnown(_("There is no such action."))
    held = check_hand(matter, actor, action)
    check_place(matter, action, attempt.version)
    check_person(matter, actor, action, held)
    return carry_out(matter, prepare(matter, actor, action, held, attempt, moment))


def prepare(
    matter: Matter, actor: Actor, action: Action, held: hands.Held, attempt: Attempt, moment: datetime
) -> Taking:
    """Check inputs and doors of an action whose hand and place are right. Raises BadInput or DoorClosed."""
    inputs.check_length(attempt.opinion, "opinion")
    given = _with_opinion(action, attempt)
    cleaner = inputs.Cleaner(matter.compiled, matter.procedure, actor, matter.case.pk, matter.choices)
    cleaned = cleaner.clean(action, given)
    clocks.check_asked_extension(matter, action, cleaned, moment)
    look = Look(matter, matter.context(actor, moment, cleaned))
    return Taking(
        action=action,
        actor=actor,
        at=moment,
        fact_at=inputs.fact_instant(action, cleaned, moment),
        held=held,
        inputs=cleaned,
        opinion=attempt.opinion,
        idempotency_key=attempt.key,
        departed_from=check_doors(look, action, attempt.opinion),
    )


def _answered(case: Case, actor: Actor, attempt: Attempt) -> CaseEvent | None:
    """The event of an earlier call with this key. Raises Conflict if the key was used for something else."""
    event = case.events.filter(idempotency_key=attempt.key).first()
    if event is not None and (event.action != attempt.action or event.person_id != actor.user.pk):
        raise Conflict(_("This idempotency key was used for another action."))
    return event


def _with_opinion(action: Action, attempt: Attempt) -> dict[str, Any]:
    """An input named `opinion` may be given as the opinion itself, which every action has."""
    values = dict(attempt.given)
    if "opinion" in action.inputs and attempt.opinion:
        values.setdefault("opinion", attempt.opinion)
    return values


def check_hand(matter: Matter, actor: Actor, action: Action) -> hands.Held:
    """The hand in which the actor may take the action. Raises NotPermitted otherwise."""
    held = hands.held_by(matter, actor, action.by)
    if held is None:
        raise NotPermitted(_("In your present position you cannot do this."))
    return held


def check_place(matter: Matter, action: Action, version: int | None) -> None:
    """The case stands where the actor saw it, and where the action is taken. Raises Conflict otherwise."""
    case = matter.case
    if case.error:
        sentence = _("The case cannot be acted on until an automatic step succeeds: %(why)s")
        raise Conflict(sentence % {"why": case.shown_error})
    if version is not None and version != case.seq and _moved_since(matter, version):
        raise Conflict(_("The case has moved since you opened it."), moved_by(matter))
    if case.closed_at is not None:
        raise Conflict(_("The case is closed."), moved_by(matter))
    if case.state not in action.sources and "*" not in action.sources:
        raise Conflict(_("The case is not where this can be done."), moved_by(matter))


def _moved_since(matter: Matter, version: int) -> bool:
    """Whether anything but a recount of due dates has happened to the case since somebody saw it."""
    counted_again = {CaseEvent.Kind.RECALCULATE, CaseEvent.Kind.ANNUL}
    return version > matter.case.seq or any(e.seq > version and e.kind not in counted_again for e in matter.events)


def moved_by(matter: Matter) -> dict[str, object]:
    """Who moved the case last, for a conflict's answer: the newest act of a person, before what followed by itself."""
    acts = [event for event in matter.events if event.person_id is not None]
    last = acts[-1] if acts else matter.events[-1]
    return {
        "version": matter.case.seq,
        "state": matter.case.state,
        "action": last.action or last.kind,
        "by": last.person_name,
        "at": timezone.localtime(last.at).isoformat(),
    }


def check_person(matter: Matter, actor: Actor, action: Action, held: hands.Held) -> None:
    """Separation of duties, `once`, and one taking per awaited hand and stay."""
    if problem := hands.separation(matter, actor, action, held):
        raise NotPermitted(problem)
    if action.once and matter.last_taking(action.id):
        raise Conflict(_("This can be done only once in a case, and has been done."), moved_by(matter))
    awaited = held.hand in matter.state.awaits
    if not action.to and awaited and any(hands.took(e, held) for e in hands.since_entry(matter, action)):
        raise Conflict(_("You have already done your part here."), moved_by(matter))


def check_doors(look: Look, action: Action, opinion: str) -> tuple[str, ...]:
    """Read the action's conditions. Returns the soft rules departed from with a reason given.

    Raises DoorClosed for a condition that closes, BadInput when a soft rule is departed from without a reason.
    """
    failing = [reason(cond, look, action.rule) for cond in action.when if not holds(cond, look)]
    soft = [why for why in failing if look.matter.compiled.rule(why.rule).soft]
    hard = [why for why in failing if why not in soft]
    if hard:
        raise DoorClosed(" ".join(why.sentence for why in hard), hard, look.matter.compiled)
    if soft and not opinion:
        sentences = " ".join(why.sentence for why in soft)
        raise BadInput(sentences, {"opinion": _("Give the reason for departing from the rule.")})
    return tuple(why.rule for why in soft)


def closed_doors(matter: Matter, actor: Actor, action: Action, at: datetime) -> list[Reason]:
    """Why an action is closed to this actor just now; empty when it is open. For pages and the API.

    An opening action is asked of a matter that is not stored yet.
    """
    held = hands.held_by(matter, actor, action.by)
    if held is None:
        return [Reason(_("This is for: %(hands)s.") % {"hands": _names(matter, action)}, action.rule)]
    try:
        if not action.opens_case:
            check_place(matter, action, None)
        check_person(matter, actor, action, held)
    except (Conflict, NotPermitted) as refusal:
        return [Reason(str(refusal.message), action.rule)]
    look = Look(matter, matter.context(actor, at, {}))
    failing = [reason(cond, look, action.rule) for cond in action.when if not holds(cond, look)]
    return [why for why in failing if not matter.compiled.rule(why.rule).soft]


def _names(matter: Matter, action: Action) -> str:
    """The hands of an action in words: organization and position."""
    names = []
    for hand in action.by:
        position = hands.position_label(hand.position)
        for row in matter.rows_of(hand):
            who = row.person.full_name if row.person else hands.organization_name(hands.current(row))
            names.append(f"{who} {position}".strip())
    return _(", ").join(dict.fromkeys(names)) or _("the portal itself")
