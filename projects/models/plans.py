"""Annual plans: what a place builds in a year, department by department, and who enters one besides.

Amounts are yuan with two decimals.
"""

from __future__ import annotations

from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.models import Attachment, Case
from organizations.models import Jurisdiction, Organization
from projects.models.register import AmountField, Project


class AnnualPlan(models.Model):
    """What a place plans for one calendar year. Its gathering, review and issue are the case of `annual_plan`."""

    jurisdiction = models.ForeignKey(Jurisdiction, models.PROTECT, related_name="annual_plans")
    year = models.PositiveSmallIntegerField(_("year"))
    case = models.OneToOneField(Case, models.PROTECT, null=True, related_name="annual_plan")
    issued_at = models.DateTimeField(_("issued"), null=True, blank=True)

    class Meta:
        ordering = ["-year"]
        constraints = [
            models.UniqueConstraint(fields=["jurisdiction", "year"], name="annual_plan_once"),
            models.CheckConstraint(condition=Q(year__range=(2000, 2100)), name="annual_plan_year_plausible"),
        ]

    def __str__(self) -> str:
        return f"{self.jurisdiction_id} {self.year}"


class DepartmentPlan(models.Model):
    """One department's part of an annual plan, the case of `department_plan`."""

    plan = models.ForeignKey(AnnualPlan, models.PROTECT, related_name="departments")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="department_plans")
    case = models.OneToOneField(Case, models.PROTECT, null=True, related_name="department_plan")
    note = models.TextField(_("explanation"), blank=True)
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["organization__sort_key", "id"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "organization"], name="department_plan_once"),
        ]

    def __str__(self) -> str:
        return f"{self.plan} {self.organization}"


class PlanItem(models.Model):
    """One project of a department's plan: one that exists, or one that is only intended yet.

    `amount` is what the year costs, `total` what the whole project costs.
    """

    class Standing(models.TextChoices):
        ASKED = "asked", _("applied for")
        IN = "in", _("in the plan")
        OUT = "out", _("left out")

    department_plan = models.ForeignKey(DepartmentPlan, models.CASCADE, related_name="items")
    project = models.ForeignKey(
        Project, models.PROTECT, null=True, blank=True, related_name="plan_items", verbose_name=_("project")
    )
    name = models.CharField(_("project name"), max_length=200)
    kind = models.CharField(_("kind of project"), max_length=12, choices=Project.Kind, default=Project.Kind.NEW)
    basis = models.TextField(_("basis of the project"), blank=True)
    goals = models.TextField(_("goals"), blank=True)
    total = AmountField(_("total investment"), validators=[MinValueValidator(Decimal(0))])
    amount = AmountField(_("investment in the year of the plan"), validators=[MinValueValidator(Decimal(0))])
    service_years = models.PositiveSmallIntegerField(_("service life in years"), null=True, blank=True)
    build_months = models.PositiveSmallIntegerField(_("build period in months"), null=True, blank=True)
    shares_data = models.BooleanField(_("shares data"), default=True)
    no_sharing_reason = models.TextField(_("why no data is shared"), blank=True)
    standing = models.CharField(_("state"), max_length=8, choices=Standing, default=Standing.ASKED)
    out_reason = models.TextField(_("why it was left out"), blank=True)

    class Meta:
        ordering = ["department_plan", "id"]
        constraints = [
            models.UniqueConstraint(fields=["department_plan", "name"], name="plan_item_name_once"),
            models.UniqueConstraint(
                fields=["department_plan", "project"],
                condition=Q(project__isnull=False),
                name="plan_item_project_once",
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=0, amount__lte=models.F("total")), name="plan_item_year_within_total"
            ),
            models.CheckConstraint(
                condition=~Q(standing="out") | ~Q(out_reason=""), name="plan_item_left_out_with_reason"
            ),
        ]
        indexes = [models.Index(fields=["project", "standing"], name="plan_item_of_project")]

    def __str__(self) -> str:
        return self.name


class PlanAddition(models.Model):
    """A project that asks to be taken up outside the annual plan, case by case: the case of `plan_addition`."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="plan_additions")
    case = models.OneToOneField(Case, models.PROTECT, null=True, related_name="plan_addition")
    year = models.PositiveSmallIntegerField(_("year"))
    reason = models.TextField(_("why it cannot wait for the next plan"))

    class Meta:
        ordering = ["project", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="plan_addition_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.project} {self.year}"


class DevelopmentPlan(models.Model):
    """A plan of several years that a department made itself and files with the authority: `plan_filing`."""

    jurisdiction = models.ForeignKey(Jurisdiction, models.PROTECT, related_name="development_plans")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="development_plans")
    case = models.OneToOneField(Case, models.PROTECT, null=True, related_name="development_plan")
    title = models.CharField(_("title of the plan"), max_length=200)
    first_year = models.PositiveSmallIntegerField(_("first year"))
    last_year = models.PositiveSmallIntegerField(_("last year"))
    systems = models.TextField(_("information systems that it touches"))
    paper = models.ForeignKey(
        Attachment, models.PROTECT, null=True, blank=True, related_name="development_plans", verbose_name=_("the plan")
    )

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(first_year__gte=2000, first_year__lte=models.F("last_year"), last_year__lte=2100),
                name="development_plan_years_in_order",
            ),
        ]

    def __str__(self) -> str:
        return self.title
