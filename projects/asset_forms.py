"""Forms of the register of assets, and of its workbook."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from projects.contract_forms import Blamed, day_field
from projects.models import Asset
from projects.services.assets import AssetEntry
from statutes.sheets import workbook

WIDTHS = (18, 36, 24, 30, 16, 16, 14, 24, 14, 12, 14, 14)


class AssetForm(Blamed):
    """What the register says of an asset."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    number = forms.CharField(label=_("Asset number"), max_length=60)
    name = forms.CharField(label=_("Name of the asset"), max_length=200)
    model = forms.CharField(label=_("Make and model"), max_length=200, required=False)
    value = forms.DecimalField(label=_("Value in yuan"), max_digits=16, decimal_places=2, min_value=0)
    ownership = forms.ChoiceField(label=_("Ownership"), choices=Asset.Ownership.choices)
    custodian = forms.CharField(label=_("Custodian"), max_length=80)
    place = forms.CharField(label=_("Where it stands"), max_length=200)
    acquired_on = day_field(_("Acquired on"), required=True)
    standing = forms.ChoiceField(label=_("State"), choices=Asset.Standing.choices)

    def __init__(self, asset: Asset | None, *args: Any, **kwargs: Any) -> None:
        if asset is not None:
            kwargs["initial"] = {name: getattr(asset, name) for name in self.base_fields}
        super().__init__(*args, **kwargs)

    def entry(self) -> AssetEntry:
        """What was entered."""
        return AssetEntry(**{name: value for name, value in self.cleaned_data.items() if name != "version"})


class StockForm(Blamed):
    """Whether an asset was found."""

    on = day_field(_("Looked at on"), required=True)
    found = forms.ChoiceField(
        label=_("Found"), choices=[("yes", _("found")), ("no", _("not found"))], widget=forms.RadioSelect
    )
    note = forms.CharField(label=_("Note"), max_length=400, required=False)


def sheet(assets: Iterable[Asset]) -> BytesIO:
    """The register as a workbook, one line for each asset."""
    title = _now("Register of assets")
    lead = _now("As of %(moment)s") % {"moment": f"{timezone.localtime():%Y-%m-%d %H:%M}"}
    head = [
        _now("Asset number"), _now("Name of the asset"), _now("Make and model"), _now("Project"),
        _now("Value in yuan"), _now("Ownership"), _now("Custodian"), _now("Where it stands"), _now("Acquired on"),
        _now("State"), _now("Last stock-take"), _now("Found"),
    ]  # fmt: skip
    return workbook(title, lead, head, _lines(assets), WIDTHS, title)


def _lines(assets: Iterable[Asset]) -> Iterator[list[str]]:
    found = {True: _now("found"), False: _now("not found"), None: ""}
    for asset in assets:
        yield [
            asset.number,
            asset.name,
            asset.model,
            f"{asset.project.code} {asset.project.name}",
            f"{asset.value:.2f}",
            str(asset.get_ownership_display()),
            asset.custodian,
            asset.place,
            asset.acquired_on.isoformat(),
            str(asset.get_standing_display()),
            str(getattr(asset, "looked_on", None) or ""),
            found[getattr(asset, "was_found", None)],
        ]
