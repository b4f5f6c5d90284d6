"""Forms of what is procured, contracted, paid and changed. Money is typed in yuan or ten thousands, and is yuan."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from cases.forms import field_of
from cases.services import store_attachment
from organizations.actors import Actor
from projects import contracts
from projects.forms import in_yuan
from projects.models import Change, Contract, Firm, Milestone, Procurement, Rectification
from projects.opening import Door
from projects.services.contracting import Purchase, Stage, Terms

LONGEST = 4000
MOST_STAGES = 30
ASKED = "asked_"
STAGES = "stages"
HUNDRED = Decimal(100)
CENT = Decimal("0.01")


class MoneyField(forms.DecimalField):
    """Money in the unit of the form."""

    def __init__(self, *, label: Any, required: bool = True, signed: bool = False, help_text: Any = "") -> None:
        least = None if signed else 0
        super().__init__(
            label=label, help_text=help_text, max_digits=16, decimal_places=6, required=required, min_value=least
        )


def unit_field() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=_("Unit of the amounts below"),
        choices=[("yuan", _("yuan")), ("ten_thousand", _("ten thousand yuan"))],
        help_text=_("Every amount on this page is read in this unit; it is stored and shown in yuan."),
    )


def day_field(label: Any, *, required: bool = False, help_text: Any = "") -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, required=required, widget=widget, help_text=help_text)


def text_field(label: Any, *, required: bool = False, rows: int = 3, help_text: Any = "") -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=required, widget=widget, max_length=LONGEST, help_text=help_text)


class Blamed(forms.Form):
    """A form that takes what a service found wrong."""

    def blame(self, problems: Mapping[str, object], message: str) -> None:
        """Each problem at its field, others at the top; the message alone when no field is named."""
        for name, problem in problems.items():
            known = next((field for field in (name, f"{ASKED}{name}") if field in self.fields), None)
            self.add_error(known, str(problem))
        if not problems:
            self.add_error(None, message)


class StepForm(Blamed):
    """What a step is begun with: fields of its own, and the inputs that the law's opening action asks for."""

    key = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, door: Door, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"key": secrets.token_urlsafe(12), "unit": "yuan", **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        self.asked = dict(door.action.inputs)
        for name, need in self.asked.items():
            definition = door.law.input(door.matter.procedure, name)
            self.fields[f"{ASKED}{name}"] = field_of(definition, required=need == "required")
        if "opinion" not in self.asked:
            self.fields["opinion"] = text_field(_("Remark"), rows=2)

    def yuan(self, name: str) -> Decimal:
        """What was typed in a field of money, in yuan."""
        return in_yuan(self.cleaned_data[name], self.cleaned_data["unit"])

    def given(self, actor: Actor) -> dict[str, Any]:
        """The law's inputs; files are handed in on the way."""
        found: dict[str, Any] = {}
        for name in self.asked:
            value = self.cleaned_data[f"{ASKED}{name}"]
            if isinstance(self.fields[f"{ASKED}{name}"], forms.FileField) and value:
                value = [store_attachment(actor, name=value.name, stream=value.file, size=value.size).pk]
            found[name] = value or ""
        return found

    def beside(self) -> dict[str, Any]:
        """Remark and key, as services take them."""
        said = self.cleaned_data.get("opinion") or self.cleaned_data.get(f"{ASKED}opinion") or ""
        return {"opinion": said, "idempotency_key": self.cleaned_data["key"]}


class ProcurementForm(StepForm):
    """What is bought for a project, and how."""

    title = forms.CharField(label=_("What is procured"), max_length=200)
    kind = forms.ChoiceField(label=_("Kind"), choices=Procurement.Kind.choices)
    method = forms.ChoiceField(label=_("Method of procurement"), choices=Procurement.Method.choices)
    unit = unit_field()
    budget = MoneyField(label=_("Budget of the procurement"))
    budget_reviewer = forms.CharField(label=_("Intermediary that reviewed the budget"), max_length=200, required=False)
    method_reason = text_field(_("Why this method"), rows=2)

    def purchase(self) -> Purchase:
        plain = ("title", "kind", "method", "method_reason", "budget_reviewer")
        return Purchase(**{name: self.cleaned_data[name] for name in plain}, budget=self.yuan("budget"))


