"""What the catalogue has that rules may name: checks on entries, and its pages."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from statutes import vocabulary
from statutes.vocabulary import Where


def register() -> None:
    """Called once when the app is ready."""
    vocabulary.register_places(
        guards={
            "assessment_before_publication": Where(_("nothing is published without its assessment")),
            "withheld_needs_basis": Where(_("a withheld entry names its legal basis")),
            "required_metadata": Where(_("an entry is kept only with all its metadata")),
            "versions_kept": Where(_("every published version of an entry is kept, its assessment included")),
            "one_catalogue": Where(_("the entries of all departments stand in one catalogue"), "catalog:resources"),
        },
        alerts={
            "withheld_without_basis": Where(
                _("withheld entries whose legal basis has to be looked at are flagged"), "catalog:resources"
            )
        },
        pages={
            "resource": Where(_("the page of a resource")),
            "catalogue": Where(_("the catalogue"), "catalog:resources"),
        },
    )
