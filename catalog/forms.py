"""The form of a catalogue entry, and of its items."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.models import Category, Resource, ResourceFormat, ResourceItem, SharingMethod
from catalog.services import Entry, Field
from organizations.models import Organization


class EntryForm(forms.ModelForm):
    """The metadata of an entry. Lists are typed with commas."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    keywords = forms.CharField(label=_("Keywords"), required=False, help_text=_("Separated by commas."))
    formats = forms.MultipleChoiceField(
        label=_("Formats"), choices=ResourceFormat.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    sharing_methods = forms.MultipleChoiceField(
        label=_("Sharing methods"), choices=SharingMethod.choices, required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Resource
        fields = (
            "title", "summary", "category", "sharing_class", "update_cycle", "sharing_condition", "withheld_basis",
            "usage_terms", "named_recipients", "opening_class", "opening_condition", "holds_personal",
            "holds_commercial", "sensitivity", "assessment", "assessed_on", "assessed_by", "collection_channel",
            "source_department", "related",
        )  # fmt: skip
        widgets = {
            "summary": forms.Textarea(attrs={"rows": 3}),
            "sharing_condition": forms.Textarea(attrs={"rows": 2}),
            "withheld_basis": forms.Textarea(attrs={"rows": 2}),
            "usage_terms": forms.Textarea(attrs={"rows": 2}),
            "opening_condition": forms.Textarea(attrs={"rows": 2}),
            "assessment": forms.Textarea(attrs={"rows": 2}),
            "assessed_on": forms.DateInput(attrs={"type": "date"}),
            "named_recipients": forms.SelectMultiple(attrs={"data-sh-select": ""}),
            "related": forms.SelectMultiple(attrs={"data-sh-select": ""}),
        }

    def __init__(self, provider: Organization, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        jurisdiction = provider.jurisdiction
        organizations = Organization.objects.filter(jurisdiction=jurisdiction)
        self.fields["category"].queryset = Category.objects.filter(jurisdiction=jurisdiction)
        self.fields["named_recipients"].queryset = organizations
        self.fields["source_department"].queryset = organizations
        self.fields["related"].queryset = Resource.objects.filter(
            jurisdiction=jurisdiction, status=Resource.Status.PUBLISHED
        )

    def _post_clean(self) -> None:
        """The service checks the entry as a whole; the form only reads what was typed."""

    def entry(self, items: list[Field]) -> Entry:
        """What was typed, as the service takes it."""
        data = dict(self.cleaned_data)
        data.pop("version")
        data["keywords"] = [word.strip() for word in data["keywords"].replace("，", ",").split(",") if word.strip()]
        return Entry(items=items, **data)


class ItemForm(forms.Form):
    """One item. A row left empty is no item."""

    code = forms.CharField(label=_("code"), required=False, max_length=40)
    title = forms.CharField(label=_("name"), required=False, max_length=120)
    data_type = forms.ChoiceField(label=_("type"), choices=ResourceItem.DataType.choices, required=False)
    length = forms.IntegerField(label=_("length"), required=False, min_value=1)
    required = forms.BooleanField(label=_("required"), required=False)
    is_key = forms.BooleanField(label=_("key"), required=False)
    meaning = forms.CharField(label=_("meaning"), required=False, max_length=300)
    sharing_class = forms.ChoiceField(label=_("sharing class"), required=False)
    mask = forms.ChoiceField(label=_("mask"), choices=ResourceItem.Mask.choices, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = Resource._meta.get_field("sharing_class").choices or []
        self.fields["sharing_class"].choices = [("", _("as the resource")), *choices]

    def field(self) -> Field:
        data = self.cleaned_data
        return Field(
            code=data["code"],
            title=data["title"],
            data_type=data["data_type"] or ResourceItem.DataType.TEXT,
            length=data["length"],
            required=data["required"],
            is_key=data["is_key"],
            meaning=data["meaning"],
            sharing_class=data["sharing_class"],
            mask=data["mask"] or ResourceItem.Mask.NONE,
        )


ItemFormSet = forms.formset_factory(ItemForm, extra=3, max_num=200, absolute_max=200)


def items_of(formset: Any) -> list[Field]:
    """Every row in which something was named, in the order of the page."""
    rows = [form for form in formset if form.cleaned_data.get("code") or form.cleaned_data.get("title")]
    return [form.field() for form in rows]


def initial_items(resource: Resource) -> list[dict[str, Any]]:
    names = ("code", "title", "data_type", "length", "required", "is_key", "meaning", "sharing_class", "mask")
    return list(resource.items.values(*names))


def initial_entry(resource: Resource) -> dict[str, Any]:
    return {
        "version": resource.version,
        "keywords": ", ".join(resource.keywords),
        "formats": resource.formats,
        "sharing_methods": resource.sharing_methods,
    }
