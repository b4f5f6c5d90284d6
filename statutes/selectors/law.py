"""Reading the law for its pages. Everybody who is signed in may; the actor decides only whose calendar is first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from django.utils.translation import gettext as _

from organizations.actors import AnyActor
from organizations.errors import NotKnown
from organizations.models import Jurisdiction
from statutes.definitions import Action, Clock, CompiledPack, Instrument, Procedure, ResolvedLimit, Rule
from statutes.diffing import RuleChange, rule_changes
from statutes.models import PackVersion
from statutes.resolution import NotInForceError, Standing, ground_of, resolve_limit, standing, states_number
from statutes.selectors.packs import compiled


@dataclass(frozen=True, slots=True)
class InForce:
    """A pack with the version that new cases are opened under."""

    version: PackVersion
    law: CompiledPack


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule, the instrument it cites, and its limit as it binds (with the floor that took its place, if any).

    `ground`: for a number that no article states, the number above it.
    """

    rule: Rule
    instrument: Instrument | None
    resolved: ResolvedLimit | None = None
    ground: Rule | None = None

    @property
    def floor(self) -> Rule | None:
        return self.resolved.floor if self.resolved else None


@dataclass(frozen=True, slots=True)
class ClockRow:
    """A clock of a procedure with the rules that may set it, each with its limit on the day."""

    clock: Clock
    limits: tuple[RuleRow, ...]


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a procedure rests on a rule: by an action, or by a clock."""

    procedure: Procedure
    action: Action | None = None
    clock: Clock | None = None


def packs_in_force(actor: AnyActor) -> list[InForce]:
    """The current version of every pack, ancestors before those that build on them."""
    found = [
        InForce(version, compiled(version)) for version in PackVersion.objects.filter(is_current=True).defer("source")
    ]
    return sorted(found, key=lambda each: (len(each.law.chain), each.law.own.region, each.law.own.id))


def pack_in_force(actor: AnyActor, pack_id: str) -> InForce:
    """NotKnown if there is no such pack."""
    version = PackVersion.objects.filter(pack=pack_id, is_current=True).defer("source").first()
    if version is None:
        raise NotKnown(_("There is no rule pack %(id)s in force.") % {"id": pack_id})
    return InForce(version, compiled(version))


def pack_of_version(actor: AnyActor, pack_id: str, version_id: int) -> InForce:
    """A pack, or an ancestor of one, as a stored version has it. NotKnown if that version has no such pack."""
    version = PackVersion.objects.filter(pk=version_id).defer("source").first()
    chain = compiled(version).chain if version else ()
    place = next((place for place, pack in enumerate(chain) if pack.id == pack_id), None)
    if version is None or place is None:
        raise NotKnown(_("There is no such version of the rule pack %(id)s.") % {"id": pack_id})
    return InForce(version, replace(compiled(version), chain=chain[place:]))


@dataclass(frozen=True, slots=True)
class Today:
    """How a rule of another version stands today: `row` as it is in force, None when there is none any more."""

    row: RuleRow | None
    change: RuleChange | None = None

    @property
    def differs(self) -> bool:
        return self.row is None or bool(self.change and self.change.changes)


def today_of(actor: AnyActor, pack_id: str, row: RuleRow, on: date, language: str) -> Today:
    """The rule of the same id in force today, and what is another in it than in `row`."""
    found = PackVersion.objects.filter(pack=pack_id, is_current=True).defer("source").first()
    try:
        now = rule_row(compiled(found), compiled(found).rule(row.rule.id, on), on) if found else None
    except KeyError:
        now = None
    return Today(now, rule_changes(row.rule, now.rule, language) if now else None)


def jurisdictions(actor: AnyActor) -> list[Jurisdiction]:
    return list(Jurisdiction.objects.all())


def place_for(actor: AnyActor, pack_id: str, wanted: Jurisdiction | None) -> Jurisdiction | None:
    """Whose calendar counts a limit of a pack: the place wanted if it lives by that pack, else the pack's own.

    None is the nation: for a pack that is no place's own, when none was wanted.
    """
    if wanted is not None:
        version = PackVersion.objects.filter(pack=wanted.pack, is_current=True).defer("source").first()
        if version is not None and pack_id in {pack.id for pack in compiled(version).chain}:
            return wanted
    return Jurisdiction.objects.filter(pack=pack_id).first()


def rule_row(law: CompiledPack, rule: Rule, on: date) -> RuleRow:
    resolved = None
    if rule.limit is not None and rule.in_force(on):
        try:
            resolved = resolve_limit(law, rule.id, on)
        except NotInForceError:
            resolved = None
        if resolved is not None and resolved.rule.pack != rule.pack:
            resolved = None
    return RuleRow(rule, law.instrument(rule), resolved, ground_of(law, rule, on))


def rules_of(
    actor: AnyActor, law: CompiledPack, on: date, *, query: str = "", treatment: str = "", numbered: bool = False
) -> list[RuleRow]:
    """The pack's own rules that match every word of the query (in either language, article or id included)."""
    return [
        rule_row(law, rule, on)
        for rule in law.own.rules
        if (not treatment or rule.treatment == treatment)
        and (not numbered or states_number(rule))
        and matches(law, rule, query)
    ]


