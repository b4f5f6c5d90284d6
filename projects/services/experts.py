"""Writes of the expert library: adding, changing, taking out of the draw."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import services as audit
from organizations.actors import Actor
from organizations.errors import BadInput, Conflict, NotKnown, NotPermitted
from organizations.models import Organization, Position, User
from projects.library import may_keep
from projects.models import Expert

MOST_TEXT = 4000


@dataclass(frozen=True, slots=True)
class About:
    """What the library holds of an expert. `employer_organization`: id of an organization of the portal, or None."""

    employer: str
    fields: Collection[str]
    title: str = ""
    employer_organization: int | None = None
    involvement: str = ""
    conflicts: str = ""
    active: bool = True


@transaction.atomic
def add_expert(actor: Actor, *, user_id: int, about: About) -> Expert:
    """Take a person who holds a position as an expert into the library of the actor's place. Returns the row.

    Raises NotPermitted, BadInput by field, and Conflict for somebody who is in the library already.
    """
    _check_keeper(actor)
    _check(about)
    user = _candidate(actor, user_id)
    if Expert.objects.filter(user=user).exists():
        raise Conflict(_("This person is in an expert library already."))
    expert = Expert.objects.create(jurisdiction_id=actor.jurisdiction_id, user=user, **_values(about))
    _record(actor, expert, "expert.add", {"user": user.pk, **_said(about)})
    return expert


@transaction.atomic
def change_expert(actor: Actor, *, expert_id: int, about: About, version: int | None = None) -> Expert:
    """Change what the library says of an expert. Panels that sit keep their seats. Returns the row.

    `version`: the one that the actor saw. Raises NotKnown, NotPermitted, BadInput by field, Conflict when it moved.
    """
    _check_keeper(actor)
    rows = Expert.objects.select_for_update().filter(jurisdiction=actor.jurisdiction_id)
    expert = rows.filter(pk=expert_id).first()
    if expert is None:
        raise NotKnown(_("There is no such expert."))
    if version is not None and version != expert.version:
        raise Conflict(_("This entry was changed elsewhere meanwhile. Open it again to see it."))
    _check(about)
    for name, value in _values(about).items():
        setattr(expert, name, value)
    expert.version += 1
    expert.save()
    _record(actor, expert, "expert.change", _said(about))
    return expert


def said_of(expert: Expert, **changes: Any) -> About:
    """What the library says of an expert now, with these changes."""
    values = {field.name: getattr(expert, field.name) for field in fields(About)}
    return About(**{**values, "employer_organization": expert.employer_organization_id, **changes})


def _check_keeper(actor: Actor) -> None:
    if not may_keep(actor):
        raise NotPermitted(_("The expert library is kept by the organ that holds the reviews."))


def _candidate(actor: Actor, user_id: int, on: date | None = None) -> User:
    """The person, who holds a position as an expert in an organization of the place."""
    held = Position.objects.held_on(on or timezone.localdate()).filter(
        user=user_id, kind=Position.Kind.EXPERT, organization__jurisdiction=actor.jurisdiction_id
    )
    found = held.select_related("user").first()
    if found is None:
        sentence = _("This person holds no position as an expert here: an administrator has to give one first.")
        raise BadInput(sentence, {"user": sentence})
    return found.user


def _check(about: About) -> None:
    problems: dict[str, object] = {}
    if not about.employer.strip():
        problems["employer"] = _("State the employer.")
    known = set(Expert.Field.values)
    if not about.fields or not set(about.fields) <= known:
        problems["fields"] = _("Choose at least one field of the list.")
    organization = about.employer_organization
    if organization is not None and not Organization.objects.filter(pk=organization).exists():
        problems["employer_organization"] = _("There is no such organization.")
    for name, most in (("employer", 200), ("title", 80), ("involvement", MOST_TEXT), ("conflicts", MOST_TEXT)):
        if len(getattr(about, name)) > most:
            problems[name] = _("At most %(length)s characters.") % {"length": most}
    if problems:
        raise BadInput(_("Some entries are missing or wrong."), problems)


def _values(about: About) -> dict[str, Any]:
    values = asdict(about)
    values["fields"] = [field for field in Expert.Field.values if field in set(about.fields)]
    values["employer_organization_id"] = values.pop("employer_organization")
    return {**values, "employer": about.employer.strip(), "title": about.title.strip()}


def _said(about: About) -> dict[str, Any]:
    return {**asdict(about), "fields": sorted(about.fields)}


def _record(actor: Actor, expert: Expert, verb: str, data: dict[str, Any]) -> None:
    audit.record(verb=verb, who=actor.who, subject="expert", subject_id=expert.pk, data=data)
