"""Time limits running on cases, their ledgers, and what they have set off."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cases.models.matter import Case
from organizations.models import Organization


class Clock(models.Model):
    """A statutory time limit running on a case: a budget with a ledger. `due_at` is derived from them."""

    class Status(models.TextChoices):
        OPEN = "open", _("running")
        MET = "met", _("met")
        LATE = "late", _("met late")
        ELAPSED = "elapsed", _("elapsed")
        VOID = "void", _("void")

    case = models.ForeignKey(Case, models.CASCADE, related_name="clocks")
    name = models.SlugField(max_length=60)
    round = models.PositiveSmallIntegerField(default=1)
    rule = models.CharField(max_length=80)
    floor_rule = models.CharField(max_length=80, blank=True)
    unit = models.CharField(max_length=12)
    amount = models.CharField(max_length=12, blank=True, help_text='a count, or "MM-DD"')
    set_on = models.DateField(null=True, blank=True, help_text="unit `set`: the date that an input gave")
    years = models.PositiveSmallIntegerField(default=0)
    bound = models.CharField(max_length=8, default="latest")
    roll = models.BooleanField(default=False)
    duty = models.SlugField(max_length=40)
    status = models.CharField(max_length=8, choices=Status, default=Status.OPEN)
    started_at = models.DateTimeField()
    start_event = models.PositiveIntegerField(help_text="seq of the event that started it")
    paused_since = models.DateTimeField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    provisional = models.BooleanField(default=False)
    calendar_version = models.PositiveIntegerField(default=0)
    fire_at = models.DateTimeField(null=True, blank=True)
    breached_at = models.DateTimeField(null=True, blank=True, help_text="due instant that passed, once recorded")
    act_pending = models.BooleanField(default=False, help_text="breach recorded, its act still to be taken")
    ended_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["case", "started_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["case", "name"], condition=Q(status="open"), name="clock_one_open"),
            models.UniqueConstraint(fields=["case", "name", "round"], name="clock_round_unique"),
            models.CheckConstraint(
                condition=Q(status="open", ended_at__isnull=True) | (~Q(status="open") & Q(ended_at__isnull=False)),
                name="clock_ended",
            ),
            models.CheckConstraint(
                condition=Q(paused_since__isnull=True) | Q(due_at__isnull=True), name="clock_paused_has_no_due_date"
            ),
        ]
        indexes = [
            models.Index(fields=["fire_at"], condition=Q(status="open"), name="clock_fire_scan"),
            models.Index(fields=["due_at"], condition=Q(status="open"), name="clock_due_listing"),
            models.Index(fields=["ended_at"], condition=Q(ended_at__isnull=False), name="clock_ended_listing"),
            models.Index(fields=["case"], condition=Q(status="open", act_pending=True), name="clock_acting"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.round}"


class ClockEntry(models.Model):
    """A line of a clock's ledger. `amount` counts in the clock's unit (extensions)."""

    class Kind(models.TextChoices):
        START = "start", _("started")
        PAUSE = "pause", _("suspended")
        RESUME = "resume", _("resumed")
        EXTEND = "extend", _("extended")
        BREACH = "breach", _("ran out")
        ANNUL = "annul", _("breach annulled")
        RECALCULATE = "recalculate", _("counted again")
        END = "end", pgettext_lazy("time limit", "ended")

    clock = models.ForeignKey(Clock, models.PROTECT, related_name="ledger")
    kind = models.CharField(max_length=12, choices=Kind)
    at = models.DateTimeField()
    event = models.PositiveIntegerField(help_text="seq of the case event")
    amount = models.PositiveIntegerField(null=True, blank=True)
    rule = models.CharField(max_length=80, blank=True)
    due_before = models.DateField(null=True, blank=True)
    due_after = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=200, blank=True)
    version_before = models.PositiveIntegerField(null=True, blank=True, help_text="calendar that it was counted under")
    version_after = models.PositiveIntegerField(null=True, blank=True, help_text="calendar that it is counted under")

    class Meta:
        ordering = ["clock", "id"]
        indexes = [
            models.Index(fields=["version_after", "id"], condition=Q(kind="recalculate"), name="entry_recounted"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d}"


class Alert(models.Model):
    """A rung that was claimed: a reminder or the due instant itself. Its insert is the claim."""

    clock = models.ForeignKey(Clock, models.PROTECT, related_name="alerts")
    rung = models.CharField(max_length=12, help_text='"due", or the reminder as the pack writes it')
    due_at = models.DateTimeField(help_text="the due instant that the rung belongs to")
    fires_at = models.DateTimeField()
    detected_at = models.DateTimeField()
    skipped = models.BooleanField(default=False)

    class Meta:
        ordering = ["clock", "fires_at"]
        constraints = [models.UniqueConstraint(fields=["clock", "rung", "due_at"], name="alert_fires_once")]

    def __str__(self) -> str:
        return self.rung


class UrgingTask(models.Model):
    """An overdue duty put before an organ (the coordinator) to be urged. Opened by the breach, closed by the answer."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="urgings")
    clock = models.ForeignKey(Clock, models.CASCADE, related_name="urgings")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="urgings")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["opened_at", "id"]
        constraints = [models.UniqueConstraint(fields=["clock", "organization"], name="urging_once_per_clock")]

    def __str__(self) -> str:
        return str(self.organization)
