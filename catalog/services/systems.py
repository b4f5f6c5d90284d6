"""The register of information systems: registering, changing and retiring, each with its trace in the audit record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import IntegerField, Max
from django.db.models.functions import Cast, Substr
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import services as audit
from catalog import hooks
from catalog.models import InformationSystem, Resource
from catalog.systems import keeps_systems_of
from organizations.actors import AnyActor
from organizations.errors import BadInput, Conflict, NotPermitted
from organizations.models import Jurisdiction, Organization

Status, Hosting, Network, Grade = (
    InformationSystem.Status,
    InformationSystem.Hosting,
    InformationSystem.Network,
    InformationSystem.Grade,
)
CODE_LETTER = "S"
LONGEST = {"name": 200, "name_en": 200, "purpose": 4000, "contact": 80}
MOST_COST = Decimal(10) ** 14
LINKABLE = (Resource.Status.PUBLISHED, Resource.Status.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class SystemEntry:
    """A system as typed. `yearly_cost`: yuan a year. `resources`: entries of the owner that come from it."""

    name: str
    purpose: str
    name_en: str = ""
    status: str = Status.IN_USE
    hosting: str = Hosting.CLOUD
    network: str = Network.EXTRANET
    security_grade: int | None = None
    docked_with_exchange: bool = False
    of_superior: bool = False
    taken_into_use: date | None = None
    yearly_cost: Decimal | None = None
    contact: str = ""
    resources: Sequence[Resource] = ()


TEXTS = ("name", "name_en", "purpose", "contact")
PLAIN = (
    "status", "hosting", "network", "security_grade", "docked_with_exchange", "of_superior", "taken_into_use",
    "yearly_cost",
)  # fmt: skip


@transaction.atomic
def register_system(actor: AnyActor, *, organization: Organization, entry: SystemEntry) -> InformationSystem:
    """Enter a system of an organization, under the next code of its jurisdiction.

    Raises BadInput with the fields, NotPermitted for people of other houses than the owner's and the bureau.
    """
    _check_keeper(actor, organization)
    _one_at_a_time(organization.jurisdiction_id)
    system = InformationSystem(
        jurisdiction_id=organization.jurisdiction_id,
        organization=organization,
        code=_next_code(organization.jurisdiction_id),
    )
    return _write(actor, system, entry, "system.register")


@transaction.atomic
def change_system(
    actor: AnyActor, *, system: InformationSystem, entry: SystemEntry, version: int | None = None
) -> InformationSystem:
    """Change what the register says of a system. Raises Conflict when it was changed meanwhile or is retired.

    BadInput also where something speaks against taking it into use, such as a project that is not accepted.
    """
    locked = _locked(actor, system, version)
    if entry.status == Status.IN_USE and locked.status != Status.IN_USE and (reasons := hooks.why_not_used(locked)):
        raise BadInput(_("Some entries are missing or wrong."), {"status": " ".join(reasons)})
    locked.version += 1
    return _write(actor, locked, entry, "system.change")


@transaction.atomic
def retire_system(
    actor: AnyActor,
    *,
    system: InformationSystem,
    reason: str,
    retired_on: date | None = None,
    version: int | None = None,
) -> InformationSystem:
    """End a system, by default today. It stays in the register. Raises BadInput, Conflict, NotPermitted."""
    locked = _locked(actor, system, version)
    day, today = retired_on or timezone.localdate(), timezone.localdate()
    problems: dict[str, object] = {}
    if not reason.strip():
        problems["reason"] = _("Say why the system is retired.")
    if day > today:
        problems["retired_on"] = _("This day lies ahead. Retire the system when it has come.")
    elif locked.taken_into_use and day < locked.taken_into_use:
        problems["retired_on"] = _("The system was taken into use later than this day.")
    if problems:
        raise BadInput(_("Some entries are missing or wrong."), problems)
    locked.status, locked.retired_on = Status.RETIRED, day
    locked.version += 1
    locked.updated_at = timezone.now()
    locked.save()
    _record(actor, locked, "system.retire", {"reason": reason.strip(), "retired_on": day.isoformat()})
    return locked


def _check_keeper(actor: AnyActor, organization: Organization) -> None:
    if not keeps_systems_of(actor, organization):
        raise NotPermitted(
            _("Systems are kept by handlers, leaders and data stewards of their owner, and by the bureau.")
        )


def _one_at_a_time(jurisdiction_id: str) -> None:
    """Codes and names are given one after the other within a jurisdiction."""
    Jurisdiction.objects.select_for_update(no_key=True).get(pk=jurisdiction_id)


def _locked(actor: AnyActor, system: InformationSystem, version: int | None) -> InformationSystem:
    _one_at_a_time(system.jurisdiction_id)
    rows = InformationSystem.objects.select_for_update(of=("self",)).select_related("organization")
    locked = rows.get(pk=system.pk)
    _check_keeper(actor, locked.organization)
    if version is not None and version != locked.version:
        raise Conflict(_("This system was changed elsewhere meanwhile. Open it again to see the newer one."))
    if locked.status == Status.RETIRED:
        raise Conflict(_("This system is retired: what the register says of it stays."))
    return locked


def _next_code(jurisdiction_id: str) -> str:
    taken = InformationSystem.objects.filter(jurisdiction=jurisdiction_id, code__regex=rf"^{CODE_LETTER}\d{{1,9}}$")
    highest = taken.aggregate(highest=Max(Cast(Substr("code", 2), IntegerField())))["highest"] or 0
    return f"{CODE_LETTER}{highest + 1:06d}"


def _write(actor: AnyActor, system: InformationSystem, entry: SystemEntry, verb: str) -> InformationSystem:
    for name in TEXTS:
        setattr(system, name, getattr(entry, name).strip())
    for name in PLAIN:
        setattr(system, name, getattr(entry, name))
    problems = _text_problems(system) | _choice_problems(system) | _value_problems(system)
    strange = [
        one for one in entry.resources if one.provider_id != system.organization_id or one.status not in LINKABLE
    ]
    if strange:
        problems["resources"] = _("Only published entries of the owner's own can come from its system.")
    if problems:
        raise BadInput(_("Some entries are missing or wrong."), problems)
    system.updated_at = timezone.now()
    system.save()
    system.resources.set(entry.resources)
    _record(actor, system, verb, {"status": system.status, "resources": sorted(one.code for one in entry.resources)})
    return system


def _text_problems(system: InformationSystem) -> dict[str, object]:
    problems: dict[str, object] = {}
    for name, longest in LONGEST.items():
        if len(getattr(system, name)) > longest:
            problems[name] = _("At most %(n)s characters.") % {"n": longest}
    if not system.name:
        problems["name"] = _("Give the system its name.")
    if not system.purpose:
        problems["purpose"] = _("Say what the system is for and what it does.")
    namesakes = InformationSystem.objects.filter(organization=system.organization_id, name=system.name)
    if namesakes.exclude(pk=system.pk).exists():
        problems["name"] = _("The owner has a system of this name already.")
    return problems


def _choice_problems(system: InformationSystem) -> dict[str, object]:
    choices: dict[str, Sequence[Any]] = {
        "status": Status.values,
        "hosting": Hosting.values,
        "network": Network.values,
        "security_grade": [None, *Grade.values],
    }
    problems: dict[str, object] = {
        name: _("Choose one of the list.") for name, known in choices.items() if getattr(system, name) not in known
    }
    if system.status == Status.RETIRED:
        problems["status"] = _("A system is retired on its own page, with a reason.")
    return problems


def _value_problems(system: InformationSystem) -> dict[str, object]:
    problems: dict[str, object] = {}
    cost = system.yearly_cost
    if cost is not None and (not cost.is_finite() or not 0 <= cost < MOST_COST):
        problems["yearly_cost"] = _("Give an amount in yuan, not below zero.")
    if system.taken_into_use and system.status in (Status.PLANNED, Status.BUILDING):
        problems["taken_into_use"] = _("A system that is planned or being built has not been taken into use yet.")
    elif system.taken_into_use and system.taken_into_use > timezone.localdate():
        problems["taken_into_use"] = _("This day lies ahead: the system is not in use yet.")
    return problems


def _record(actor: AnyActor, system: InformationSystem, verb: str, data: dict[str, Any]) -> None:
    audit.record(
        verb=verb,
        who=actor.who,
        subject="system",
        subject_id=str(system.pk),
        data={"code": system.code, "name": system.name, "version": system.version, **data},
    )
