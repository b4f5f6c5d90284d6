"""What a report may be narrowed by. Every field is optional and lives in the address."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any, Self

from django import forms
from django.db.models import TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases import families
from sharing.models import AccessClosed, AccessOpened
from statutes.services import Wish

EVERY = [("", _("all"))]


class Outcome(TextChoices):
    """How a read went: refused, under way, or its ending."""

    ALLOWED = "allowed", _("allowed")
    REFUSED = "refused", _("refused")
    OPEN = "open", _("under way")


class Timeliness(TextChoices):
    IN_TIME = "in_time", _("in time")
    LATE = "late", _("late or overdue")
    NONE = "none", _("no time limit")


class Progress(TextChoices):
    OPEN = "open", _("under way")
    CLOSED = "closed", _("case closed")


def day_begins(day: date) -> datetime:
    """The first moment of a day here."""
    return timezone.make_aware(datetime.combine(day, time.min))


class ReportFilter(forms.Form):
    """From one day to another, both included."""

    since = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    until = forms.DateField(
        label=_("Until"), required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )

    @classmethod
    def filled(cls, **values: str) -> Self:
        """A form with right values, ready to be asked for them."""
        form = cls(values)
        if not form.is_valid():
            raise ValueError(form.errors.as_json())
        return form

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", _("The last day lies before the first one."))
        return cleaned

    def span(self) -> tuple[datetime | None, datetime | None]:
        """The moments from (included) and until (excluded)."""
        since, until = self.cleaned_data["since"], self.cleaned_data["until"]
        return (
            day_begins(since) if since else None,
            day_begins(until + timedelta(days=1)) if until else None,
        )

    def applied(self) -> list[tuple[str, str, str]]:
        """(name, label, value in words) of every filter in use."""
        found = []
        for name, field in self.fields.items():
            value = self.cleaned_data.get(name)
            if value:
                words = dict(getattr(field, "choices", ())).get(value, value)
                found.append((name, str(field.label), str(words)))
        return found


class AccessFilter(ReportFilter):
    """Who read what."""

    resource = forms.CharField(label=_("Resource"), required=False, max_length=100)
    organization = forms.CharField(label=_("Reading organization"), required=False, max_length=100)
    person = forms.CharField(label=_("Person"), required=False, max_length=60)
    channel = forms.ChoiceField(label=_("Channel"), required=False)
    outcome = forms.ChoiceField(label=_("Result"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channel"].choices = EVERY + list(AccessOpened.Channel.choices)
        self.fields["outcome"].choices = EVERY + list(Outcome.choices) + list(AccessClosed.Ending.choices)


class CaseFilter(ReportFilter):
    """What was decided. The days are those of opening."""

    family = forms.ChoiceField(label=_("Kind of matter"), required=False)
    progress = forms.ChoiceField(label=_("Progress"), required=False)
    timeliness = forms.ChoiceField(label=_("Time limits"), required=False)
    organization = forms.CharField(label=_("Organization that asked"), required=False, max_length=100)
    words = forms.CharField(label=_("Number or title"), required=False, max_length=100)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        registered = families.registered().items()
        self.fields["family"].choices = EVERY + [(name, family.label) for name, family in registered]
        self.fields["progress"].choices = EVERY + list(Progress.choices)
        self.fields["timeliness"].choices = EVERY + list(Timeliness.choices)


class ActFilter(ReportFilter):
    """What is in the audit record. The days are those of recording."""

    verb = forms.CharField(label=_("Act"), required=False, max_length=100)
    subject = forms.CharField(label=_("Kind of subject"), required=False, max_length=60)
    subject_id = forms.CharField(label=_("Subject number"), required=False, max_length=60)
    person = forms.CharField(label=_("Person"), required=False, max_length=60)


class Moved(TextChoices):
    MOVED = "moved", _("moved")
    STAYED = "stayed", _("became firm where it was")
    GRACED = "graced", _("next working day by practice")


class RecountFilter(ReportFilter):
    """Due dates counted again. The days are those of the new due date."""

    what = forms.ChoiceField(label=_("What became of it"), required=False)
    words = forms.CharField(label=_("Case number"), required=False, max_length=100)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["since"].label = _("New due date from")
        self.fields["until"].label = _("New due date until")
        self.fields["what"].choices = EVERY + list(Moved.choices)


class NoticeForm(forms.Form):
    """A notice as it is pasted; what its text says is judged on the next page."""

    jurisdiction = forms.ChoiceField(label=_("Whose days"), required=False)
    year = forms.IntegerField(label=_("Year"), min_value=2000, max_value=2100)
    number = forms.CharField(label=_("Number of the notice"), max_length=80)
    title = forms.CharField(label=_("Title"), max_length=200)
    issued_on = forms.DateField(label=_("Issued on"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    text = forms.CharField(
        label=_("Text of the notice"),
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text=_("As published, or one date or range a line (2027-01-01..2027-01-03), with + before days worked."),
    )
    whole_year = forms.TypedChoiceField(
        label=_("What the text covers"),
        choices=[("yes", _("every day off of the year")), ("no", _("only the days named"))],
        coerce=lambda value: value == "yes",
        initial="yes",
    )
    correction = forms.BooleanField(label=_("This corrects days that have passed"), required=False)
    reason = forms.CharField(
        label=_("Reason"), max_length=300, required=False, help_text=_("Required for own days of a jurisdiction.")
    )
    legal_basis = forms.CharField(
        label=_("Legal basis"), max_length=300, required=False, help_text=_("Required for own days of a jurisdiction.")
    )

    def __init__(self, *args: Any, own: tuple[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["jurisdiction"].choices = [("", _("the whole country (State Council)")), own]

    def wish(self) -> Wish:
        return Wish(**self.cleaned_data)


class Urgency(TextChoices):
    OVERDUE = "overdue", _("overdue")
    TODAY = "today", _("due by the end of today")


class Handled(TextChoices):
    MINE = "mine", _("given to me")
    UNASSIGNED = "unassigned", _("given to nobody")


class QueueFilter(forms.Form):
    """What the bureau's queue may be narrowed by; the step is chosen beside it."""

    urgency = forms.ChoiceField(label=_("Urgency"), required=False)
    mine = forms.BooleanField(label=_("only what awaits my position"), required=False)
    assigned = forms.ChoiceField(label=_("Who handles it"), required=False)
    words = forms.CharField(label=_("Number or title"), required=False, max_length=100)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["urgency"].choices = EVERY + list(Urgency.choices)
        self.fields["assigned"].choices = EVERY + list(Handled.choices)
