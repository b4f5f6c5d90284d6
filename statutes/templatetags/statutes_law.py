"""Filters of the law pages: rules and days in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django import template
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from organizations.actors import Actor, AnyActor
from statutes import vocabulary, wording
from statutes.calculation import FORWARDS
from statutes.coverage import Coverage
from statutes.definitions import CompiledPack, Instrument, Limit, Rule
from statutes.models import PackVersion
from statutes.resolution import Standing, ground_of
from statutes.selectors import compiled
from statutes.selectors.law import RuleRow
from statutes.timelimits import local_date

register = template.Library()

register.filter("article", wording.article_text)
register.filter("number", wording.number_text)
register.filter("why", wording.why_text)
register.filter("standing_why", wording.standing_text)
register.filter("weekday", wording.weekday_text)


@register.inclusion_tag("statutes/_law_here.html", takes_context=True)
def law_here(context: template.Context, page: str, law: CompiledPack | None = None) -> dict[str, Any]:
    """`{% law_here "review" law=law %}`: what the law says that is shown on this page, folded away.

    `page` is its registered name. Without `law`: the law in force in the reader's own place; nothing where there is
    none.
    """
    known = law or _own_law(context["request"].actor)
    rules = known.shown_at(page, timezone.localdate()) if known else []
    return {"rules": rules, "known": known}


def _own_law(actor: AnyActor) -> CompiledPack | None:
    organization = actor.organization if isinstance(actor, Actor) else None
    if organization is None:
        return None
    version = PackVersion.objects.filter(pack=organization.jurisdiction.pack, is_current=True).defer("source").first()
    return compiled(version) if version else None


@register.filter
def stands(standing: Standing) -> list[Rule]:
    """The local rule and the one above it, as far as they are there."""
    return [rule for rule in (standing.local, standing.floor) if rule is not None]


@register.filter
def pack_name(rule: Rule, law: CompiledPack) -> str:
    """The name of the pack that states a rule."""
    names = {pack.id: pack.name for pack in law.chain}
    return wording.said(names.get(rule.pack), get_language() or "zh-hans")


@register.filter
def treatment(rule: Rule) -> str:
    return wording.treatment_text(rule.treatment)


@register.filter
def kind(rule: Rule) -> str:
    return wording.kind_text(rule.kind) if rule.kind else ""


@register.filter
def kind_name(kind: str) -> str:
    """A line of the coverage; "" are rules that stand for no row of the source."""
    return wording.kind_text(kind) if kind else _("other rules")


@register.filter
def total(numbers: list[int]) -> int:
    return sum(numbers)


@register.filter
def listed(found: Coverage) -> list[tuple[str, list[Rule]]]:
    """The lists of a coverage that have something in them, with their heads."""
    lists = [
        (_("waits for: %(room)s") % {"room": vocabulary.ROOMS[room].label if room else _("not said")}, rules)
        for room, rules in found.planned.items()
    ]
    lists += [
        (_("left outside, with why"), found.outside),
        (_("readings"), found.readings),
        (_("practice"), found.practice),
        (_("as a rule"), found.soft),
    ]
    return [(head, rules) for head, rules in lists if rules]


@register.filter
def treatment_css(rule: Rule) -> str:
    """The colour class of a rule's treatment."""
    return {"enforced": "sh-done", "monitored": "sh-run", "planned": "sh-soon"}.get(rule.treatment, "sh-hold")


@register.filter
def treatment_help(rule: Rule) -> str:
    return {
        "enforced": _("The portal does not let it be broken."),
        "monitored": _("The portal measures it and shows who is late."),
        "informed": _("The portal tells those whom it concerns."),
        "outside": _("It concerns what is done outside the portal."),
        "planned": _("Not yet in the portal."),
    }[rule.treatment]


@register.filter
def calculation(row: RuleRow) -> str:
    """The calculator's query for a rule with a limit that can be counted, "" for others."""
    limit = row.resolved.limit if row.resolved else None
    if limit is None or limit.unit not in FORWARDS:
        return ""
    return urlencode({"rule": f"{row.rule.pack}:{row.rule.id}"})


@register.filter
def is_minimum(limit: Limit | None) -> bool:
    """Whether a number is a minimum period, which must pass, and not a time limit, by which something is owed."""
    return limit is not None and limit.bound == "earliest"


@register.filter
def more_text(limit: Limit, amount: int) -> str:
    """How much an extension adds to a limit."""
    return wording.amount_text(limit.unit, amount)


@register.simple_tag
def ground(rule: Rule, law: CompiledPack, at: datetime) -> Rule | None:
    """`{% ground rule law clock.started_at as above %}`: the number above one that no article states, on that day."""
    return ground_of(law, rule, local_date(at))


@register.filter
def at(instruments: Mapping[str, Instrument], name: str) -> Instrument | None:
    """The instrument of that name, None for a rule that cites none."""
    return instruments.get(name)
