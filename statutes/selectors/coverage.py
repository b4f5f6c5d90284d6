"""How much of the law is in the portal: the table that the law pages show and `manage.py statutes_coverage` prints."""

from __future__ import annotations

from django.utils.translation import gettext as _

from organizations.actors import AnyActor
from organizations.errors import NotKnown
from statutes.coverage import Coverage, coverages
from statutes.selectors.law import packs_in_force


def coverage_in_force(actor: AnyActor) -> list[Coverage]:
    """The coverage of every pack's current version, ancestors before those that build on them."""
    return coverages([each.law for each in packs_in_force(actor)])


def coverage_of(actor: AnyActor, pack_id: str) -> Coverage:
    """NotKnown if there is no such pack."""
    for found in coverage_in_force(actor):
        if found.pack.id == pack_id:
            return found
    raise NotKnown(_("There is no rule pack %(id)s in force.") % {"id": pack_id})
