"""Forms of a catalogue entry, of its items, of a change and of a withdrawal."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.forms import field_of
from catalog.models import Category, Resource, ResourceFormat, ResourceItem, Revision, Sensitivity, SharingMethod
from catalog.services import Entry, Field, withdrawals
from organizations.models import Organization
from statutes.selectors import compiled, current

MOST_ITEMS = 400
HELP = {
    "sharing_condition": _("Needed when sharing is conditional: for whom and for what use. No further conditions."),
    "withheld_basis": _("Needed when withheld: the law, regulation or State Council decision, with its article."),
}


class EntryForm(forms.ModelForm):
    """The metadata of an entry. Lists are typed with commas."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    keywords = forms.CharField(label=_("Keywords"), required=False, help_text=_("Separated by commas."))
    formats = forms.MultipleChoiceField(
        label=_("Formats"), choices=ResourceFormat.choices, widget=forms.CheckboxSelectMultiple
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
        labels = {
            "category": _("Category"),
            "named_recipients": _("Named recipients"),
            "source_department": _("Source department"),
            "related": _("Related resources"),
        }
        widgets = {
            "summary": forms.Textarea(attrs={"rows": 3}),
            "sharing_condition": forms.Textarea(attrs={"rows": 2}),
            "withheld_basis": forms.Textarea(attrs={"rows": 2}),
            "usage_terms": forms.Textarea(attrs={"rows": 2}),
            "opening_condition": forms.Textarea(attrs={"rows": 2}),
            "assessment": forms.Textarea(attrs={"rows": 2}),
            "assessed_on": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            "named_recipients": forms.SelectMultiple(attrs={"data-sh-pick": ""}),
            "related": forms.SelectMultiple(attrs={"data-sh-pick": ""}),
        }

    sections = (
        (_("What it is"), ("title", "summary", "category", "update_cycle", "formats", "keywords")),
        (
            _("Sharing"),
            (
                "sharing_class",
                "sharing_methods",
                "sharing_condition",
                "withheld_basis",
                "usage_terms",
                "named_recipients",
            ),
        ),
        (
            _("Grading and assessment"),
            (
                "sensitivity",
                "holds_personal",
                "holds_commercial",
                "assessment",
                "assessed_on",
                "assessed_by",
            ),
        ),
        (_("Opening to society"), ("opening_class", "opening_condition")),
        (_("Origin and relations"), ("source_department", "collection_channel", "related")),
    )
    wide = frozenset(
        {"title", "summary", "sharing_condition", "withheld_basis", "usage_terms", "opening_condition", "assessment"}
    )

    def __init__(self, provider: Organization, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("sharing_condition", "withheld_basis"):
            self.fields[name].help_text = HELP[name]
        jurisdiction = provider.jurisdiction
        organizations = Organization.objects.filter(jurisdiction=jurisdiction)
        self.fields["category"].queryset = Category.objects.filter(jurisdiction=jurisdiction)
        self.fields["named_recipients"].queryset = organizations
        self.fields["source_department"].queryset = organizations
        self.fields["related"].queryset = Resource.objects.filter(
            jurisdiction=jurisdiction, status=Resource.Status.PUBLISHED
        )

    def grouped(self) -> list[tuple[Any, list[tuple[Any, bool]]]]:
        """(label, fields) of every section of the page; each field says whether it takes the whole width."""
        return [(label, [(self[name], name in self.wide) for name in names]) for label, names in self.sections]

    def _post_clean(self) -> None:
        """The service checks the entry as a whole; the form only reads what was typed."""

    def entry(self, items: list[Field]) -> Entry:
        """What was typed, as the service takes it."""
        data = dict(self.cleaned_data)
        data.pop("version")
        data["keywords"] = _words(data["keywords"])
        return Entry(items=items, **data)


class CauseForm(forms.Form):
    """Why a published entry changes: needed when the change goes to the authority."""

    cause = forms.ChoiceField(
        label=_("Cause of the change"), choices=[("", "—"), *Revision.Cause.choices], required=False
    )
    changed_on = forms.DateField(
        label=_("Day of the change"),
        required=False,
        help_text=_("The day on which law or duties changed: the time to update runs from it."),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    reason = forms.CharField(
        label=_("Explanation"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 2})
    )


class ItemForm(forms.Form):
    """One item. A row left empty is no item."""

    code = forms.CharField(label=_("code"), required=False, max_length=40)
    title = forms.CharField(label=_("name"), required=False, max_length=120)
    data_type = forms.ChoiceField(label=_("type"), choices=ResourceItem.DataType.choices, required=False)
    length = forms.IntegerField(label=_("length"), required=False, min_value=1)
    required = forms.BooleanField(label=_("required"), required=False)
    is_key = forms.BooleanField(label=_("key"), required=False)
    meaning = forms.CharField(label=_("meaning"), required=False, max_length=300)
    values = forms.CharField(label=_("allowed values"), required=False, max_length=2000)
    sensitivity = forms.ChoiceField(label=_("data level"), choices=Sensitivity.choices, required=False)
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
            values=_words(data["values"]),
            sensitivity=data["sensitivity"] or Sensitivity.GENERAL,
            sharing_class=data["sharing_class"],
            mask=data["mask"] or ResourceItem.Mask.NONE,
        )


def _words(text: str) -> list[str]:
    """What was typed with commas, of either width, between."""
    return [word.strip() for word in re.split("[,，、]", text) if word.strip()]


ItemFormSet = forms.formset_factory(ItemForm, extra=3, max_num=MOST_ITEMS, absolute_max=MOST_ITEMS + 50)


def items_of(formset: Any) -> list[Field]:
    """Every row in which something was named, in the order of the page."""
    rows = [form for form in formset if form.cleaned_data.get("code") or form.cleaned_data.get("title")]
    return [form.field() for form in rows]


def initial_items(resource: Resource) -> list[dict[str, Any]]:
    return [{**row, "values": ", ".join(row["values"])} for row in resource.items.values(*ItemForm.base_fields)]


def typed_entry(data: QueryDict) -> dict[str, Any]:
    """What stands in a form that is not to be checked yet, to be shown again."""
    several = ("formats", "sharing_methods", "named_recipients", "related")
    return {name: data.getlist(name) if name in several else data.get(name, "") for name in EntryForm.base_fields}


def typed_items(data: QueryDict) -> list[dict[str, Any]]:
    """The same for its rows of items, empty ones left out."""
    total = data.get("items-TOTAL_FORMS", "0")
    rows = [
        {name: data.get(f"items-{at}-{name}", "") for name in ItemForm.base_fields}
        for at in range(min(int(total) if total.isdecimal() else 0, MOST_ITEMS))
    ]
    return [row for row in rows if row["code"] or row["title"]]


def rearranged(rows: list[dict[str, Any]], step: str) -> list[dict[str, Any]]:
    """Rows after a step of the page: "up-2", "down-2" and "remove-2" name a row; any other leaves them."""
    name, _dash, number = step.partition("-")
    at = int(number) if number.isdecimal() else -1
    if not 0 <= at < len(rows):
        return rows
    rest = rows[:at] + rows[at + 1 :]
    if name == "remove":
        return rest
    to = {"up": max(at - 1, 0), "down": at + 1}.get(name, at)
    return [*rest[:to], rows[at], *rest[to:]]


class WithdrawalForm(forms.Form):
    """What the law in force asks of whoever proposes to withdraw an entry: the inputs of the procedure's opening."""

    def __init__(self, resource: Resource, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.law = law = compiled(current(resource.jurisdiction.pack))
        procedure = law.procedure(withdrawals.PROCEDURE, timezone.localdate())
        self.action = procedure.opening_action("hand")
        self.rule = law.rule(self.action.rule)
        for name, need in self.action.inputs.items():
            self.fields[name] = field_of(law.input(procedure, name), required=need == "required")

    def given(self) -> dict[str, Any]:
        """What was typed; files are not among it."""
        files = {name for name, field in self.fields.items() if isinstance(field, forms.FileField)}
        return {name: value for name, value in self.cleaned_data.items() if name not in files}

    def uploads(self) -> dict[str, Any]:
        """Input name to the uploaded file."""
        files = {name: self.cleaned_data[name] for name, f in self.fields.items() if isinstance(f, forms.FileField)}
        return {name: upload for name, upload in files.items() if upload}


def initial_entry(resource: Resource) -> dict[str, Any]:
    return {
        "version": resource.version,
        "keywords": ", ".join(resource.keywords),
        "formats": resource.formats,
        "sharing_methods": resource.sharing_methods,
    }


def proposed_entry(revision: Revision) -> dict[str, Any]:
    """What is proposed, as the form shows it."""
    content = {name: value for name, value in revision.content.items() if name in EntryForm.base_fields}
    return {**content, "keywords": ", ".join(content["keywords"]), "version": revision.resource.version}


def proposed_items(revision: Revision) -> list[dict[str, Any]]:
    return [{**row, "values": ", ".join(row["values"])} for row in revision.content["items"]]
