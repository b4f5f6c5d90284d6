"""Where a second factor enters: which positions will need one.

`organizations.views.signing.complete_sign_in` is the one place where a session begins, after the password has proved
right. The console brings the factor and its enrolment and asks `planned_for` there; until then the page about one's
account says that the position will need one, and nothing pretends to check it.
"""

from __future__ import annotations

from collections.abc import Iterable

from organizations.models import Position

# Bureau, audit and administration: GB/T 22239-2019 level 3 asks two factors.
PLANNED_KINDS = frozenset(
    {Position.Kind.REVIEWER, Position.Kind.APPROVER, Position.Kind.AUDITOR, Position.Kind.ADMINISTRATOR}
)


def planned_for(positions: Iterable[Position]) -> bool:
    """True when one of the positions will need a second factor."""
    return any(position.kind in PLANNED_KINDS for position in positions)
