"""Forms of reports on projects, and of issues and risks. Amounts are typed in yuan or ten thousands of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from projects.forms import AmountField, in_yuan
from projects.living import handed_in, owed, planned_percent
from projects.models import PeriodicReport, Project, ProjectIssue
from projects.services.reports import LONGEST, WHOLE, Progress

MOST_ROWS = 200


class ReportHead(forms.Form):
    """What a report says besides its projects."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    unit = forms.ChoiceField(
        label=_("Unit of the amounts below"),
        choices=[("yuan", _("yuan")), ("ten_thousand", _("ten thousand yuan"))],
        help_text=_("Every amount on this page is read in this unit; it is stored and shown in yuan."),
    )
    note = forms.CharField(
        label=_("Summary"), widget=forms.Textarea(attrs={"rows": 4}), max_length=LONGEST, required=False
    )


class AtOnceHead(ReportHead):
    """The same for a report that is due on the day on which something happened."""

    happened_on = forms.DateField(
        label=_("Day on which it happened"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    field_order = ("happened_on", "unit")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["note"]


class ProgressForm(forms.Form):
    """What is reported of one project; a row without words counts for nothing."""

    project = forms.IntegerField(widget=forms.HiddenInput)
    percent = forms.IntegerField(label=_("Done, in percent"), min_value=0, max_value=WHOLE, required=False)
    spent = AmountField(label=_("Spent so far"))
    done = forms.CharField(
        label=_("What was done"), widget=forms.Textarea(attrs={"rows": 2}), max_length=LONGEST, required=False
    )
    troubles = forms.CharField(
        label=_("Issues and risks"), widget=forms.Textarea(attrs={"rows": 2}), max_length=LONGEST, required=False
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if values.get("done") and values.get("percent") is None and "percent" not in self.errors:
            self.add_error("percent", _("Say how much of the work is done."))
        if values.get("percent") is not None and not values.get("done"):
            self.add_error("done", _("Say what was done."))
        return values

    def progress(self, unit: str) -> Progress:
        said = self.cleaned_data
        return Progress(said["project"], said["percent"], in_yuan(said["spent"], unit), said["done"], said["troubles"])


ProgressFormSet = forms.formset_factory(ProgressForm, extra=0, max_num=MOST_ROWS, absolute_max=MOST_ROWS)


@dataclass(frozen=True, slots=True)
class About:
    """What a row is about: the project, how far it should be and how far it was said to be, in percent."""

    project: Project
    planned: int | None
    last: int | None


class ReportForms:
    """A report with a row for each project, as one thing to fill in and to check."""

    def __init__(self, projects: Sequence[Project], report: PeriodicReport | None = None, data: Any = None) -> None:
        self.projects = {project.pk: project for project in projects}
        said = {row.project_id: row for row in report.rows.all()} if report else {}
        start = [_initial(project, said.get(project.pk)) for project in projects]
        head = {"unit": "yuan", "happened_on": timezone.localdate()}
        if report is not None:
            head |= {"version": report.version, "note": report.note}
        self.form = (ReportHead if report else AtOnceHead)(data, initial=head)
        self.rows = ProgressFormSet(data, prefix="rows", initial=start if data is None else None)

    @property
    def lines(self) -> list[tuple[ProgressForm, About | None]]:
        return [(row, _about(self.projects.get(_number(row["project"].value())))) for row in self.rows]

    def is_valid(self) -> bool:
        return all([self.form.is_valid(), self.rows.is_valid()])

    def progress(self) -> tuple[list[Progress], list[int]]:
        """What was typed, in yuan, and on which row of the page each stands."""
        named = [(place, row) for place, row in enumerate(self.rows) if row.cleaned_data.get("done")]
        unit = self.form.cleaned_data["unit"]
        return [row.progress(unit) for _place, row in named], [place for place, _row in named]

    def refuse(self, fields: dict[str, Any], message: str, places: Sequence[int]) -> None:
        wrong = fields.get("rows")
        self.form.add_error(None, message)
        for key, problem in wrong.items() if isinstance(wrong, dict) else ():
            self.rows[places[int(key)]].add_error(None, problem)
        for name, problem in fields.items():
            if name in self.form.fields:
                self.form.add_error(name, str(problem))


def of_report(report: PeriodicReport, data: Any = None) -> ReportForms:
    return ReportForms(list(owed(report)), report, data)


def _initial(project: Project, row: Any) -> dict[str, Any]:
    if row is None:
        return {"project": project.pk}
    spent: Decimal = row.spent
    return {
        "project": project.pk,
        "percent": row.percent,
        "spent": spent,
        "done": row.done,
        "troubles": row.troubles,
    }


def _number(value: object) -> int:
    return int(str(value)) if str(value).isdecimal() else 0


def _about(project: Project | None) -> About | None:
    if project is None:
        return None
    last = handed_in(project).first()
    return About(project, planned_percent(project, timezone.localdate()), last.percent if last else None)


class IssueForm(forms.Form):
    """Something that is in a project's way, or may come to be."""

    kind = forms.ChoiceField(label=_("Issue or risk"), choices=ProjectIssue.Kind.choices)
    title = forms.CharField(label=_("What it is"), max_length=200)
    severity = forms.ChoiceField(
        label=_("Severity"), choices=ProjectIssue.Severity.choices, initial=ProjectIssue.Severity.MEDIUM
    )
    keeper = forms.CharField(label=_("Who looks after it"), max_length=80)
    due_on = forms.DateField(
        label=_("Due on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), required=False
    )


class SettleForm(forms.Form):
    settlement = forms.CharField(
        label=_("How it was settled"), widget=forms.Textarea(attrs={"rows": 4}), max_length=LONGEST
    )
