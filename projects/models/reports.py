"""Reports on projects that come round, what each says of a project, and a project's issues and risks.

Amounts are yuan with two decimals, parts of a whole are percent.
"""

from __future__ import annotations

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cases.models import Case
from organizations.models import Jurisdiction, Organization, User
from projects.models.register import AmountField, Project

WHOLE = 100


class PeriodicReport(models.Model):
    """What an organization reports of its projects: for a period when a schedule asks, or at once for one project."""

    jurisdiction = models.ForeignKey(Jurisdiction, models.PROTECT, related_name="project_reports")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="project_reports")
    case = models.OneToOneField(Case, models.PROTECT, null=True, related_name="project_report")
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    note = models.TextField(_("summary"), blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-last_day", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(first_day__lte=F("last_day")), name="project_report_days_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.organization} {self.last_day}"


class ProgressReport(models.Model):
    """What one report says of one project. `spent`: in all so far."""

    report = models.ForeignKey(PeriodicReport, models.CASCADE, related_name="rows")
    project = models.ForeignKey(Project, models.PROTECT, related_name="progress")
    percent = models.PositiveSmallIntegerField(_("percent done"), validators=[MaxValueValidator(WHOLE)])
    spent = AmountField(_("spent so far"), validators=[MinValueValidator(Decimal(0))])
    done = models.TextField(_("what was done"))
    troubles = models.TextField(_("issues and risks"), blank=True)

    class Meta:
        ordering = ["report", "project"]
        constraints = [
            models.UniqueConstraint(fields=["report", "project"], name="progress_of_project_once"),
            models.CheckConstraint(condition=Q(percent__lte=WHOLE), name="progress_at_most_whole"),
            models.CheckConstraint(condition=Q(spent__gte=0), name="progress_spent_not_negative"),
            models.CheckConstraint(condition=~Q(done=""), name="progress_says_what_was_done"),
        ]

    def __str__(self) -> str:
        return f"{self.project}: {self.percent}%"


class ProjectIssue(models.Model):
    """Something that is in a project's way, or may come to be."""

    class Kind(models.TextChoices):
        ISSUE = "issue", pgettext_lazy("project", "issue")
        RISK = "risk", _("risk")

    class Severity(models.TextChoices):
        LOW = "low", _("low")
        MEDIUM = "medium", _("medium")
        HIGH = "high", _("high")

    project = models.ForeignKey(Project, models.CASCADE, related_name="issues")
    kind = models.CharField(_("issue or risk"), max_length=8, choices=Kind, default=Kind.ISSUE)
    title = models.CharField(_("what it is"), max_length=200)
    severity = models.CharField(_("severity"), max_length=8, choices=Severity, default=Severity.MEDIUM)
    keeper = models.CharField(_("who looks after it"), max_length=80)
    due_on = models.DateField(_("due on"), null=True, blank=True)
    raised_by = models.ForeignKey(User, models.PROTECT, related_name="raised_project_issues")
    raised_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)
    settlement = models.TextField(_("how it was settled"), blank=True)

    class Meta:
        ordering = ["project", F("settled_at").desc(nulls_first=True), "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True) | ~Q(settlement=""), name="project_issue_settled_says_how"
            ),
        ]
        indexes = [models.Index(fields=["project", "settled_at"], name="project_issue_open")]

    def __str__(self) -> str:
        return self.title
