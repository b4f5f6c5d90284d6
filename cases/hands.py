"""Who may act: hands of a case, the people who hold them, and the separation of those who ask and decide."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.engine.context import Matter
from cases.models import CaseEvent, CaseParty
from organizations.actors import Actor, AnyActor
from organizations.errors import NotPermitted
from organizations.models import Organization, Position, User
from organizations.selectors import current_organization
from statutes.definitions import Action, Hand, Procedure
from statutes.selectors import compiled


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
    if _has_submitted(matter, actor.user):
        return _("You submitted this case, so somebody else has to decide it.")
    if _has_decided_elsewhere(matter, actor.user, held):
        return _("You have decided in this case for another party.")
    deputy_for = actor.position.deputy_for if actor.position else None
    holder = deputy_for.user if deputy_for else None
    if holder is not None and _has_submitted(matter, holder):
        sentence = _("%(holder)s, for whom you stand in, submitted this case; somebody else has to decide it.")
        return sentence % {"holder": holder.full_name}
    if holder is not None and _has_decided_elsewhere(matter, holder, held):
        sentence = _("%(holder)s, for whom you stand in, has decided in this case for another party.")
        return sentence % {"holder": holder.full_name}
    return ""


def _has_submitted(matter: Matter, user: User) -> bool:
    own = [event for event in matter.events if _is_person(event, user)]
    return any(event.action in _ids(matter.procedure, "submit") for event in own) or _submitted_above(matter, user)


def _has_decided_elsewhere(matter: Matter, user: User, held: Held) -> bool:
    decided = _ids(matter.procedure, "decide", "refuse")
    own = [event for event in matter.events if _is_person(event, user)]
    return any(event.action in decided and event.party != held.hand.party for event in own)


def require_position(actor: Actor) -> None:
    """Raises NotPermitted when the position acted in has ended meanwhile, by its last day or by being left."""
    if actor.position is None or actor.demonstration:
        return
    today = timezone.localdate()
    ended = Q(left_at__date__lte=today) | Q(active_until__lt=today)
    position = Position.objects.filter(ended, pk=actor.position.pk).select_related("deputy_for__user").first()
    if position is None:
        return
    if position.deputy_for is not None:
        holder = position.deputy_for.user.full_name
        raise NotPermitted(_("You no longer stand in for %(holder)s. Nothing was done.") % {"holder": holder})
    raise NotPermitted(_("You no longer hold this position. Nothing was done."))


def _ids(procedure: Procedure, *kinds: str) -> set[str]:
    return {action.id for action in procedure.actions.values() if action.kind in kinds}


def _submitted_above(matter: Matter, user: User) -> bool:
    """Whether the person submitted an ancestor of the case, by what its own procedure calls submitting."""
    case = matter.case.parent
    while case is not None:
        same = case.pack_version_id == matter.case.pack_version_id
        law = matter.compiled if same else compiled(case.pack_version)
        submitting = _ids(law.procedure(case.procedure, case.law_day), "submit")
        events = case.events.filter(action__in=submitting).select_related("deputy_for")
        if any(_is_person(event, user) for event in events):
            return True
        case = case.parent
    return False


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
