"""The working-day calendar and the compiled versions of rule packs."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class CalendarYear(models.Model):
    """Where a year's days come from: a State Council notice, or the statutory days projected."""

    class Status(models.TextChoices):
        ANNOUNCED = "announced", _("announced")
        PROJECTED = "projected", _("projected")

    year = models.PositiveSmallIntegerField(primary_key=True)
    status = models.CharField(max_length=10, choices=Status)
    notice = models.CharField(_("notice"), max_length=80, blank=True)
    announced_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["year"]

    def __str__(self) -> str:
        return str(self.year)


class CalendarDay(models.Model):
    """A day that a notice names: a day off, also where it falls on a weekend, or a make-up working day.

    `jurisdiction` empty: the whole country; otherwise an overlay of that jurisdiction's own days.
    """

    date = models.DateField()
    jurisdiction = models.CharField(max_length=40, blank=True, default="")
    is_working = models.BooleanField()
    name = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ["date", "jurisdiction"]
        constraints = [models.UniqueConstraint(fields=["date", "jurisdiction"], name="calendar_day_unique")]

    def __str__(self) -> str:
        return f"{self.date} {self.jurisdiction}".strip()


class CalendarVersion(models.Model):
    """Counts changes of the calendar. Clocks keep the number under which they were derived."""

    number = models.PositiveIntegerField(primary_key=True)
    changed_from = models.DateField(null=True, blank=True)
    changed_to = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-number"]

    def __str__(self) -> str:
        return str(self.number)


class PackVersion(models.Model):
    """A rule pack as it was compiled: the whole source of the pack and its ancestors, by digest. Never changed."""

    pack = models.SlugField(max_length=40)
    version = models.CharField(max_length=40)
    digest = models.CharField(max_length=64, unique=True)
    source = models.JSONField(help_text=_("file name to text, the pack first, then its ancestors"))
    origin = models.CharField(max_length=200)
    loaded_at = models.DateTimeField(default=timezone.now)
    is_current = models.BooleanField(default=False)

    class Meta:
        ordering = ["pack", "-loaded_at"]
        constraints = [
            models.UniqueConstraint(fields=["pack"], condition=Q(is_current=True), name="pack_one_current_version")
        ]

    def __str__(self) -> str:
        return f"{self.pack} {self.version}"
