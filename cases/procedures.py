"""The family that needs no room of its own: a standing duty that a schedule lays on organizations."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from cases import duties, families
from cases.models import Case

STANDING_DUTY = "standing_duty"


def register() -> None:
    """A case of this family is its own subject: a report to hand in, a plan to file, a check to record."""
    families.register(
        families.Family(
            id=STANDING_DUTY,
            prefix="ZQ",
            label=_("Standing duty"),
            subject_model=None,
            link=_nothing_to_link,
            panel="cases/_duty_panel.html",
            panel_context=duties.panel,
        )
    )


def _nothing_to_link(subject: Any, case: Case) -> None:
    """The case itself is all there is."""