def matches(law: CompiledPack, rule: Rule, query: str) -> bool:
    """Whether a rule holds every word, in either language, its article, id, number in the source and actor included."""
    words = query.casefold().split()
    if not words:
        return True
    text = _searched(law, rule)
    return all(word in text for word in words)


def rule_of(actor: AnyActor, law: CompiledPack, rule_id: str, on: date) -> RuleRow:
    """The rule of that id in force, or the last one that was. NotKnown if the pack and its ancestors have none."""
    for candidate in (on, None):
        try:
            return rule_row(law, law.rule(rule_id, candidate), on)
        except KeyError:
            continue
    raise NotKnown(_("This law has no rule %(id)s.") % {"id": rule_id})


def standing_of(actor: AnyActor, law: CompiledPack, rule_id: str, on: date) -> Standing:
    """The local number and the one above it, which binds on the day, since when and why. NotKnown as `rule_of`."""
    try:
        return standing(law, rule_id, on)
    except KeyError as error:
        raise NotKnown(_("This law has no rule %(id)s.") % {"id": rule_id}) from error


def procedures_of(actor: AnyActor, law: CompiledPack, on: date) -> list[Procedure]:
    """Every procedure in force under the pack, the nearest where ids repeat, the pack's own first."""
    found: dict[str, Procedure] = {}
    for pack in law.chain:
        for procedure in pack.procedures:
            if procedure.in_force(on):
                found.setdefault(procedure.id, procedure)
    return list(found.values())


def procedure_of(actor: AnyActor, law: CompiledPack, procedure_id: str, on: date) -> Procedure:
    try:
        return law.procedure(procedure_id, on)
    except KeyError as error:
        raise NotKnown(_("This law has no procedure %(id)s in force.") % {"id": procedure_id}) from error


def clocks_of(law: CompiledPack, procedure: Procedure, on: date) -> list[ClockRow]:
    """The clocks of a procedure with their limits; a rule that is not in force on the day is left out."""
    return [
        ClockRow(
            clock,
            tuple(
                rule_row(law, law.rule(option.value, on), on)
                for option in clock.limit
                if _in_force(law, option.value, on)
            ),
        )
        for clock in procedure.clocks.values()
    ]


def citations_of(actor: AnyActor, law: CompiledPack, rule_id: str, on: date) -> list[Citation]:
    """The actions and clocks of the pack's procedures that rest on a rule."""
    return [found for procedure in procedures_of(actor, law, on) for found in _citations(procedure, rule_id)]


def _citations(procedure: Procedure, rule_id: str) -> Iterator[Citation]:
    for clock in procedure.clocks.values():
        if any(option.value == rule_id for option in clock.limit):
            yield Citation(procedure, clock=clock)
    for action in procedure.actions.values():
        extends = action.extends is not None and action.extends.by == rule_id
        if action.rule == rule_id or extends:
            yield Citation(procedure, action=action)


def _in_force(law: CompiledPack, rule_id: str, on: date) -> bool:
    try:
        law.rule(rule_id, on)
    except KeyError:
        return False
    return True


def _searched(law: CompiledPack, rule: Rule) -> str:
    instrument = law.instrument(rule)
    parts = [rule.id, rule.ref, rule.article, f"第{rule.article}条" if rule.article[:1].isdigit() else ""]
    for text in (rule.summary, rule.reading, rule.actor, rule.why):
        parts += [text.zh, text.en] if text else []
    if instrument:
        parts += [instrument.title.zh, instrument.title.en, instrument.number]
    return " ".join(parts).casefold()
