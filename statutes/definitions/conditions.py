"""Conditions under which doors open, cases move on and branches are chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ClockStatus = Literal["running", "paused", "overdue", "met", "late", "elapsed"]


@dataclass(frozen=True, slots=True)
class Test:
    """A condition registered by an app, by name."""

    name: str
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class All:
    items: tuple[Cond, ...]
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Any:
    items: tuple[Cond, ...]
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Not:
    item: Cond
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class OverThreshold:
    """`{ threshold = rule }`: true while the rule's comparison holds."""

    threshold: str
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class InputIs:
    """`action` empty: the inputs of the action being taken; otherwise the last taking of that action."""

    action: str
    name: str
    value: str | int | float | bool
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """`count`: a number, "all" (every awaited hand), or the id of a threshold rule on `count:ACTION`."""

    action: str
    count: int | str = 1
    ever: bool = False
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class ClockIs:
    clock: str
    status: ClockStatus
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class CasesAre:
    """`count`: so many of them, "all", "last" (the one opened last), or the id of a threshold rule."""

    procedure: str
    outcome: str
    among: Literal["children", "siblings"] = "children"
    count: int | str = 1
    rule: str | None = None


Cond = Test | All | Any | Not | OverThreshold | InputIs | Taken | ClockIs | CasesAre


@dataclass(frozen=True, slots=True)
class Option:
    """One branch of a `choice`: the value when `when` holds; `when` None is the default branch."""

    when: Cond | None
    value: str


Choice = tuple[Option, ...]