class OfferForm(Blamed):
    """A firm's offer."""

    firm = forms.ModelChoiceField(label=_("Firm"), queryset=Firm.objects.none())
    unit = unit_field()
    price = MoneyField(label=_("Price offered"))

    def __init__(self, firms: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["firm"]
        chosen.queryset = firms
        chosen.label_from_instance = lambda firm: f"{firm.name} {firm.credit_code}"
        chosen.widget.attrs["data-sh-pick"] = ""

    def price_in_yuan(self) -> Decimal:
        return in_yuan(self.cleaned_data["price"], self.cleaned_data["unit"])


class TermsForm(Blamed):
    """What a contract says."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    number = forms.CharField(label=_("Contract number"), max_length=80, required=False)
    title = forms.CharField(label=_("Title of the contract"), max_length=200)
    unit = unit_field()
    amount = MoneyField(label=_("Amount of money"))
    bond = MoneyField(label=_("Performance bond"), required=False)
    begins_on = day_field(_("Work begins on"))
    ends_on = day_field(_("Work ends on"))
    deliverables = text_field(_("What is handed over"))
    ownership = text_field(_("To whom the results belong"), rows=2)
    source_code = forms.BooleanField(label=_("Source code and design files are handed over"), required=False)
    warranty_months = forms.IntegerField(label=_("Warranty in months"), min_value=1, max_value=600, required=False)
    response_hours = forms.IntegerField(
        label=_("Hours to answer a defect"), min_value=1, max_value=9999, required=False
    )
    payment_days = forms.IntegerField(label=_("Days to pay"), min_value=1, max_value=365, required=False)


class StageForm(forms.Form):
    """One stage: a row of a table, whose head names its fields also to those who cannot see it."""

    title = forms.CharField(label=_("What is reached"), max_length=200)
    percent = forms.DecimalField(
        label=_("Share in percent"), max_digits=5, decimal_places=2, min_value=Decimal("0.01"), max_value=HUNDRED
    )
    planned_on = day_field(_("Planned for"), required=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = field.label

    def amount_of(self, whole: Decimal | None) -> Decimal | None:
        """This stage's share of a contract, rounded; None while something is missing."""
        share = _number(self["percent"].value())
        return (whole * share / HUNDRED).quantize(CENT) if whole is not None and share is not None else None


Typed = tuple[dict[str, Any], list[dict[str, Any]]]
"""The head of a contract and its stages, as they stand in fields."""
StageFormSet = forms.formset_factory(StageForm, extra=0, max_num=MOST_STAGES, absolute_max=MOST_STAGES)


class TermsForms:
    """A contract with its stages, as one thing to fill in and to check.

    `data`: what was handed in, to be checked. `kept`: what was typed so far, shown again without being checked.
    """

    def __init__(self, contract: Contract, data: Any = None, kept: Typed | None = None) -> None:
        head, stages = kept or (_said(contract), _stages(contract))
        self.form = TermsForm(data, initial=head)
        initial = None if data is not None else stages if kept else stages or [{}]
        self.rows = StageFormSet(data, prefix=STAGES, initial=initial)

    def is_valid(self) -> bool:
        """Each part is read, so that everything wrong is shown at once."""
        return all([self.form.is_valid(), self.rows.is_valid()])

    def terms(self) -> Terms:
        """What was typed, in yuan."""
        said = dict(self.form.cleaned_data)
        unit = said.pop("unit")
        said.pop("version")
        amounts: dict[str, Any] = {name: in_yuan(said.pop(name), unit) for name in ("amount", "bond")}
        return Terms(**said, **amounts, stages=[Stage(**row.cleaned_data) for row in self.rows if row.cleaned_data])

    def shown(self) -> list[tuple[Any, Decimal | None]]:
        """Each stage with what it comes to in yuan as far as that is known."""
        typed = _number(self.form["amount"].value())
        unit = self.form["unit"].value()
        whole = in_yuan(typed, unit) if typed is not None and unit in ("yuan", "ten_thousand") else None
        return [(row, row.amount_of(whole)) for row in self.rows]

    def percent(self) -> Decimal:
        """What the stages come to together."""
        shares = [_number(row["percent"].value()) for row in self.rows]
        return sum((share for share in shares if share is not None), Decimal(0))


def _said(contract: Contract) -> dict[str, Any]:
    """What a contract says now; amounts in yuan."""
    said = {name: getattr(contract, name) for name in TermsForm.base_fields if name != "unit"}
    return {**said, "bond": contract.bond or "", "unit": "yuan"}


def _stages(contract: Contract) -> list[dict[str, Any]]:
    return [{name: getattr(row, name) for name in StageForm.base_fields} for row in contract.milestones.all()]


def _number(said: Any) -> Decimal | None:
    """A number as typed, if it is one of a sensible size."""
    try:
        return forms.DecimalField(max_digits=16, decimal_places=6, required=False).clean(said)
    except forms.ValidationError:
        return None


def rearranged(data: Any, *, add: bool = False, remove: int | None = None) -> Typed:
    """What was typed, with an empty stage more or without one."""
    said = data.get(f"{STAGES}-TOTAL_FORMS") or ""
    count = min(int(said) if said.isdecimal() else 0, MOST_STAGES)
    rows = [
        {name: data.get(f"{STAGES}-{number}-{name}", "") for name in StageForm.base_fields}
        for number in range(count)
        if number != remove
    ]
    if add and len(rows) < MOST_STAGES:
        rows.append({})
    return {name: data.get(name) for name in TermsForm.base_fields}, rows


class SupplementForm(StepForm):
    """What is added to a contract."""

    title = forms.CharField(label=_("What is added"), max_length=200)
    unit = unit_field()
    amount = MoneyField(label=_("Amount of money"))


class PaymentForm(StepForm):
    """What of which contract is to be paid. Without an amount all that is left of the stage is asked for."""

    what = forms.ChoiceField(label=_("What is paid"))
    unit = unit_field()
    amount = MoneyField(
        label=_("Amount of money"), required=False, help_text=_("Empty: all that is left of the stage.")
    )

    def __init__(self, door: Door, contracts: Sequence[Contract], *args: Any, **kwargs: Any) -> None:
        super().__init__(door, *args, **kwargs)
        self.known: dict[str, tuple[Contract, Milestone | None, Decimal]] = {}
        groups = [(f"{contract} · {contract.firm.name}", self._choices(contract)) for contract in contracts]
        what: Any = self.fields["what"]
        what.choices = [("", "—"), *groups]
        presets = {key: f"{left:.2f}" for key, (_contract, stage, left) in self.known.items() if stage is not None}
        what.widget.attrs["data-sh-presets"] = ";".join(f"{key}={amount}" for key, amount in presets.items())
        what.widget.attrs["data-sh-preset-into"] = "amount"

    def _choices(self, contract: Contract) -> list[tuple[str, str]]:
        found = []
        words = _now("%(stage)s: %(amount)s yuan left")
        for row in contracts.stages_of(contract):
            if row.left > 0:
                self.known[f"s{row.stage.pk}"] = (contract, row.stage, row.left)
                found.append((f"s{row.stage.pk}", words % {"stage": row.stage, "amount": f"{row.left:,.2f}"}))
        self.known[f"c{contract.pk}"] = (contract, None, contract.left)
        words = _now("operation, no stage: at most %(amount)s yuan")
        return [*found, (f"c{contract.pk}", words % {"amount": f"{contract.left:,.2f}"})]

    def preset(self, what: str) -> None:
        """Choose a stage before anybody has typed, with all that is left of it."""
        if what in self.known and self.known[what][1] is not None:
            self.initial = {**self.initial, "what": what, "amount": self.known[what][2]}

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if said.get("what") in self.known and said.get("amount") is None and "amount" not in self.errors:
            _contract, stage, left = self.known[said["what"]]
            if stage is None:
                self.add_error("amount", _("Say how much; only a stage has an amount of its own."))
            else:
                said |= {"amount": left, "unit": "yuan"}
        return said


class RecallForm(StepForm):
    """What is called back of which contract."""

    contract = forms.ChoiceField(label=_("Contract"))
    unit = unit_field()
    amount = MoneyField(label=_("Amount of money"))

    def __init__(self, door: Door, contracts: Sequence[Contract], *args: Any, **kwargs: Any) -> None:
        super().__init__(door, *args, **kwargs)
        self.known = {str(row.pk): row for row in contracts}
        words = _now("%(contract)s · %(firm)s: %(amount)s yuan paid")
        chosen: Any = self.fields["contract"]
        chosen.choices = [
            (key, words % {"contract": row, "firm": row.firm.name, "amount": f"{row.paid:,.2f}"})
            for key, row in self.known.items()
        ]


class ChangeForm(StepForm):
    """What is to be changed of what was approved."""

    kind = forms.ChoiceField(label=_("What changes"), choices=Change.Kind.choices)
    description = text_field(_("What is changed"), required=True)
    reason = text_field(_("Why it changes"), required=True)
    unit = unit_field()
    delta = MoneyField(
        label=_("Change of the investment"),
        required=False,
        signed=True,
        help_text=_("More than nothing when the investment rises, with a minus when it falls."),
    )
    moved = MoneyField(label=_("Money put to another use"), required=False)


class RectificationForm(StepForm):
    """What is wrong with a project."""

    kind = forms.ChoiceField(label=_("What has to be put right"), choices=Rectification.Kind.choices)
    findings = text_field(_("Findings"), required=True, rows=5)
