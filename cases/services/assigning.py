"""Naming who of an organization handles what awaits it: by its leader, or handed on by who has it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import services as audit
from cases import assigning, bulk, selectors
from cases.models import Assignment, AwaitedHand, Case, Notification
from organizations.actors import Actor
from organizations.errors import BadInput, Conflict, NotKnown, NotPermitted, Refused
from organizations.models import Position, User
from statutes.selectors import compiled

NOTE_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Assigned:
    """What became of one of several cases: assigned, or the sentence that refused it."""

    number: str
    case: Case | None = None
    refusal: str = ""


@transaction.atomic
def assign(actor: Actor, *, number: str, assignee_id: int | None, position: str = "", note: str = "") -> Assignment:
    """Name a holder of the awaited hand to handle a case for the actor's organization, or nobody (`None`).

    By who leads the organization or has the case now; what nobody has, a holder may take. Handing on needs a note.
    `position`: which hand, where several are awaited. Raises NotKnown, NotPermitted, Conflict (nothing is awaited),
    BadInput.
    """
    note = _note(note)
    case = Case.objects.select_for_update(of=("self",)).filter(number=number).first()
    if case is None or not selectors.can_see(actor, case):
        raise NotKnown(_("There is no such case."))
    hand = _hand(actor, case, assignee_id, position)
    open_now = assigning.open_assignments(actor).filter(case=case, party=hand.party_id, position=hand.position)
    current = open_now.select_related("assignee").first()
    takes = current is None and assignee_id == actor.user.pk and hand.position == actor.kind
    if not takes and not assigning.may_assign(actor, current):
        raise NotPermitted(_("Only who leads the organization, or has the case now, may say who handles it."))
    if current is not None and current.assignee_id == assignee_id:
        return current
    if current is not None and not note:
        raise BadInput(_("Say why it is handed on."), {"note": _("Say why it is handed on.")})
    return _replace(actor, case, hand, current, assignee_id, note)


def assign_many(actor: Actor, *, numbers: Iterable[str], assignee_id: int, note: str = "") -> list[Assigned]:
    """The same for several cases, each in its own transaction; a refusal of one stops no other.

    Raises BadInput for a person of another organization.
    """
    wanted = bulk.checked(numbers)
    held = Position.objects.held_on(timezone.localdate()).filter(organization=actor.organization, user=assignee_id)
    if not held.exists():
        sentence = _("This person holds no position in your organization.")
        raise BadInput(sentence, {"assignee": sentence})
    return [_assign_one(actor, number, assignee_id, note) for number in wanted]


def _assign_one(actor: Actor, number: str, assignee_id: int, note: str) -> Assigned:
    try:
        assignment = assign(actor, number=number, assignee_id=assignee_id, note=note)
    except Refused as refused:
        return Assigned(number, refusal=str(refused.message))
    return Assigned(number, assignment.case)


def _note(note: str) -> str:
    note = note.replace("\0", "").strip()
    if len(note) > NOTE_LENGTH:
        sentence = _("At most %(length)s characters.") % {"length": NOTE_LENGTH}
        raise BadInput(sentence, {"note": sentence})
    return note


def _hand(actor: Actor, case: Case, assignee_id: int | None, position: str) -> AwaitedHand:
    """The awaited hand of the actor's organization that the assignee holds today."""
    awaited = AwaitedHand.objects.filter(case=case, organization=actor.organization).exclude(position="")
    if position:
        awaited = awaited.filter(position=position)
    hands = list(awaited)
    if not hands or actor.organization is None:
        raise Conflict(_("Nothing is awaited from your organization here."))
    if assignee_id is None:
        return hands[0]
    kinds = Position.objects.held_on(timezone.localdate()).filter(organization=actor.organization, user=assignee_id)
    held = set(kinds.values_list("kind", flat=True))
    found = next((hand for hand in hands if hand.position in held), None)
    if found is None:
        sentence = _("This person does not hold the position that is awaited.")
        raise BadInput(sentence, {"assignee": sentence})
    return found


def _replace(
    actor: Actor, case: Case, hand: AwaitedHand, current: Assignment | None, assignee_id: int | None, note: str
) -> Assignment:
    now = timezone.now()
    before = current.assignee if current else None
    after = User.objects.get(pk=assignee_id) if assignee_id is not None else None
    if current is not None:
        current.ended_at = max(now, current.at)
        current.save(update_fields=["ended_at"])
    if after is not None:
        assignment = _begin(actor, hand, after, note, now)
    elif current is not None:
        assignment = current
    else:
        raise Conflict(_("Nobody has been named to handle this."))
    _tell(actor, case, "assigned", after, note, now)
    _tell(actor, case, "unassigned", before, note, now)
    audit.record(
        verb="case.assign" if after else "case.unassign",
        who=actor.who,
        subject="case",
        subject_id=str(case.pk),
        data={
            "number": case.number,
            "position": hand.position,
            "before": before.pk if before else 0,
            "after": after.pk if after else 0,
            "person": after.full_name if after else "",
            "note": note,
        },
    )
    return assignment


def _begin(actor: Actor, hand: AwaitedHand, assignee: User, note: str, at: datetime) -> Assignment:
    organization = actor.organization
    if organization is None:
        raise NotPermitted(_("You hold no position."))
    assignment = Assignment(
        case=hand.case,
        party_id=hand.party_id,
        organization=organization,
        position=hand.position,
        assignee=assignee,
        assigned_by=actor.user,
        note=note,
        at=at,
    )
    assignment.save()
    return assignment


def _tell(actor: Actor, case: Case, kind: str, person: User | None, note: str, at: datetime) -> None:
    if person is None or person.pk == actor.user.pk:
        return
    state = compiled(case.pack_version).procedure(case.procedure, case.law_day).states[case.state].label
    context = {"state": {"zh": state.zh, "en": state.en}, "by": actor.user.full_name, "note": note}
    Notification(user=person, case=case, kind=kind, context=context, created_at=at).save()
