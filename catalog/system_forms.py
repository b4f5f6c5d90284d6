"""Forms of the register of information systems."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog import systems
from catalog.models import InformationSystem, Resource
from catalog.selectors import visible_resources
from catalog.services import SystemEntry
from catalog.services.systems import LINKABLE
from organizations.actors import Actor
from organizations.models import Organization


class SystemForm(forms.ModelForm):
    """A system of one owner; the service checks it as a whole."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = InformationSystem
        fields = (
            "name", "name_en", "purpose", "status", "hosting", "network", "security_grade", "docked_with_exchange",
            "of_superior", "taken_into_use", "yearly_cost", "contact", "resources",
        )  # fmt: skip
        labels = {
            "yearly_cost": _("Yearly operating cost (yuan)"),
            "resources": _("Catalogue entries that come from it"),
        }
        help_texts = {
            "of_superior": _("It is adapted to, not built anew."),
            "contact": _("The position that answers for it, not a person's number."),
            "resources": _("Published entries of the owner."),
        }
        widgets = {
            "purpose": forms.Textarea(attrs={"rows": 3}),
            "taken_into_use": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            "yearly_cost": forms.NumberInput(attrs={"min": "0", "step": "0.01"}),
            "resources": forms.SelectMultiple(attrs={"data-sh-pick": ""}),
        }

    sections = (
        (_("What it is"), ("name", "name_en", "purpose", "status", "taken_into_use")),
        (
            _("Where it runs"),
            ("hosting", "network", "security_grade", "yearly_cost", "contact", "docked_with_exchange", "of_superior"),
        ),
        (_("Its data"), ("resources",)),
    )
    wide = frozenset({"name", "purpose", "resources"})

    def __init__(self, actor: Actor, owner: Organization, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = InformationSystem.Status
        self.fields["status"].choices = [(key, label) for key, label in known.choices if key != known.RETIRED]
        mine = Q(provider=owner, status__in=LINKABLE)
        self.fields["resources"].queryset = visible_resources(actor).filter(mine)

    def grouped(self) -> list[tuple[Any, list[tuple[Any, bool]]]]:
        """(label, fields) of every section of the page; each field says whether it takes the whole width."""
        return [(label, [(self[name], name in self.wide) for name in names]) for label, names in self.sections]

    def _post_clean(self) -> None:
        """The form only reads what was typed."""

    def entry(self) -> SystemEntry:
        """What was typed, as the service takes it."""
        data = {name: value for name, value in self.cleaned_data.items() if name != "version"}
        chosen: list[Resource] = list(data.pop("resources"))
        return SystemEntry(**data, resources=chosen)


class OwnerForm(forms.Form):
    """Whose system it is; asked only of those who register for several organizations."""

    organization = forms.ModelChoiceField(label=_("Owner"), queryset=Organization.objects.none())

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organization"].queryset = systems.owners_for(actor)


class RetireForm(forms.Form):
    """Why and since when a system is no longer run."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    reason = forms.CharField(label=_("Reason"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
    retired_on = forms.DateField(
        label=_("Retired on"),
        initial=timezone.localdate,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    sure = forms.BooleanField(label=_("The system is no longer run; this cannot be undone."))
