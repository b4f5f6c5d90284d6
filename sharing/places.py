"""What the room of sharing has that rules may name: the doors before data, and its pages."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from statutes import vocabulary
from statutes.vocabulary import Where


def register() -> None:
    """Called once when the app is ready."""
    vocabulary.register_places(
        guards={
            "access_by_grant_only": Where(_("data is read under a grant only"), "sharing:grants"),
            "agreement_before_grant": Where(_("a grant begins when the agreements are signed"), "sharing:requests"),
        },
        pages={
            "request": Where(_("the application for data"), "sharing:requests"),
            "grant": Where(_("the page of a grant"), "sharing:grants"),
        },
    )
