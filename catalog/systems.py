"""What may be read of the register of information systems, and which systems resemble one that is planned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from catalog import folding
from catalog.models import InformationSystem
from organizations.actors import Actor, AnyActor
from organizations.errors import NotKnown
from organizations.models import Organization, OrganRole, Position

BUREAU = "bureau"
KEEPERS = (Position.Kind.HANDLER, Position.Kind.LEADER, Position.Kind.DATA_STEWARD)
BUREAU_KEEPERS = (*KEEPERS, Position.Kind.REVIEWER, Position.Kind.APPROVER)
CHOICES: Mapping[str, list[str]] = {
    "status": InformationSystem.Status.values,
    "hosting": InformationSystem.Hosting.values,
}
LONGEST_KEY = 19
NAME_WEIGHT, FUNCTION_WEIGHT, OWNER_WEIGHT = 0.5, 0.4, 0.1
ALIKE = 0.35


@dataclass(frozen=True, slots=True)
class Similar:
    """A system that resembles what was asked about. `score`: 0 to 1."""

    system: InformationSystem
    score: float


def visible_systems(actor: AnyActor | None) -> QuerySet[InformationSystem]:
    """The systems of the actor's jurisdiction for everybody in a position there; none for anybody else."""
    if actor is None:
        return InformationSystem.objects.none()
    rows = InformationSystem.objects.select_related("organization")
    if isinstance(actor, Actor):
        return rows.filter(jurisdiction=actor.jurisdiction_id) if actor.organization is not None else rows.none()
    return rows


def system_for(actor: AnyActor | None, system_id: int) -> InformationSystem:
    """One system. Raises NotKnown for who may not see it."""
    found = visible_systems(actor).filter(pk=system_id).first()
    if found is None:
        raise NotKnown(_("There is no such system in the register."))
    return found


def keeps_systems_of(actor: AnyActor | None, organization: Organization) -> bool:
    """Whether the actor may register, change and retire systems of that organization."""
    if actor is None or not isinstance(actor, Actor):
        return actor is not None and actor.is_system
    if actor.organization is None:
        return False
    if actor.organization.pk == organization.pk and actor.kind in KEEPERS:
        return True
    return actor.kind in BUREAU_KEEPERS and _of_bureau(actor, organization.jurisdiction_id)


def _of_bureau(actor: Actor, jurisdiction_id: str) -> bool:
    roles = OrganRole.objects.filter(organization=actor.organization, role=BUREAU, jurisdiction=jurisdiction_id)
    return actor.jurisdiction_id == jurisdiction_id and roles.exists()


def owners_for(actor: Actor) -> QuerySet[Organization]:
    """The organizations for which the actor may register systems."""
    organizations = Organization.objects.filter(jurisdiction=actor.jurisdiction_id).order_by("name", "pk")
    if actor.organization is None:
        return organizations.none()
    if actor.kind in BUREAU_KEEPERS and _of_bureau(actor, actor.jurisdiction_id):
        return organizations
    return organizations.filter(pk=actor.organization.pk) if actor.kind in KEEPERS else organizations.none()


def owners_in(actor: AnyActor | None) -> QuerySet[Organization]:
    """The organizations that have systems in what the actor may see."""
    owners = visible_systems(actor).order_by().values("organization")
    return Organization.objects.filter(pk__in=owners).order_by("name", "pk")


def is_organization(value: str) -> bool:
    return value.isdecimal() and len(value) < LONGEST_KEY and Organization.objects.filter(pk=value).exists()


def found_systems(actor: AnyActor | None, params: Mapping[str, str]) -> QuerySet[InformationSystem]:
    """What an address narrows the register to: every word of `q` in name, purpose, code or owner, and the filters."""
    rows = visible_systems(actor)
    for name, known in CHOICES.items():
        if params.get(name, "") in known:
            rows = rows.filter(**{name: params[name]})
    if is_organization(params.get("organization", "")):
        rows = rows.filter(organization=params["organization"])
    for word in params.get("q", "")[:100].replace("\x00", "").split()[:8]:
        rows = rows.filter(
            Q(name__icontains=word)
            | Q(name_en__icontains=word)
            | Q(purpose__icontains=word)
            | Q(code__icontains=word)
            | Q(organization__name__icontains=word)
            | Q(organization__short_name__icontains=word)
        )
    return rows


def similar_systems(
    actor: AnyActor | None, name: str, function: str, organization: Organization, *, most: int = 5
) -> list[Similar]:
    """Systems of the organization's jurisdiction that resemble one of that name and function, the nearest first.

    Compared are the pairs of neighbouring characters, folded as the catalogue's search folds them; a system of the
    same owner weighs somewhat more. Retired systems are left out.
    """
    asked_name, asked_function = _pairs(name), _pairs(function)
    rows = visible_systems(actor).filter(jurisdiction=organization.jurisdiction_id)
    rows = rows.exclude(status=InformationSystem.Status.RETIRED)
    scored = []
    for pk, known_name, purpose, owner in rows.values_list("pk", "name", "purpose", "organization_id"):
        alike = NAME_WEIGHT * _overlap(asked_name, _pairs(known_name))
        alike += FUNCTION_WEIGHT * _overlap(asked_function, _pairs(purpose))
        score = alike + (OWNER_WEIGHT if owner == organization.pk else 0)
        if score >= ALIKE:
            scored.append((round(score, 3), pk))
    nearest = sorted(scored, key=lambda one: (-one[0], one[1]))[:most]
    known = rows.in_bulk([pk for _score, pk in nearest])
    return [Similar(known[pk], score) for score, pk in nearest]


def _pairs(text: str) -> set[str]:
    return {pair for word in folding.fold(text).split() for pair in folding.query_terms(word)}


def _overlap(one: Iterable[str], other: Iterable[str]) -> float:
    """Twice what both hold, by what they hold together: 1 for the same, 0 for nothing in common."""
    a, b = set(one), set(other)
    return 2 * len(a & b) / (len(a) + len(b)) if a and b else 0.0
