"""What follows the acceptance of a project: its warranty, defects, evaluations, and the assets that it left."""

from __future__ import annotations

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cases.models import Case
from organizations.models import Jurisdiction, Organization, User
from projects.models.contracting import Contract
from projects.models.register import AmountField, Project


class Warranty(models.Model):
    """The time after acceptance in which the contractor answers for the work, or operates it free of charge."""

    project = models.OneToOneField(Project, models.PROTECT, related_name="warranty")
    case = models.OneToOneField(Case, models.PROTECT, null=True, related_name="warranty")
    since = models.DateField(_("since"))

    class Meta:
        ordering = ["project"]

    def __str__(self) -> str:
        return f"{self.project}: {self.since}"


class Defect(models.Model):
    """Something that does not work, reported under a contract; the contractor answers within the hours agreed there."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="defects")
    contract = models.ForeignKey(Contract, models.PROTECT, related_name="defects", verbose_name=_("contract"))
    case = models.OneToOneField(Case, models.PROTECT, null=True, related_name="defect")
    title = models.CharField(_("defect"), max_length=200)
    description = models.TextField(_("what does not work"))

    class Meta:
        ordering = ["project", "-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(title="") & ~Q(description=""), name="defect_says_what"),
        ]

    def __str__(self) -> str:
        return self.title


class EvaluationRound(models.Model):
    """A year's evaluation of the projects that were accepted in earlier years: the case of a schedule."""

    jurisdiction = models.ForeignKey(Jurisdiction, models.PROTECT, related_name="evaluation_rounds")
    case = models.OneToOneField(Case, models.PROTECT, null=True, related_name="evaluation_round")
    year = models.PositiveSmallIntegerField(_("year"))

    class Meta:
        ordering = ["jurisdiction", "-year"]
        constraints = [models.UniqueConstraint(fields=["jurisdiction", "year"], name="evaluation_round_once")]

    def __str__(self) -> str:
        return f"{self.jurisdiction_id} {self.year}"


class Evaluation(models.Model):
    """One evaluation of a project. `passed`: None until it is concluded; a failed one weighs until `rectified_on`."""

    class Kind(models.TextChoices):
        AFTER_YEAR = "after_year", _("after a year of running")
        USE = "use", _("use of the project")
        PERFORMANCE = "performance", _("performance")
        SPOT_CHECK = "spot_check", _("spot check")

    project = models.ForeignKey(Project, models.PROTECT, related_name="evaluations")
    case = models.OneToOneField(Case, models.PROTECT, null=True, related_name="evaluation")
    kind = models.CharField(_("kind of evaluation"), max_length=12, choices=Kind)
    year = models.PositiveSmallIntegerField(_("year"))
    score = models.PositiveSmallIntegerField(
        _("score"), null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(100)]
    )
    passed = models.BooleanField(_("passed"), null=True, blank=True)
    concluded_on = models.DateField(_("concluded on"), null=True, blank=True)
    rectified_on = models.DateField(_("put right on"), null=True, blank=True)

    class Meta:
        ordering = ["project", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(passed__isnull=True, concluded_on__isnull=True)
                | Q(passed__isnull=False, concluded_on__isnull=False),
                name="evaluation_concluded_with_result",
            ),
            models.CheckConstraint(
                condition=Q(rectified_on__isnull=True) | Q(passed=False), name="evaluation_rectified_after_failing"
            ),
            models.CheckConstraint(
                condition=Q(score__isnull=True) | Q(score__lte=100), name="evaluation_score_in_range"
            ),
        ]
        indexes = [models.Index(fields=["project", "concluded_on"], name="evaluation_last")]

    def __str__(self) -> str:
        return f"{self.project} {self.year} {self.get_kind_display()}"


class Asset(models.Model):
    """A fixed asset that a project left, with the person who keeps it. Amounts are yuan."""

    class Standing(models.TextChoices):
        IN_USE = "in_use", pgettext_lazy("asset", "in use")
        IDLE = "idle", _("idle")
        DISPOSED = "disposed", _("disposed of")

    class Ownership(models.TextChoices):
        STATE = "state", _("state property")
        LEASED = "leased", _("owned by a company, rented")

    project = models.ForeignKey(Project, models.PROTECT, related_name="assets")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="project_assets")
    number = models.CharField(_("asset number"), max_length=60)
    name = models.CharField(_("asset"), max_length=200)
    model = models.CharField(_("make and model"), max_length=200, blank=True)
    value = AmountField(_("value in yuan"), default=Decimal(0), validators=[MinValueValidator(Decimal(0))])
    ownership = models.CharField(_("ownership"), max_length=8, choices=Ownership, default=Ownership.STATE)
    custodian = models.CharField(_("custodian"), max_length=80)
    place = models.CharField(_("where it stands"), max_length=200)
    acquired_on = models.DateField(_("acquired on"))
    standing = models.CharField(_("state"), max_length=8, choices=Standing, default=Standing.IN_USE)
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["number", "id"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "number"], name="asset_number_once"),
            models.CheckConstraint(condition=Q(value__gte=0), name="asset_value_not_negative"),
            models.CheckConstraint(
                condition=~Q(number="") & ~Q(name="") & ~Q(custodian=""), name="asset_named_and_kept"
            ),
        ]
        indexes = [models.Index(fields=["project", "number"], name="asset_of_project")]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


class StockTake(models.Model):
    """One look at an asset: whether it was found, by whom and when. Lines are only ever added."""

    asset = models.ForeignKey(Asset, models.PROTECT, related_name="stock_takes")
    on = models.DateField(_("looked at on"))
    found = models.BooleanField(_("found"))
    note = models.CharField(_("note"), max_length=400, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="stock_takes")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["asset", "-on", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(found=True) | ~Q(note=""), name="stock_take_missing_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.asset}: {self.on}"
