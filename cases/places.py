"""What the room of cases has that rules may name: its page, and the alert about what is overdue."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from statutes import vocabulary
from statutes.vocabulary import Where


def register() -> None:
    """Called once when the app is ready."""
    vocabulary.register_places(
        alerts={"overdue": Where(_("a breach is recorded, and those concerned are told"), "cases:list")},
        guards={
            "calendar_recount": Where(_("due dates are counted again when the calendar changes"), "statutes:calendar")
        },
        pages={"case": Where(_("the page of a case"))},
    )
