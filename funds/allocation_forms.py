"""The form of an allocation: factors with weights and places with values, or projects with amounts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from funds.forms import UNIT_CHOICES, MoneyField, in_yuan
from funds.models import FundAllocation, FundApplication, FundYear
from funds.services.allocating import AllocationPlan
from funds.step_forms import StepForm
from organizations.models import Organization

FACTORS = 4
ROWS, MOST_ROWS = 16, 160


class AllocationForm(StepForm):
    """The amount; beside it the rows of the method."""

    unit = forms.ChoiceField(label=_("Unit of the amounts"), choices=UNIT_CHOICES)
    amount = MoneyField(label=_("Amount to be allocated"), required=True)

    def in_yuan(self, amount: Decimal | None) -> Decimal:
        return in_yuan(amount, self.cleaned_data["unit"])


class FactorForm(AllocationForm):
    """Up to four factors with weights; as many places as `rows` says, with a value for each."""

    def __init__(self, year: FundYear, *args: Any, rows: int = ROWS, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.count = min(max(rows, ROWS), MOST_ROWS)
        places = Organization.objects.filter(jurisdiction=year.fund.jurisdiction_id, merged_into=None)
        places = places.exclude(pk=year.fund.department_id).order_by("sort_key", "pk")
        for number in range(1, FACTORS + 1):
            self._add(f"factor{number}", forms.CharField(label=_("Factor"), max_length=80, required=False))
            self._add(
                f"weight{number}",
                forms.DecimalField(
                    label=_("Weight in percent"),
                    min_value=0,
                    max_value=100,
                    max_digits=5,
                    decimal_places=2,
                    required=False,
                ),
            )
        for row in range(1, self.count + 1):
            self._add(f"place{row}", forms.ModelChoiceField(label=_("Receiver"), queryset=places, required=False))
            for number in range(1, FACTORS + 1):
                self._add(
                    f"value{row}_{number}",
                    forms.DecimalField(
                        label=_("Value of factor %(number)s") % {"number": number},
                        min_value=0,
                        max_digits=18,
                        decimal_places=4,
                        required=False,
                    ),
                )

    def _add(self, name: str, field: forms.Field) -> None:
        field.widget.attrs["aria-label"] = str(field.label)
        self.fields[name] = field

    @property
    def more(self) -> int:
        """How many rows the next longer form has; 0 when this one is the longest."""
        return min(self.count + ROWS, MOST_ROWS) if self.count < MOST_ROWS else 0

    @property
    def factors(self) -> list[tuple[Any, Any]]:
        """The fields of each factor: its name and its weight."""
        return [(self[f"factor{number}"], self[f"weight{number}"]) for number in range(1, FACTORS + 1)]

    @property
    def rows(self) -> list[tuple[Any, list[Any]]]:
        """The fields of each row: the place, and a value for each factor."""
        numbers = range(1, FACTORS + 1)
        return [(self[f"place{row}"], [self[f"value{row}_{n}"] for n in numbers]) for row in range(1, self.count + 1)]

    def plan(self) -> AllocationPlan:
        values = self.cleaned_data
        named = [n for n in range(1, FACTORS + 1) if values.get(f"factor{n}")]
        weights = {values[f"factor{n}"].strip(): values.get(f"weight{n}") or Decimal(0) for n in named}
        found = {
            values[f"place{row}"].pk: {
                values[f"factor{n}"].strip(): values.get(f"value{row}_{n}") or Decimal(0) for n in named
            }
            for row in range(1, self.count + 1)
            if values.get(f"place{row}")
        }
        return AllocationPlan(
            FundAllocation.Method.FACTOR, self.in_yuan(values["amount"]), weights=weights, values=found
        )


class ProjectsForm(AllocationForm):
    """An amount for each project that passed; an empty one gets nothing."""

    def __init__(self, year: FundYear, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        waiting = FundApplication.objects.filter(year=year, case__state="approved", allocated=0)
        self.projects = list(waiting.order_by("pk"))
        for project in self.projects:
            field = MoneyField(label=f"{project.applicant}: {project.name}")
            field.widget.attrs["aria-label"] = field.label
            self.fields[f"project{project.pk}"] = field

    @property
    def lines(self) -> list[tuple[FundApplication, Any]]:
        """Each project with its field."""
        return [(project, self[f"project{project.pk}"]) for project in self.projects]

    def plan(self) -> AllocationPlan:
        given = {project.pk: self.cleaned_data.get(f"project{project.pk}") for project in self.projects}
        amounts = {key: self.in_yuan(amount) for key, amount in given.items() if amount}
        return AllocationPlan(
            FundAllocation.Method.PROJECT, self.in_yuan(self.cleaned_data["amount"]), projects=amounts
        )
