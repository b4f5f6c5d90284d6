"""The names that the packs of these tests may use."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from statutes import vocabulary
from tests.statutes.packs import support


@pytest.fixture(autouse=True)
def _families() -> Iterator[None]:
    """The family of these tests beside those of the apps; what was registered before comes back afterwards."""
    before = vocabulary.families()
    places = {kind: vocabulary.places(kind) for kind in vocabulary._places}
    support.register_permit()
    yield
    vocabulary._families.clear()
    vocabulary._families.update(before)
    vocabulary._places.update(places)
