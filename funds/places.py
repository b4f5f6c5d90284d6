"""What the room of funds has that rules may name: its pages."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from statutes import vocabulary
from statutes.vocabulary import Where


def register() -> None:
    """Called once when the app is ready."""
    vocabulary.register_places(
        pages={
            "funds": Where(_("the list of special funds"), "funds:funds"),
            "fund": Where(_("the page of a special fund")),
            "fund_bans": Where(_("the register of bans"), "funds:bans"),
        },
    )
