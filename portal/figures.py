"""What is counted beside the page: what awaits me in each of my positions, and what else the workbench has to say.

Everything is read in one statement, whatever is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import CharField, Count, DateField, F, IntegerField, Q, QuerySet, Value
from django.db.models.functions import Cast
from django.http import HttpRequest
from django.utils import timezone

from cases import outstanding, owing, selectors, stranding
from organizations.actors import Actor
from organizations.models import Position
from organizations.selectors import deputies_of

COLUMNS = ("figure_kind", "figure_key", "figure", "words", "first_day", "last_day")


@dataclass(frozen=True, slots=True)
class Deputy:
    """Who stands in for me, from when until when."""

    name: str
    active_from: date
    active_until: date
    begun: bool


@dataclass(slots=True)
class Figures:
    """Counts for one person: `todo` by key of the position, `here` where the person acts; `submitted`: still open."""

    here: int = 0
    todo: dict[int, int] = field(default_factory=dict)
    unread: int = 0
    submitted: int = 0
    stranded: int = 0
    met: int = 0
    late: int = 0
    running: int = 0
    overdue: int = 0
    deputies: list[Deputy] = field(default_factory=list)


def of_request(request: HttpRequest, actor: Actor, *, workbench: bool = False) -> Figures:
    """The figures of a request, read once; those of the workbench are asked for by the workbench alone."""
    kept = getattr(request, "figures", None)
    if kept is None:
        kept = read(actor, getattr(request, "positions", []), workbench=workbench)
        request.figures = kept
    return kept


def read(actor: Actor, positions: Sequence[Position], *, workbench: bool = False) -> Figures:
    """One statement: to-do counts of all positions and unread notices; deputies and more for the workbench."""
    held = list(positions) or ([actor.position] if actor.position else [])
    parts = [_count("todo", selectors.todo(Actor(actor.user, position)), position.pk) for position in held]
    parts.append(_count("unread", outstanding.unread(actor)))
    if workbench and actor.organization is not None:
        parts.append(_count("submitted", selectors.submitted(actor).filter(closed_at__isnull=True)))
        parts.append(_deputies(actor))
        (ended, met, late), (opened, running, overdue) = owing.counted(actor, timezone.now())
        parts += [_two("ended", ended, met, late), _two("open", opened, running, overdue)] if owing.owes(actor) else []
        if stranding.leads(actor):
            parts.append(_count("stranded", stranding.own_stranded_hands(actor)))
    found = Figures(todo={position.pk: 0 for position in held})
    for row in parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]:
        _take(found, dict(zip(COLUMNS, row, strict=True)))
    found.here = found.todo.get(actor.position.pk, 0) if actor.position else 0
    return found


def _take(found: Figures, row: dict[str, Any]) -> None:
    match row["figure_kind"]:
        case "todo":
            found.todo[row["figure_key"]] = row["figure"]
        case "deputy":
            begun = row["first_day"] <= timezone.localdate()
            found.deputies.append(Deputy(row["words"], row["first_day"], row["last_day"], begun))
        case "unread":
            found.unread = row["figure"]
        case "submitted":
            found.submitted = row["figure"]
        case "stranded":
            found.stranded = row["figure"]
        case "ended":
            found.met, found.late = row["figure_key"], row["figure"]
        case "open":
            found.running, found.overdue = row["figure_key"], row["figure"]


def _count(kind: str, rows: QuerySet[Any], key: int = 0) -> QuerySet[Any]:
    return _figures(kind, rows, Value(key, IntegerField()), Count("pk"))


def _two(kind: str, rows: QuerySet[Any], first: Q, second: Q) -> QuerySet[Any]:
    """Two counts of the same rows in one pass, as `figure_key` and `figure`."""
    return _figures(kind, rows, Count("pk", filter=first), Count("pk", filter=second))


def _figures(kind: str, rows: QuerySet[Any], first: Any, second: Any) -> QuerySet[Any]:
    named = rows.select_related(None).order_by().values(figure_kind=Value(kind, CharField()))
    return named.annotate(
        figure_key=first,
        figure=second,
        words=Value("", CharField()),
        first_day=Cast(Value(None), DateField()),
        last_day=Cast(Value(None), DateField()),
    ).values_list(*COLUMNS)


def _deputies(actor: Actor) -> QuerySet[Any]:
    rows = deputies_of(actor).select_related(None).order_by()
    return rows.annotate(
        figure_kind=Value("deputy", CharField()),
        figure_key=Cast("pk", IntegerField()),
        figure=Value(1, IntegerField()),
        words=F("user__full_name"),
        first_day=F("active_from"),
        last_day=F("active_until"),
    ).values_list(*COLUMNS)
