"""Yunxi: a city that does not exist, written as a stranger would who has docs/adding-a-rule-pack.md alone."""

from __future__ import annotations

from pathlib import Path

from organizations import services as organizations
from organizations.actors import SystemActor
from tests.cast import PLACES, Place, place_of
from tests.journey import Step, Way
from tests.scenes import store_law

PACKS = Path(__file__).resolve().parent / "packs"
ID = "yunxi"
SYSTEM = SystemActor("new city")
DEPARTMENTS = ("applicant", "provider", "outside")
YUNXI = Way(
    ID,
    "bureau",
    6,
    "8",
    (
        Step("bureau_reviewer", "find_in_order", (), "符合条件"),
        Step("bureau_approver", "approve"),
        Step("coordinator", "countersign"),
        Step("applicant_leader", "sign"),
        Step("bureau_approver", "sign"),
    ),
)


def found_city() -> Place:
    """Sync its pack, found its jurisdiction, give every organ role an organization: what an administrator does."""
    store_law()
    PLACES.setdefault(ID, ("云溪测试市", "Yunxi (test)", "990100"))
    place = place_of(ID)
    named = [("security_office", "coordinator_office"), *(("department", name) for name in DEPARTMENTS)]
    for role, organization in named:
        organizations.assign_organ_role(
            SYSTEM, jurisdiction=place.jurisdiction, organization=place.organizations[organization], role=role
        )
    return place
