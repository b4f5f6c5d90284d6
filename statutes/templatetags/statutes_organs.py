"""What an organ's role is called under the law of its jurisdiction."""

from __future__ import annotations

from django import template

from organizations.models import OrganRole
from statutes.definitions import Text
from statutes.models import PackVersion
from statutes.selectors.packs import compiled, current

register = template.Library()


@register.filter
def organ_label(row: OrganRole) -> Text | str:
    """`{{ role|organ_label|lang }}`: the pack's label of a role; the role itself where no pack names it."""
    try:
        organ = compiled(current(row.jurisdiction.pack)).organ(row.role)
    except PackVersion.DoesNotExist:
        return row.role
    return organ.label if organ else row.role
