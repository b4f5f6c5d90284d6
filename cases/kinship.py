"""Cases that belong together: one opens others and may wait for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from cases import page
from cases.models import Case
from cases.selectors import visible_cases
from organizations.actors import Actor

MOST = 50


@dataclass(frozen=True, slots=True)
class Relative:
    """A case beside another, with what it is to that one."""

    kin: str
    row: page.CaseRow


def relatives(actor: Actor, case: Case, now: datetime) -> list[Relative]:
    """The case that opened this one, those that this one opened, and those opened beside it, if the actor sees them."""
    kin = Q(parent=case)
    if case.parent_id is not None:
        kin |= Q(pk=case.parent_id) | Q(parent=case.parent_id)
    found = visible_cases(actor).filter(kin).exclude(pk=case.pk).order_by("opened_at", "pk")
    return [Relative(_kin(row.case, case), row) for row in page.rows(page.listed(found)[:MOST], now)]


def _kin(relative: Case, case: Case) -> str:
    if relative.pk == case.parent_id:
        return _("Opened this case")
    return _("Opened by this case") if relative.parent_id == case.pk else _("Opened beside this case")
