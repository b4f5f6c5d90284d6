"""One action carried out on a locked case: event, clocks, effects, exits, inbox, notices and audit entry.

Whether the action may be taken has been decided before (see `acting`); nothing here asks again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db.models import F, Q, Value
from django.db.models.functions import Greatest
from django.utils import timezone

from audit import services as audit
from cases import families, hands, notices
from cases.conditions import Look, holds, reason
from cases.engine import clocks
from cases.engine.context import Matter
from cases.engine.founding import Opening, found, holders, store
from cases.errors import DoorClosed
from cases.models import Assignment, Attachment, AwaitedHand, Case, CaseEvent, CaseParty, Clock, Notification, Signal
from cases.wording import english_title
from organizations.actors import Actor, AnyActor, SystemActor
from organizations.models import Organization, Position
from organizations.selectors import current_organization
from statutes import timelimits
from statutes.definitions import Action, Exit, Opener, Opens, State

MOST_MOVES = 20
PROCEDURE = SystemActor("procedure")


@dataclass(frozen=True, slots=True)
class Taking:
    """An action about to be carried out: who, in which hand, when, with which inputs and opinion."""

    action: Action
    actor: AnyActor
    at: datetime
    fact_at: datetime
    held: hands.Held | None
    inputs: Mapping[str, Any] = field(default_factory=dict)
    opinion: str = ""
    idempotency_key: str = ""
    departed_from: tuple[str, ...] = ()
    detected_at: datetime | None = None


def carry_out(matter: Matter, taking: Taking) -> CaseEvent:
    """Write one action with everything that follows from it. Returns the event of the action itself."""
    case, action = matter.case, taking.action
    look = Look(matter, matter.context(taking.actor, taking.at, taking.inputs))
    target = clocks.chosen(action.to, look) or case.state
    limits = clocks.choose_limits(matter, look)
    event = _event(matter, taking, target, look)
    moved = bool(action.to)
    step = clocks.Step(
        event=event,
        fired=frozenset({action.id, target} if moved else {action.id}),
        fact_at=taking.fact_at,
        left=event.from_state if moved else "",
        entered=target if moved else "",
        action=action.id,
    )
    clocks.apply(matter, step, limits, taking.inputs, action.extends)
    record_event(matter, event)
    _bind(matter, taking)
    _attach(matter, taking)
    _run(matter, action.effects, look)
    _let_told_see(matter, action, taking.at)
    if moved:
        enter_state(matter, step, look)
    follow_exits(matter, taking.actor, taking.at)
    finish(matter, taking.actor, taking.at, said=_told(matter, taking))
    return event


def _event(matter: Matter, taking: Taking, target: str, look: Look) -> CaseEvent:
    action, held, actor = taking.action, taking.held, taking.actor
    person = actor if isinstance(actor, Actor) else None
    deputy_for = person.position.deputy_for if person and person.position else None
    seen = dict(look.seen)
    if taking.departed_from:
        seen["departed_from"] = list(taking.departed_from)
    return CaseEvent(
        seq=next_seq(matter),
        kind=CaseEvent.Kind.ACTION,
        action=action.id,
        from_state="" if action.opens_case else matter.case.state,
        to_state=target,
        at=taking.at,
        detected_at=taking.detected_at,
        fact_at=taking.fact_at if action.dated else None,
        person=person.user if person else None,
        person_name=actor.who.person,
        deputy_for=deputy_for,
        organization=person.organization if person else None,
        party=held.hand.party if held else "",
        position=person.kind if person else "",
        opinion=taking.opinion,
        inputs=dict(taking.inputs),
        sealed=action.sealed,
        rule=action.rule,
        seen=seen,
        deemed=held is None and action.by_clock,
        idempotency_key=taking.idempotency_key,
    )


def next_seq(matter: Matter) -> int:
    return matter.case.seq + 1


def record_event(matter: Matter, event: CaseEvent) -> None:
    """Write an event as the case's newest, with the annulments that it caused behind it."""
    case = matter.case
    event.case, event.recorded_at = case, timezone.now()
    event.at = max(event.at, case.last_at)
    event.save(force_insert=True)
    case.seq, case.last_at = event.seq, event.at
    matter.events.append(event)
    matter.written.append(event)
    annulled, matter.annulled = matter.annulled, []
    for clock in annulled:
        record_event(
            matter,
            CaseEvent(
                seq=next_seq(matter),
                kind=CaseEvent.Kind.ANNUL,
                clock=clock.name,
                at=event.at,
                from_state=event.to_state,
                to_state=event.to_state,
                person_name=event.person_name,
                rule=clock.rule,
            ),
        )


