"""Places for every pack with a person for every hand, and families whose answers a test gives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from typing import Any

import time_machine
from django.db import transaction
from pytest_django import DjangoDbBlocker

from cases import families
from cases.families import Choice, Condition, Context, Family
from cases.models import Attachment, Case, CaseParty
from organizations.actors import Actor
from organizations.models import Jurisdiction, Organization, OrganRole, Position, User
from statutes import definitions, vocabulary
from statutes.definitions import (
    All,
    CompiledPack,
    Cond,
    Not,
    OverThreshold,
    Procedure,
    Test,
)
from statutes.loader import digest_of
from statutes.models import PackVersion
from tests.cast import made_up_code
from tests.statutes.proof.naive import Answers, Works, works_in

PLAIN = ("opener", "each", "bound")
EXPERTS = 4
DRAW = "draw_panel"
_numbers = count(70_000_000)


@dataclass
class Oracle:
    """What the world answers just now, and which effects ran: (case, name)."""

    answers: Answers = field(default_factory=Answers)
    ran: list[tuple[int, str]] = field(default_factory=list)
    failing: str = ""
    places: dict[str, Place] = field(default_factory=dict)

    def draw(self, context: Context) -> None:
        """The effect that draws a panel: persons become a party."""
        assert context.case is not None
        for party in context.procedure.parties.values():
            for expert in self.places[context.case.jurisdiction_id].experts if party.persons else ():
                CaseParty.objects.get_or_create(
                    case=context.case, party=party.id, person=expert.user, defaults={"sees_from": context.at}
                )

    def effect(self, name: str) -> Any:
        def run(context: Context) -> None:
            assert context.case is not None
            if self.failing == name:
                raise ValueError(f"{name} fails as the test asked")
            self.ran.append((context.case.pk, name))
            if name == DRAW:
                self.draw(context)

        return run


@dataclass(frozen=True)
class Place:
    """One jurisdiction under one pack: who is who. `people`: (organization, position) to the person."""

    jurisdiction: Jurisdiction
    compiled: CompiledPack
    works: Works
    organizations: Mapping[str, Organization]
    people: Mapping[tuple[int, str], Actor]
    experts: list[Actor]
    files: Mapping[int, int]

    def procedures(self, on: date) -> list[Procedure]:
        return self.compiled.procedures(on)


@dataclass
class World:
    oracle: Oracle
    places: dict[str, Place]
    time: time_machine.Coordinates


def conditions_of(procedure: Procedure) -> Iterator[Cond]:
    """Every condition of a procedure, and those inside it."""
    found: list[Cond] = [way.when for state in procedure.states.values() for way in state.next]
    for action in procedure.actions.values():
        found += [*action.when, *(option.when for option in action.to if option.when is not None)]
    for clock in procedure.clocks.values():
        found += [option.when for option in clock.limit if option.when is not None]
    for cond in found:
        yield from inside(cond)


def inside(cond: Cond) -> Iterator[Cond]:
    yield cond
    match cond:
        case All(items=items) | definitions.Any(items=items):
            for item in items:
                yield from inside(item)
        case Not(item=item):
            yield from inside(item)


def all_procedures(compiled: CompiledPack) -> list[Procedure]:
    return [procedure for pack in compiled.chain for procedure in pack.procedures]


def names_of(procedure: Procedure, compiled: CompiledPack) -> dict[str, set[str]]:
    """The names that a procedure takes from its family."""
    conds = list(conditions_of(procedure))
    effects = {name for state in procedure.states.values() for name in state.effects}
    effects |= {name for action in procedure.actions.values() for name in action.effects}
    resolvers = {party.source for party in procedure.parties.values()} - set(PLAIN)
    each = {opens.each for state in procedure.states.values() for opens in state.opens if opens.each}
    rules = {cond.threshold for cond in conds if isinstance(cond, OverThreshold)}
    rules |= {cond.count for cond in conds if isinstance(getattr(cond, "count", 1), str)} - {"all"}  # type: ignore[union-attr]
    thresholds = [compiled.rule(rule).threshold for rule in rules]
    fields = {threshold.field for threshold in thresholds if threshold and ":" not in threshold.field}
    fields |= {clock.agreed for clock in procedure.clocks.values() if clock.agreed}
    return {
        "conditions": {cond.name for cond in conds if isinstance(cond, Test)},
        "effects": effects,
        "resolvers": resolvers | {name for name in each if ":" not in name},
        "fields": fields,
    }


def scripted(oracle: Oracle, places: Mapping[str, Place], family: str, names: Mapping[str, set[str]]) -> Family:
    """A family of the engine whose every answer is the oracle's."""

    def answer(name: str) -> Any:
        return lambda context: oracle.answers.tests.get(name, False)

    def value(name: str) -> Any:
        return lambda context: oracle.answers.fields.get(name, 0.0)

    def resolver(name: str) -> Any:
        return lambda subject: places[subject.jurisdiction_id].organizations[name]

    def nothing(subject: Any, case: Case) -> None:
        """The case is its own subject."""

    return Family(
        id=family,
        prefix="PW",
        label=family,
        subject_model=None,
        link=nothing,
        resolvers={name: resolver(name) for name in names["resolvers"]},
        conditions={name: Condition(answer(name), f"not {name}", name) for name in names["conditions"]},
        effects={name: oracle.effect(name) for name in names["effects"]},
        fields={name: value(name) for name in names["fields"]},
        items=lambda subject, events: [Choice("a", "甲"), Choice("b", "乙")],
    )


