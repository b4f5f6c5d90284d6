"""A city that changes a number in its own copy of a pack gets other dates, and nobody touches the code."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import call_command
from pytest_django import Settings

from cases.models import Case, Clock
from statutes.loader import OWN_PACKS
from statutes.services import sync_packs
from tests.cast import PLACES, Place, place_of
from tests.scenes import act, filed, published_resource

pytestmark = pytest.mark.django_db
FRIDAY = datetime(2026, 3, 6, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
FIVE, FOUR = "limit = { amount = 5, unit", "limit = { amount = 4, unit"


@pytest.fixture(autouse=True)
def _at_friday() -> Iterator[None]:
    with time_machine.travel(FRIDAY, tick=False):
        yield


@pytest.fixture
def places(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Place, Place]:
    """One city under the portal's pack, one under a copy of it in STATUTES_PATH that says four for five."""
    folder = tmp_path / "packs" / "newtown"
    shutil.copytree(OWN_PACKS / "enshi", folder)
    header, rules = folder / "pack.toml", folder / "rules.toml"
    header.write_text(header.read_text("utf-8").replace('id = "enshi"', 'id = "newtown"'), "utf-8")
    text = rules.read_text("utf-8")
    before, reply, after = text.partition('id = "share.reply"\n')
    assert FIVE in after
    rules.write_text(before + reply + after.replace(FIVE, FOUR, 1), "utf-8")
    settings.STATUTES_PATH = str(tmp_path / "packs")
    call_command("check_statutes")
    sync_packs()
    monkeypatch.setitem(PLACES, "newtown", ("新镇测试州", "Newtown (test)", "421200"))
    return place_of("enshi"), place_of("newtown")


def answer_due(place: Place) -> date:
    case: Case = filed(place, published_resource(place))
    act(place.applicant_leader, case, "endorse")
    found = Clock.objects.get(case=case, name="reply").due_on
    assert found is not None
    return found


def test_four_for_five_in_a_copied_pack_is_one_working_day_less(places: tuple[Place, Place]) -> None:
    portal_pack, own_pack = places
    assert answer_due(portal_pack) == date(2026, 3, 13)
    assert answer_due(own_pack) == date(2026, 3, 12)
