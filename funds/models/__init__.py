"""Tables of special funds."""

from __future__ import annotations

from funds.models.register import CONTENTS, Fund, FundChange, FundPaper, FundRules

__all__ = ["CONTENTS", "Fund", "FundChange", "FundPaper", "FundRules"]
