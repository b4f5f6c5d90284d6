"""Forms that open a step of a fund's life: its rules, what is changed of it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from funds.forms import UNIT_CHOICES, DayField, MoneyField, areas, in_yuan
from funds.models import (
    CONTENTS,
    Fund,
    FundApplication,
    FundChange,
    FundRules,
    FundSanction,
    FundTransfer,
    FundYear,
    Publication,
    Target,
)
from funds.services.applying import Charge, Request
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


class YearForm(StepForm):
    """The performance goal of a budget year, and the amount asked for."""

    year = forms.IntegerField(label=_("Budget year"), min_value=2000, max_value=2100)
    goal = forms.CharField(label=_("Performance goal of the year"))
    unit = forms.ChoiceField(label=_("Unit of the amount"), choices=UNIT_CHOICES)
    asked = MoneyField(label=_("Amount asked for"), required=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        areas(self, ["goal"])

    def asked_in_yuan(self) -> Decimal:
        return in_yuan(self.cleaned_data["asked"], self.cleaned_data["unit"])


class IssueForm(StepForm):
    """Issuing a line of an allocation."""

    issued_on = DayField(label=_("Issued on"), required=True)
    mode = forms.ChoiceField(
        label=_("How it is issued"),
        choices=FundTransfer.Mode.choices,
        help_text=_("Money for disasters and the like is issued promptly; instalments are set reasonably."),
    )


class RequestForm(StepForm):
    """An application for a project under a fund."""

    applicant = forms.CharField(label=_("Applicant"), max_length=200)
    code = forms.CharField(label=_("Credit code of the applicant"), max_length=18)
    name = forms.CharField(label=_("Name of the project"), max_length=200)
    content = forms.CharField(label=_("Content and expected results"))
    unit = forms.ChoiceField(label=_("Unit of the amount"), choices=UNIT_CHOICES)
    requested = MoneyField(label=_("Amount asked for"), required=True)
    intermediary = forms.CharField(
        label=_("Intermediary that reported"),
        max_length=200,
        required=False,
        help_text=_("It judges independently and answers for the truth of its report."),
    )
    intermediary_code = forms.CharField(label=_("Credit code of the intermediary"), max_length=18, required=False)
    paper = forms.FileField(label=_("Papers"), required=False)
    pledge = forms.BooleanField(
        label=_("The applicant pledges that the application is true and that it keeps the rules"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        areas(self, ["content"], 5)

    def request(self, paper: int | None) -> Request:
        values = {name: value for name, value in self.cleaned_data.items() if name not in ("unit", "paper")}
        amount = in_yuan(values.pop("requested"), self.cleaned_data["unit"])
        return Request(**values, requested=amount, paper=paper)


class PublicationForm(StepForm):
    """What was published of a fund."""

    kind = forms.ChoiceField(label=_("What is published"), choices=Publication.Kind.choices)
    year = forms.ModelChoiceField(label=_("Budget year"), queryset=FundYear.objects.none(), required=False)
    title = forms.CharField(label=_("Title"), max_length=200)
    text = forms.CharField(label=_("Text"), required=False, help_text=_("State secrets are not published."))
    address = forms.URLField(label=_("Address on the web"), max_length=400, required=False, assume_scheme="https")
    published_on = DayField(label=_("Published on"), required=True)

    def __init__(self, fund: Fund, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["year"].queryset = fund.years.filter(case__isnull=False)
        self.fields["published_on"].initial = timezone.localdate
        areas(self, ["text"], 5)


class ComplaintForm(StepForm):
    """What somebody of the public said about a fund."""

    received_on = DayField(label=_("Received on"), required=True)
    complainant = forms.CharField(label=_("Who complains"), max_length=120, required=False)
    anonymous = forms.BooleanField(label=_("Wishes not to be named"), required=False)
    text = forms.CharField(label=_("What is complained of"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        areas(self, ["text"], 5)


class ChargeForm(StepForm):
    """What is held against an applicant, an intermediary or an office."""

    target = forms.ChoiceField(label=_("Against"), choices=Target.choices)
    name = forms.CharField(label=_("Name"), max_length=200)
    code = forms.CharField(label=_("Credit code"), max_length=18, required=False)
    ground = forms.ChoiceField(label=_("Ground"), choices=FundSanction.Ground.choices)
    facts = forms.CharField(label=_("Facts"))
    application = forms.ModelChoiceField(
        label=_("Application concerned"), queryset=FundApplication.objects.none(), required=False
    )
    is_grave = forms.BooleanField(
        label=_("Grave"), required=False, help_text=_("A grave fraud of an applicant leads to a ban.")
    )

    def __init__(self, fund: Fund, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["application"].queryset = FundApplication.objects.filter(year__fund=fund, case__isnull=False)
        areas(self, ["facts"])

    def charge(self) -> Charge:
        values = dict(self.cleaned_data)
        about = values.pop("application")
        return Charge(**values, application=about.pk if about else None)


def rules_of(fund: Fund) -> dict[str, str]:
    """What the rules in force say, to begin from; what the fund itself says where there are none."""
    rules = fund.rules.filter(in_force_on__isnull=False, replaced_on__isnull=True).first()
    if rules is not None:
        return {name: getattr(rules, name) for name in CONTENTS}
    return {"basis": fund.basis, "use": fund.purpose, "scope": fund.scope, "performance": fund.goal}