def _bind(matter: Matter, taking: Taking) -> None:
    """Bind the parties that the action names by an input (a person or an organization, or several)."""
    sees = taking.at if _has_left(matter) else None
    for party, name in taking.action.binds.items():
        persons = matter.procedure.parties[party].persons
        values = taking.inputs.get(name, [])
        for key in values if isinstance(values, list) else [values]:
            who: dict[str, int] = {"person_id" if persons else "organization_id": int(key)}
            row, _created = CaseParty.objects.get_or_create(
                case=matter.case, party=party, **who, defaults={"sees_from": sees}
            )
            matter.parties.append(row)


def _attach(matter: Matter, taking: Taking) -> None:
    """Files handed in with the action belong to the case from now on."""
    ids = [
        key
        for name, value in taking.inputs.items()
        if matter.compiled.input(matter.procedure, name).type == "file"
        for key in value
    ]
    if ids:
        Attachment.objects.filter(pk__in=ids, case__isnull=True).update(case=matter.case)


def _run(matter: Matter, effects: tuple[str, ...], look: Look) -> None:
    for name in effects:
        asked = matter.family.effects[name](look.context)
        if asked is not None:
            _rebind(matter, asked, look.at)


def _rebind(matter: Matter, asked: families.Rebinding, at: datetime) -> None:
    """Release and bind people of a party of persons, as an effect asks."""
    gone = [row for row in matter.parties if row.party == asked.party and row.person_id in asked.release]
    CaseParty.objects.filter(pk__in=[row.pk for row in gone]).delete()
    awaited = any(hand.party == asked.party for hand in matter.state.awaits)
    bound = {row.person_id for row in matter.parties if row.party == asked.party and row not in gone}
    coming = [
        CaseParty(
            case=matter.case,
            party=asked.party,
            person_id=key,
            sees_from=at if awaited or _has_left(matter) else None,
        )
        for key in asked.bind
        if key not in bound
    ]
    matter.parties[:] = [row for row in matter.parties if row not in gone]
    matter.parties.extend(CaseParty.objects.bulk_create(coming))


def enter_state(matter: Matter, step: clocks.Step, look: Look) -> None:
    """The case stands in its new state: who is awaited there may see it, and the state's effects run."""
    case = matter.case
    case.state, case.entered_seq = step.entered, step.event.seq
    state = matter.state
    _let_see(matter, step.event.at)
    _run(matter, state.effects, look)
    if state.terminal:
        _close(matter, state, step)
    for opens in state.opens:
        _open_children(matter, opens, look)


def _let_see(matter: Matter, at: datetime) -> None:
    """Who is awaited sees the case from now on; every party does once somebody outside the opener's house is."""
    awaited = {hand.party for hand in matter.state.awaits}
    left = any(row.party in awaited and not _in_openers_house(matter, row) for row in matter.parties)
    for row in matter.parties:
        if row.sees_from is None and (row.party in awaited or (left and not row.is_organ)):
            row.sees_from = at
            row.save(update_fields=["sees_from"])


def _let_told_see(matter: Matter, action: Action, at: datetime) -> None:
    """An organ that an action tells may read what it is told about, from then on."""
    told = {hand.party for hand in action.notify}
    for row in matter.parties:
        if row.sees_from is None and row.is_organ and row.party in told:
            row.sees_from = at
            row.save(update_fields=["sees_from"])


def _has_left(matter: Matter) -> bool:
    """Whether somebody outside the opener's house sees the case already."""
    return any(row.sees_from is not None and not _in_openers_house(matter, row) for row in matter.parties)


def _in_openers_house(matter: Matter, row: CaseParty) -> bool:
    organization = hands.current(row)
    return organization is not None and organization.pk == current_organization(matter.case.opener).pk


def _open_children(matter: Matter, opens: Opens, look: Look) -> None:
    """One child case, or one for each organization, under the parent's own law and in its transaction."""
    procedure = matter.compiled.procedure(opens.procedure, timezone.localdate(look.at))
    family = families.get(procedure.family)
    case = matter.case
    for organization in _opened_for(matter, opens):
        opening = Opening(
            family=family,
            procedure=procedure.id,
            jurisdiction=case.jurisdiction,
            version=case.pack_version,
            subject=family.spawn(case, organization, look.at) if family.spawn else None,
            title=f"{procedure.label.zh} · {case.title}",
            title_en=f"{procedure.label.en} · {english_title(case)}",
            person=case.opened_by,
            opener=case.opener,
            each=organization,
            parent=case,
        )
        open_by_itself(opening, "parent", look.context.actor, look.at)


