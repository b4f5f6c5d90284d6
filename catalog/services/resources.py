"""Registering and editing catalogue entries with their items."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import IntegerField, Max
from django.db.models.functions import Cast, Substr
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import services as audit
from catalog import codes, folding
from catalog.models import Category, OpeningClass, Resource, ResourceItem, ResourceVersion, Sensitivity, SharingClass
from organizations.actors import Actor, AnyActor
from organizations.errors import BadInput, Conflict, NotPermitted
from organizations.models import Organization, Position

REGISTRARS: tuple[str, ...] = (Position.Kind.HANDLER, Position.Kind.DATA_STEWARD)


@dataclass(frozen=True, slots=True)
class Field:
    """One item of an entry as typed."""

    code: str
    title: str
    data_type: str = ResourceItem.DataType.TEXT
    length: int | None = None
    required: bool = False
    is_key: bool = False
    meaning: str = ""
    values: Sequence[str] = ()
    sensitivity: str = Sensitivity.GENERAL
    sharing_class: str = ""
    mask: str = ResourceItem.Mask.NONE


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as typed: the metadata of the 2017 guide and of Order 809 art. 13."""

    title: str
    summary: str
    category: Category
    sharing_class: str
    update_cycle: str
    items: Sequence[Field] = ()
    keywords: Sequence[str] = ()
    formats: Sequence[str] = ()
    sharing_condition: str = ""
    sharing_methods: Sequence[str] = ()
    withheld_basis: str = ""
    usage_terms: str = ""
    named_recipients: Sequence[Organization] = ()
    opening_class: str = OpeningClass.CLOSED
    opening_condition: str = ""
    holds_personal: bool = False
    holds_commercial: bool = False
    sensitivity: str = Sensitivity.GENERAL
    assessment: str = ""
    assessed_on: date | None = None
    assessed_by: str = ""
    collection_channel: str = ""
    source_department: Organization | None = None
    related: Sequence[Resource] = ()
    code: str = ""
    source_key: str = ""
    source_digest: str = ""
    source_updated_at: datetime | None = None


PLAIN = (
    "title", "summary", "category", "sharing_class", "update_cycle", "sharing_condition", "withheld_basis",
    "usage_terms", "opening_class", "opening_condition", "holds_personal", "holds_commercial", "sensitivity",
    "assessment", "assessed_on", "assessed_by", "collection_channel", "source_department",
)  # fmt: skip

INTERNAL = ("keywords", "related")
"""What helps to find a published entry and says nothing about its data: changed without a review."""

LISTS = ("formats", "sharing_methods", "named_recipients")

SOURCE = ("source_key", "source_digest", "source_updated_at")
"""Set by an import alone; an edit in the browser leaves them as they are."""

UNCHECKED = ("search", "search_text", "created_by", "version", "jurisdiction", "provider", "category")

ITEM_FIELDS = (
    "code", "title", "data_type", "length", "required", "is_key", "meaning", "values", "sensitivity",
    "sharing_class", "mask",
)  # fmt: skip


@transaction.atomic
def register_resource(actor: AnyActor, *, provider: Organization, entry: Entry) -> Resource:
    """Register an entry as a draft of its provider, with a code of the classification.

    Raises BadInput with the fields, NotPermitted for people who are not the provider's handler or data steward.
    """
    check_registrar(actor, provider)
    resource = Resource(
        jurisdiction=provider.jurisdiction,
        provider=provider,
        directory=entry.category.directory,
        code=entry.code or next_code(entry.category),
        created_by=actor.user if isinstance(actor, Actor) else None,
    )
    return _write(actor, resource, entry, "resource.register")


@transaction.atomic
def edit_resource(actor: AnyActor, *, resource: Resource, entry: Entry, version: int | None = None) -> Resource:
    """Change an entry. A published one keeps its items' codes and types where data rests on them.

    Raises Conflict when it was changed elsewhere meanwhile or is under review, else as register_resource.
    """
    locked = Resource.objects.select_for_update(of=("self",)).select_related("provider").get(pk=resource.pk)
    check_registrar(actor, locked.provider)
    if version is not None and locked.version != version:
        raise Conflict(_("This entry was changed elsewhere meanwhile. Open it again to see the newer one."))
    if locked.status == Resource.Status.IN_REVIEW:
        raise Conflict(_("This entry is under review and cannot be changed until it comes back."))
    check_items_kept(locked, entry)
    if locked.status == Resource.Status.PUBLISHED:
        check_open_revision(locked)
        if not actor.is_system and differing(entry_of(locked), entry):
            raise Conflict(_("The authority reviews what a published entry says: propose the change to it."))
    return write_version(actor, locked, entry, "resource.edit", actor.who.person)


def write_version(actor: AnyActor, resource: Resource, entry: Entry, verb: str, by: str) -> Resource:
    """Write the next version of an entry that the caller has locked; of a published one a snapshot is kept."""
    resource.version += 1
    written = _write(actor, resource, entry, verb)
    if written.status == Resource.Status.PUBLISHED:
        snapshot(written, by)
    return written


