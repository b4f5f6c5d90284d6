"""What a report may be narrowed by. Every field is optional and lives in the address."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases import families
from sharing.models import AccessClosed, AccessOpened

EVERY = [("", _("all"))]


class Outcome(TextChoices):
    """How a read went: refused, under way, or its ending."""

    ALLOWED = "allowed", _("allowed")
    REFUSED = "refused", _("refused")
    OPEN = "open", _("under way")


class Timeliness(TextChoices):
    IN_TIME = "in_time", _("in time")
    LATE = "late", _("late or overdue")


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


class Urgency(TextChoices):
    OVERDUE = "overdue", _("overdue")
    TODAY = "today", _("due by the end of today")


class QueueFilter(forms.Form):
    """What the bureau's queue may be narrowed by; the step is chosen beside it."""

    urgency = forms.ChoiceField(label=_("Urgency"), required=False)
    mine = forms.BooleanField(label=_("only what awaits my position"), required=False)
    words = forms.CharField(label=_("Number or title"), required=False, max_length=100)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["urgency"].choices = EVERY + list(Urgency.choices)
