"""Forms of a project's plan. Amounts are typed in yuan or in ten thousands of it, and always stored in yuan."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.models import InformationSystem, OpeningClass, SharingClass, UpdateCycle
from organizations.actors import Actor
from organizations.models import Organization
from projects.models import Project, ProjectDocument, SharingPromise
from projects.services import Paper, Plan, Promise

UNITS = {"yuan": Decimal(1), "ten_thousand": Decimal(10_000)}
MOST_ROWS = 40
LONG = ("basis", "goals", "content", "security_design", "product_statement", "reuse_statement", "working_group")
CENT = Decimal("0.01")


def in_yuan(amount: Decimal | None, unit: str) -> Decimal:
    """What was typed in a unit, in yuan; more than two decimals stay, for the service to refuse."""
    typed = (amount or Decimal(0)) * UNITS[unit]
    return typed.quantize(CENT) if typed == typed.quantize(CENT) else typed


class AmountField(forms.DecimalField):
    """Money in the unit of the form; an empty field is a gap."""

    def __init__(self, *, label: Any) -> None:
        super().__init__(label=label, max_digits=16, decimal_places=6, min_value=0, required=False)


class PlanForm(forms.Form):
    """The plan of a project. Gaps are allowed while it is a draft."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    name = forms.CharField(label=_("Project name"), max_length=200)
    kind = forms.ChoiceField(label=_("Kind of project"), choices=Project.Kind.choices)
    funding = forms.ChoiceField(label=_("Funding"), choices=Project.Funding.choices)
    basis = forms.CharField(label=_("Basis of the project"), required=False)
    goals = forms.CharField(label=_("Goals"), required=False)
    content = forms.CharField(label=_("What is built"), required=False)
    unit = forms.ChoiceField(
        label=_("Unit of the amounts below"),
        choices=[("yuan", _("yuan")), ("ten_thousand", _("ten thousand yuan"))],
        help_text=_("Every amount on this page is read in this unit; it is stored and shown in yuan."),
    )
    total = AmountField(label=_("Total investment"))
    service_years = forms.IntegerField(label=_("Service life in years"), min_value=1, max_value=99, required=False)
    build_months = forms.IntegerField(label=_("Build period in months"), min_value=1, max_value=240, required=False)
    responsible = forms.CharField(label=_("Responsible person"), max_length=80, required=False)
    responsible_post = forms.CharField(label=_("Post of the responsible person"), max_length=80, required=False)
    responsible_is_head = forms.BooleanField(label=_("This is the chief leader of the unit"), required=False)
    working_group = forms.CharField(label=_("Working group"), required=False)
    co_builders = forms.ModelMultipleChoiceField(
        label=_("Co-builders"), queryset=Organization.objects.none(), required=False
    )
    systems = forms.ModelMultipleChoiceField(
        label=_("Information systems"),
        queryset=InformationSystem.objects.none(),
        required=False,
        help_text=_("Systems that are built, extended or run, as the register has them; register a new one first."),
    )
    security_design = forms.CharField(label=_("Security design"), required=False)
    product_statement = forms.CharField(label=_("Secure and controllable products"), required=False)
    reuse_statement = forms.CharField(label=_("Why nothing that exists suffices"), required=False)
    replaces_superior = forms.BooleanField(label=_("Builds what a superior organ already provides"), required=False)
    is_video = forms.BooleanField(label=_("Public-security video project"), required=False)
    design_firm = forms.CharField(
        label=_("Author of the plan"), max_length=200, required=False, help_text=_("Empty: the unit itself.")
    )
    design_qualification = forms.CharField(label=_("Qualification of the author"), max_length=200, required=False)
    no_sharing_reason = forms.CharField(
        label=_("Why no data is shared"), required=False, help_text=_("Only when the sharing plan stays empty.")
    )
    paper_kind = forms.ChoiceField(
        label=_("Kind of paper"), choices=[("", "—"), *ProjectDocument.Kind.choices], required=False
    )
    paper = forms.FileField(label=_("Paper"), required=False)

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        place = actor.jurisdiction_id
        others = Organization.objects.filter(jurisdiction=place, merged_into=None).exclude(pk=actor.organization.pk)
        self.fields["co_builders"].queryset = others.order_by("sort_key")
        self.fields["systems"].queryset = InformationSystem.objects.filter(jurisdiction=place).order_by("name")
        for name in LONG:
            self.fields[name].widget = forms.Textarea(attrs={"rows": 3})

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if values.get("paper") and not values.get("paper_kind"):
            self.add_error("paper_kind", _("Say which paper this is."))
        return values