def _opened_for(matter: Matter, opens: Opens) -> list[Organization | None]:
    """The organizations that a child is opened for, one each; [None] for a single child."""
    if not opens.each:
        return [None]
    kind, _colon, role = opens.each.partition(":")
    if kind == "organ":
        return list(holders(matter.case.jurisdiction, matter.compiled, role))
    found_organizations = matter.family.resolvers[opens.each](matter.subject)
    return list(found_organizations) if isinstance(found_organizations, list) else [found_organizations]


def open_by_itself(
    opening: Opening, opened_by: Opener, actor: AnyActor, at: datetime, *, detected_at: datetime | None = None
) -> Case:
    """Open a case by its parent or by a schedule. Raises DoorClosed where a condition of its opening is not met.

    `detected_at`: when a schedule's day was noticed, where that was later than the day itself.
    """
    matter = found(opening, opened_by, at)
    action = matter.procedure.opening_action(opened_by)
    look = Look(matter, matter.context(actor, at, {}))
    closed = [reason(cond, look, action.rule) for cond in action.when if not holds(cond, look)]
    if closed:
        raise DoorClosed(" ".join(why.sentence for why in closed), closed, matter.compiled)
    store(matter, opening)
    carry_out(matter, Taking(action, actor, at, _began(matter, at), held=None, detected_at=detected_at))
    return matter.case


def _began(matter: Matter, at: datetime) -> datetime:
    """When what a case is about began, if its family says that this was before the case was opened."""
    day = matter.family.since(matter.subject) if matter.family.since is not None else None
    return at if day is None else min(at, timelimits.start_of(day))


def _close(matter: Matter, state: State, step: clocks.Step) -> None:
    clocks.void_all(matter, step)
    case = matter.case
    case.outcome, case.closed_at = state.outcome, step.event.at
    if case.parent_id is not None:
        Signal.objects.create(case_id=case.parent_id, reason="child_closed", created_at=step.event.at)
        siblings = Case.objects.filter(parent=case.parent_id, closed_at__isnull=True).exclude(pk=case.pk)
        Signal.objects.bulk_create(
            Signal(case_id=pk, reason="sibling_closed", created_at=step.event.at)
            for pk, procedure, opened_at in siblings.values_list("pk", "procedure", "opened_at")
            if _reads_siblings(matter, procedure, timezone.localdate(opened_at))
        )


def _reads_siblings(matter: Matter, procedure_id: str, on: date) -> bool:
    """Whether an automatic exit of the procedure waits for what becomes of its siblings."""
    try:
        procedure = matter.compiled.procedure(procedure_id, on)
    except KeyError:
        return True
    return any(_asks_siblings(exit_.when) for state in procedure.states.values() for exit_ in state.next)


def _asks_siblings(cond: Any) -> bool:
    return getattr(cond, "among", "") == "siblings" or any(_asks_siblings(part) for part in _parts(cond))


def follow_exits(matter: Matter, actor: AnyActor, at: datetime) -> bool:
    """Take automatic exits while one is open, at most twenty. Returns whether the case moved."""
    moved = False
    for _move in range(MOST_MOVES):
        look = Look(matter, matter.context(actor, at, {}))
        exit_ = next((e for e in matter.state.next if holds(e.when, look)), None)
        if exit_ is None or matter.state.terminal:
            return moved
        _move_on(matter, exit_, look)
        moved = True
    raise RuntimeError(f"{matter.case.number}: more than {MOST_MOVES} automatic moves")


def _move_on(matter: Matter, exit_: Exit, look: Look) -> None:
    limits = clocks.choose_limits(matter, look)
    event = CaseEvent(
        seq=next_seq(matter),
        kind=CaseEvent.Kind.MOVE,
        from_state=matter.case.state,
        to_state=exit_.to,
        at=look.at,
        person_name="",
        rule=exit_.when.rule or matter.procedure.rule,
        seen=dict(look.seen),
    )
    step = clocks.Step(event, frozenset({exit_.to}), look.at, left=matter.case.state, entered=exit_.to)
    clocks.apply(matter, step, limits, {})
    record_event(matter, event)
    enter_state(matter, step, look)


def finish(matter: Matter, actor: AnyActor, at: datetime, said: list[Notification]) -> None:
    """Store the case as it stands now: next rung, inbox, notices, and an entry of the audit record for each event."""
    case = matter.case
    open_clocks = [c for c in matter.clocks if c.status == Clock.Status.OPEN]
    case.next_fire_at = min((c.fire_at for c in open_clocks if c.fire_at), default=None)
    case.save()
    write_inbox(matter, actor, at)
    Notification.objects.bulk_create(said)
    _record(matter, actor)


