"""Who asks and who acts: the first argument of every selector and service.

An actor is a person in one of the positions that the person holds now, or the system itself. There is no
third kind: code that has no actor may not read or write.
"""

from __future__ import annotations

from dataclasses import dataclass

from audit.who import SYSTEM as SYSTEM_WHO
from audit.who import Who
from organizations.models import Organization, Position, User


@dataclass(frozen=True, slots=True)
class Actor:
    """A person acting in a position for an organization.

    `position` is None for a person who holds none: such an actor sees the law pages and own account only.
    `demonstration` marks the loader of the demonstration, the one actor that may act at an earlier moment.
    """

    user: User
    position: Position | None
    address: str = ""
    demonstration: bool = False
    is_system: bool = False

    @property
    def organization(self) -> Organization | None:
        return self.position.organization if self.position else None

    @property
    def jurisdiction_id(self) -> str:
        return self.position.organization.jurisdiction_id if self.position else ""

    @property
    def kind(self) -> str:
        return self.position.kind if self.position else ""

    @property
    def who(self) -> Who:
        organization = self.organization
        return Who(
            self.user.pk,
            self.user.full_name,
            self.kind,
            organization.pk if organization else 0,
            organization.name if organization else "",
            self.jurisdiction_id,
            self.address,
        )


@dataclass(frozen=True, slots=True)
class SystemActor:
    """The portal itself: sweeps, schedules, loaders. Named, never implied by the absence of a user."""

    reason: str
    is_system: bool = True
    demonstration: bool = False

    @property
    def who(self) -> Who:
        return SYSTEM_WHO._replace(person=f"system ({self.reason})")


AnyActor = Actor | SystemActor
