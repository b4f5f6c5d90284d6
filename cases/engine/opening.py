"""Opening a case: which law, which parties, and the opening action."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cases import families, hands
from cases.engine.acting import Attempt, check_hand, prepare
from cases.engine.context import Matter
from cases.engine.transitions import carry_out
from cases.models import Case, CaseEvent, CaseParty
from organizations.actors import Actor
from organizations.errors import BadInput, NotPermitted
from organizations.models import Jurisdiction, Organization
from organizations.selectors import organs
from statutes.definitions import CompiledPack, Procedure
from statutes.selectors import compiled as compiled_version
from statutes.selectors import current as current_version


@dataclass(frozen=True, slots=True)
class Opening:
    """What a case is opened about: the family's subject, under the law of a jurisdiction."""

    family: families.Family
    procedure: str
    jurisdiction: Jurisdiction
    subject: Any
    title: str


def open_case(
    actor: Actor,
    *,
    family: str,
    procedure: str,
    jurisdiction: Jurisdiction,
    subject: Any,
    title: str,
    given: Mapping[str, Any] | None = None,
    opinion: str = "",
    at: datetime | None = None,
    idempotency_key: str = "",
) -> Case:
    """Open a case about `subject` under the law of `jurisdiction`, and take the procedure's opening action.

    The same idempotency key by the same person answers with the case of the first time. Raises BadInput when
    an organ or party is missing or the applicant would be the provider, NotPermitted and DoorClosed as `act`.
    """
    if at is not None and not actor.demonstration:
        raise NotPermitted(_("Only the demonstration may act at an earlier moment."))
    if earlier := opened_before(actor, idempotency_key):
        return earlier
    opening = Opening(families.get(family), procedure, jurisdiction, subject, title)
    attempt = Attempt("", None, dict(given or {}), opinion.strip(), at, idempotency_key)
    try:
        with transaction.atomic():
            return _open(actor, opening, attempt)
    except IntegrityError:
        if earlier := opened_before(actor, idempotency_key):
            return earlier
        raise


def opened_before(actor: Actor, key: str) -> Case | None:
    """The case that this person opened with this idempotency key, if any."""
    if not key:
        return None
    event = CaseEvent.objects.filter(person=actor.user, idempotency_key=key, seq=1).select_related("case").first()
    return event.case if event else None


def _open(actor: Actor, opening: Opening, attempt: Attempt) -> Case:
    matter = _matter(actor, opening, attempt.at or timezone.now())
    action = matter.procedure.opening_action()
    held = check_hand(matter, actor, action)
    taking = prepare(matter, actor, action, held, attempt, matter.case.opened_at)
    _store(matter, opening)
    carry_out(matter, taking)
    return matter.case


def _matter(actor: Actor, opening: Opening, moment: datetime) -> Matter:
    """The case before it is written: its law, its procedure and its parties."""
    if actor.organization is None:
        raise NotPermitted(_("You hold no position in which you could open a case."))
    version = current_version(opening.jurisdiction.pack)
    compiled = compiled_version(version)
    procedure = compiled.procedure(opening.procedure, timezone.localdate(moment))
    case = Case(
        family=opening.family.id,
        procedure=procedure.id,
        jurisdiction=opening.jurisdiction,
        pack_version=version,
        title=opening.title,
        state=procedure.opening_action().to[0].value,
        opened_by=actor.user,
        opener=actor.organization,
        opened_at=moment,
        last_at=moment,
    )
    matter = Matter(case, compiled, procedure, opening.family, parties=[], clocks=[])
    matter.subject = opening.subject
    matter.parties = [*_parties(matter, actor), *_organs(matter)]
    return matter


def _store(matter: Matter, opening: Opening) -> None:
    """Give the case its number and write it with its parties, linked to its subject."""
    case = matter.case
    case.number = _number(opening.family, case.jurisdiction, case.opened_at)
    case.save(force_insert=True)
    for row in matter.parties:
        row.case = case
        row.save(force_insert=True)
    opening.family.link(opening.subject, case)


def _number(family: families.Family, jurisdiction: Jurisdiction, at: datetime) -> str:
    """From a sequence, so that openings never wait for each other; gaps are allowed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('cases_case_number')")
        (serial,) = cursor.fetchone()
    return f"{jurisdiction.pk.upper()}-{family.prefix}-{timezone.localdate(at).year}-{serial:06d}"


def _parties(matter: Matter, actor: Actor) -> list[CaseParty]:
    """Unsaved rows for the procedure's own parties. Raises BadInput when one side would be both."""
    case, family = matter.case, matter.family
    rows: list[CaseParty] = []
    for party in matter.procedure.parties.values():
        if party.source == "opener":
            organization = actor.organization
        elif party.source in family.resolvers:
            organization = family.resolvers[party.source](matter.subject)
        else:
            continue
        rows.append(CaseParty(case=case, party=party.id, organization=organization, sees_from=case.opened_at))
    _refuse_two_sides(rows)
    return rows


def _organs(matter: Matter) -> list[CaseParty]:
    """Unsaved rows for every organ that the procedure names. Raises BadInput when nobody holds the role."""
    return [
        CaseParty(case=matter.case, party=role, organization=holder, is_organ=True)
        for role in sorted(_organ_roles(matter.compiled, matter.procedure))
        for holder in _holders(matter.case.jurisdiction, matter.compiled, role)
    ]


def _refuse_two_sides(rows: list[CaseParty]) -> None:
    bound = [hands.current(row) for row in rows]
    if len({organization.pk for organization in bound if organization}) < len(bound):
        raise BadInput(_("Your organization is on the other side of this matter as well: it would ask itself."))


def _organ_roles(compiled: CompiledPack, procedure: Procedure) -> set[str]:
    named = {hand.party for state in procedure.states.values() for hand in state.awaits}
    named |= {hand.party for action in procedure.actions.values() for hand in (*action.by, *action.notify)}
    named |= {hand.party for clock in procedure.clocks.values() for hand in clock.notify}
    named |= {clock.duty for clock in procedure.clocks.values()}
    return {role for role in named if role not in procedure.parties and compiled.organ(role) is not None}


def _holders(jurisdiction: Jurisdiction, compiled: CompiledPack, role: str) -> list[Organization]:
    holders = organs(jurisdiction.pk, role)
    organ = compiled.organ(role)
    if not holders and organ is not None:
        label = organ.label.in_language(get_language() or "zh")
        raise BadInput(
            _("No organization holds the role “%(role)s” in %(jurisdiction)s. The administrator has to name one first.")
            % {"role": label, "jurisdiction": jurisdiction}
        )
    return holders if organ is not None and organ.many else holders[:1]
