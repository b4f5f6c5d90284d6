"""Changing a published entry: proposed by its provider, reviewed and published by the authority (Order 809 art. 17)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cases.families import Context
from cases.models import AwaitedHand, Case
from cases.services import open_case
from catalog.models import Category, Resource, ResourceFormat, ResourceItem, Revision, SharingMethod
from catalog.services.resources import (
    LISTS,
    PLAIN,
    Entry,
    Field,
    check_items_kept,
    check_open_revision,
    check_registrar,
    differing,
    entry_of,
    problems_of,
    write_version,
)
from organizations.actors import Actor
from organizations.errors import BadInput, Conflict
from organizations.models import Organization

FAMILY = "catalog_update"
PROCEDURE = "catalog_update"


@transaction.atomic
def propose_revision(
    actor: Actor,
    *,
    resource: Resource,
    entry: Entry,
    cause: str,
    changed_on: date | None,
    reason: str = "",
    version: int | None = None,
    at: datetime | None = None,
) -> Case:
    """Hand in a change of a published entry. Returns the case; the entry stays as it is until it is published.

    Raises BadInput with the fields, also for a change of nothing; Conflict when another change is on its way or the
    entry was changed meanwhile; NotPermitted and DoorClosed as the procedure says.
    """
    locked = _locked(actor, resource, version)
    if locked.status != Resource.Status.PUBLISHED:
        raise Conflict(_("Only a published entry is changed in this way."))
    check_open_revision(locked)
    proposed = _checked(locked, entry)
    missing = {
        name: _("This is required.") for name, given in (("cause", cause), ("changed_on", changed_on)) if not given
    }
    if missing:
        raise BadInput(_("Say why the entry changes, and since when."), missing)
    revision = Revision.objects.create(
        resource=locked,
        base=locked.version,
        before=packed(entry_of(locked)),
        content=packed(proposed),
        cause=cause,
        changed_on=changed_on,
        proposed_by=actor.user,
    )
    return open_case(
        actor,
        family=FAMILY,
        procedure=PROCEDURE,
        jurisdiction=locked.jurisdiction,
        subject=revision,
        title=locked.title,
        given={"cause": cause, "changed_on": str(changed_on), **({"reason": reason} if reason.strip() else {})},
        at=at,
    )


@transaction.atomic
def amend_revision(actor: Actor, *, revision: Revision, entry: Entry, version: int | None = None) -> Revision:
    """Change what is proposed while it is back with its provider. Raises Conflict when it is not, else as proposing."""
    locked = _locked(actor, revision.resource, version)
    if not may_amend(actor, revision):
        raise Conflict(_("The proposed change is under review and cannot be changed until it comes back."))
    revision.content = packed(_checked(locked, entry))
    revision.save(update_fields=["content"])
    return revision


def may_amend(actor: Actor, revision: Revision) -> bool:
    """Whether the case awaits the actor's hand."""
    awaited = AwaitedHand.objects.filter(case=revision.case_id, position=actor.kind, organization=actor.organization)
    return awaited.filter(case__closed_at__isnull=True).exists() and revision.resource.provider == actor.organization


def _locked(actor: Actor, resource: Resource, version: int | None) -> Resource:
    rows = Resource.objects.select_for_update(of=("self",)).select_related("provider", "category", "jurisdiction")
    locked = rows.get(pk=resource.pk)
    check_registrar(actor, locked.provider)
    if version is not None and locked.version != version:
        raise Conflict(_("This entry was changed elsewhere meanwhile. Open it again to see the newer one."))
    return locked


def _checked(resource: Resource, entry: Entry) -> Entry:
    """The entry if it could be written in place of what is published, and differs from it."""
    check_items_kept(resource, entry)
    if not differing(entry_of(resource), entry):
        raise BadInput(_("Nothing is changed."))
    tried = Resource(jurisdiction=resource.jurisdiction, provider=resource.provider, code=resource.code)
    tried.sort_key, tried.directory = resource.sort_key, entry.category.directory
    for name in (*PLAIN, "keywords", "formats", "sharing_methods"):
        setattr(tried, name, list(value) if isinstance(value := getattr(entry, name), tuple) else value)
    if problems := problems_of(tried, entry):
        raise BadInput(_("Some entries are missing or wrong."), problems)
    return entry


