"""Forms of plans. Amounts are typed in yuan or in ten thousands of it, and always stored in yuan."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from organizations.actors import Actor
from projects.forms import AmountField, in_yuan
from projects.models import DepartmentPlan, Project
from projects.services.plans import LONGEST, MOST_ITEMS, Item

ROWS = "items"


class PlanHead(forms.Form):
    """What a department's plan says besides its projects."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    unit = forms.ChoiceField(
        label=_("Unit of the amounts below"),
        choices=[("yuan", _("yuan")), ("ten_thousand", _("ten thousand yuan"))],
        help_text=_("Every amount on this page is read in this unit; it is stored and shown in yuan."),
    )
    note = forms.CharField(
        label=_("Explanation"), widget=forms.Textarea(attrs={"rows": 3}), max_length=LONGEST, required=False
    )


class ItemForm(forms.Form):
    """One project. Gaps are allowed until the plan goes to the own head."""

    project = forms.ModelChoiceField(
        label=_("Registered project"),
        queryset=Project.objects.none(),
        required=False,
        empty_label=_("a project that is only intended yet"),
        help_text=_("Of a registered project everything but what the year costs is taken from its own plan."),
    )
    name = forms.CharField(label=_("Project name"), max_length=200, required=False)
    kind = forms.ChoiceField(label=_("Kind of project"), choices=Project.Kind.choices)
    basis = forms.CharField(label=_("Basis of the project"), max_length=LONGEST, required=False)
    goals = forms.CharField(label=_("Goals"), max_length=LONGEST, required=False)
    total = AmountField(label=_("Total investment"))
    amount = AmountField(label=_("Investment in the year of the plan"))
    service_years = forms.IntegerField(label=_("Service life in years"), min_value=1, max_value=99, required=False)
    build_months = forms.IntegerField(label=_("Build period in months"), min_value=1, max_value=240, required=False)
    shares_data = forms.TypedChoiceField(
        label=_("Shares data"), choices=[("yes", _("yes")), ("no", _("no"))], coerce=lambda said: said == "yes"
    )
    no_sharing_reason = forms.CharField(label=_("Why no data is shared"), max_length=LONGEST, required=False)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = Project.objects.filter(owner=actor.organization).exclude(case__closed_at__isnull=False)
        self.fields["project"].queryset = own.order_by("name")
        for name in ("basis", "goals"):
            self.fields[name].widget = forms.Textarea(attrs={"rows": 2})

    def said(self) -> bool:
        """Whether the row names a project at all; an empty one counts for nothing."""
        return bool(self.cleaned_data.get("project") or self.cleaned_data.get("name"))

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if not values.get("project") and not values.get("name") and (values.get("total") or values.get("goals")):
            self.add_error("name", _("A project needs a name."))
        return values

    def item(self, unit: str) -> Item:
        said = dict(self.cleaned_data)
        project = said["project"]
        return Item(
            **{
                **said,
                "total": in_yuan(said["total"], unit),
                "amount": in_yuan(said["amount"], unit),
                "project": project.pk if project else None,
            }
        )


ItemFormSet = forms.formset_factory(ItemForm, extra=0, max_num=MOST_ITEMS, absolute_max=MOST_ITEMS)


class DepartmentPlanForms:
    """A department's plan with its rows, as one thing to fill in and to check."""

    def __init__(self, actor: Actor, part: DepartmentPlan, data: Any = None) -> None:
        start = {"version": part.version, "unit": "yuan", "note": part.note}
        self.form = PlanHead(data, initial=start)
        initial = None if data is not None else [_initial(row) for row in part.items.all()] or [{}]
        self.rows = ItemFormSet(data, prefix=ROWS, initial=initial, form_kwargs={"actor": actor})

    def is_valid(self) -> bool:
        return all([self.form.is_valid(), self.rows.is_valid()])

    def items(self) -> tuple[list[Item], list[int]]:
        """What was typed, in yuan, and on which row of the page each stands."""
        unit = self.form.cleaned_data["unit"]
        named = [(place, row) for place, row in enumerate(self.rows) if row.said()]
        return [row.item(unit) for _place, row in named], [place for place, _row in named]

    def refuse(self, fields: dict[str, Any], message: str, places: list[int]) -> None:
        """What the service found wrong, at its row; all else at the top."""
        wrong = fields.get("items")
        if not isinstance(wrong, dict):
            self.form.add_error(None, str(wrong or message))
            return
        for key, problem in wrong.items():
            self.rows[places[int(key)]].add_error(None, problem)
        self.form.add_error(None, message)


def rearranged(data: Any, *, add: bool = False, remove: int | None = None) -> Any:
    """What was typed, with an empty row more or without one row; all the rest stays as it was typed."""
    typed = data.copy()
    count = min(int(typed.get(f"{ROWS}-TOTAL_FORMS") or 0), MOST_ITEMS)
    kept = [row for row in range(count) if row != remove]
    names = list(ItemForm.base_fields)
    rows = [{name: typed.get(f"{ROWS}-{row}-{name}", "") for name in names} for row in kept]
    if add and len(rows) < MOST_ITEMS:
        rows.append({"kind": Project.Kind.NEW, "shares_data": "yes"})
    for key in [key for key in typed if key.startswith(f"{ROWS}-") and key.count("-") > 1]:
        del typed[key]
    for place, row in enumerate(rows):
        for name, value in row.items():
            typed[f"{ROWS}-{place}-{name}"] = value
    typed[f"{ROWS}-TOTAL_FORMS"] = str(len(rows))
    return typed


def _initial(row: Any) -> dict[str, Any]:
    plain = {name: getattr(row, name) for name in ItemForm.base_fields if name not in ("project", "shares_data")}
    plain = {name: value.normalize() if isinstance(value, Decimal) else value for name, value in plain.items()}
    return {**plain, "project": row.project_id, "shares_data": "yes" if row.shares_data else "no"}


class AdditionForm(forms.Form):
    """Why a project cannot wait for the next plan."""

    year = forms.IntegerField(label=_("Year of the plan"), min_value=2000, max_value=2100)
    reason = forms.CharField(
        label=_("Why it cannot wait for the next plan"), widget=forms.Textarea(attrs={"rows": 5}), max_length=LONGEST
    )


class FilingForm(forms.Form):
    """A plan of several years that a department made itself."""

    title = forms.CharField(label=_("Title of the plan"), max_length=200)
    first_year = forms.IntegerField(label=_("First year"), min_value=2000, max_value=2100)
    last_year = forms.IntegerField(label=_("Last year"), min_value=2000, max_value=2100)
    systems = forms.CharField(
        label=_("Information systems that it touches"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=LONGEST,
    )
    paper = forms.FileField(label=_("The plan as a file"), required=False)
