"""What the families of funds share: the fund behind a subject, conditions on it, its facts for the case file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _now

from cases.families import Condition
from funds.models import Fund
from organizations.models import Organization

Test = Callable[[Fund], bool]


def fund_of(subject: Any) -> Fund:
    """The fund that a case is about, whatever step of its life the case is."""
    return subject if isinstance(subject, Fund) else subject.fund


def department_of(subject: Any) -> Organization:
    return fund_of(subject).department


def asks(test: Test, *, unmet: Any, met: Any) -> Condition:
    return Condition(lambda context: test(fund_of(context.subject)), unmet=unmet, met=met)


def in_words(amount: Decimal) -> str:
    """An amount with its unit, as papers show it."""
    return _now("%(amount)s yuan") % {"amount": f"{amount:,.2f}"}


def facts(subject: Any) -> Sequence[tuple[str, str]]:
    """What the case file says of the fund."""
    fund = fund_of(subject)
    return [
        (_now("Special fund"), f"{fund.name} {fund.code}"),
        (_now("Department in charge"), fund.department.shown_name),
        (_now("Size a year"), in_words(fund.size)),
        (_now("Term"), f"{fund.term_from} – {fund.term_until}"),
        (_now("Basis in law or provisions"), fund.basis or "—"),
        (_now("Purpose and use"), fund.purpose or "—"),
        (_now("Scope of use"), fund.scope or "—"),
        (_now("Performance goal"), fund.goal or "—"),
    ]
