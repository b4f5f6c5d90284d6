"""What applying means here: who will decide, by when, by which article, before anybody commits to anything.

The procedure that a request would run under is walked along its main path, with the conditions answered for
this resource and this department. Nothing is stored.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils import timezone

from cases import families
from cases.conditions import Look, Reason, holds, reason
from cases.engine import Matter
from cases.engine.clocks import chosen
from cases.hands import organization_name
from cases.models import Case
from cases.page import said
from catalog.models import Resource
from organizations.actors import Actor
from organizations.models import Organization, OrganizationFunction
from organizations.selectors import live_functions, organs
from sharing.services.agreements import TERMS, kinds_for
from statutes.definitions import Action, Clock, CompiledPack, Hand, Instrument, Procedure, Rule, Text
from statutes.resolution import floors
from statutes.selectors import compiled as compiled_version
from statutes.selectors import current as current_version
from statutes.selectors import resolve_limit
from statutes.timelimits import Derivation, derive

FAMILY = "share_request"
DRAW_UP = "draw_up_agreements"


@dataclass(frozen=True)
class Prospect:
    """A request that might be made: enough of one for the conditions to be asked."""

    resource: Resource
    applicant: Organization | None

    @cached_property
    def function(self) -> OrganizationFunction | None:
        return live_functions(self.applicant.pk).first() if self.applicant else None

    @property
    def applicant_id(self) -> int | None:
        return self.applicant.pk if self.applicant else None

    @property
    def resource_id(self) -> int:
        return self.resource.pk

    @property
    def items(self) -> Any:
        return self.resource.items.none()


@dataclass(frozen=True, slots=True)
class Term:
    """One time limit of the way: its rule, and when it would end if it began now.

    `above`: where the rule itself cites no article, the rules of higher law that its number comes from.
    """

    rule: Rule
    instrument: Instrument | None
    amount: int | str | None
    floor: Rule | None
    derivation: Derivation
    above: list[tuple[Rule, Instrument | None]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What applying means: `closed` says why one cannot apply at all; otherwise the way and its limits.

    `deciders`: organizations that decide, by the article of `basis`. `papers`: headings of the agreements that have
    to be signed before data flows.
    """

    compiled: CompiledPack
    procedure: Procedure
    closed: list[Reason] = field(default_factory=list)
    deciders: list[str] = field(default_factory=list)
    decision: Action | None = None
    basis: Rule | None = None
    basis_instrument: Instrument | None = None
    answer: Term | None = None
    provide: Term | None = None
    refusal: Action | None = None
    after_refusal: str = ""
    papers: list[Text] = field(default_factory=list)


def outlook(actor: Actor, resource: Resource, now: datetime | None = None) -> Outlook:
    """The way that a request for `resource` by the actor's organization would take under its provider's law."""
    now = now or timezone.now()
    jurisdiction = resource.provider.jurisdiction
    compiled = compiled_version(current_version(jurisdiction.pack))
    procedure = compiled.procedure(FAMILY, timezone.localdate(now))
    look = _look(actor, resource, compiled, procedure, now)
    opening = procedure.opening_action()
    closed = [reason(cond, look, opening.rule) for cond in opening.when if not holds(cond, look)]
    if closed:
        return Outlook(compiled, procedure, closed)
    return _along(look, opening, jurisdiction.pk, now)


def _look(actor: Actor, resource: Resource, compiled: CompiledPack, procedure: Procedure, now: datetime) -> Look:
    matter = Matter(
        Case(
            family=FAMILY,
            procedure=procedure.id,
            jurisdiction=resource.provider.jurisdiction,
            state="",
            opened_at=now,
            last_at=now,
        ),
        compiled,
        procedure,
        families.get(FAMILY),
        parties=[],
        clocks=[],
    )
    matter.subject = Prospect(resource, actor.organization)
    return Look(matter, matter.context(actor, now, {}))


def _along(look: Look, opening: Action, jurisdiction: str, now: datetime) -> Outlook:
    procedure = look.matter.procedure
    way = list(_path(look, opening))
    turn = next((n for n, stride in enumerate(way) if stride.is_decision), len(way))
    before, decided, after = _events(way[:turn]), _events(way[turn : turn + 1]), _events(way[turn:])
    decision = way[turn].action if turn < len(way) else None
    refusal = _refusal(procedure, decision)
    compiled = look.matter.compiled
    basis = compiled.rule(decision.rule) if decision else None
    return Outlook(
        compiled=compiled,
        procedure=procedure,
        deciders=_deciders(look, decision, jurisdiction),
        decision=decision,
        basis=basis,
        basis_instrument=compiled.instrument(basis) if basis else None,
        answer=_term(look, now, _between(look, before, decided or before)),
        provide=_term(look, now, _between(look, decided, after)) if decision else None,
        refusal=refusal,
        after_refusal=_after(look, refusal),
        papers=_papers(look, way),
    )


