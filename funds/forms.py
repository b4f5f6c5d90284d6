"""The form of a fund's plan. Amounts are typed in yuan or in ten thousands of it, and always stored in yuan."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from funds.models import Fund, FundPaper
from funds.services import FundPlan, Paper
from funds.services.planning import DEPARTMENT, FINANCE, holds_role
from organizations.actors import Actor
from organizations.models import Organization

UNITS = {"yuan": Decimal(1), "ten_thousand": Decimal(10_000)}
UNIT_CHOICES = [("yuan", _("yuan")), ("ten_thousand", _("ten thousand yuan"))]
CENT = Decimal("0.01")
LONG = ("basis", "purpose", "scope", "goal", "difference")


def in_yuan(amount: Decimal | None, unit: str) -> Decimal:
    """What was typed in a unit, in yuan; more than two decimals stay, for the service to refuse."""
    typed = (amount or Decimal(0)) * UNITS[unit]
    return typed.quantize(CENT) if typed == typed.quantize(CENT) else typed


class MoneyField(forms.DecimalField):
    """Money in the unit of the form; an empty field is a gap."""

    def __init__(self, *, label: Any, required: bool = False) -> None:
        super().__init__(label=label, max_digits=18, decimal_places=6, min_value=0, required=required)


class DayField(forms.DateField):
    """A day, typed or picked."""

    def __init__(self, *, label: Any, required: bool = False, help_text: Any = "") -> None:
        picker = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        super().__init__(label=label, required=required, widget=picker, help_text=help_text)


def areas(form: forms.Form, names: Sequence[str], rows: int = 3) -> None:
    """Let these fields be typed over several lines."""
    for name in names:
        form.fields[name].widget = forms.Textarea(attrs={"rows": rows})


class FundForm(forms.Form):
    """The plan of a fund. Gaps are allowed while it is a draft."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    name = forms.CharField(label=_("Name of the fund"), max_length=200)
    department = forms.ModelChoiceField(
        label=_("Department in charge"), queryset=Organization.objects.none(), required=False
    )
    renews = forms.ModelChoiceField(
        label=_("Goes on from"),
        queryset=Fund.objects.none(),
        required=False,
        help_text=_("A fund that is to go on after its term is applied for afresh."),
    )
    basis = forms.CharField(label=_("Basis in law or provisions"), required=False)
    purpose = forms.CharField(label=_("Purpose and use"), required=False)
    scope = forms.CharField(label=_("Scope of use"), required=False)
    goal = forms.CharField(label=_("Performance goal"), required=False)
    difference = forms.CharField(
        label=_("How it differs from similar funds"),
        required=False,
        help_text=_("Needed where a living fund has a similar goal or use."),
    )
    unit = forms.ChoiceField(label=_("Unit of the amount"), choices=UNIT_CHOICES)
    size = MoneyField(label=_("Size a year"))
    term_from = DayField(label=_("Term from"))
    term_until = DayField(label=_("Term until"))
    is_major = forms.BooleanField(label=_("Major fund, evaluated beforehand"), required=False)
    central_match = forms.BooleanField(label=_("Matches a central transfer"), required=False)
    local_match = forms.BooleanField(label=_("Asks matching money of cities and counties"), required=False)
    shared_duty = forms.BooleanField(
        label=_("The duty is shared by province and localities under the rules"), required=False
    )
    running_costs = forms.BooleanField(label=_("Pays for running costs of a department"), required=False)
    paper_kind = forms.ChoiceField(
        label=_("Kind of paper"), choices=[("", "—"), *FundPaper.Kind.choices], required=False
    )
    paper = forms.FileField(label=_("Paper"), required=False)
    opinion = forms.CharField(
        label=_("Explanation"),
        required=False,
        max_length=4000,
        help_text=_("Needed where the application departs from what the law asks as a rule."),
    )

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        place = actor.jurisdiction_id
        if holds_role(actor.organization, FINANCE):
            named = Organization.objects.filter(organ_roles__role=DEPARTMENT, organ_roles__jurisdiction=place)
            self.fields["department"].queryset = named.distinct().order_by("sort_key")
        else:
            del self.fields["department"]
        earlier = Fund.objects.filter(jurisdiction=place, established_on__isnull=False)
        self.fields["renews"].queryset = earlier.order_by("name", "pk")
        areas(self, [*LONG, "opinion"])

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if values.get("paper") and not values.get("paper_kind"):
            self.add_error("paper_kind", _("Say which paper this is."))
        return values

    def plan(self, papers: Sequence[Paper]) -> FundPlan:
        """What was typed, in yuan."""
        values = dict(self.cleaned_data)
        unit = values.pop("unit")
        for name in ("version", "paper", "paper_kind", "opinion"):
            values.pop(name)
        named = {name: row.pk if row else None for name in ("department", "renews") if (row := values.pop(name, None))}
        return FundPlan(**{**values, **named, "size": in_yuan(values["size"], unit), "papers": papers})

    def blame(self, fields: dict[str, Any], message: str) -> None:
        """What the service found wrong, at its field; the rest at the top."""
        for name, problem in fields.items():
            self.add_error(name if name in self.fields else None, str(problem))
        if not fields:
            self.add_error(None, message)


def initial_of(fund: Fund) -> dict[str, Any]:
    """The form as the fund stands; the amount in yuan."""
    plain = [name for name in FundForm.base_fields if hasattr(fund, name)]
    return {**{name: getattr(fund, name) for name in plain}, "unit": "yuan"}
