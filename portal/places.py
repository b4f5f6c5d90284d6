"""What the portal itself has that rules may name."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from statutes import vocabulary
from statutes.vocabulary import Where


def register() -> None:
    """Called once when the app is ready."""
    vocabulary.register_places(pages={"workbench": Where(_("the workbench"), "portal:workbench")})
