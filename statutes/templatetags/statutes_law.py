"""Filters of the law pages: rules and days in words."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext as _

from statutes import wording
from statutes.definitions import Rule
from statutes.selectors.law import RuleRow

register = template.Library()

register.filter("article", wording.article_text)
register.filter("number", wording.number_text)
register.filter("why", wording.why_text)
register.filter("weekday", wording.weekday_text)


@register.filter
def treatment(rule: Rule) -> str:
    return wording.treatment_text(rule.treatment)


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
