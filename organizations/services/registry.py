"""Jurisdictions, organizations, their functions and the organ roles that they hold."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from audit.services import record
from organizations import hooks
from organizations.actors import AnyActor
from organizations.errors import BadInput, Conflict
from organizations.identifiers import check_region, check_uscc, errors, normalized
from organizations.models import Jurisdiction, Organization, OrganizationFunction, OrganRole
from organizations.names import sort_key
from organizations.policies import require_administrator, require_system
from organizations.selectors import current_organization

AMENDABLE = ("name", "short_name", "name_en", "region", "parent", "kind", "active_until")


@transaction.atomic
def register_jurisdiction(
    actor: AnyActor,
    *,
    jurisdiction_id: str,
    name_zh: str,
    name_en: str,
    region: str,
    pack: str,
    parent: Jurisdiction | None = None,
) -> Jurisdiction:
    """Add a jurisdiction whose law is `pack`. Only the operator (the system actor) may."""
    require_system(actor)
    _refuse_bad_region(region)
    jurisdiction = Jurisdiction(
        id=jurisdiction_id, name_zh=name_zh, name_en=name_en, region=region, pack=pack, parent=parent
    )
    jurisdiction.save(force_insert=True)
    record(
        verb="jurisdiction.register",
        who=actor.who,
        subject="jurisdiction",
        subject_id=jurisdiction.pk,
        data={"pack": pack, "region": region},
    )
    return jurisdiction


@transaction.atomic
def register_organization(
    actor: AnyActor,
    *,
    jurisdiction: Jurisdiction,
    code: str,
    name: str,
    short_name: str = "",
    name_en: str = "",
    code_scheme: str = Organization.CodeScheme.USCC,
    region: str = "",
    parent: Organization | None = None,
    kind: str = Organization.Kind.ORGAN,
) -> Organization:
    """Add an organization. A GB 32100 code is checked; another scheme's code is taken as it is.

    Raises BadInput (fields `code`, `name`, `region`), Conflict when the code is taken.
    """
    require_administrator(actor, jurisdiction.pk)
    region = region or jurisdiction.region
    _refuse_bad_region(region)
    code = checked_code(code, code_scheme)
    if not name.strip():
        raise BadInput(_("An organization needs a name."), {"name": _("Enter the full name.")})
    if Organization.objects.filter(code_scheme=code_scheme, code=code).exists():
        raise Conflict(_("An organization with this code is registered already."))
    organization = Organization.objects.create(
        jurisdiction=jurisdiction,
        code=code,
        code_scheme=code_scheme,
        name=name.strip(),
        short_name=short_name.strip() or name.strip()[:40],
        name_en=name_en.strip(),
        sort_key=sort_key(name),
        region=region,
        parent=parent,
        kind=kind,
    )
    _record_organization(actor, "organization.register", organization, {"code": code, "name": organization.name})
    return organization


@transaction.atomic
def amend_organization(actor: AnyActor, organization_id: int, *, changes: Mapping[str, Any]) -> Organization:
    """Change the fields in `changes` (of AMENDABLE; code and jurisdiction never change). Records old and new values."""
    organization = Organization.objects.select_for_update(of=("self",)).get(pk=organization_id)
    require_administrator(actor, organization.jurisdiction_id)
    strangers = set(changes) - set(AMENDABLE)
    if strangers:
        raise BadInput(_("These fields cannot be changed."), {field: _("Cannot be changed.") for field in strangers})
    if "region" in changes:
        _refuse_bad_region(str(changes["region"]))
    moved = {field: value for field, value in changes.items() if getattr(organization, field) != value}
    before = {field: str(getattr(organization, field)) for field in moved}
    for field, value in moved.items():
        setattr(organization, field, value)
    organization.sort_key = sort_key(organization.name)
    organization.save()
    after = {field: str(value) for field, value in moved.items()}
    _record_organization(actor, "organization.amend", organization, {"before": before, "after": after})
    return organization


@transaction.atomic
def merge_organization(actor: AnyActor, organization_id: int, *, into_id: int, on: date) -> Organization:
    """Record that an organization went into another on a day. Its rights and duties are the other's from then on.

    What went into it before, and into where the other went since, is named with the last of them: one step always.
    """
    pair = Organization.objects.select_for_update(of=("self",)).filter(pk__in=[organization_id, into_id])
    rows = {row.pk: row for row in pair.order_by("pk")}
    organization, into = rows[organization_id], rows[into_id]
    require_administrator(actor, organization.jurisdiction_id)
    if organization.pk in _merge_chain(into):
        raise Conflict(_("The organizations would be merged into each other."))
    organization.merged_into = current_organization(into)
    organization.active_until = on
    organization.save(update_fields=["merged_into", "active_until"])
    Organization.objects.filter(merged_into=organization).update(merged_into=organization.merged_into)
    hooks.merged(organization)
    _record_organization(actor, "organization.merge", organization, {"into": into.pk, "on": on.isoformat()})
    return organization


@transaction.atomic
def add_function(
    actor: AnyActor, *, organization: Organization, title: str, basis: str, active_from: date | None = None
) -> OrganizationFunction:
    """Add a duty and the text that gives it. Both are needed: requests are judged against them."""
    require_administrator(actor, organization.jurisdiction_id)
    missing = {
        name: _("This is needed.") for name, value in {"title": title, "basis": basis}.items() if not value.strip()
    }
    if missing:
        raise BadInput(_("A function needs a title and its basis."), missing)
    period = {"active_from": active_from} if active_from else {}
    function = OrganizationFunction.objects.create(
        organization=organization, title=title.strip(), basis=basis.strip(), **period
    )
    _record_organization(
        actor, "organization.add_function", organization, {"title": function.title, "basis": function.basis}
    )
    return function


@transaction.atomic
def end_function(actor: AnyActor, function_id: int, *, on: date) -> OrganizationFunction:
    """End a duty after a day; it stays readable for what was decided before."""
    function = OrganizationFunction.objects.select_for_update(of=("self",)).get(pk=function_id)
    require_administrator(actor, function.organization.jurisdiction_id)
    function.active_until = on
    function.save(update_fields=["active_until"])
    _record_organization(
        actor, "organization.end_function", function.organization, {"title": function.title, "on": on.isoformat()}
    )
    return function


@transaction.atomic
def assign_organ_role(
    actor: AnyActor, *, jurisdiction: Jurisdiction, organization: Organization, role: str
) -> OrganRole:
    """Make an organization an organ (bureau, coordinator …) of a jurisdiction; once is enough."""
    require_administrator(actor, jurisdiction.pk)
    row, created = OrganRole.objects.get_or_create(jurisdiction=jurisdiction, organization=organization, role=role)
    if created:
        data = {"role": role, "jurisdiction": jurisdiction.pk}
        _record_organization(actor, "organization.assign_role", organization, data)
    return row


@transaction.atomic
def withdraw_organ_role(actor: AnyActor, role_id: int) -> None:
    row = OrganRole.objects.select_for_update(of=("self",)).get(pk=role_id)
    require_administrator(actor, row.jurisdiction_id)
    data = {"role": row.role, "jurisdiction": row.jurisdiction_id}
    _record_organization(actor, "organization.withdraw_role", row.organization, data)
    row.delete()


def _merge_chain(organization: Organization) -> set[int]:
    """Ids from an organization to what it went into, both included."""
    chain: set[int] = set()
    current: Organization | None = organization
    while current is not None and current.pk not in chain:
        chain.add(current.pk)
        current = current.merged_into
    return chain


def checked_code(code: str, scheme: str) -> str:
    """The code in its normal form. Raises BadInput (`code`) when GB 32100 refuses it; other schemes take anything."""
    code = normalized(code)
    if not code:
        raise BadInput(_("An organization needs a code."), {"code": _("Enter the code.")})
    if scheme != Organization.CodeScheme.USCC:
        return code
    wrong = errors(check_uscc(code))
    if wrong:
        raise BadInput(wrong[0].message, {"code": wrong[0].message})
    return code


def _refuse_bad_region(region: str) -> None:
    wrong = errors(check_region(region))
    if wrong:
        raise BadInput(wrong[0].message, {"region": wrong[0].message})


def _record_organization(actor: AnyActor, verb: str, organization: Organization, data: dict[str, Any]) -> None:
    record(verb=verb, who=actor.who, subject="organization", subject_id=str(organization.pk), data=data)
