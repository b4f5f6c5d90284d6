"""Firms, what is procured of them, and the contracts made with them. Amounts are yuan."""

from __future__ import annotations

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.models import Case
from organizations.models import Jurisdiction, Organization
from projects.models.register import AmountField, Project


class Firm(models.Model):
    """A company that builds, supervises or operates, known to a place by its credit code (GB 32100)."""

    jurisdiction = models.ForeignKey(Jurisdiction, models.PROTECT, related_name="firms")
    name = models.CharField(_("firm"), max_length=200)
    credit_code = models.CharField(_("credit code"), max_length=18)
    small = models.BooleanField(
        _("small or medium enterprise"),
        default=False,
        help_text=_("By its own declaration of size: the term of payment follows from it."),
    )
    qualification = models.CharField(
        _("qualification"), max_length=200, blank=True, help_text=_("Kind, grade and who certified it.")
    )
    qualified_until = models.DateField(_("qualified until"), null=True, blank=True)
    added_on = models.DateField(default=timezone.localdate)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["jurisdiction", "credit_code"], name="firm_of_place_once"),
            models.CheckConstraint(condition=~Q(name="") & ~Q(credit_code=""), name="firm_is_named"),
            models.CheckConstraint(
                condition=Q(qualified_until__isnull=True) | ~Q(qualification=""), name="firm_qualified_in_something"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class FirmBan(models.Model):
    """A time in which a firm may be awarded nothing, and why. `until`: the last day; none while no end is set."""

    firm = models.ForeignKey(Firm, models.PROTECT, related_name="bans")
    since = models.DateField(_("barred from"))
    until = models.DateField(_("barred until"), null=True, blank=True)
    reason = models.TextField(_("reason"))
    decided_by = models.ForeignKey(Organization, models.PROTECT, related_name="firm_bans")
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["firm", "-since", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="firm_ban_ends_after_it_begins"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="firm_ban_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.firm}: {self.since}"


class Procurement(models.Model):
    """One thing bought for a project: by which method, with which budget, from whom."""

    class Kind(models.TextChoices):
        BUILD = "build", _("building")
        SUPERVISION = "supervision", _("supervision of the works")
        TESTING = "testing", _("software testing")
        OPERATION = "operation", _("operation")

    class Method(models.TextChoices):
        OPEN_TENDER = "open_tender", _("open tender")
        INVITED_TENDER = "invited_tender", _("invited tender")
        NEGOTIATION = "negotiation", _("competitive negotiation")
        CONSULTATION = "consultation", _("competitive consultation")
        INQUIRY = "inquiry", _("inquiry of prices")
        SINGLE_SOURCE = "single_source", _("single source")
        DIRECT = "direct", _("direct purchase")

    TENDERS = (Method.OPEN_TENDER, Method.INVITED_TENDER)

    project = models.ForeignKey(Project, models.PROTECT, related_name="procurements")
    case = models.OneToOneField(Case, models.PROTECT, null=True, related_name="procurement")
    kind = models.CharField(_("what is procured"), max_length=12, choices=Kind, default=Kind.BUILD)
    title = models.CharField(_("title"), max_length=200)
    method = models.CharField(_("method of procurement"), max_length=16, choices=Method)
    method_reason = models.TextField(_("why this method"), blank=True)
    budget = AmountField(_("budget of the procurement"), validators=[MinValueValidator(Decimal("0.01"))])
    budget_reviewer = models.CharField(_("intermediary that reviewed the budget"), max_length=200, blank=True)

    class Meta:
        ordering = ["project", "id"]
        constraints = [models.CheckConstraint(condition=Q(budget__gt=0), name="procurement_budget_positive")]

    def __str__(self) -> str:
        return self.title


class Bidder(models.Model):
    """A firm's offer. At most one wins."""

    procurement = models.ForeignKey(Procurement, models.PROTECT, related_name="bidders")
    firm = models.ForeignKey(Firm, models.PROTECT, related_name="bids", verbose_name=_("firm"))
    price = AmountField(_("price offered"), validators=[MinValueValidator(Decimal("0.01"))])
    won = models.BooleanField(default=False)

    class Meta:
        ordering = ["procurement", "price", "id"]
        constraints = [
            models.UniqueConstraint(fields=["procurement", "firm"], name="bidder_once"),
            models.UniqueConstraint(fields=["procurement"], condition=Q(won=True), name="bidder_one_winner"),
            models.CheckConstraint(condition=Q(price__gt=0), name="bidder_price_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.firm}: {self.price}"


class Contract(models.Model):
    """A contract of a project. `due`: what it comes to with its supplements; `paid`: what was paid of it so far.

    Both are sums of the ledger, kept beside it so that the database itself holds that no more is paid than is due.
    """

    project = models.ForeignKey(Project, models.PROTECT, related_name="contracts")
    procurement = models.OneToOneField(Procurement, models.PROTECT, null=True, related_name="contract")
    case = models.OneToOneField(Case, models.PROTECT, null=True, related_name="contract")
    firm = models.ForeignKey(Firm, models.PROTECT, related_name="contracts", verbose_name=_("contractor"))
    kind = models.CharField(_("kind of contract"), max_length=12, choices=Procurement.Kind)
    title = models.CharField(_("title"), max_length=200)
    number = models.CharField(_("contract number"), max_length=80, blank=True)
    amount = AmountField(_("amount"), validators=[MinValueValidator(Decimal("0.01"))])
    due = AmountField(default=Decimal(0))
    paid = AmountField(default=Decimal(0))
    bond = AmountField(_("performance bond"), default=Decimal(0), validators=[MinValueValidator(Decimal(0))])
    signed_on = models.DateField(_("signed on"), null=True, blank=True)
    begins_on = models.DateField(_("work begins on"), null=True, blank=True)
    ends_on = models.DateField(_("work ends on"), null=True, blank=True)
    deliverables = models.TextField(_("what is handed over"), blank=True)
    ownership = models.TextField(_("to whom the results belong"), blank=True)
    source_code = models.BooleanField(_("source code and design files are handed over"), default=False)
    warranty_months = models.PositiveSmallIntegerField(_("warranty in months"), null=True, blank=True)
    response_hours = models.PositiveSmallIntegerField(_("hours to answer a defect"), null=True, blank=True)
    payment_days = models.PositiveSmallIntegerField(
        _("days to pay"), null=True, blank=True, validators=[MaxValueValidator(365)]
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["project", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="contract_amount_positive"),
            models.CheckConstraint(condition=Q(paid__gte=0), name="contract_paid_not_negative"),
            models.CheckConstraint(condition=Q(paid__lte=F("due")), name="contract_paid_within_due"),
            models.CheckConstraint(
                condition=Q(bond__gte=0) & Q(bond__lte=F("amount")), name="contract_bond_within_amount"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(begins_on__isnull=True) | Q(ends_on__gte=F("begins_on")),
                name="contract_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(due=0, signed_on__isnull=True) | Q(due__gte=F("amount"), signed_on__isnull=False),
                name="contract_due_once_signed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}".strip()

    @property
    def left(self) -> Decimal:
        """What is still to be paid."""
        return self.due - self.paid


class Milestone(models.Model):
    """A stage of a contract with what is paid for it; the stages of a contract come to 100 percent."""

    contract = models.ForeignKey(Contract, models.CASCADE, related_name="milestones")
    number = models.PositiveSmallIntegerField(_("stage"))
    title = models.CharField(_("what is reached"), max_length=200)
    percent = models.DecimalField(_("share of the contract in percent"), max_digits=5, decimal_places=2)
    amount = AmountField(_("amount"))
    planned_on = models.DateField(_("planned for"))
    reached_on = models.DateField(_("accepted on"), null=True, blank=True)

    class Meta:
        ordering = ["contract", "number"]
        constraints = [
            models.UniqueConstraint(fields=["contract", "number"], name="milestone_number_once"),
            models.CheckConstraint(condition=Q(percent__gt=0, percent__lte=100), name="milestone_percent_plausible"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="milestone_amount_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.title}"


class Supplement(models.Model):
    """A supplementary contract, which raises what its contract comes to."""

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="supplements")
    case = models.OneToOneField(Case, models.PROTECT, null=True, related_name="supplement")
    title = models.CharField(_("what is added"), max_length=200)
    amount = AmountField(_("amount"), validators=[MinValueValidator(Decimal("0.01"))])
    signed_on = models.DateField(_("signed on"), null=True, blank=True)

    class Meta:
        ordering = ["contract", "id"]
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="supplement_amount_positive")]

    def __str__(self) -> str:
        return self.title

    @property
    def project(self) -> Project:
        return self.contract.project
