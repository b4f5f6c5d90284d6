"""Government IT projects: what is planned, what it costs, what data it promises, and each review of it.

Amounts are yuan with two decimals, wherever they are stored.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cases.models import Attachment, Case
from catalog.models import InformationSystem, OpeningClass, Resource, SharingClass, UpdateCycle
from organizations.models import Jurisdiction, Organization, User


class AmountField(models.DecimalField):
    """Money in yuan."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"max_digits": 16, "decimal_places": 2, **options})


class Project(models.Model):
    """One IT project, from its first draft on. A draft has no case; its life is the case of procedure `project`."""

    class Kind(models.TextChoices):
        NEW = "new", pgettext_lazy("project", "new system")
        EXTENSION = "extension", _("extension")
        UPGRADE = "upgrade", _("upgrade")
        OPERATION = "operation", _("operation and maintenance")
        SERVICE = "service", _("purchase of services")
        RESEARCH = "research", _("research")

    class Funding(models.TextChoices):
        BUDGET = "budget", _("department budget")
        SPECIAL_FUND = "special_fund", _("special fund")
        SUPERIOR = "superior", _("paid by a superior level")
        PRIVATE = "private", _("privately funded")

    jurisdiction = models.ForeignKey(Jurisdiction, models.PROTECT, related_name="projects")
    code = models.CharField(_("project number"), max_length=40, unique=True, null=True, blank=True)
    case = models.OneToOneField(Case, models.PROTECT, null=True, blank=True, related_name="project")
    owner = models.ForeignKey(Organization, models.PROTECT, related_name="projects", verbose_name=_("project owner"))
    co_builders = models.ManyToManyField(
        Organization, related_name="joint_projects", blank=True, verbose_name=_("co-builders")
    )
    name = models.CharField(_("project name"), max_length=200)
    kind = models.CharField(_("kind of project"), max_length=12, choices=Kind, default=Kind.NEW)
    funding = models.CharField(_("funding"), max_length=14, choices=Funding, default=Funding.BUDGET)
    basis = models.TextField(_("basis of the project"), blank=True)
    goals = models.TextField(_("goals"), blank=True)
    content = models.TextField(_("what is built"), blank=True)
    total = AmountField(_("total investment"), default=Decimal(0), validators=[MinValueValidator(Decimal(0))])
    service_years = models.PositiveSmallIntegerField(_("service life in years"), null=True, blank=True)
    build_months = models.PositiveSmallIntegerField(_("build period in months"), null=True, blank=True)
    security_design = models.TextField(_("security design"), blank=True)
    product_statement = models.TextField(_("secure and controllable products"), blank=True)
    reuse_statement = models.TextField(_("why nothing that exists suffices"), blank=True)
    no_sharing_reason = models.TextField(_("why no data is shared"), blank=True)
    is_video = models.BooleanField(_("public-security video project"), default=False)
    classified = models.BooleanField(_("holds state secrets"), default=False)
    replaces_superior = models.BooleanField(_("builds what a superior organ already provides"), default=False)
    design_firm = models.CharField(_("author of the plan"), max_length=200, blank=True)
    design_qualification = models.CharField(_("qualification of the author"), max_length=200, blank=True)
    responsible = models.CharField(_("responsible person"), max_length=80, blank=True)
    responsible_post = models.CharField(_("post of the responsible person"), max_length=80, blank=True)
    responsible_is_head = models.BooleanField(
        _("the responsible person is the chief leader of the owner"), default=False
    )
    major = models.BooleanField(
        _("major project"), default=False, help_text=_("As the authority found where the law names no amount.")
    )
    working_group = models.TextField(_("working group"), blank=True)
    systems = models.ManyToManyField(
        InformationSystem, related_name="projects", blank=True, verbose_name=_("information systems")
    )
    drafted_by = models.ForeignKey(User, models.PROTECT, related_name="drafted_projects")
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(total__gte=0), name="project_total_not_negative"),
            models.CheckConstraint(condition=Q(classified=False), name="project_holds_no_state_secrets"),
            models.CheckConstraint(
                condition=Q(case__isnull=True) | (Q(code__isnull=False) & ~Q(name="") & Q(total__gt=0)),
                name="project_filed_is_named_and_costed",
            ),
            models.UniqueConstraint(fields=["owner", "name"], name="project_name_of_owner_unique"),
        ]
        indexes = [
            models.Index(fields=["jurisdiction", "-id"], name="project_register"),
            models.Index(fields=["owner", "-id"], name="project_of_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.code or ''} {self.name}".strip()


class YearlyInvestment(models.Model):
    """What a project costs in one calendar year; the years add up to its total."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="years")
    year = models.PositiveSmallIntegerField(_("year"))
    amount = AmountField(_("amount"))

    class Meta:
        ordering = ["project", "year"]
        constraints = [
            models.UniqueConstraint(fields=["project", "year"], name="project_year_once"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="project_year_not_negative"),
            models.CheckConstraint(condition=Q(year__range=(2000, 2100)), name="project_year_plausible"),
        ]

    def __str__(self) -> str:
        return f"{self.year}: {self.amount}"


class SharingPromise(models.Model):
    """One line of the data sharing plan: data that the project will produce, or needs from others.

    Each says its source, format, update, sharing and opening.
    """

    class Direction(models.TextChoices):
        PRODUCES = "produces", _("produces")
        NEEDS = "needs", _("needs")

    project = models.ForeignKey(Project, models.CASCADE, related_name="promises")
    direction = models.CharField(_("direction"), max_length=8, choices=Direction)
    title = models.CharField(_("data"), max_length=200)
    source = models.CharField(_("source"), max_length=200)
    format = models.CharField(_("format"), max_length=80)
    update_cycle = models.CharField(_("update cycle"), max_length=12, choices=UpdateCycle)
    sharing_class = models.CharField(_("sharing class"), max_length=16, choices=SharingClass)
    opening = models.CharField(
        _("opening to society"), max_length=16, choices=OpeningClass, default=OpeningClass.CLOSED
    )
    resource = models.ForeignKey(
        Resource, models.PROTECT, null=True, blank=True, related_name="promises", verbose_name=_("catalogue entry")
    )

    class Meta:
        ordering = ["project", "direction", "id"]
        constraints = [
            models.UniqueConstraint(fields=["project", "direction", "title"], name="promise_once"),
        ]

    def __str__(self) -> str:
        return self.title


class ProjectDocument(models.Model):
    """A paper of the project's file, by what it is; the newest of a kind counts."""

    class Kind(models.TextChoices):
        PROPOSAL = "proposal", _("project proposal")
        FEASIBILITY = "feasibility", _("feasibility study")
        DESIGN = "design", _("preliminary design")
        ESTIMATE = "estimate", _("cost estimate")
        SUPERIOR_APPROVAL = "superior_approval", _("approval of the superior organ")
        RISK = "risk", _("social risk assessment")
        TEST = "test", _("test report")
        TRIAL = "trial", _("report on the trial run")
        SECURITY_TEST = "security_test", _("report of the security test")
        PRODUCTS = "products", _("statement on secure and controllable products")
        OWNER = "owner", _("acceptance papers of the owner")
        BUILDER = "builder", _("acceptance papers of the builder")
        SUPERVISION = "supervision", _("acceptance papers of the supervisor")
        ACCEPTANCE = "acceptance", _("acceptance report")
        OTHER = "other", _("other paper")

    project = models.ForeignKey(Project, models.CASCADE, related_name="documents")
    kind = models.CharField(_("kind of paper"), max_length=20, choices=Kind)
    attachment = models.OneToOneField(Attachment, models.PROTECT, related_name="project_document")
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["project", "kind", "-id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.attachment}"


class ProjectReview(models.Model):
    """One review of a project's plan; a failed one is followed by the next."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="reviews")
    case = models.OneToOneField(Case, models.PROTECT, null=True, related_name="project_review")
    round = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ["project", "round"]
        constraints = [
            models.UniqueConstraint(fields=["project", "round"], name="project_review_round"),
            models.CheckConstraint(condition=Q(round__gte=1), name="project_review_round_counts"),
        ]

    def __str__(self) -> str:
        return f"{self.project} #{self.round}"
