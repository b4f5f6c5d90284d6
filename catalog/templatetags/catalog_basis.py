"""The flag on withheld entries whose basis has to be looked at."""

from __future__ import annotations

from django import template

from catalog.legal_basis import is_national
from catalog.models import Resource, SharingClass

register = template.Library()


@register.filter
def lacks_basis(resource: Resource) -> bool:
    return resource.sharing_class == SharingClass.WITHHELD and not is_national(resource.withheld_basis)
