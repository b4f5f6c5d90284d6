"""Writes of the projects room: the plan of a project, its filing, and each review."""

from __future__ import annotations

from projects.services.filing import file_at_once, file_project, submit_for_review
from projects.services.planning import (
    Paper,
    Plan,
    Promise,
    amend_plan,
    discard_draft,
    may_amend,
    save_draft,
)

__all__ = [
    "Paper",
    "Plan",
    "Promise",
    "amend_plan",
    "discard_draft",
    "file_at_once",
    "file_project",
    "may_amend",
    "save_draft",
    "submit_for_review",
]
