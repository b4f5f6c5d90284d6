"""The register of firms of a place, and the times in which a firm is barred."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from audit import services as audit
from organizations.actors import Actor
from organizations.errors import BadInput, Conflict, NotKnown, NotPermitted
from organizations.identifiers import check_uscc, errors, normalized
from organizations.models import Jurisdiction, Organization, Position
from projects.models import Firm, FirmBan

KEEPERS = (Position.Kind.HANDLER, Position.Kind.LEADER, Position.Kind.REVIEWER, Position.Kind.APPROVER)
BARRERS = (Position.Kind.REVIEWER, Position.Kind.APPROVER)


@dataclass(frozen=True, slots=True)
class FirmEntry:
    """What the register says of a firm."""

    name: str
    credit_code: str
    small: bool = False
    qualification: str = ""
    qualified_until: date | None = None


@transaction.atomic
def add_firm(actor: Actor, *, entry: FirmEntry) -> Firm:
    """Enter a firm into the register of the actor's place. Raises NotPermitted, BadInput, Conflict for a known code."""
    place = _place(actor, KEEPERS)
    values = _checked(entry)
    if known := Firm.objects.filter(jurisdiction=place, credit_code=values["credit_code"]).first():
        raise Conflict(_("A firm with this credit code is in the register: %(name)s.") % {"name": known.name})
    firm = Firm.objects.create(jurisdiction=place, **values)
    _prove(actor, "firm.add", firm, values)
    return firm


@transaction.atomic
def change_firm(actor: Actor, *, firm: Firm, entry: FirmEntry, version: int) -> Firm:
    """Write what the register says of a firm anew. Raises NotPermitted, NotKnown, BadInput, Conflict."""
    place = _place(actor, KEEPERS)
    locked = Firm.objects.select_for_update().filter(pk=firm.pk, jurisdiction=place).first()
    if locked is None:
        raise NotKnown(_("There is no such firm in the register."))
    if locked.version != version:
        raise Conflict(_("This firm was changed meanwhile. Open it again to see the newer entry."))
    values = _checked(entry)
    others = Firm.objects.filter(jurisdiction=place, credit_code=values["credit_code"]).exclude(pk=locked.pk)
    if known := others.first():
        raise Conflict(_("A firm with this credit code is in the register: %(name)s.") % {"name": known.name})
    for name, value in values.items():
        setattr(locked, name, value)
    locked.version += 1
    locked.save()
    _prove(actor, "firm.change", locked, values)
    return locked


@transaction.atomic
def bar_firm(actor: Actor, *, firm: Firm, since: date, until: date | None, reason: str) -> FirmBan:
    """Bar a firm from awards, for a time or until further notice. Raises NotPermitted, NotKnown, BadInput."""
    place = _place(actor, BARRERS)
    if firm.jurisdiction_id != place.pk:
        raise NotKnown(_("There is no such firm in the register."))
    problems: dict[str, Any] = {}
    if not reason.strip():
        problems["reason"] = _("Say why the firm is barred.")
    if until is not None and until < since:
        problems["until"] = _("This lies before the first day.")
    if problems:
        raise BadInput(_("Some entries are wrong."), problems)
    ban = FirmBan.objects.create(
        firm=firm, since=since, until=until, reason=reason.strip(), decided_by=_organization(actor)
    )
    _prove(actor, "firm.bar", firm, {"since": str(since), "until": str(until or ""), "reason": ban.reason})
    return ban


def barred_on(firm: Firm, on: date) -> FirmBan | None:
    """The ban that holds on a day, if any."""
    bans = [ban for ban in firm.bans.all() if ban.since <= on and (ban.until is None or on <= ban.until)]
    return bans[0] if bans else None


def _checked(entry: FirmEntry) -> dict[str, Any]:
    values = {row.name: getattr(entry, row.name) for row in fields(entry)}
    values |= {"name": entry.name.strip(), "qualification": entry.qualification.strip()}
    values["credit_code"] = normalized(entry.credit_code)
    problems: dict[str, Any] = {}
    if not values["name"]:
        problems["name"] = _("Name the firm.")
    if wrong := errors(check_uscc(values["credit_code"])):
        problems["credit_code"] = wrong[0].message
    if entry.qualified_until and not values["qualification"]:
        problems["qualification"] = _("Name the qualification that runs until that day.")
    if problems:
        raise BadInput(_("Some entries are wrong."), problems)
    return values


def _organization(actor: Actor) -> Organization:
    if actor.organization is None:
        raise NotPermitted(_("Switch to a position of an organization first."))
    return actor.organization


def _place(actor: Actor, kinds: tuple[str, ...]) -> Jurisdiction:
    organization = _organization(actor)
    if actor.kind not in kinds:
        raise NotPermitted(_("The register of firms is kept by handlers; firms are barred by the authority."))
    return organization.jurisdiction


def _prove(actor: Actor, verb: str, firm: Firm, data: dict[str, Any]) -> None:
    said = {name: value if isinstance(value, bool) else str(value or "") for name, value in data.items()}
    audit.record(verb=verb, who=actor.who, subject="firm", subject_id=str(firm.pk), data=said)
