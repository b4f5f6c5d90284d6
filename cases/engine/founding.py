"""A case before its first event: under which law, between which parties, under which number."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cases import families, hands
from cases.engine.context import Matter
from cases.models import Case, CaseParty
from organizations.errors import BadInput, Conflict
from organizations.models import Jurisdiction, Organization, User
from organizations.selectors import organs
from statutes.definitions import Action, CompiledPack, Opener, Procedure
from statutes.models import PackVersion
from statutes.selectors import compiled as compiled_version

TITLE_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Opening:
    """What a case is opened about, and by whom.

    `title_en`: where the law gives the title; one that was typed stays as it is in either language. `person` is
    None where a schedule opens it. `each`: the organization that a parent or a schedule opens it for.
    """

    family: families.Family
    procedure: str
    jurisdiction: Jurisdiction
    version: PackVersion
    subject: Any
    title: str
    person: User | None
    opener: Organization | None
    each: Organization | None = None
    parent: Case | None = None
    title_en: str = ""


def found(opening: Opening, opened_by: Opener, moment: datetime) -> Matter:
    """The case before it is written: its law, its procedure and its parties, none of them saved.

    `opened_by`: "hand", "parent" or "schedule", the kind of opener whose opening action counts.
    Raises BadInput when an organ or party is missing or one organization would be on both sides.
    """
    compiled = compiled_version(opening.version)
    procedure = _procedure(compiled, opening, timezone.localdate(moment))
    action = procedure.opening_action(opened_by)
    case = Case(
        family=opening.family.id,
        procedure=procedure.id,
        jurisdiction=opening.jurisdiction,
        pack_version=opening.version,
        title=opening.title[:TITLE_LENGTH],
        title_en=opening.title_en[:TITLE_LENGTH],
        state=action.to[0].value,
        parent=opening.parent,
        opened_by=opening.person,
        opened_at=moment,
        last_at=moment,
    )
    matter = Matter(case, compiled, procedure, opening.family, parties=[], clocks=[])
    matter.subject = opening.subject if opening.subject is not None else case
    matter.parties = [*_parties(matter, opening, opened_by), *_organs(matter)]
    case.opener = opening.opener or _first_bound(matter, action)
    return matter


def _procedure(compiled: CompiledPack, opening: Opening, on: date) -> Procedure:
    try:
        return compiled.procedure(opening.procedure, on)
    except KeyError as error:
        raise Conflict(
            _("The law in force in %(jurisdiction)s has no such procedure: a version that has one must be activated.")
            % {"jurisdiction": opening.jurisdiction}
        ) from error


def store(matter: Matter, opening: Opening) -> None:
    """Give the case its number and write it with its parties, linked to its subject."""
    case = matter.case
    case.number = _number(opening.family, case.jurisdiction, case.opened_at)
    case.save(force_insert=True)
    for row in matter.parties:
        row.case = case
        row.save(force_insert=True)
    opening.family.link(matter.subject, case)


def _number(family: families.Family, jurisdiction: Jurisdiction, at: datetime) -> str:
    """From a sequence, so that openings never wait for each other; gaps are allowed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('cases_case_number')")
        (serial,) = cursor.fetchone()
    return f"{jurisdiction.pk.upper()}-{family.prefix}-{timezone.localdate(at).year}-{serial:06d}"


def _parties(matter: Matter, opening: Opening, opened_by: Opener) -> list[CaseParty]:
    """Unsaved rows for the procedure's own parties. Raises BadInput when one side would be both.

    What somebody opens by hand is their own house's until it leaves it (see transitions, decision 0006).
    """
    case, family = matter.case, matter.family
    rows: list[CaseParty] = []
    for party in matter.procedure.parties.values():
        if party.source in ("opener", "each"):
            organization = opening.opener if party.source == "opener" else opening.each
        elif party.source in family.resolvers:
            named = family.resolvers[party.source](matter.subject)
            organization = named if isinstance(named, Organization) else next(iter(named), None)
        else:
            continue
        sees = case.opened_at if opened_by != "hand" or party.source == "opener" else None
        rows.append(CaseParty(case=case, party=party.id, organization=organization, sees_from=sees))
    _refuse_two_sides(rows)
    return rows


def _organs(matter: Matter, without: Collection[str] = ()) -> list[CaseParty]:
    """Unsaved rows for every organ that the procedure names. Raises BadInput when nobody holds the role."""
    return [
        CaseParty(case=matter.case, party=role, organization=holder, is_organ=True)
        for role in sorted(_organ_roles(matter.compiled, matter.procedure).difference(without))
        for holder in holders(matter.case.jurisdiction, matter.compiled, role)
    ]


def bind_missing_organs(matter: Matter) -> None:
    """Bind and save the organs that the procedure names and the case does not have yet. Raises BadInput: nobody."""
    bound = {row.party for row in matter.parties}
    for row in _organs(matter, without=bound):
        row.save(force_insert=True)
        matter.parties.append(row)


def _refuse_two_sides(rows: list[CaseParty]) -> None:
    bound = [hands.current(row) for row in rows]
    if len({organization.pk for organization in bound if organization}) < len(bound):
        raise BadInput(_("Your organization is on the other side of this matter as well: it would ask itself."))


def _first_bound(matter: Matter, action: Action) -> Organization:
    """Whose matter a case is that nobody opened by hand: the first organization awaited, else the first bound."""
    first = matter.procedure.states[action.to[0].value]
    awaited = [row for hand in first.awaits for row in matter.rows_of(hand)]
    for row in [*awaited, *matter.parties]:
        if row.organization is not None:
            return row.organization
    raise BadInput(_("Nobody is bound to this matter, so it cannot be opened."))


def _organ_roles(compiled: CompiledPack, procedure: Procedure) -> set[str]:
    named = {hand.party for state in procedure.states.values() for hand in state.awaits}
    named |= {hand.party for action in procedure.actions.values() for hand in (*action.by, *action.notify)}
    named |= {hand.party for clock in procedure.clocks.values() for hand in clock.notify}
    named |= {clock.duty for clock in procedure.clocks.values()}
    return {role for role in named if role not in procedure.parties and compiled.organ(role) is not None}


def holders(jurisdiction: Jurisdiction, compiled: CompiledPack, role: str) -> list[Organization]:
    """Who holds an organ's role in a jurisdiction: one, or all where the pack says `many`. Raises BadInput: nobody."""
    found_holders = organs(jurisdiction.pk, role)
    organ = compiled.organ(role)
    if not found_holders and organ is not None:
        label = organ.label.in_language(get_language() or "zh")
        raise BadInput(
            _("No organization holds the role “%(role)s” in %(jurisdiction)s. The administrator has to name one first.")
            % {"role": label, "jurisdiction": jurisdiction}
        )
    return found_holders if organ is not None and organ.many else found_holders[:1]
