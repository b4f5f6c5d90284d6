"""Positions: who gives them, what ends with them."""

from __future__ import annotations

from organizations import selectors
from tests.cast import Cast


def test_the_cast_stands(cast: Cast) -> None:
    """Every person of the cast holds exactly the position that the role says, in two jurisdictions."""
    for place in (cast.enshi, cast.xianyang):
        for actor in place.actors.values():
            assert list(selectors.positions_of(actor.user)) == [actor.position]
        assert selectors.organs(place.jurisdiction.pk, "bureau") == [place.bureau]
