"""Words for what a new version of the law changes."""

from __future__ import annotations

from django import template

from cases import wording

register = template.Library()


@register.filter
def part_kind(name: str) -> str:
    return wording.in_words(wording.PARTS, name)


@register.filter
def property_name(name: str) -> str:
    return wording.in_words(wording.PROPERTIES, name)


@register.filter
def stayed_because(code: str) -> str:
    return wording.in_words(wording.STAYED, code)