@dataclass(frozen=True, slots=True)
class Stride:
    """One step of the way: an action and the state that it, or the exit that it opens, leads to."""

    action: Action
    to: str

    @property
    def is_decision(self) -> bool:
        return self.action.kind == "decide" and all(hand.party != "applicant" for hand in self.action.by)


def _path(look: Look, opening: Action) -> Iterator[Stride]:
    """The main path: in each state the first open action that leads on, decisions before others."""
    stride: Stride | None = Stride(opening, chosen(opening.to, look))
    seen: set[str] = set()
    while stride is not None and stride.to not in seen:
        yield stride
        seen.add(stride.to)
        stride = _next_stride(look, stride.to, seen)


def _next_stride(look: Look, state: str, seen: set[str]) -> Stride | None:
    procedure = look.matter.procedure
    if procedure.states[state].terminal:
        return None
    exits = procedure.states[state].next
    actions = sorted(procedure.actions_from(state), key=lambda action: action.kind != "decide")
    for action in actions:
        if "*" in action.sources or not action.by or action.kind == "refuse":
            continue
        to = chosen(action.to, look) or (exits[0].to if exits else "")
        if to and to not in seen and all(holds(cond, look) for cond in action.when):
            return Stride(action, to)
    return None


def _events(way: list[Stride]) -> set[str]:
    return {name for stride in way for name in (stride.action.id, stride.to)}


def _between(look: Look, began: set[str], ended: set[str]) -> Clock | None:
    """The first clock of the pack that starts among `began` and ends among `ended`."""
    clocks = look.matter.procedure.clocks.values()
    return next((c for c in clocks if began & set(c.starts) and ended & set(c.until)), None)


def _term(look: Look, now: datetime, clock: Clock | None) -> Term | None:
    """When a clock would end if it began now, with the rule that binds, floor applied."""
    rule_id = chosen(clock.limit, look) if clock else ""
    if not rule_id:
        return None
    compiled = look.matter.compiled
    resolved = resolve_limit(compiled, rule_id, timezone.localdate(now))
    if resolved.limit.unit in ("on", "set"):
        return None
    derivation = derive(
        start=now,
        unit=resolved.limit.unit,
        amounts=[resolved.limit.amount or 0],
        roll=resolved.limit.roll,
        calendar=look.matter.calendar,
        explain=True,
    )
    above = [] if resolved.rule.article else list(floors(compiled, resolved.rule, timezone.localdate(now)))
    return Term(
        resolved.rule,
        compiled.instrument(resolved.rule),
        resolved.limit.amount,
        resolved.floor,
        derivation,
        [(rule, compiled.instrument(rule)) for rule in above],
    )


def _deciders(look: Look, decision: Action | None, jurisdiction: str) -> list[str]:
    """The organizations that decide: the provider, or who holds the organ's role."""
    found: list[Organization] = []
    for hand in decision.by if decision else ():
        found += _holders(look, hand, jurisdiction)
    return list(dict.fromkeys(map(organization_name, found)))


def _holders(look: Look, hand: Hand, jurisdiction: str) -> list[Organization]:
    party = look.matter.procedure.parties.get(hand.party)
    if party is None:
        return organs(jurisdiction, hand.party)
    resolver = look.matter.family.resolvers.get(party.source)
    found = resolver(look.matter.subject) if resolver else []
    return found if isinstance(found, list) else [found]


def _refusal(procedure: Procedure, decision: Action | None) -> Action | None:
    """The refusal that stands beside the decision."""
    if decision is None:
        return None
    beside = [a for a in procedure.actions.values() if a.kind == "refuse" and set(a.sources) & set(decision.sources)]
    return beside[0] if beside else None


def _after(look: Look, refusal: Action | None) -> str:
    """What the applicant may do after a refusal: the labels of the actions open to the applicant's hands then."""
    if refusal is None:
        return ""
    procedure, to = look.matter.procedure, chosen(refusal.to, look)
    actions = [a for a in procedure.actions_from(to) if "*" not in a.sources] if to else []
    own = [a for a in actions if any(hand.party == "applicant" for hand in a.by)]
    return " / ".join(said(action.label) for action in own)


def _papers(look: Look, way: list[Stride]) -> list[Text]:
    """What is drawn up on the way and has to be signed, by the first line of the pack's template."""
    procedure, resource = look.matter.procedure, look.matter.subject.resource
    if not any(DRAW_UP in procedure.states[stride.to].effects for stride in way):
        return []
    wanted = [TERMS[kind] for kind in kinds_for(procedure, resource)]
    templates = [template for name in wanted if (template := look.matter.compiled.term(name)) is not None]
    return [Text(zh=each.zh.strip().splitlines()[0], en=each.en.strip().splitlines()[0]) for each in templates]