@contextmanager
def scripted_families(oracle: Oracle, places: Mapping[str, Place], packs: Iterable[CompiledPack]) -> Iterator[None]:
    """Every family that these packs name answers as the oracle says; the portal's own come back afterwards."""
    names: dict[str, dict[str, set[str]]] = {}
    for compiled in packs:
        for procedure in all_procedures(compiled):
            found = names.setdefault(procedure.family, {k: set() for k in names_of(procedure, compiled)})
            for kind, more in names_of(procedure, compiled).items():
                found[kind] |= more
    engine, known = families.registered(), vocabulary.families()
    for family, wanted in names.items():
        families.register(scripted(oracle, places, family, wanted))
    try:
        yield
    finally:
        families._families.clear()
        families._families.update(engine)
        vocabulary._families.clear()
        vocabulary._families.update(known)


def store(pack_id: str, source: Mapping[str, str]) -> PackVersion:
    """A version as the loader stores it, current."""
    return PackVersion.objects.create(
        pack=pack_id, version="proof", digest=digest_of(source), source=dict(source), origin="proof", is_current=True
    )


def build_place(name: str, version: PackVersion, compiled: CompiledPack) -> Place:
    """A jurisdiction with an organization for every party and organ, and two people for every hand's position."""
    jurisdiction = Jurisdiction.objects.create(id=name, name_zh=name, name_en=name, region="990000", pack=version.pack)
    procedures = all_procedures(compiled)
    roles = list(compiled.organs())
    sources = {party.source for p in procedures for party in p.parties.values()} - set(PLAIN)
    sources |= {o.each for p in procedures for s in p.states.values() for o in s.opens if o.each and ":" not in o.each}
    wanted = ["opener", "each", "bound", "bound2", *roles, *(f"{role}2" for role in roles), *sorted(sources)]
    made = Organization.objects.bulk_create(_organization(jurisdiction, f"{name}.{key}") for key in wanted)
    organizations = dict(zip(wanted, made, strict=True))
    holding = [
        OrganRole(jurisdiction=jurisdiction, organization=organizations[key], role=role)
        for role, organ in compiled.organs().items()
        for key in (role, f"{role}2")
        if organ.many or key == role
    ]
    OrganRole.objects.bulk_create(holding)
    people = _people(name, organizations, _positions(procedures))
    experts = [people[(organizations["bound"].pk, f"expert{n}")] for n in range(EXPERTS)]
    files = {o.pk: _file(o, people[(o.pk, "handler")].user).pk for o in organizations.values()}
    return Place(jurisdiction, compiled, works_in(name), organizations, people, experts, files)


def _organization(jurisdiction: Jurisdiction, name: str) -> Organization:
    return Organization(jurisdiction=jurisdiction, code=made_up_code(next(_numbers)), name=name, region="990000")


def _positions(procedures: Iterable[Procedure]) -> list[str]:
    by = {hand.position for p in procedures for action in p.actions.values() for hand in action.by}
    by |= {hand.position for p in procedures for state in p.states.values() for hand in state.awaits}
    return sorted((by | {"handler", "leader"}) - {""})


def _people(place: str, organizations: Mapping[str, Organization], kinds: list[str]) -> dict[tuple[int, str], Actor]:
    """For each organization one person a position, and "all:POSITION": one who holds them all everywhere."""
    plan: list[tuple[tuple[int, str], str, Organization, str]] = []
    for key, organization in organizations.items():
        for kind in kinds:
            plan.append(((organization.pk, kind), f"{place}.{key}.{kind}", organization, kind))
            plan.append(((organization.pk, f"all:{kind}"), f"{place}.all", organization, kind))
    bound = organizations["bound"]
    plan += [((bound.pk, f"expert{n}"), f"{place}.expert{n}", bound, "expert") for n in range(EXPERTS)]
    names = dict.fromkeys(username for _key, username, _organization, _kind in plan)
    users = {u.username: u for u in User.objects.bulk_create(User(username=n, full_name=n) for n in names)}
    since = date(2020, 1, 1)
    held = Position.objects.bulk_create(
        Position(user=users[username], organization=organization, kind=kind, active_from=since)
        for _key, username, organization, kind in plan
    )
    return {key: Actor(position.user, position) for (key, *_rest), position in zip(plan, held, strict=True)}


def _file(organization: Organization, user: User) -> Attachment:
    return Attachment.objects.create(
        name="a.pdf",
        size=1,
        content_type="application/pdf",
        digest="0" * 64,
        uploaded_by=user,
        organization=organization,
    )


@contextmanager
def unblocked(blocker: DjangoDbBlocker) -> Iterator[None]:
    """The database for a whole module, and as it was before afterwards."""
    with blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens inside is taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
