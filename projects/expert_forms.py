"""Form of an entry of the expert library."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from organizations.actors import Actor
from organizations.models import Organization
from projects.library import candidates
from projects.models import Expert
from projects.services.experts import About, said_of


class ExpertForm(forms.Form):
    """What the library holds of an expert; the person is chosen once, when the entry is made."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    user = forms.TypedChoiceField(
        label=_("Person"), coerce=int, help_text=_("Whoever holds a position as an expert and is in no library yet.")
    )
    employer = forms.CharField(label=_("Employer"), max_length=200)
    employer_organization = forms.ModelChoiceField(
        label=_("Employer as an organization of the portal"), queryset=Organization.objects.none(), required=False
    )
    title = forms.CharField(label=_("Professional title"), max_length=80, required=False)
    fields_ = forms.MultipleChoiceField(
        label=_("Fields of expertise"), choices=Expert.Field.choices, widget=forms.CheckboxSelectMultiple
    )
    involvement = forms.CharField(
        label=_("Projects taken part in"),
        help_text=_("Number or name of a project, one a line."),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    conflicts = forms.CharField(
        label=_("Known conflicts"),
        help_text=_("Organizations and firms with full name, one a line."),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    active = forms.BooleanField(label=_("May be drawn"), required=False, initial=True)

    def __init__(self, actor: Actor, expert: Expert | None, *args: Any, **kwargs: Any) -> None:
        if expert is not None:
            said = said_of(expert)
            kwargs["initial"] = {
                **{name: getattr(said, name) for name in ("employer", "employer_organization", "title", "active")},
                "involvement": said.involvement,
                "conflicts": said.conflicts,
                "fields_": said.fields,
                "version": expert.version,
            }
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["employer_organization"]
        chosen.queryset = Organization.objects.filter(jurisdiction=actor.jurisdiction_id).order_by("name")
        if expert is not None:
            del self.fields["user"]
        else:
            person: Any = self.fields["user"]
            person.choices = [("", "—"), *candidates(actor)]

    def about(self) -> About:
        """What was entered."""
        values = self.cleaned_data
        organization = values["employer_organization"]
        return About(
            employer=values["employer"],
            fields=values["fields_"],
            title=values["title"],
            employer_organization=organization.pk if organization is not None else None,
            involvement=values["involvement"],
            conflicts=values["conflicts"],
            active=values["active"],
        )

    def blame(self, problems: dict[str, object]) -> None:
        """Put what a service found wrong at its field."""
        for name, problem in problems.items():
            place = {"fields": "fields_"}.get(name, name)
            self.add_error(place if place in self.fields else None, str(problem))
