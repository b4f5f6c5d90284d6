"""What templates ask about firms, money and steps of a project. Nothing is decided here."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django import template

from projects import contracts, standing
from projects.models import Contract, Firm, FirmBan, Project
from projects.opening import openers
from projects.services.firms import barred_on

register = template.Library()
HUNDRED = Decimal(100)


@register.filter
def ban_on(firm: Firm, day: date) -> FirmBan | None:
    """`{{ firm|ban_on:today }}`: the ban that holds on a day."""
    return barred_on(firm, day)


@register.filter
def qualified_on(firm: Firm, day: date) -> bool:
    """Whether the register names a qualification that holds on a day."""
    return bool(firm.qualification) and (firm.qualified_until is None or firm.qualified_until >= day)


@register.filter
def wrote_plan(firm: Firm, project: Project) -> bool:
    """Whether a firm is the author of the project's plan."""
    return bool(project.design_firm.strip()) and project.design_firm.strip() == firm.name.strip()


@register.filter
def percent_of(part: Decimal, whole: Decimal) -> str:
    """`{{ paid|percent_of:due }}`: with one decimal; a dash of nothing."""
    return f"{part / whole * HUNDRED:.1f}%" if whole else "—"


@register.filter
def short_number(amount: Decimal) -> str:
    """Without zeros at the end: 30 and 12.5, as shares are said."""
    return f"{Decimal(amount).normalize():f}"


@register.filter
def whole(money: standing.Money) -> Decimal:
    """The width of a bar that all figures of a project fit into."""
    return max(money.approved, money.contracted, money.paid)


@register.simple_tag
def stages_of(contract: Contract) -> list[contracts.StageRow]:
    """`{% stages_of contract as rows %}`: each stage with what is paid and asked for of it."""
    return contracts.stages_of(contract)


@register.simple_tag
def project_money(project: Project) -> standing.Money:
    """`{% project_money project as money %}`: approved, contracted, paid, left."""
    return standing.money_of(project)


@register.simple_tag(takes_context=True)
def project_contracts(context: template.Context, project: Project) -> list[contracts.Line]:
    """`{% project_contracts project as rows %}`: its contracts, with the cases that the reader may open."""
    return contracts.contracts_of(context["actor"], project)


@register.simple_tag(takes_context=True)
def project_changes(context: template.Context, project: Project) -> list[contracts.Line]:
    """`{% project_changes project as rows %}`: its changes, with the cases that the reader may open."""
    return contracts.changes_of(context["actor"], project)


@register.simple_tag(takes_context=True)
def steps_open(context: template.Context, project: Project) -> frozenset[str]:
    """`{% steps_open project as steps %}`: the steps that the reader's position opens, by their procedures."""
    return openers(context["actor"], project)
