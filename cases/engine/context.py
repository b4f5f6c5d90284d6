"""A case with all that one action needs to know of it, read in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from cases import families
from cases.models import Attachment, Case, CaseEvent, CaseParty, Clock
from organizations.actors import AnyActor
from organizations.models import Organization, User
from organizations.selectors import current_organization
from statutes.calendars import calendar_for
from statutes.definitions import CompiledPack, Hand, Procedure, State
from statutes.models import PackVersion
from statutes.selectors import compiled as compiled_version
from statutes.workdays import Calendar

ORGANIZATION: Any = CaseParty._meta.get_field("organization")
PERSON: Any = CaseParty._meta.get_field("person")


@dataclass(frozen=True, slots=True)
class Law:
    """The version and the procedure under which a case went while something happened to it."""

    compiled: CompiledPack
    procedure: Procedure


@dataclass
class Matter:
    """One case under its own law: the row, its procedure, parties and clocks; events and subject on demand.

    Lists grow as the action in hand writes; they are never read again inside one transaction.
    """

    case: Case
    compiled: CompiledPack
    procedure: Procedure
    family: families.Family
    parties: list[CaseParty]
    clocks: list[Clock]
    annulled: list[Clock] = field(default_factory=list)
    written: list[CaseEvent] = field(default_factory=list)

    @cached_property
    def events(self) -> list[CaseEvent]:
        if not self.case.pk:
            return []
        rows = self.case.events.select_related("organization__merged_into", "deputy_for__user")
        return list(rows.order_by("seq"))

    @cached_property
    def attachments(self) -> list[Attachment]:
        return list(self.case.attachments.order_by("id"))

    @cached_property
    def calendar(self) -> Calendar:
        return calendar_for(self.case.jurisdiction_id)

    @cached_property
    def subject(self) -> Any:
        return self.family.subject_of(self.case)

    @property
    def state(self) -> State:
        return self.procedure.states[self.case.state]

    def choices(self) -> Sequence[families.Choice]:
        """The subject's items that inputs may name."""
        return self.family.items(self.subject, self.events) if self.family.items else ()

    def party_organizations(self) -> dict[str, list[Organization]]:
        return organizations_by_party(self.parties)

    def rows_of(self, hand: Hand) -> list[CaseParty]:
        return [row for row in self.parties if row.party == hand.party]

    def law_at(self, seq: int) -> Law:
        """The law under which the event of that number was written: an earlier one for what lies before a move."""
        return next((law for until, law in self._former_laws if seq < until), Law(self.compiled, self.procedure))

    @cached_property
    def _former_laws(self) -> list[tuple[int, Law]]:
        """Laws that the case has left, each with the number of the event by which it was left, in order."""
        moves = [event for event in self.events if event.kind == CaseEvent.Kind.TRANSITION]
        left = PackVersion.objects.in_bulk({event.seen["from_version"] for event in moves}) if moves else {}
        laws = []
        for event in moves:
            compiled = compiled_version(left[event.seen["from_version"]])
            day = date.fromisoformat(event.seen["law_on"])
            laws.append((event.seq, Law(compiled, compiled.procedure(self.case.procedure, day))))
        return laws

    def open_clock(self, name: str) -> Clock | None:
        return next((c for c in self.clocks if c.name == name and c.status == Clock.Status.OPEN), None)

    def last_clock(self, name: str) -> Clock | None:
        rounds = [clock for clock in self.clocks if clock.name == name]
        return max(rounds, key=lambda clock: clock.round) if rounds else None

    def last_taking(self, action_id: str) -> CaseEvent | None:
        return next((e for e in reversed(self.events) if e.action == action_id), None)

    def context(self, actor: AnyActor, at: datetime, inputs: Mapping[str, Any]) -> families.Context:
        return families.Context(
            case=self.case,
            subject=self.subject,
            at=at,
            actor=actor,
            inputs=inputs,
            parties=self.party_organizations(),
            compiled=self.compiled,
            procedure=self.procedure,
        )


def organizations_by_party(parties: list[CaseParty]) -> dict[str, list[Organization]]:
    """Party id to the organizations bound to it now, mergers followed."""
    found: dict[str, list[Organization]] = {}
    for row in parties:
        if row.organization is not None:
            found.setdefault(row.party, []).append(current_organization(row.organization))
    return found


def load(case: Case) -> Matter:
    """Read what belongs to a case. The caller holds the row's lock when it means to write."""
    parties = CaseParty.objects.filter(case=case).select_related("organization__merged_into", "person")
    clocks = Clock.objects.filter(case=case)
    return _matter(case, _version_of(case), list(parties.order_by("id")), list(clocks.order_by("started_at", "id")))


def _version_of(case: Case) -> PackVersion:
    """The case's version, without its source where it was not read along with the case."""
    if Case.pack_version.is_cached(case):
        return case.pack_version
    return PackVersion.objects.defer("source").get(pk=case.pack_version_id)


def load_many(cases: list[Case]) -> list[Matter]:
    """The same for many cases, in a number of queries that does not grow with them."""
    parties: dict[int, list[CaseParty]] = {case.pk: [] for case in cases}
    clocks: dict[int, list[Clock]] = {case.pk: [] for case in cases}
    bound = list(CaseParty.objects.filter(case__in=cases).order_by("id"))
    named = Organization.objects.select_related("merged_into").in_bulk(
        {row.organization_id for row in bound if row.organization_id}
    )
    people = User.objects.in_bulk({row.person_id for row in bound if row.person_id})
    for row in bound:
        if row.organization_id:
            ORGANIZATION.set_cached_value(row, named[row.organization_id])
        if row.person_id:
            PERSON.set_cached_value(row, people[row.person_id])
        parties[row.case_id].append(row)
    for clock in Clock.objects.filter(case__in=cases).order_by("started_at", "id"):
        clocks[clock.case_id].append(clock)
    versions = PackVersion.objects.defer("source").in_bulk({case.pack_version_id for case in cases})
    return [_matter(case, versions[case.pack_version_id], parties[case.pk], clocks[case.pk]) for case in cases]


def _matter(case: Case, version: PackVersion, parties: list[CaseParty], clocks: list[Clock]) -> Matter:
    compiled = compiled_version(version)
    return Matter(
        case=case,
        compiled=compiled,
        procedure=compiled.procedure(case.procedure, case.law_day),
        family=families.get(case.family),
        parties=parties,
        clocks=clocks,
    )
