"""Applications for projects under a fund, what is published of a fund, and who may not apply or report."""

from __future__ import annotations

from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.models import Attachment, Case
from funds.models.register import AmountField, Fund
from organizations.models import Jurisdiction, Organization


class Target(models.TextChoices):
    APPLICANT = "applicant", _("applicant")
    INTERMEDIARY = "intermediary", _("intermediary")
    OFFICE = "office", _("department or locality")


class FundApplication(models.Model):
    """A project that somebody asks a fund to pay for. `code`: the applicant's credit code."""

    year = models.ForeignKey("funds.FundYear", models.PROTECT, related_name="applications")
    case = models.OneToOneField(Case, models.PROTECT, null=True, related_name="fund_application")
    organized_by = models.ForeignKey(Organization, models.PROTECT, related_name="fund_applications")
    applicant = models.CharField(_("applicant"), max_length=200)
    code = models.CharField(_("credit code of the applicant"), max_length=18)
    name = models.CharField(_("name of the project"), max_length=200)
    content = models.TextField(_("content and expected results"))
    requested = AmountField(_("amount asked for"), validators=[MinValueValidator(Decimal("0.01"))])
    intermediary = models.CharField(_("intermediary that reported"), max_length=200, blank=True)
    intermediary_code = models.CharField(_("credit code of the intermediary"), max_length=18, blank=True)
    pledge = models.BooleanField(_("credit pledge given"), default=False)
    paper = models.OneToOneField(
        Attachment, models.PROTECT, null=True, blank=True, related_name="fund_application", verbose_name=_("papers")
    )
    allocated = AmountField(_("allocated"), default=Decimal(0))
    paid = AmountField(_("paid"), default=Decimal(0))

    class Meta:
        ordering = ["year", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(requested__gt=0), name="fund_application_asks"),
            models.CheckConstraint(
                condition=Q(paid__gte=0, allocated__gte=F("paid")), name="fund_application_paid_within_allocation"
            ),
            models.CheckConstraint(condition=~Q(applicant="") & ~Q(code=""), name="fund_application_says_who"),
            models.CheckConstraint(
                condition=Q(intermediary="", intermediary_code="") | (~Q(intermediary="") & ~Q(intermediary_code="")),
                name="fund_application_names_intermediary",
            ),
        ]
        indexes = [models.Index(fields=["code"], name="fund_application_by_code")]

    def __str__(self) -> str:
        return f"{self.applicant}: {self.name}"

    @property
    def fund(self) -> Fund:
        return self.year.fund

    @property
    def left(self) -> Decimal:
        """What is allocated and not paid yet."""
        return self.allocated - self.paid


class Publication(models.Model):
    """What was published of a fund, where and when. Lines are only ever added."""

    class Kind(models.TextChoices):
        POLICY = "policy", _("policy and rules")
        GUIDE = "guide", _("application guide")
        BUDGET = "budget", _("budget")
        ALLOCATION = "allocation", _("allocation")
        RESULTS = "results", _("performance and results")

    fund = models.ForeignKey(Fund, models.PROTECT, related_name="publications")
    year = models.ForeignKey("funds.FundYear", models.PROTECT, null=True, related_name="publications")
    kind = models.CharField(_("what is published"), max_length=12, choices=Kind)
    title = models.CharField(_("title"), max_length=200)
    text = models.TextField(_("text"), blank=True)
    address = models.URLField(_("address on the web"), max_length=400, blank=True)
    published_on = models.DateField(_("published on"))
    publisher = models.ForeignKey(Organization, models.PROTECT, related_name="fund_publications")
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="fund_publications")
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-published_on", "-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(text="") | ~Q(address=""), name="fund_publication_says_something")
        ]
        indexes = [models.Index(fields=["fund", "kind", "-published_on"], name="fund_published")]

    def __str__(self) -> str:
        return self.title


class FundSanction(models.Model):
    """What finance holds against an applicant, an intermediary, or an office."""

    class Ground(models.TextChoices):
        FRAUD = "fraud", _("money obtained by fraud")
        UNAPPROVED = "unapproved", _("use, plan or content changed without leave")
        FALSE_REPORT = "false_report", _("false report of an intermediary")
        SCOPE = "scope", _("scope of the fund changed without approval")
        GENERAL = "general", _("budget not kept, or spent on pay, welfare or office costs")

    fund = models.ForeignKey(Fund, models.PROTECT, related_name="sanctions")
    case = models.OneToOneField(Case, models.PROTECT, null=True, related_name="fund_sanction")
    application = models.ForeignKey(FundApplication, models.PROTECT, null=True, blank=True, related_name="sanctions")
    target = models.CharField(_("against"), max_length=12, choices=Target)
    name = models.CharField(_("name"), max_length=200)
    code = models.CharField(_("credit code"), max_length=18, blank=True)
    ground = models.CharField(_("ground"), max_length=12, choices=Ground)
    facts = models.TextField(_("facts"))
    is_grave = models.BooleanField(_("grave"), default=False)

    class Meta:
        ordering = ["fund", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(target="applicant", ground__in=("fraud", "unapproved"))
                | Q(target="intermediary", ground="false_report")
                | Q(target="office", ground__in=("scope", "general", "unapproved")),
                name="fund_sanction_ground_fits",
            ),
            models.CheckConstraint(condition=Q(target="office") | ~Q(code=""), name="fund_sanction_names_code"),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.get_ground_display()}"


class FundBan(models.Model):
    """Who may not apply, or whose reports are not accepted, from the day of the decision to the last day of the ban."""

    jurisdiction = models.ForeignKey(Jurisdiction, models.PROTECT, related_name="fund_bans")
    sanction = models.OneToOneField(FundSanction, models.PROTECT, related_name="ban")
    target = models.CharField(_("against"), max_length=12, choices=Target)
    name = models.CharField(_("name"), max_length=200)
    code = models.CharField(_("credit code"), max_length=18)
    decided_on = models.DateField(_("decided on"))
    last_on = models.DateField(_("last day"))

    class Meta:
        ordering = ["-decided_on", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(last_on__gte=F("decided_on")), name="fund_ban_in_order"),
            models.CheckConstraint(condition=~Q(target="office"), name="fund_ban_of_applicant_or_intermediary"),
        ]
        indexes = [models.Index(fields=["jurisdiction", "code", "last_on"], name="fund_ban_by_code")]

    def __str__(self) -> str:
        return f"{self.name} – {self.last_on}"


class FundComplaint(models.Model):
    """What somebody of the public said about a fund, as it was received, and what was answered."""

    fund = models.ForeignKey(Fund, models.PROTECT, related_name="complaints")
    case = models.OneToOneField(Case, models.PROTECT, null=True, related_name="fund_complaint")
    received_on = models.DateField(_("received on"))
    complainant = models.CharField(_("who complains"), max_length=120, blank=True)
    text = models.TextField(_("complaint"))
    anonymous = models.BooleanField(_("wishes not to be named"), default=False)

    class Meta:
        ordering = ["fund", "id"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="fund_complaint_says_something")]

    def __str__(self) -> str:
        return f"{self.fund} {self.received_on}"
