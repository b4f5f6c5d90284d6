"""Tables of projects."""

from __future__ import annotations

from projects.models.acceptance import Acceptance
from projects.models.afterlife import Asset, Defect, Evaluation, EvaluationRound, StockTake, Warranty
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
from projects.models.reports import PeriodicReport, ProgressReport, ProjectIssue

__all__ = [
    "Acceptance",
    "AnnualPlan",
    "Asset",
    "Bidder",
    "Change",
    "Contract",
    "Defect",
    "DepartmentPlan",
    "DevelopmentPlan",
    "Evaluation",
    "EvaluationRound",
    "Expert",
    "ExpertReview",
    "Firm",
    "FirmBan",
    "LedgerEntry",
    "Milestone",
    "PanelDraw",
    "Panellist",
    "Payment",
    "PeriodicReport",
    "PlanAddition",
    "PlanItem",
    "Procurement",
    "ProgressReport",
    "Project",
    "ProjectDocument",
    "ProjectIssue",
    "ProjectReview",
    "Rectification",
    "SharingPromise",
    "StockTake",
    "Supplement",
    "Warranty",
    "YearlyInvestment",
]
