"""The province in which every test of funds plays."""

from __future__ import annotations

import pytest

from tests.funds.scene import Province, province


@pytest.fixture
def place(db: None) -> Province:
    return province()
