"""Who may act: hands of a case, the people who hold them, and the separation of those who ask and decide."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.utils.translation import gettext as _

from cases.engine.context import Matter
from cases.models import CaseEvent, CaseParty
from organizations.actors import Actor, AnyActor
from organizations.models import Organization, Position, User
from organizations.selectors import current_organization
from statutes.definitions import Action, Hand


@dataclass(frozen=True, slots=True)
class Held:
    """A hand that the actor holds in a case: the party's row and the position."""

    row: CaseParty
    hand: Hand


def held_by(matter: Matter, actor: AnyActor, hands: Iterable[Hand]) -> Held | None:
    """The first of these hands that the actor holds now, in the position acted in. Administrators hold none."""
    if not isinstance(actor, Actor) or actor.organization is None or actor.kind == Position.Kind.ADMINISTRATOR:
        return None
    for hand in hands:
        for row in matter.rows_of(hand):
            if row.person_id is not None and row.person_id == actor.user.pk:
                return Held(row, hand)
            if row.organization is None or hand.position != actor.kind:
                continue
            if current_organization(row.organization).pk == actor.organization.pk:
                return Held(row, hand)
    return None


def current(row: CaseParty) -> Organization | None:
    """The organization bound to a party today, mergers followed; None where a person is bound."""
    return current_organization(row.organization) if row.organization is not None else None


def awaited_rows(matter: Matter) -> list[Held]:
    """Every hand that the current state awaits, one for each row bound to the party."""
    return [Held(row, hand) for hand in matter.state.awaits for row in matter.rows_of(hand)]


def since_entry(matter: Matter, action: Action) -> list[CaseEvent]:
    """Takings of `action` since the case last entered a state from which it can be taken, by hands still bound."""
    entered = 0
    for event in matter.events:
        moved_in = event.to_state != event.from_state
        if moved_in and (event.to_state in action.sources or "*" in action.sources):
            entered = event.seq
    return [e for e in matter.events if e.action == action.id and e.seq > entered and _still_bound(matter, e)]


def _still_bound(matter: Matter, event: CaseEvent) -> bool:
    """Whether the hand that took an action belongs to the case yet; a panellist who was replaced does not."""
    if not event.party:
        return True
    rows = [row for row in matter.parties if row.party == event.party]
    return any(took(event, Held(row, Hand(event.party, "" if row.person_id else event.position))) for row in rows)


def took(event: CaseEvent, held: Held) -> bool:
    """Whether the event was taken by this hand."""
    if held.row.person_id is not None:
        return event.person_id == held.row.person_id
    return (event.party, event.position) == (held.hand.party, held.hand.position) and _same_organization(event, held)


def _same_organization(event: CaseEvent, held: Held) -> bool:
    if event.organization is None or held.row.organization is None:
        return False
    return current_organization(event.organization).pk == current_organization(held.row.organization).pk


def organization_name(organization: Organization | None, *, short: bool = False) -> str:
    """The organization's name in the reader's language, the short one where asked; "" for None."""
    if organization is None:
        return ""
    return organization.shown_short_name if short else organization.shown_name


def position_label(position: str) -> str:
    """The name of a position in the reader's language; "" where a person is meant."""
    return str(Position.Kind(position).label) if position else ""


def separation(matter: Matter, actor: Actor, action: Action, held: Held) -> str:
    """Why this person may not take this action although the position would allow it; "" if nothing is in the way."""
    if action.kind not in ("decide", "refuse"):
        return ""
    submitted = {a.id for a in matter.procedure.actions.values() if a.kind == "submit"}
    decided = {a.id for a in matter.procedure.actions.values() if a.kind in ("decide", "refuse")}
    own = [event for event in _own_line(matter) if _is_person(event, actor.user)]
    if any(event.action in submitted for event in own):
        return _("You submitted this case, so somebody else has to decide it.")
    if any(e.action in decided and e.party != held.hand.party for e in own if e.case_id == matter.case.pk):
        return _("You have decided in this case for another party.")
    return ""


def _own_line(matter: Matter) -> list[CaseEvent]:
    """Events of the case and of its ancestors."""
    events, parent = list(matter.events), matter.case.parent
    while parent is not None:
        events += list(parent.events.all())
        parent = parent.parent
    return events


def _is_person(event: CaseEvent, user: User) -> bool:
    if event.person_id == user.pk:
        return True
    return event.deputy_for is not None and event.deputy_for.user_id == user.pk


def people_of(rows: Iterable[tuple[CaseParty, str]], on: date) -> list[User]:
    """The people who hold these (party row, position) on a day, deputies included, each once."""
    wanted, people = Q(pk__in=[]), {}
    for row, position in rows:
        if row.person is not None:
            people[row.person.pk] = row.person
        elif row.organization is not None:
            wanted |= Q(organization=current_organization(row.organization), kind=position)
    for position in Position.objects.held_on(on).filter(wanted).select_related("user"):
        people[position.user.pk] = position.user
    return list(people.values())
