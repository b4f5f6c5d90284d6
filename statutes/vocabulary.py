"""Names that packs may use: what apps above have registered with the case engine.

`statutes` knows names and sentences only; the functions behind them live in `cases.families`. Packs are
validated against this registry, so that a pack cannot name a condition that nobody can answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

POSITIONS = (
    "handler",
    "leader",
    "data_steward",
    "reviewer",
    "approver",
    "auditor",
    "finance",
    "expert",
    "administrator",
)


@dataclass(frozen=True, slots=True)
class Sentences:
    """Why a door is closed: `unmet` when the condition is false, `met` when it is true under `not`.

    Both are messages that are translated when shown.
    """

    unmet: str | Promise
    met: str | Promise


@dataclass(slots=True)
class Vocabulary:
    """Names known for one family."""

    conditions: dict[str, Sentences] = field(default_factory=dict)
    effects: set[str] = field(default_factory=set)
    resolvers: set[str] = field(default_factory=set)
    fields: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Where:
    """What the portal has outside procedures. `url`: the name of its page, "" where the page needs an object."""

    label: str | Promise
    url: str = ""


ROOMS: dict[str, Where] = {
    "projects": Where(_("projects")),
    "opendata": Where(_("open data")),
    "network": Where(_("network and faults")),
    "supervision": Where(_("supervision")),
    "catalog": Where(_("catalogue")),
    "datasets": Where(_("data")),
    "sharing": Where(_("sharing")),
    "organizations": Where(_("organizations and people")),
}
"""The rooms of the portal that rules may wait for."""

_families: dict[str, Vocabulary] = {}
PLACES = ("guard", "report", "alert", "page")
"""Kinds of things that rooms have beside procedures."""

_places: dict[str, dict[str, Where]] = {kind: {} for kind in PLACES}


def register(
    family: str,
    *,
    conditions: dict[str, Sentences],
    effects: Iterable[str],
    resolvers: Iterable[str],
    fields: Iterable[str],
) -> None:
    """Make a family's names known. Registering a family twice replaces it (app reloads in tests)."""
    _families[family] = Vocabulary(dict(conditions), set(effects), set(resolvers), set(fields))


def family(name: str) -> Vocabulary | None:
    return _families.get(name)


def families() -> dict[str, Vocabulary]:
    return dict(_families)


def register_places(
    *,
    guards: Mapping[str, Where] | None = None,
    reports: Mapping[str, Where] | None = None,
    alerts: Mapping[str, Where] | None = None,
    pages: Mapping[str, Where] | None = None,
) -> None:
    """Make known what a room has beside procedures: checks in code, reports, alerts, pages. Again replaces."""
    _places["guard"].update(guards or {})
    _places["report"].update(reports or {})
    _places["alert"].update(alerts or {})
    _places["page"].update(pages or {})


def places(kind: str) -> dict[str, Where]:
    """The names of one kind: guard, report, alert or page."""
    return dict(_places[kind])
