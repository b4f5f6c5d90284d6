"""Tables of projects."""

from __future__ import annotations

from projects.models.experts import Expert, ExpertReview, PanelDraw, Panellist
from projects.models.register import (
    Project,
    ProjectDocument,
    ProjectReview,
    SharingPromise,
    YearlyInvestment,
)

__all__ = [
    "Expert",
    "ExpertReview",
    "PanelDraw",
    "Panellist",
    "Project",
    "ProjectDocument",
    "ProjectReview",
    "SharingPromise",
    "YearlyInvestment",
]
