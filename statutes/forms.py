"""Forms of the law pages. They are sent by GET: a calculation has an address that can be passed on."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from organizations.models import Jurisdiction
from statutes.calculation import BACKWARDS, FORWARDS
from statutes.definitions import Pack, Rule, Unit
from statutes.timelimits import TZ, Pause, start_of
from statutes.wording import article_text, number_text, short_title

UNITS = (
    ("working_day", _("working days")),
    ("day", _("calendar days")),
    ("month", _("months")),
    ("year", _("years")),
    ("hour", _("hours")),
)
TREATMENTS = (
    ("", _("any treatment")),
    ("enforced", _("enforced")),
    ("monitored", _("monitored")),
    ("informed", _("informed")),
    ("outside", _("outside the portal")),
    ("planned", _("planned")),
)
KINDS = (
    ("", _("any kind")),
    ("obligation", _("obligation")),
    ("prohibition", _("prohibition")),
    ("gate", _("gate")),
    ("sanction", _("sanction")),
    ("right", _("right")),
    ("definition", _("definition")),
)
MARKS = (
    ("", _("any")),
    ("reading", _("with a reading of the operator")),
    ("soft", _("as a rule")),
    ("practice", _("practice")),
)
PARAMETERS = (
    ("limits", _("time limits and minimum periods")),
    ("thresholds", _("thresholds")),
    ("ranges", _("ranges")),
    ("frequencies", _("how often")),
    ("deciders", _("who decides")),
    ("treatments", _("in the portal")),
)
MOST = 3650


class DateInput(forms.DateInput):
    input_type = "date"


class DateTimeInput(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class RuleFilterForm(forms.Form):
    q = forms.CharField(label=_("Search"), max_length=100, required=False, widget=forms.SearchInput)
    treatment = forms.ChoiceField(label=_("Treatment"), choices=TREATMENTS, required=False)
    numbered = forms.BooleanField(label=_("Only rules with a number"), required=False)


class RuleSearchForm(forms.Form):
    """What is looked for over all packs; the choices of packs and instruments are those in force."""

    q = forms.CharField(
        label=_("Words, article, number of the rule or who is bound"),
        max_length=100,
        required=False,
        widget=forms.SearchInput,
    )
    pack = forms.ChoiceField(label=_("Pack"), required=False)
    instrument = forms.ChoiceField(label=_("Instrument"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=KINDS, required=False)
    treatment = forms.ChoiceField(label=_("In the portal"), choices=TREATMENTS, required=False)
    marked = forms.ChoiceField(label=_("How it binds"), choices=MARKS, required=False)
    numbered = forms.BooleanField(label=_("Only rules with a number"), required=False)

    def __init__(self, *args: Any, packs: list[Pack], language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(pack.id, pack.name.in_language(language)) for pack in packs]
        cast(forms.ChoiceField, self.fields["pack"]).choices = [("", _("all packs")), *named]
        cast(forms.ChoiceField, self.fields["instrument"]).choices = [
            ("", _("all instruments")),
            *(
                (
                    pack.name.in_language(language),
                    [(f"{pack.id}:{each.id}", short_title(each, language)) for each in pack.instruments.values()],
                )
                for pack in packs
            ),
        ]


class ComparisonForm(forms.Form):
    """Which parameter of which packs; no pack chosen means all of them."""

    what = forms.ChoiceField(label=_("What"), choices=PARAMETERS, required=False)
    pack = forms.MultipleChoiceField(label=_("Places"), required=False, widget=forms.CheckboxSelectMultiple)
    differing = forms.BooleanField(label=_("Only what differs"), required=False)

    def __init__(self, *args: Any, packs: list[Pack], language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(pack.id, pack.name.in_language(language)) for pack in packs]
        cast(forms.MultipleChoiceField, self.fields["pack"]).choices = named


class LimitForm(forms.Form):
    """What both calculations ask: by which rule, or how long, and by whose calendar."""

    units: frozenset[Unit] = FORWARDS

    rule = forms.ChoiceField(
        label=_("Rule"),
        required=False,
        widget=forms.Select(attrs={"data-sh-pick": ""}),
        help_text=_("The number, its unit and the calendar then come from the rule."),
    )
    extended = forms.BooleanField(label=_("Also with its longest extension"), required=False)
    amount = forms.IntegerField(label=_("Amount"), min_value=0, max_value=MOST, required=False)
    unit = forms.ChoiceField(label=_("Unit"), choices=UNITS, required=False)
    jurisdiction = forms.ModelChoiceField(
        label=_("Jurisdiction"),
        queryset=Jurisdiction.objects.all(),
        required=False,
        empty_label=_("national calendar"),
    )

    def __init__(self, *args: Any, packs: list[Pack], language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["rule"]).choices = [
            ("", _("no rule: a number of one's own")),
            *_countable(packs, self.units, language),
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "rule" in data and not data["rule"]:
            for name, missing in (("amount", None), ("unit", "")):
                if name in data and data[name] == missing:
                    self.add_error(name, _("Choose a rule, or say how long and in which unit."))
        return data

    @property
    def rule_key(self) -> tuple[str, str] | None:
        """The pack and the id of the rule chosen."""
        pack, _colon, rule_id = self.cleaned_data["rule"].partition(":")
        return (pack, rule_id) if rule_id else None

    @property
    def place(self) -> Jurisdiction | None:
        return self.cleaned_data.get("jurisdiction")


def _countable(packs: list[Pack], units: frozenset[Unit], language: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Rules whose limit can be counted, by pack, each once although its text may have changed."""
    groups = []
    for pack in packs:
        rules = {rule.id: rule for rule in pack.rules if rule.limit is not None and rule.limit.unit in units}
        if rules:
            options = [(f"{pack.id}:{rule.id}", _option(rule, language)) for rule in rules.values()]
            groups.append((pack.name.in_language(language), options))
    return groups