class YearForm(forms.Form):
    """One row of a table: the head of its column names each field, also to those who cannot see it."""

    year = forms.IntegerField(label=_("Year"), min_value=2000, max_value=2100, required=False)
    amount = AmountField(label=_("Amount of money"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = field.label


class PromiseForm(forms.Form):
    direction = forms.ChoiceField(label=_("Direction"), choices=SharingPromise.Direction.choices)
    title = forms.CharField(label=_("Name of the data"), max_length=200, required=False)
    source = forms.CharField(label=_("Source"), max_length=200, required=False)
    format = forms.CharField(label=_("Format"), max_length=80, required=False)
    update_cycle = forms.ChoiceField(label=_("Update cycle"), choices=UpdateCycle.choices)
    sharing_class = forms.ChoiceField(label=_("Sharing class"), choices=SharingClass.choices)
    opening = forms.ChoiceField(
        label=_("Opening to society"), choices=OpeningClass.choices, initial=OpeningClass.CLOSED
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if values.get("title") and not (values.get("source") and values.get("format")):
            self.add_error("title", _("State source and format of this data."))
        return values


YearFormSet = forms.formset_factory(YearForm, extra=2, max_num=MOST_ROWS, absolute_max=MOST_ROWS)
PromiseFormSet = forms.formset_factory(PromiseForm, extra=2, max_num=MOST_ROWS, absolute_max=MOST_ROWS)


class PlanForms:
    """The plan with its rows of years and promises, as one thing to fill in and to check."""

    def __init__(self, actor: Actor, project: Project | None = None, data: Any = None, files: Any = None) -> None:
        self.project = project
        start = initial_of(project) if project else {}
        self.form = PlanForm(actor, data, files, initial=start)
        shown = project if data is None else None
        self.years = YearFormSet(data, prefix="years", initial=_years_of(shown))
        self.promises = PromiseFormSet(data, prefix="promises", initial=_promises_of(shown))

    def is_valid(self) -> bool:
        """Each part is read, so that everything wrong is shown at once; of two amounts for one year neither counts."""
        valid = all([self.form.is_valid(), self.years.is_valid(), self.promises.is_valid()])
        named = [row.cleaned_data["year"] for row in self.years if getattr(row, "cleaned_data", {}).get("year")]
        if len(set(named)) != len(named):
            self.form.add_error(None, _("Name each year once."))
            return False
        return valid

    def plan(self, papers: Sequence[Paper]) -> Plan:
        """What was typed, in yuan."""
        values = dict(self.form.cleaned_data)
        unit = values.pop("unit")
        for name in ("version", "paper", "paper_kind"):
            values.pop(name)
        rows = [row.cleaned_data for row in self.years if row.cleaned_data.get("year")]
        return Plan(
            **{
                **values,
                "total": in_yuan(values["total"], unit),
                "years": {row["year"]: in_yuan(row.get("amount"), unit) for row in rows},
                "systems": [row.pk for row in values["systems"]],
                "co_builders": [row.pk for row in values["co_builders"]],
                "promises": [Promise(**row.cleaned_data) for row in self.promises if row.cleaned_data.get("title")],
                "papers": papers,
            }
        )

    def refuse(self, fields: dict[str, Any], message: str) -> None:
        """What the service found wrong, at its field; rows and papers at the top."""
        for name, problem in fields.items():
            self.form.add_error(name if name in self.form.fields else None, str(problem))
        if not fields:
            self.form.add_error(None, message)


def initial_of(project: Project) -> dict[str, Any]:
    """The form as the project stands; amounts in yuan."""
    plain = [name for name in PlanForm.base_fields if hasattr(project, name) and name not in ("systems", "co_builders")]
    return {
        **{name: getattr(project, name) for name in plain},
        "unit": "yuan",
        "systems": list(project.systems.values_list("pk", flat=True)),
        "co_builders": list(project.co_builders.values_list("pk", flat=True)),
    }


def _years_of(project: Project | None) -> list[dict[str, Any]]:
    return [{"year": row.year, "amount": row.amount} for row in project.years.all()] if project else []


def _promises_of(project: Project | None) -> list[dict[str, Any]]:
    return list(project.promises.values(*PromiseForm.base_fields)) if project else []
