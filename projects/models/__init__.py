"""Tables of projects."""

from __future__ import annotations

from projects.models.acceptance import Acceptance
from projects.models.building import Rectification
from projects.models.contracting import Bidder, Contract, Firm, FirmBan, Milestone, Procurement, Supplement
from projects.models.experts import Expert, ExpertReview, PanelDraw, Panellist
from projects.models.money import Change, LedgerEntry, Payment
from projects.models.plans import AnnualPlan, DepartmentPlan, DevelopmentPlan, PlanAddition, PlanItem
from projects.models.register import (
    Project,
    ProjectDocument,
    ProjectReview,
    SharingPromise,
    YearlyInvestment,
)

__all__ = [
    "Acceptance",
    "AnnualPlan",
    "Bidder",
    "Change",
    "Contract",
    "DepartmentPlan",
    "DevelopmentPlan",
    "Expert",
    "ExpertReview",
    "Firm",
    "FirmBan",
    "LedgerEntry",
    "Milestone",
    "PanelDraw",
    "Panellist",
    "Payment",
    "PlanAddition",
    "PlanItem",
    "Procurement",
    "Project",
    "ProjectDocument",
    "ProjectReview",
    "Rectification",
    "SharingPromise",
    "Supplement",
    "YearlyInvestment",
]
