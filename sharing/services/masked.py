"""Which columns of a request are granted masked: named by those who answer it, up to the signature."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from cases.families import Choice
from cases.models import CaseEvent
from catalog.models import ResourceItem
from sharing.models import ShareRequest

INPUT = "masked_items"
"""The input's name in rule packs."""


def holds_personal(item: ResourceItem) -> bool:
    """Whether an item holds personal information, as the catalogue says: it has a mask, or is an identity number."""
    return item.mask != ResourceItem.Mask.NONE or item.data_type == ResourceItem.DataType.IDENTITY


def masked_codes(request: ShareRequest) -> frozenset[str] | None:
    """Codes of the items that the last answer shows masked; None while no answer has said."""
    return last_said(CaseEvent.objects.filter(case=request.case_id, inputs__has_key=INPUT).order_by("seq"))


def last_said(events: Iterable[CaseEvent]) -> frozenset[str] | None:
    """The same, from the history of a case in its order."""
    answers = [event.inputs[INPUT] for event in events if INPUT in event.inputs]
    return frozenset(answers[-1]) if answers else None


def choices(request: ShareRequest, events: Iterable[CaseEvent]) -> list[Choice]:
    """The items asked for; ticked as last answered, and before that where they hold personal information."""
    said = last_said(events)
    return [
        Choice(item.code, _label(item), item.code in said if said is not None else holds_personal(item))
        for item in request.items.all()
    ]


def _label(item: ResourceItem) -> str:
    return _("%(title)s (personal information)") % {"title": item.title} if holds_personal(item) else item.title
