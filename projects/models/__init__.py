"""Tables of projects."""

from __future__ import annotations

from projects.models.register import (
    Project,
    ProjectDocument,
    ProjectReview,
    SharingPromise,
    YearlyInvestment,
)

__all__ = [
    "Project",
    "ProjectDocument",
    "ProjectReview",
    "SharingPromise",
    "YearlyInvestment",
]
