"""Filters of the law pages: rules and days in words."""

from __future__ import annotations

from collections.abc import Mapping

from django import template
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from statutes import vocabulary, wording
from statutes.coverage import Coverage
from statutes.definitions import CompiledPack, Instrument, Rule
from statutes.resolution import Standing
from statutes.selectors.law import RuleRow

register = template.Library()

register.filter("article", wording.article_text)
register.filter("number", wording.number_text)
register.filter("why", wording.why_text)
register.filter("standing_why", wording.standing_text)
register.filter("weekday", wording.weekday_text)


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
    """The calculator's query for a rule's limit as it binds, "" if it has none that can be counted."""
    limit = row.resolved.limit if row.resolved else None
    if limit is None or limit.unit in {"on", "set"}:
        return ""
    return f"amount={limit.amount}&unit={limit.unit}"


@register.filter
def at(instruments: Mapping[str, Instrument], name: str) -> Instrument | None:
    """The instrument of that name, None for a rule that cites none."""
    return instruments.get(name)
