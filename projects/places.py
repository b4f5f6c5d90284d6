"""What projects have beside procedures, for rules to name."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from statutes import vocabulary
from statutes.vocabulary import Where


def register() -> None:
    """Called once when the app is ready."""
    vocabulary.register_places(
        guards={
            "ledger": Where(_("every figure of a project names the act that made it, and stays")),
            "use_after_acceptance": Where(_("a system is taken into use only once a project for it is accepted")),
        },
        reports={
            "projects_in_use": Where(_("projects in use: warranty, promises kept, last evaluation"), "projects:in-use"),
            "projects": Where(
                _("the register of projects, with who answers for each and what is due"), "projects:projects"
            ),
            "systems": Where(
                _("the register of systems, with where each runs and what it is connected to"), "catalog:systems"
            ),
        },
        pages={
            "projects": Where(_("the register of projects"), "projects:projects"),
            "project": Where(_("the page of a project")),
            "review": Where(_("the review of a plan, for those who judge it")),
            "procurement": Where(_("the page of a procurement")),
            "experts": Where(_("the library of experts"), "projects:experts"),
            "firms": Where(_("the register of firms")),
            "systems": Where(_("the register of information systems"), "catalog:systems"),
            "assets": Where(_("the register of assets"), "projects:assets"),
        },
    )
