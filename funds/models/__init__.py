"""Tables of special funds."""

from __future__ import annotations

from funds.models.applications import FundApplication, FundBan, FundComplaint, FundSanction, Publication, Target
from funds.models.money import (
    AllocationFactor,
    AllocationLine,
    FactorValue,
    FundAllocation,
    FundEntry,
    FundTransfer,
    FundYear,
)
from funds.models.register import CONTENTS, Fund, FundChange, FundPaper, FundRules

__all__ = [
    "CONTENTS",
    "AllocationFactor",
    "AllocationLine",
    "FactorValue",
    "Fund",
    "FundAllocation",
    "FundApplication",
    "FundBan",
    "FundChange",
    "FundComplaint",
    "FundEntry",
    "FundPaper",
    "FundRules",
    "FundSanction",
    "FundTransfer",
    "FundYear",
    "Publication",
    "Target",
]