def _record(matter: Matter, actor: AnyActor) -> None:
    """One entry of the audit record for each event written here, in order: a person's are the acts alone."""
    written, matter.written = matter.written, []
    itself = actor if isinstance(actor, SystemActor) else PROCEDURE
    hands_of = ((actor if event.kind == CaseEvent.Kind.ACTION else itself, event) for event in written)
    for by, events in groupby(hands_of, key=itemgetter(0)):
        audit.record_many(who=by.who, entries=[_entry(matter.case, event) for _by, event in events])


def _entry(case: Case, event: CaseEvent) -> audit.Entry:
    data = {
        "number": case.number,
        "seq": event.seq,
        "from": event.from_state,
        "to": event.to_state,
        "rule": event.rule,
        "late": event.late,
        "inputs": event.inputs if not event.sealed else {},
        "opinion": event.opinion if not event.sealed else "",
    }
    data |= {"clock": event.clock} if event.clock else {}
    verb = f"{case.family}.{event.action or event.kind}"
    return audit.Entry(verb=verb, subject="case", subject_id=case.pk, at=event.at, data=data)


def write_inbox(matter: Matter, actor: AnyActor, at: datetime) -> None:
    """Rewrite who is awaited: the hands of the state, less those that have done their part of this stay."""
    case = matter.case
    waiting = [] if matter.state.terminal else _still_awaited(matter, Look(matter, matter.context(actor, at, {})))
    AwaitedHand.objects.filter(case=case).delete()
    AwaitedHand.objects.bulk_create(
        AwaitedHand(
            case=case,
            party=held.row,
            organization=hands.current(held.row),
            person=held.row.person,
            position=held.hand.position,
            since=at,
        )
        for held in waiting
    )
    _end_assignments(case, waiting, at)


def _end_assignments(case: Case, waiting: list[hands.Held], at: datetime) -> None:
    """Who was named to handle a hand is so no longer once that hand is not awaited."""
    awaited = Q(pk__in=[])
    for held in waiting:
        awaited |= Q(party=held.row, position=held.hand.position)
    ended = Assignment.objects.filter(case=case, ended_at__isnull=True).exclude(awaited)
    ended.update(ended_at=Greatest(F("at"), Value(at)))


def _still_awaited(matter: Matter, look: Look) -> list[hands.Held]:
    expected = [a for a in matter.procedure.actions_from(matter.case.state) if not a.to and _counts(a, matter, look)]
    waiting = []
    for held in hands.awaited_rows(matter):
        own = [action for action in expected if held.hand in action.by]
        done = bool(own) and all(any(hands.took(e, held) for e in hands.since_entry(matter, a)) for a in own)
        if not done:
            waiting.append(held)
    return waiting


def _counts(action: Action, matter: Matter, look: Look) -> bool:
    """Whether a staying action is one that the state's exits wait for, and that is open."""
    waited_for = any(_names(exit_.when, action.id) for exit_ in matter.state.next)
    return waited_for and all(holds(cond, look) for cond in action.when)


def _names(cond: Any, action_id: str) -> bool:
    return getattr(cond, "action", "") == action_id or any(_names(part, action_id) for part in _parts(cond))


def _parts(cond: Any) -> list[Any]:
    return list(getattr(cond, "items", None) or ([cond.item] if hasattr(cond, "item") else []))


def _told(matter: Matter, taking: Taking) -> list[Notification]:
    """Notices of an action: to whom the action tells, to whom the state now awaits, and at the end to the opener."""
    label = notices.bilingual(taking.action.label)
    actor_pk = taking.actor.user.pk if isinstance(taking.actor, Actor) else 0
    by = notices.named(taking.actor)
    awaited = notices.people_for(matter, matter.state.awaits, taking.at)
    informed = notices.people_for(matter, taking.action.notify, taking.at)
    if matter.state.terminal:
        informed += [p for p in _openers(matter, taking.at) if p not in informed]
    told = notices.notices([p for p in awaited if p.pk != actor_pk], matter, "awaited", taking.at, action=label, by=by)
    rest = [p for p in informed if p.pk != actor_pk and p not in awaited]
    return told + notices.notices(rest, matter, "informed", taking.at, action=label, by=by)


def _openers(matter: Matter, at: datetime) -> list[Any]:
    """The opener's handlers and leaders, who want to know how the matter ended."""
    held = Position.objects.held_on(timezone.localdate(at)).filter(
        organization=matter.case.opener, kind__in=[Position.Kind.HANDLER, Position.Kind.LEADER]
    )
    return [position.user for position in held.select_related("user")]
