"""Tables of the catalogue: its entries, and the register of information systems."""

from __future__ import annotations

from catalog.models.entries import (
    Category,
    Consultation,
    Directory,
    OpeningClass,
    Publication,
    Resource,
    ResourceFormat,
    ResourceItem,
    ResourceVersion,
    Revision,
    Sensitivity,
    SharingClass,
    SharingMethod,
    Synonym,
    UpdateCycle,
    Withdrawal,
)
from catalog.models.systems import InformationSystem

__all__ = [
    "Category",
    "Consultation",
    "Directory",
    "InformationSystem",
    "OpeningClass",
    "Publication",
    "Resource",
    "ResourceFormat",
    "ResourceItem",
    "ResourceVersion",
    "Revision",
    "Sensitivity",
    "SharingClass",
    "SharingMethod",
    "Synonym",
    "UpdateCycle",
    "Withdrawal",
]
