"""Names that the packs of these tests may use, as the apps above would register them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from statutes import vocabulary
from tests.statutes.packs import support


@pytest.fixture(autouse=True)
def _families() -> Iterator[None]:
    """The families of the portal and of these tests; what was registered before comes back afterwards."""
    before = vocabulary.families()
    for name, (conditions, effects, resolvers) in support.FAMILIES.items():
        support.register(name, conditions, effects, resolvers)
    yield
    vocabulary._families.clear()
    vocabulary._families.update(before)
