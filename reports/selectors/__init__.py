"""Every read of the reports room. What an actor other than an auditor asks for is empty."""

from __future__ import annotations

from reports.selectors.access import access_lines, accesses
from reports.selectors.acts import act_lines, acts, acts_on, proof_of
from reports.selectors.console import queue, steps, urgent_first
from reports.selectors.decisions import audited_cases, case_lines, figures
from reports.selectors.delegations import delegation_lines, delegations
from reports.selectors.integrity import block_lines, sealed_blocks, verification_for, verifications
from reports.selectors.recounts import Impact, impact_of, recount_lines, recount_of, recounts

__all__ = [
    "Impact",
    "access_lines",
    "accesses",
    "act_lines",
    "acts",
    "acts_on",
    "audited_cases",
    "block_lines",
    "case_lines",
    "delegation_lines",
    "delegations",
    "figures",
    "impact_of",
    "proof_of",
    "queue",
    "recount_lines",
    "recount_of",
    "recounts",
    "sealed_blocks",
    "steps",
    "urgent_first",
    "verification_for",
    "verifications",
]
