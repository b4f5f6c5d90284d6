"""What the room of reports has that rules may name."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from statutes import vocabulary
from statutes.vocabulary import Where


def register() -> None:
    """Called once when the app is ready."""
    vocabulary.register_places(
        reports={
            "cases": Where(_("cases, with time limits met and missed"), "reports:cases"),
            "access": Where(_("who read which data"), "reports:access"),
            "integrity": Where(_("the integrity of the record"), "reports:integrity"),
        }
    )
