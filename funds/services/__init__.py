"""Writes of the room of funds: the plan of a fund and its life."""

from __future__ import annotations

from funds.services.establishing import file_fund
from funds.services.planning import FundPlan, Paper, amend_fund, discard_draft, may_amend, save_draft

__all__ = ["FundPlan", "Paper", "amend_fund", "discard_draft", "file_fund", "may_amend", "save_draft"]
