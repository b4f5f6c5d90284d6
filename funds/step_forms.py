"""Forms that open a step of a fund's life: its rules, what is changed of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from funds.forms import UNIT_CHOICES, MoneyField, areas, in_yuan
from funds.models import CONTENTS, Fund, FundChange, FundRules
from funds.services.ruling import ChangePlan


class StepForm(forms.Form):
    """A form whose wrong entries a service may name."""

    def blame(self, fields: Mapping[str, Any], message: str) -> None:
        """What the service found wrong, at its field; the rest at the top."""
        for name, problem in fields.items():
            self.add_error(name if name in self.fields else None, str(problem))
        if not fields:
            self.add_error(None, message)


class RulesForm(StepForm):
    """The rules of a fund, one field for each point."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in CONTENTS:
            label = FundRules._meta.get_field(name).verbose_name
            self.fields[name] = forms.CharField(label=label, required=False)
        areas(self, CONTENTS)

    def texts(self) -> dict[str, str]:
        return {name: self.cleaned_data.get(name, "") for name in CONTENTS}


class ScopeForm(RulesForm):
    """A change of scope with the rules revised to it."""

    new_scope = forms.CharField(label=_("New scope of use"))
    reason = forms.CharField(label=_("Reason"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        areas(self, ["new_scope", "reason"])

    def plan(self) -> ChangePlan:
        values = self.cleaned_data
        return ChangePlan(FundChange.Kind.SCOPE, values["reason"], new_scope=values["new_scope"], rules=self.texts())


class EndingForm(StepForm):
    """An adjustment or a cancellation, on one of the four grounds."""

    kind = forms.ChoiceField(
        label=_("What is asked"), choices=[one for one in FundChange.Kind.choices if one[0] != FundChange.Kind.SCOPE]
    )
    ground = forms.ChoiceField(label=_("Ground"), choices=FundChange.Ground.choices)
    reason = forms.CharField(label=_("Reason"))
    unit = forms.ChoiceField(label=_("Unit of the amount"), choices=UNIT_CHOICES)
    new_size = MoneyField(label=_("New size a year"))
    new_scope = forms.CharField(label=_("New scope of use"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        areas(self, ["reason", "new_scope"])

    def plan(self) -> ChangePlan:
        values = self.cleaned_data
        size = values["new_size"]
        return ChangePlan(
            values["kind"],
            values["reason"],
            ground=values["ground"],
            new_scope=values["new_scope"],
            new_size=None if size is None else in_yuan(size, values["unit"]),
        )


def rules_of(fund: Fund) -> dict[str, str]:
    """What the rules in force say, to begin from; what the fund itself says where there are none."""
    rules = fund.rules.filter(in_force_on__isnull=False, replaced_on__isnull=True).first()
    if rules is not None:
        return {name: getattr(rules, name) for name in CONTENTS}
    return {"basis": fund.basis, "use": fund.purpose, "scope": fund.scope, "performance": fund.goal}
