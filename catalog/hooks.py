"""What rooms above add to the catalogue's pages. They append to these lists when their app is ready."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from catalog.models import InformationSystem, Resource, Withdrawal
from organizations.actors import Actor, AnyActor
from organizations.models import Organization


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of the resource page: a template, its context, and the column that it stands in."""

    template: str
    context: Callable[[Actor, Resource], dict[str, Any]]
    place: Literal["aside", "main"] = "main"


resource_panels: list[Panel] = []


@dataclass(frozen=True, slots=True)
class SystemPanel:
    """A part of a system's page: a template and its context, such as the projects that build the system."""

    template: str
    context: Callable[[Actor, InformationSystem], dict[str, Any]]


system_panels: list[SystemPanel] = []

use_guards: list[Callable[[InformationSystem], str]] = []
"""Each answers why a system may not be taken into use yet; "" when nothing speaks against it."""

item_uses: list[Callable[[Resource, Sequence[str]], list[str]]] = []
"""Each answers, for codes of a resource's items, in words who relies on them."""

consumers: list[Callable[[Resource], list[Organization]]] = []
"""Each answers which organizations are provided with the data of a resource just now."""

on_withdrawn: list[Callable[[AnyActor, Withdrawal, datetime], None]] = []
"""Each ends what rests on an entry that is withdrawn, in the transaction that withdraws it."""

access_marks: list[Callable[[Actor, Sequence[int]], dict[int, Any]]] = []
"""Each answers, for ids of resources in a list, a short mark such as “granted until …”."""


def why_not_used(system: InformationSystem) -> list[str]:
    """Everything that speaks against taking a system into use now."""
    return [why for ask in use_guards if (why := ask(system))]


def marks_for(actor: Actor, ids: Sequence[int]) -> dict[int, Any]:
    """The marks of all rooms together; the last that has one for a resource wins."""
    found: dict[int, Any] = {}
    for ask in access_marks:
        found |= ask(actor, ids)
    return found


def uses_of(resource: Resource, codes: Sequence[str]) -> list[str]:
    """Who relies on these items, in words of the rooms above."""
    return [sentence for ask in item_uses for sentence in ask(resource, codes)] if codes else []


def consumers_of(resource: Resource) -> list[Organization]:
    """Every organization that is provided with the data, each once."""
    found = {organization.pk: organization for ask in consumers for organization in ask(resource)}
    return list(found.values())


def panels_for(actor: Actor, resource: Resource, place: str) -> list[tuple[str, dict[str, Any]]]:
    """(template, context) of every panel of one column."""
    return [(panel.template, panel.context(actor, resource)) for panel in resource_panels if panel.place == place]


def system_parts(actor: Actor, system: InformationSystem) -> list[tuple[str, dict[str, Any]]]:
    """(template, context) of every panel of a system's page."""
    return [(panel.template, panel.context(actor, system)) for panel in system_panels]
