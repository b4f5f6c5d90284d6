"""The laboratory as a place with people, and the few words that its tests speak in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from cases import services as cases
from cases.models import Case, Clock
from cases.procedures import STANDING_DUTY
from organizations import services as organizations
from organizations.actors import Actor, SystemActor
from tests.cast import PLACES, Place, place_of
from tests.scenes import store_law

PACKS = Path(__file__).resolve().parent / "packs"
SYSTEM = SystemActor("laboratory")
DEPARTMENTS = ("applicant", "provider", "outside")


@pytest.fixture
def lab(db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Place:
    """The made-up jurisdiction; three of its organizations are departments in the sense of its pack."""
    settings.STATUTES_PATH = str(PACKS)
    store_law()
    monkeypatch.setitem(PLACES, "lab", ("试验测试州", "Laboratory (test)", "990000"))
    place = place_of("lab")
    for name in DEPARTMENTS:
        organizations.assign_organ_role(
            SYSTEM, jurisdiction=place.jurisdiction, organization=place.organizations[name], role="department"
        )
    return place


def opened(place: Place, procedure: str, actor: Actor | None = None, parent: Case | None = None, **given: Any) -> Case:
    """A case of the laboratory, opened by hand."""
    return cases.open_case(
        actor or place.applicant_handler,
        family=STANDING_DUTY,
        procedure=procedure,
        jurisdiction=place.jurisdiction,
        subject=None,
        title=procedure,
        given=given,
        parent=parent,
    )


def clock(case: Case, name: str) -> Clock:
    """The newest round of a clock."""
    return Clock.objects.filter(case=case, name=name).latest("round")
