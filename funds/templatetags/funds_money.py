"""Amounts on the pages of funds."""

from __future__ import annotations

from decimal import Decimal

from django import template

register = template.Library()


@register.filter
def yuan(amount: Decimal) -> str:
    """An amount as papers write it in either language: thousands apart, two decimals."""
    return f"{amount:,.2f}"
