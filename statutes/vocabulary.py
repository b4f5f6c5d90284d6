"""Names that packs may use: what apps above have registered with the case engine.

`statutes` knows names and sentences only; the functions behind them live in `cases.families`. Packs are
validated against this registry, so that a pack cannot name a condition that nobody can answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.functional import Promise

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


_families: dict[str, Vocabulary] = {}


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
