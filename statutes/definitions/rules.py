"""What articles say: rules, their numbers, the instruments they stand in, and what the portal does with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Unit = Literal["hour", "day", "working_day", "month", "year", "on", "set"]
Bound = Literal["latest", "earliest"]
Treatment = Literal["enforced", "monitored", "informed", "outside", "planned"]
Kind = Literal["obligation", "prohibition", "gate", "sanction", "right", "definition"]
HandlerKind = Literal[
    "procedure", "action", "clock", "schedule", "condition", "effect", "guard", "report", "alert", "page", "room"
]


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence or label in both languages."""

    zh: str
    en: str

    def in_language(self, language: str) -> str:
        return self.zh if language.startswith("zh") else self.en


@dataclass(frozen=True, slots=True)
class Limit:
    """A time limit as a rule states it. `amount` is a count, "MM-DD" for `on`, None for `set`."""

    unit: Unit
    amount: int | str | None = None
    bound: Bound = "latest"
    roll: bool = False
    years: int = 0


@dataclass(frozen=True, slots=True)
class Threshold:
    field: str
    comparator: Literal["<", "<=", "=", ">=", ">"]
    amount: float
    unit: str


@dataclass(frozen=True, slots=True)
class Range:
    min: float
    max: float
    unit: str


@dataclass(frozen=True, slots=True)
class Every:
    """So many times in each period: at `least` so often, or at `most`."""

    period: Literal["year", "half_year", "quarter", "month", "week", "working_day", "day", "hour"]
    times: int = 1
    bound: Literal["least", "most"] = "least"


@dataclass(frozen=True, slots=True)
class Instrument:
    id: str
    title: Text
    number: str = ""
    issued: date | None = None
    in_force_from: date | None = None
    in_force_to: date | None = None
    figure: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Handler:
    """What the portal has for a rule, "kind:name": a part of a procedure, a check in code, a report, a page …"""

    kind: HandlerKind
    name: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"


@dataclass(frozen=True, slots=True)
class Rule:
    """`figure`: ids of the numbers of the source that it states. `why`: why the portal leaves it outside."""

    id: str
    pack: str
    summary: Text
    treatment: Treatment
    ref: str = ""
    instrument: str = ""
    article: str = ""
    practice: bool = False
    soft: bool = False
    limit: Limit | None = None
    threshold: Threshold | None = None
    range: Range | None = None
    every: Every | None = None
    floor: tuple[str, ...] = ()
    superseded: bool = False
    clocked_in: tuple[str, ...] = ()
    reading: Text | None = None
    in_force_from: date | None = None
    in_force_to: date | None = None
    kind: Kind | None = None
    actor: Text | None = None
    figure: tuple[str, ...] = ()
    handled_by: tuple[Handler, ...] = ()
    why: Text | None = None

    def in_force(self, on: date) -> bool:
        return (self.in_force_from is None or self.in_force_from <= on) and (
            self.in_force_to is None or on <= self.in_force_to
        )
