"""The register of projects as an address narrows it: which filters there are, what each takes, and in what order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import BigIntegerField, F, Q, QuerySet
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from organizations.actors import AnyActor
from organizations.models import Organization
from projects.forms import UNITS
from projects.models import Project
from projects.selectors import late_lives, stages_of, visible_projects

LONGEST_KEY = 19
LONGEST_TEXT = 100
HIGHEST = Decimal(10) ** 15
CENTS = 100
AMOUNTS = {"from": "total__gte", "to": "total__lte"}
SORTS: Mapping[str, tuple[str, ...]] = {
    "code": ("code", "pk"),
    "newest": ("latest", "pk"),
    "dearest": ("cents", "pk"),
    "name": ("name", "pk"),
}
KEYS = ("q", "owner", "co_builder", "funding", "kind", "state", "year", "from", "to", "unit", "overdue", "sort")


def owners_in(actor: AnyActor) -> QuerySet[Organization]:
    """Who owns a project that the actor may see."""
    return _named(visible_projects(actor).order_by().values("owner"))


def partners_in(actor: AnyActor) -> QuerySet[Organization]:
    """Who builds along in a project that the actor may see."""
    return _named(visible_projects(actor).filter(co_builders__isnull=False).order_by().values("co_builders"))


def _named(keys: QuerySet[Project, Any]) -> QuerySet[Organization]:
    return Organization.objects.filter(pk__in=keys).order_by("sort_key", "pk")


def known(actor: AnyActor, stages: list[tuple[str, str]] | None = None) -> dict[str, Callable[[str], bool]]:
    """Each filter with whether it takes a value. `stages`: those of `stages_of`, where they are read already."""
    states = {state for state, _label in (stages_of(actor) if stages is None else stages)}
    return {
        "owner": lambda value: _is_key(value) and owners_in(actor).filter(pk=value).exists(),
        "co_builder": lambda value: _is_key(value) and partners_in(actor).filter(pk=value).exists(),
        "funding": Project.Funding.values.__contains__,
        "kind": Project.Kind.values.__contains__,
        "state": states.__contains__,
        "year": lambda value: value.isdecimal() and len(value) == len("2026"),
        "from": lambda value: amount_of(value) is not None,
        "to": lambda value: amount_of(value) is not None,
        "unit": UNITS.__contains__,
        "overdue": "1".__eq__,
        "sort": SORTS.__contains__,
    }


def _is_key(value: str) -> bool:
    return value.isdecimal() and len(value) < LONGEST_KEY


def amount_of(typed: str) -> Decimal | None:
    """An amount as typed, thousands apart or not; None for what is none."""
    try:
        amount = Decimal(typed.strip().replace(",", "").replace("，", ""))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and 0 <= amount < HIGHEST else None


def wrong_way_round(given: Mapping[str, str]) -> str:
    """What is wrong with the two amounts together; "" where nothing is."""
    least, most = (amount_of(given.get(name, "")) for name in AMOUNTS)
    if least is not None and most is not None and least > most:
        return _("The amount from which on projects are listed is above the one up to which they are.")
    return ""


def found_projects(actor: AnyActor, given: Mapping[str, str], now: datetime) -> QuerySet[Project]:
    """What an address narrows the register to; values that `known` does not take are left out."""
    takes = known(actor)
    kept = {name: given[name] for name in takes if given.get(name) and takes[name](given[name])}
    rows = visible_projects(actor)
    for word in given.get("q", "")[:LONGEST_TEXT].replace("\x00", "").split()[:8]:
        rows = rows.filter(
            Q(name__icontains=word)
            | Q(code__icontains=word)
            | Q(owner__name__icontains=word)
            | Q(owner__short_name__icontains=word)
        )
    columns = {"owner": "owner", "co_builder": "co_builders", "funding": "funding", "kind": "kind"}
    columns |= {"state": "case__state", "year": "years__year"}
    rows = rows.filter(**{columns[name]: value for name, value in kept.items() if name in columns})
    unit = UNITS[kept.get("unit", "yuan")]
    for name, lookup in AMOUNTS.items():
        if (amount := amount_of(kept.get(name, ""))) is not None:
            rows = rows.filter(**{lookup: amount * unit})
    return rows.filter(case__in=late_lives(actor, now)) if "overdue" in kept else rows


def ordered(rows: QuerySet[Project], sort: str) -> tuple[QuerySet[Project], tuple[str, ...]]:
    """The rows with what they are sorted by, and the columns to page by; numbers ascend, so they are turned round."""
    cents = Cast(F("total") * -CENTS, BigIntegerField())
    return rows.annotate(latest=-F("pk"), cents=cents), SORTS.get(sort, SORTS["code"])
