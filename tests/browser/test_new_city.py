"""The journey by pages in a city that is not among the seven: its folder of data is all that the portal is given."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_django import Settings

from sharing.models import Grant
from tests.browser.test_journey import (
    ROWS,
    Office,
    decide_and_sign,
    download,
    draft_and_file,
    find_and_read_the_box,
    leader_agrees_by_keyboard,
    office,
)
from tests.cast import Place
from tests.journey import TITLE, empty_store, load_rows, village_rows
from tests.newcity.place import PACKS, YUNXI, found_city
from tests.scenes import published_resource

__all__ = ["office"]
pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "datasets"])


def test_a_handler_of_a_new_city_finds_asks_and_gets_just_the_two_columns(
    settings: Settings, office: Callable[[Place, str], Office], tmp_path: Path
) -> None:
    settings.STATUTES_PATH = str(PACKS)
    empty_store()
    place = found_city()
    resource, rows = published_resource(place, title=TITLE), village_rows(place, ROWS)
    assert load_rows(resource, rows, tmp_path).accepted == ROWS
    here = office(place, "zh-hans")
    find_and_read_the_box(here, YUNXI, resource)
    number = draft_and_file(here, tmp_path)
    leader_agrees_by_keyboard(here, YUNXI, number)
    decide_and_sign(here, YUNXI, number)
    heading, *got = download(here, Grant.objects.get(request__case__number=number))
    assert heading == ["code", "name"]
    assert sorted(got) == sorted([row[0], row[1]] for row in rows)
