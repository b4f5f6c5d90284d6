"""Who did something, as text and ids: the audit record holds no foreign keys."""

from __future__ import annotations

from typing import NamedTuple


class Who(NamedTuple):
    """The person, the position acted in and the organization acted for; ids are 0 for the system itself."""

    person_id: int
    person: str
    position: str
    organization_id: int
    organization: str
    jurisdiction: str
    address: str = ""


SYSTEM = Who(0, "system", "", 0, "", "")
