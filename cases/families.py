"""What apps above plug into the case engine: one family per kind of matter.

A family tells the engine its subject's model, who its parties are, and which conditions and effects packs
may name. The names are made known to `statutes` too, so that packs are validated against them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Model
from django.utils.functional import Promise

from cases.models import Case, CaseEvent
from organizations.actors import AnyActor
from organizations.models import Jurisdiction, Organization
from statutes import vocabulary
from statutes.definitions import Every


@dataclass(frozen=True, slots=True)
class Context:
    """What a condition, field or effect may look at. `case` is None while the opening is being judged."""

    case: Case | None
    subject: Any
    at: datetime
    actor: AnyActor
    inputs: Mapping[str, Any]
    parties: Mapping[str, list[Organization]]
    compiled: Any
    procedure: Any


@dataclass(frozen=True, slots=True)
class Condition:
    """A question about the subject, with the two sentences that explain a door closed by it."""

    test: Callable[[Context], bool]
    unmet: str | Promise
    met: str | Promise


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the subject's items that an input of type `items` may name. `ticked`: chosen unless said otherwise."""

    value: str
    label: str
    ticked: bool = False


@dataclass(frozen=True, slots=True)
class Rebinding:
    """What an effect may answer: people (user ids) whom it binds to a party of persons, and whom it releases.

    Who is released has no hand in the case any more and does not see it; what they did stays in the record.
    """

    party: str
    bind: tuple[int, ...] = ()
    release: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Round:
    """A day on which a schedule opens its cases in a jurisdiction; it may lie behind when beat comes late."""

    jurisdiction: Jurisdiction
    on: date


@dataclass(frozen=True, slots=True)
class Family:
    """One kind of matter.

    `link(subject, case)` stores the case on the subject inside the opening's transaction. `spawn(parent,
    organization, at)` makes the subject of a case that a parent or a schedule opens. Without a `subject_model`
    the case is its own subject; `related` is read along with it. `items(subject, events)`: what inputs of type
    `items` choose from. `panel` is the template shown on the case page for the subject, `panel_context(matter,
    actor)` its context; `facts(subject)` says the same as labelled lines, for the case file.
    `period(every, on)`: what the title of a case that a schedule opens calls its time, in Chinese and in English;
    without it the year, or the day. A resolver that a schedule names in `for_each` is asked of a `Round`.
    `since(subject)`: the day from which the time limits of a case count that its parent opens, where what it is about
    began before it was opened; without it, or where that says None, the moment of the opening.
    """

    id: str
    prefix: str
    label: Any
    subject_model: type[Model] | None
    link: Callable[[Any, Case], None]
    spawn: Callable[[Case | None, Organization | None, datetime], Any] | None = None
    resolvers: Mapping[str, Callable[[Any], Organization | list[Organization]]] = field(default_factory=dict)
    conditions: Mapping[str, Condition] = field(default_factory=dict)
    effects: Mapping[str, Callable[[Context], Rebinding | None]] = field(default_factory=dict)
    fields: Mapping[str, Callable[[Context], float]] = field(default_factory=dict)
    items: Callable[[Any, Sequence[CaseEvent]], Sequence[Choice]] | None = None
    panel: str = ""
    panel_context: Callable[[Any, AnyActor], dict[str, Any]] | None = None
    related: tuple[str, ...] = ()
    facts: Callable[[Any], Sequence[tuple[str, str]]] | None = None
    period: Callable[[Every, date], tuple[str, str]] | None = None
    since: Callable[[Any], date | None] | None = None

    def subject_of(self, case: Case) -> Any:
        if self.subject_model is None:
            return case
        rows = self.subject_model._default_manager.all()
        return (rows.select_related(*self.related) if self.related else rows).get(case=case)


_families: dict[str, Family] = {}


def register(family: Family) -> None:
    """Make a family known to the engine and its names to the pack checks."""
    _families[family.id] = family
    vocabulary.register(
        family.id,
        conditions={name: vocabulary.Sentences(c.unmet, c.met) for name, c in family.conditions.items()},
        effects=family.effects,
        resolvers=family.resolvers,
        fields=family.fields,
    )


def get(family_id: str) -> Family:
    """The family of that id. KeyError when no installed app has registered it."""
    return _families[family_id]


def registered() -> dict[str, Family]:
    return dict(_families)