def check_open_revision(resource: Resource) -> None:
    """Raises Conflict while a change of the entry is on its way."""
    if resource.revisions.filter(case__closed_at__isnull=True).exists():
        raise Conflict(_("A change of this entry is on its way already. Wait until it is published, or withdraw it."))


def entry_of(resource: Resource) -> Entry:
    """What an entry says now, as if it were typed."""
    plain = {name: getattr(resource, name) for name in PLAIN}
    return Entry(
        **plain,
        keywords=tuple(resource.keywords),
        formats=tuple(resource.formats),
        sharing_methods=tuple(resource.sharing_methods),
        named_recipients=tuple(resource.named_recipients.order_by("pk")),
        related=tuple(resource.related.order_by("pk")),
        items=tuple(Field(**row) for row in resource.items.values(*ITEM_FIELDS)),
    )


def differing(now: Entry, entry: Entry) -> list[str]:
    """Fields other than internal ones in which what was typed is not what the entry says."""
    return [name for name in (*PLAIN, *LISTS, "items") if _comparable(now, name) != _comparable(entry, name)]


def _comparable(entry: Entry, name: str) -> Any:
    value = getattr(entry, name)
    if name == "items":
        return [{**asdict(field), "values": list(field.values)} for field in value]
    if name in LISTS:
        return sorted(str(getattr(one, "pk", one)) for one in value)
    return _clean(value)


def check_registrar(actor: AnyActor, provider: Organization) -> None:
    if actor.is_system:
        return
    own = isinstance(actor, Actor) and actor.organization is not None and actor.organization.pk == provider.pk
    if not own or actor.kind not in REGISTRARS:
        raise NotPermitted(_("Entries are kept by a handler or a data steward of the provider."))


def check_items_kept(resource: Resource, entry: Entry) -> None:
    """Items of a resource that has data may be added to, not taken away or turned into another type."""
    if resource.data_updated_at is None:
        return
    typed = {field.code: field.data_type for field in entry.items}
    broken = [i.title for i in resource.items.all() if typed.get(i.code) != i.data_type]
    if broken:
        raise BadInput(
            _("Data has been loaded for this entry, so its items may only be added to."),
            {"items": _("Keep these as they were: %(items)s.") % {"items": ", ".join(broken)}},
        )


def next_code(category: Category) -> str:
    """Classification code, a slash, and the next sequence number under it. One at a time per category."""
    Category.objects.select_for_update().get(pk=category.pk)
    taken = Resource.objects.filter(
        jurisdiction=category.jurisdiction, code__regex=rf"^{re.escape(category.code)}/\d{{1,9}}$"
    )
    number = Cast(Substr("code", len(category.code) + 2), IntegerField())
    highest = taken.aggregate(highest=Max(number))["highest"] or 0
    return codes.scheme().resource_code(category.code, highest + 1)


def _write(actor: AnyActor, resource: Resource, entry: Entry, verb: str) -> Resource:
    for name in (*PLAIN, *SOURCE) if entry.source_key else PLAIN:
        setattr(resource, name, _clean(getattr(entry, name)))
    resource.directory = entry.category.directory
    resource.keywords, resource.formats = list(entry.keywords), list(entry.formats)
    resource.sharing_methods = list(entry.sharing_methods)
    resource.sort_key = folding.sort_key(resource.title)
    resource.updated_at = timezone.now()
    if problems := problems_of(resource, entry):
        raise BadInput(_("Some entries are missing or wrong."), problems)
    is_new = resource.pk is None
    resource.save()
    if entry.named_recipients or not is_new:
        resource.named_recipients.set(entry.named_recipients)
    if entry.related or not is_new:
        resource.related.set(entry.related)
    _write_items(resource, entry.items, is_new=is_new)
    index(resource, entry.items)
    audit.record(
        verb=verb,
        who=actor.who,
        subject="resource",
        subject_id=str(resource.pk),
        data={name: getattr(resource, name) for name in ("code", "title", "sharing_class", "version")},
    )
    return resource


def _clean(value: Any) -> Any:
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else value


def problems_of(resource: Resource, entry: Entry) -> dict[str, object]:
    """Everything wrong with an entry, by field, each with its mend."""
    problems: dict[str, object] = {}
    try:
        withheld = resource.sharing_class == SharingClass.WITHHELD
        resource.clean_fields(exclude=[*UNCHECKED, "sharing_methods"] if withheld else UNCHECKED)
    except ValidationError as error:
        problems |= {name: " ".join(messages) for name, messages in error.message_dict.items()}
    if resource.sharing_class == SharingClass.CONDITIONAL and not resource.sharing_condition:
        problems["sharing_condition"] = _("State the scope and use for which it is shared.")
    if resource.sharing_class == SharingClass.UNCONDITIONAL and resource.sharing_condition:
        problems["sharing_condition"] = _("Unconditional sharing has no conditions; leave this empty (art. 14).")
    if resource.sharing_class == SharingClass.WITHHELD and not resource.withheld_basis:
        problems["withheld_basis"] = _("Name the law, regulation or State Council decision that forbids sharing.")
    if resource.category.jurisdiction_id != resource.jurisdiction_id:
        problems["category"] = _("Choose a category of your own jurisdiction.")
    if code_problem := codes.scheme().problem_of(resource.code, resource.directory):
        problems["code" if entry.code else "category"] = code_problem
    return problems | item_problems(entry.items)