def _option(rule: Rule, language: str) -> str:
    return " · ".join((number_text(rule), article_text(rule), rule.summary.in_language(language)))


class ForwardForm(LimitForm):
    """From a start to the due date, with one suspension if there was one."""

    start = forms.DateTimeField(
        label=_("Start"),
        widget=DateTimeInput(),
        help_text=_("When the event happened. That day itself is not counted."),
    )
    paused_from = forms.DateField(label=_("Suspended from"), required=False, widget=DateInput(format="%Y-%m-%d"))
    paused_to = forms.DateField(
        label=_("Resumed on"),
        required=False,
        widget=DateInput(format="%Y-%m-%d"),
        help_text=_("Both days and all between them are not counted."),
    )
    field_order = ["start", "rule", "extended", "amount", "unit", "jurisdiction", "paused_from", "paused_to"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        since, until = data.get("paused_from"), data.get("paused_to")
        if since and until and until < since:
            self.add_error("paused_to", _("The suspension ends before it begins."))
        if until and not since:
            self.add_error("paused_from", _("Say from when it was suspended."))
        return data

    @property
    def starts_at(self) -> datetime:
        return self.cleaned_data["start"].astimezone(TZ)

    @property
    def pauses(self) -> list[Pause]:
        since: date | None = self.cleaned_data.get("paused_from")
        until: date | None = self.cleaned_data.get("paused_to")
        return [Pause(start_of(since), start_of(until) if until else None)] if since else []


class BackwardForm(LimitForm):
    """From the day by which a limit must have ended to the last day on which it can start."""

    by = forms.DateField(
        label=_("To be answered by"),
        widget=DateInput(format="%Y-%m-%d"),
        help_text=_("The day on which the limit must have run out at the latest."),
    )
    units = BACKWARDS
    field_order = ["by", "rule", "extended", "amount", "unit", "jurisdiction"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["unit"]).choices = [choice for choice in UNITS if choice[0] in BACKWARDS]
