"""What the portal itself keeps track of: signals, schedules, recounts, moves to a new version."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from cases.models.matter import Case
from organizations.languages import speaks_chinese
from organizations.models import Jurisdiction
from statutes.models import PackVersion


class Signal(models.Model):
    """Something outside changed that a case may wait for; the sweep lets the case look again."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="signals")
    reason = models.CharField(max_length=60)
    created_at = models.DateTimeField(default=timezone.now)
    handled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["id"], condition=Q(handled_at__isnull=True), name="signal_open")]

    def __str__(self) -> str:
        return self.reason


class ScheduleCursor(models.Model):
    """Up to where a schedule of a jurisdiction's law has opened its cases. Advanced in the openings' transaction."""

    jurisdiction = models.ForeignKey(Jurisdiction, models.CASCADE, related_name="schedule_cursors")
    procedure = models.SlugField(max_length=60, help_text="the procedure whose file states the schedule")
    schedule = models.SlugField(max_length=60)
    next_on = models.DateField(help_text="the next day on which it opens")
    error = models.TextField(blank=True, help_text="why the last opening failed; it is tried again")
    error_en = models.TextField(blank=True, help_text="the same in English")

    class Meta:
        ordering = ["next_on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["jurisdiction", "procedure", "schedule"], name="schedule_cursor_unique")
        ]

    def __str__(self) -> str:
        return f"{self.procedure}.{self.schedule} {self.next_on}"

    @property
    def shown_error(self) -> str:
        """Why the last opening failed, in the reader's language."""
        return self.error if speaks_chinese() else self.error_en


class Recount(models.Model):
    """How far the open clocks have been counted again after a change of the calendar. Figures are of cases."""

    version = models.PositiveIntegerField(unique=True, help_text="the calendar's version that asks for it")
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    moved = models.PositiveIntegerField(default=0, help_text="clocks whose due date moved")
    firm = models.PositiveIntegerField(default=0, help_text="clocks that were provisional and are not any more")
    annulled = models.PositiveIntegerField(default=0, help_text="breaches annulled")
    failed = models.PositiveIntegerField(default=0)
    begun_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-version"]

    def __str__(self) -> str:
        return str(self.version)


class VersionMove(models.Model):
    """What became of one open case when a new version of its law was activated: it went on under it, or stayed."""

    version = models.ForeignKey(PackVersion, models.PROTECT, related_name="moves")
    case = models.ForeignKey(Case, models.CASCADE, related_name="version_moves")
    moved = models.BooleanField()
    reason = models.CharField(max_length=40, blank=True, help_text="why it stayed, as a code")
    at = models.DateTimeField()

    class Meta:
        ordering = ["version", "id"]
        constraints = [models.UniqueConstraint(fields=["version", "case"], name="version_move_once")]

    def __str__(self) -> str:
        return f"{self.case} {self.moved}"