def packed(entry: Entry) -> dict[str, Any]:
    """An entry as JSON: keys of the rows that it names, dates as texts."""
    return {
        **{name: getattr(entry, name) for name in PLAIN},
        "category": entry.category.pk,
        "source_department": entry.source_department.pk if entry.source_department else None,
        "assessed_on": entry.assessed_on.isoformat() if entry.assessed_on else None,
        **{name: list(getattr(entry, name)) for name in ("keywords", "formats", "sharing_methods")},
        **{name: [row.pk for row in getattr(entry, name)] for name in ("named_recipients", "related")},
        "items": [{**asdict(field), "values": list(field.values)} for field in entry.items],
    }


def unpacked(content: dict[str, Any]) -> Entry:
    """The entry that was packed."""
    assessed, department = content["assessed_on"], content["source_department"]
    return Entry(
        **{
            **content,
            "category": Category.objects.get(pk=content["category"]),
            "source_department": Organization.objects.get(pk=department) if department else None,
            "assessed_on": date.fromisoformat(assessed) if assessed else None,
            "named_recipients": tuple(Organization.objects.filter(pk__in=content["named_recipients"])),
            "related": tuple(Resource.objects.filter(pk__in=content["related"])),
            "items": tuple(Field(**row) for row in content["items"]),
        }
    )


def publish_revision(context: Context) -> None:
    """Effect: the entry says from now on what was proposed, as its next version. What it said is kept beside it."""
    revision: Revision = context.subject
    resource = Resource.objects.select_for_update(of=("self",)).select_related("provider").get(pk=revision.resource_id)
    write_version(context.actor, resource, unpacked(revision.content), "resource.revise", context.actor.who.person)


def link(revision: Revision, case: Case) -> None:
    """Store the case on its subject, inside the opening's transaction."""
    revision.case = case
    revision.save(update_fields=["case"])


# --- what changes ------------------------------------------------------------------------------------------


def differences(revision: Revision) -> list[dict[str, str]]:
    """What the entry said and would say, field by field and item by item: `field`, `old`, `new`."""
    now, entry = unpacked(revision.before), unpacked(revision.content)
    lines = [_line(name, now, entry) for name in differing(now, entry) if name != "items"]
    return lines + _item_lines(now.items, entry.items)


def _line(name: str, now: Entry, entry: Entry) -> dict[str, str]:
    label = str(Resource._meta.get_field(name).verbose_name)
    return {"field": label, "old": _said(name, getattr(now, name)), "new": _said(name, getattr(entry, name))}


def _said(name: str, value: Any) -> str:
    if name in LISTS:
        labels = {**dict(ResourceFormat.choices), **dict(SharingMethod.choices)}
        return _(", ").join(str(labels.get(one, one)) for one in value)
    field = Resource._meta.get_field(name)
    if choices := getattr(field, "choices", None):
        return str(dict(choices).get(value, value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return "" if value is None else str(value)


def _item_lines(now: Iterable[Field], proposed: Iterable[Field]) -> list[dict[str, str]]:
    old, new = {field.code: field for field in now}, {field.code: field for field in proposed}
    lines = []
    for code in [*old, *(code for code in new if code not in old)]:
        before, after = _item_said(old.get(code)), _item_said(new.get(code))
        if before != after:
            label = _("item %(title)s (%(code)s)") % {"title": (old.get(code) or new[code]).title, "code": code}
            lines.append({"field": label, "old": before, "new": after or _("taken out")})
    if not lines and list(old) != list(new):
        lines.append({"field": _("order of the items"), "old": _(", ").join(old), "new": _(", ").join(new)})
    return lines


def _item_said(field: Field | None) -> str:
    """An item in words: only what is set."""
    if field is None:
        return ""
    item = ResourceItem(**asdict(field))
    words = [
        item.title,
        str(item.get_data_type_display()) + (f"({item.length})" if item.length else ""),
        _("required") if item.required else "",
        _("key") if item.is_key else "",
        item.meaning,
        _(", ").join(item.values),
        str(item.get_sensitivity_display()),
        str(item.get_sharing_class_display()) if item.sharing_class else "",
        str(item.get_mask_display()) if item.mask != ResourceItem.Mask.NONE else "",
    ]
    return " · ".join(filter(None, words))


def taken_out(revision: Revision) -> list[str]:
    """Codes of items that the entry listed and would not list any more."""
    kept = {row["code"] for row in revision.content["items"]}
    return [row["code"] for row in revision.before["items"] if row["code"] not in kept]