def item_problems(items: Sequence[Field]) -> dict[str, object]:
    """What is wrong with the items: codes that repeat or are no plain names, titles that are missing."""
    problems: dict[str, object] = {}
    codes = [field.code for field in items]
    for at, field in enumerate(items):
        if not field.code.isascii() or not field.code.replace("_", "").isalnum() or field.code[:1].isdigit():
            problems[f"items-{at}-code"] = _("Use letters, digits and _, beginning with a letter.")
        elif codes.count(field.code) > 1:
            problems[f"items-{at}-code"] = _("This code is used twice.")
        if not field.title.strip():
            problems[f"items-{at}-title"] = _("Give the item a name.")
        if field.is_key and not field.required:
            problems[f"items-{at}-required"] = _("A key is never empty: mark the item as required.")
        if field.data_type not in ResourceItem.DataType.values:
            problems[f"items-{at}-data_type"] = _("Choose one of the types.")
    return problems


def _write_items(resource: Resource, items: Sequence[Field], *, is_new: bool) -> None:
    """Make the resource's items what was typed: kept by code, in the order typed, the rest removed."""
    known = {} if is_new else {item.code: item for item in resource.items.all()}
    if removed := set(known) - {field.code for field in items}:
        _take_out(resource, removed)
    known |= {} if is_new else _returning(resource, {field.code for field in items} - set(known))
    kept, new = [], []
    for at, field in enumerate(items, start=1):
        values = {**asdict(field), "values": list(field.values), "position": at}
        if field.code in known:
            kept.append(_changed(known[field.code], values))
        else:
            new.append(ResourceItem(resource=resource, **values))
    if kept:
        ResourceItem.objects.bulk_update(kept, [*ITEM_FIELDS, "position", "resource", "retired_from"])
    ResourceItem.objects.bulk_create(new)


def _take_out(resource: Resource, codes: set[str]) -> None:
    """Items of a draft go; those of an entry that was published retire, because requests and grants name them."""
    gone = resource.items.filter(code__in=codes)
    if resource.published_at is None:
        gone.delete()
    else:
        gone.update(resource=None, retired_from=resource)


def _returning(resource: Resource, codes: set[str]) -> dict[str, ResourceItem]:
    """Retired items that are listed again under their code: the same rows, so that what names them stays true."""
    found = {item.code: item for item in resource.retired_items.filter(code__in=codes).order_by("pk")}
    for item in found.values():
        item.resource, item.retired_from = resource, None
    return found


def _changed(item: ResourceItem, values: Mapping[str, Any]) -> ResourceItem:
    for name, value in values.items():
        setattr(item, name, value)
    return item


def snapshot(resource: Resource, by: str) -> ResourceVersion:
    """Keep what a published entry says now, whole, as a version of its own."""
    content = {name: getattr(resource, name) for name in PLAIN if name not in ("category", "source_department")}
    content |= {
        "code": resource.code,
        "category": resource.category.code,
        "assessed_on": str(resource.assessed_on or ""),
        "keywords": resource.keywords,
        "formats": resource.formats,
        "sharing_methods": resource.sharing_methods,
        "items": list(resource.items.values(*ITEM_FIELDS)),
    }
    version, _created = ResourceVersion.objects.update_or_create(
        resource=resource, number=resource.version, defaults={"content": content, "published_by": by}
    )
    return version


def index(resource: Resource, items: Iterable[Field | ResourceItem]) -> None:
    """Store what the search looks in: title, summary, keywords, code, provider and items, folded and cut into terms."""
    parts = [part for item in items for part in (item.title, item.code, item.meaning)]
    first = [resource.title, resource.summary, *resource.keywords, resource.code]
    text = folding.joined([*first, resource.provider.name, resource.provider.short_name, *parts])
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE catalog_resource SET search = array_to_tsvector(%s::text[]), search_text = %s WHERE id = %s",
            [folding.index_terms(text), text, resource.pk],
        )


@transaction.atomic
def remove_draft(actor: Actor, *, resource: Resource) -> None:
    """Throw away a draft that was never published. Raises Conflict for others."""
    locked = Resource.objects.select_for_update(of=("self",)).select_related("provider").get(pk=resource.pk)
    check_registrar(actor, locked.provider)
    if locked.status != Resource.Status.DRAFT or locked.published_at is not None:
        raise Conflict(_("Only a draft that was never published can be thrown away."))
    audit.record(
        verb="resource.remove_draft",
        who=actor.who,
        subject="resource",
        subject_id=str(locked.pk),
        data={"code": locked.code, "title": locked.title},
    )
    locked.delete()
