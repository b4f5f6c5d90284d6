"""The register of the assets that projects left, and looking whether they are still there."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import services as audit
from organizations.actors import Actor, AnyActor
from organizations.errors import BadInput, Conflict, NotPermitted
from organizations.models import Position
from projects.models import Asset, Project, StockTake

KEEPERS: tuple[str, ...] = (Position.Kind.HANDLER, Position.Kind.LEADER, Position.Kind.DATA_STEWARD)
REQUIRED = ("number", "name", "custodian", "place")
TEXTS = (*REQUIRED, "model")
CENT = Decimal("0.01")
MOST_VALUE = Decimal(10) ** 14
LONGEST_NOTE = 400


@dataclass(frozen=True, slots=True)
class AssetEntry:
    """What the register says of an asset. `value`: yuan."""

    number: str
    name: str
    custodian: str
    place: str
    acquired_on: date
    value: Decimal = Decimal(0)
    model: str = ""
    ownership: str = Asset.Ownership.STATE
    standing: str = Asset.Standing.IN_USE


def keeps_assets_of(actor: AnyActor, project: Project) -> bool:
    """Whether the actor may register assets of a project: the owner's handlers, leaders and data stewards."""
    own = actor.organization.pk if isinstance(actor, Actor) and actor.organization is not None else None
    return own == project.owner_id and actor.kind in KEEPERS and project.case_id is not None


@transaction.atomic
def add_asset(actor: Actor, *, project: Project, entry: AssetEntry) -> Asset:
    """Register an asset of a project. Raises NotPermitted for others than its owner, BadInput, Conflict."""
    _check_keeper(actor, project)
    asset = Asset(project=project, organization=project.owner)
    return _write(actor, asset, entry, "asset.add")


@transaction.atomic
def change_asset(actor: Actor, *, asset: Asset, entry: AssetEntry, version: int | None = None) -> Asset:
    """Write what the register says of an asset anew. Raises NotPermitted, BadInput, Conflict when it was changed."""
    locked = Asset.objects.select_for_update(of=("self",)).select_related("project__owner").get(pk=asset.pk)
    _check_keeper(actor, locked.project)
    if version is not None and version != locked.version:
        raise Conflict(_("This asset was changed elsewhere meanwhile. Open it again to see the newer entry."))
    locked.version += 1
    return _write(actor, locked, entry, "asset.change")


@transaction.atomic
def take_stock(actor: Actor, *, asset: Asset, found: bool, on: date | None = None, note: str = "") -> StockTake:
    """Record that an asset was looked for: found, or not and why. Raises NotPermitted, BadInput."""
    _check_keeper(actor, asset.project)
    day, said = on or timezone.localdate(), note.strip()
    problems: dict[str, object] = {}
    if day > timezone.localdate() or day < asset.acquired_on:
        problems["on"] = _("Enter the day of the stock-take: not one to come, nor before the asset was acquired.")
    if not found and not said:
        problems["note"] = _("Say what is known of an asset that was not found.")
    if len(said) > LONGEST_NOTE:
        problems["note"] = _("At most %(length)s characters.") % {"length": LONGEST_NOTE}
    if problems:
        raise BadInput(_("Some entries are missing or wrong."), problems)
    row = StockTake.objects.create(asset=asset, on=day, found=found, note=said, by=actor.user)
    _prove(actor, "asset.stock_take", asset, {"on": day.isoformat(), "found": found})
    return row


def _check_keeper(actor: Actor, project: Project) -> None:
    if not keeps_assets_of(actor, project):
        raise NotPermitted(_("Assets are kept by handlers, leaders and data stewards of the project's owner."))


def _write(actor: Actor, asset: Asset, entry: AssetEntry, verb: str) -> Asset:
    values = {name: value.strip() if isinstance(value, str) else value for name, value in asdict(entry).items()}
    if problems := _problems(asset, values):
        raise BadInput(_("Some entries are missing or wrong."), problems)
    for name, value in values.items():
        setattr(asset, name, value)
    asset.updated_at = timezone.now()
    asset.save()
    _prove(actor, verb, asset, {"number": asset.number, "name": asset.name, "custodian": asset.custodian})
    return asset


def _problems(asset: Asset, values: dict[str, Any]) -> dict[str, object]:
    problems: dict[str, object] = {name: _("This is required.") for name in REQUIRED if not values[name]}
    for name in TEXTS:
        longest = Asset._meta.get_field(name).max_length or 0
        if len(values[name]) > longest:
            problems[name] = _("At most %(length)s characters.") % {"length": longest}
    value: Decimal = values["value"]
    if not value.is_finite() or not 0 <= value < MOST_VALUE or value != value.quantize(CENT):
        problems["value"] = _("Amounts are in yuan, not negative, with at most two decimals.")
    if values["acquired_on"] > timezone.localdate():
        problems["acquired_on"] = _("This day lies ahead.")
    for name, known in (("ownership", Asset.Ownership.values), ("standing", Asset.Standing.values)):
        if values[name] not in known:
            problems[name] = _("Choose one of the list.")
    namesakes = Asset.objects.filter(organization=asset.organization_id, number=values["number"])
    if values["number"] and namesakes.exclude(pk=asset.pk).exists():
        problems["number"] = _("An asset of this number is registered already.")
    return problems


def _prove(actor: Actor, verb: str, asset: Asset, data: dict[str, Any]) -> None:
    audit.record(verb=verb, who=actor.who, subject="asset", subject_id=str(asset.pk), data=data)
