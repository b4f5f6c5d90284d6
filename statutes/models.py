"""The working-day calendar and the compiled versions of rule packs."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from organizations.models import User


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
    jurisdiction = models.CharField(max_length=40, blank=True, default="", help_text="whose own days changed, or all")
    reason = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-number"]

    def __str__(self) -> str:
        return str(self.number)


class CalendarNotice(models.Model):
    """A notice that changes the calendar: pasted by one person, confirmed by another, applied in one transaction.

    `jurisdiction` empty: the State Council's notice for a year; otherwise that jurisdiction's own days off or worked,
    with their legal basis. `base_version`: the calendar that the submitted text was checked against.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("notice", "draft")
        SUBMITTED = "submitted", pgettext_lazy("notice", "awaits confirmation")
        APPLIED = "applied", pgettext_lazy("notice", "in force")
        REJECTED = "rejected", pgettext_lazy("notice", "rejected")

    year = models.PositiveSmallIntegerField(_("year"))
    jurisdiction = models.CharField(_("jurisdiction"), max_length=40, blank=True, default="")
    number = models.CharField(_("number of the notice"), max_length=80)
    title = models.CharField(_("title"), max_length=200)
    issued_on = models.DateField(_("issued on"))
    text = models.TextField(_("text of the notice"))
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    legal_basis = models.CharField(_("legal basis"), max_length=300, blank=True)
    whole_year = models.BooleanField(default=True, help_text="the text names every day off of its year")
    correction = models.BooleanField(default=False, help_text="days that have passed may change")
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    days = models.JSONField(default=list, help_text="what it orders, as read: date, is it worked, name")
    changed = models.JSONField(default=list, help_text="days that it changed when it was applied")
    entered_by = models.ForeignKey(User, models.PROTECT, related_name="calendar_notices")
    entered_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    base_version = models.PositiveIntegerField(default=0)
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    rejected_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    rejected_at = models.DateTimeField(null=True, blank=True)
    rejection = models.CharField(max_length=300, blank=True)
    version = models.PositiveIntegerField(null=True, blank=True, unique=True, help_text="calendar that it made")

    class Meta:
        ordering = ["-entered_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("entered_by")),
                name="notice_confirmed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(status="applied", confirmed_by__isnull=False, version__isnull=False)
                | (~Q(status="applied") & Q(confirmed_by__isnull=True, version__isnull=True)),
                name="notice_applied_has_version",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}".strip()


class PackVersion(models.Model):
    """A rule pack as it was compiled: the whole source of the pack and its ancestors, by digest. Never changed."""

    pack = models.SlugField(max_length=40)
    version = models.CharField(max_length=40)
    digest = models.CharField(max_length=64, unique=True)
    source = models.JSONField(help_text=_("file name to text, the pack first, then its ancestors"))
    origin = models.CharField(max_length=200)
    loaded_at = models.DateTimeField(default=timezone.now)
    is_current = models.BooleanField(default=False)
    offered_at = models.DateTimeField(
        null=True, blank=True, help_text=_("since when it lies on disk, changed, and waits to be activated")
    )

    class Meta:
        ordering = ["pack", "-loaded_at"]
        constraints = [
            models.UniqueConstraint(fields=["pack"], condition=Q(is_current=True), name="pack_one_current_version")
        ]

    def __str__(self) -> str:
        return f"{self.pack} {self.version}"


class PackActivation(models.Model):
    """A version of a pack on its way into force: proposed by one person, confirmed by another."""

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("proposed")
        ACTIVE = "active", _("activated")
        REJECTED = "rejected", _("rejected")

    version = models.ForeignKey(PackVersion, models.PROTECT, related_name="activations")
    before = models.ForeignKey(PackVersion, models.PROTECT, related_name="+", help_text=_("the version it replaces"))
    status = models.CharField(max_length=10, choices=Status, default=Status.PROPOSED)
    note = models.TextField(_("reason"), blank=True)
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_note = models.TextField(_("reason"), blank=True)

    class Meta:
        ordering = ["-proposed_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["version"], condition=Q(status="proposed"), name="activation_one_open_proposal"
            ),
            models.CheckConstraint(
                condition=~Q(status="active") | (Q(decided_by__isnull=False) & ~Q(decided_by=F("proposed_by"))),
                name="activation_two_persons",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version} {self.status}"
