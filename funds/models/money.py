"""A fund's years and their money: goal and budget, allocation by factors or to projects, transfers, and the ledger.

Amounts are yuan with two decimals. The sums of a year, a transfer and an application are kept beside their ledger
lines, under constraints; `services.ledger.book` writes both.
"""

from __future__ import annotations

from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.models import Case
from funds.models.applications import FundApplication
from funds.models.register import AmountField, Fund
from organizations.models import Organization

NOTHING = Decimal(0)


class FundYear(models.Model):
    """One budget year of a fund: its goal, its budget, and what became of the money."""

    fund = models.ForeignKey(Fund, models.PROTECT, related_name="years")
    case = models.OneToOneField(Case, models.PROTECT, null=True, related_name="fund_year")
    year = models.PositiveSmallIntegerField(_("year"))
    goal = models.TextField(_("performance goal of the year"))
    asked = AmountField(_("amount asked for"))
    approved_on = models.DateField(_("budget approved on"), null=True, blank=True)
    budgeted = AmountField(_("budgeted"), default=NOTHING)
    allocated = AmountField(_("allocated"), default=NOTHING)
    issued = AmountField(_("issued to cities and counties"), default=NOTHING)
    passed_on = AmountField(_("passed on by cities and counties"), default=NOTHING)
    returned = AmountField(_("recalled from cities and counties"), default=NOTHING)
    paid = AmountField(_("paid to applicants"), default=NOTHING)
    carried_over = AmountField(_("carried over"), default=NOTHING)
    recalled = AmountField(_("recalled to the provincial budget"), default=NOTHING)
    self_score = models.DecimalField(_("score by the department"), max_digits=5, decimal_places=2, null=True)
    checked_score = models.DecimalField(_("score by finance"), max_digits=5, decimal_places=2, null=True)

    class Meta:
        ordering = ["fund", "year"]
        constraints = [
            models.UniqueConstraint(fields=["fund", "year"], name="fund_year_once", condition=Q(case__isnull=False)),
            models.CheckConstraint(condition=Q(year__range=(2000, 2100)), name="fund_year_plausible"),
            models.CheckConstraint(
                condition=Q(
                    budgeted__gte=0,
                    allocated__gte=0,
                    issued__gte=0,
                    passed_on__gte=0,
                    returned__gte=0,
                    paid__gte=0,
                    carried_over__gte=0,
                    recalled__gte=0,
                ),
                name="fund_year_never_below_zero",
            ),
            models.CheckConstraint(
                condition=Q(budgeted__gte=F("allocated") + F("recalled")), name="fund_allocated_within_budget"
            ),
            models.CheckConstraint(
                condition=Q(allocated__gte=F("issued") + F("paid")), name="fund_spent_within_allocation"
            ),
            models.CheckConstraint(
                condition=Q(issued__gte=F("passed_on") + F("returned")), name="fund_passed_on_within_issued"
            ),
            models.CheckConstraint(condition=Q(carried_over__lte=F("budgeted")), name="fund_carried_within_budget"),
        ]

    def __str__(self) -> str:
        return f"{self.fund} {self.year}"

    @property
    def left(self) -> Decimal:
        """What of the budget is neither allocated nor recalled."""
        return self.budgeted - self.allocated - self.recalled


class FundAllocation(models.Model):
    """One allocation of a year's money: by factors with weights to places, or to projects that were approved."""

    class Method(models.TextChoices):
        FACTOR = "factor", _("by factors")
        PROJECT = "project", _("to projects")

    year = models.ForeignKey(FundYear, models.PROTECT, related_name="allocations")
    case = models.OneToOneField(Case, models.PROTECT, null=True, related_name="fund_allocation")
    method = models.CharField(_("method"), max_length=8, choices=Method)
    amount = AmountField(_("amount"), validators=[MinValueValidator(Decimal("0.01"))])
    decided_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["year", "id"]
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="fund_allocation_positive")]

    def __str__(self) -> str:
        return f"{self.year} {self.get_method_display()}"

    @property
    def fund(self) -> Fund:
        return self.year.fund


class AllocationFactor(models.Model):
    """A factor of the factor method and its weight in percent; the weights of an allocation total 100."""

    allocation = models.ForeignKey(FundAllocation, models.CASCADE, related_name="factors")
    name = models.CharField(_("factor"), max_length=80)
    weight = models.DecimalField(_("weight in percent"), max_digits=5, decimal_places=2)

    class Meta:
        ordering = ["allocation", "id"]
        constraints = [
            models.UniqueConstraint(fields=["allocation", "name"], name="fund_factor_once"),
            models.CheckConstraint(condition=Q(weight__gt=0, weight__lte=100), name="fund_factor_weight"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.weight}%"


class AllocationLine(models.Model):
    """What one place or one application gets of an allocation."""

    allocation = models.ForeignKey(FundAllocation, models.CASCADE, related_name="lines")
    receiver = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="fund_lines")
    application = models.ForeignKey(FundApplication, models.PROTECT, null=True, related_name="lines")
    amount = AmountField(_("amount"))

    class Meta:
        ordering = ["allocation", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="fund_line_not_negative"),
            models.CheckConstraint(
                condition=Q(receiver__isnull=True, application__isnull=False)
                | Q(receiver__isnull=False, application__isnull=True),
                name="fund_line_of_place_or_project",
            ),
            models.UniqueConstraint(fields=["allocation", "receiver"], name="fund_line_receiver_once"),
            models.UniqueConstraint(fields=["allocation", "application"], name="fund_line_application_once"),
        ]

    def __str__(self) -> str:
        return f"{self.receiver or self.application}: {self.amount}"


class FactorValue(models.Model):
    """How much of a factor a place has."""

    line = models.ForeignKey(AllocationLine, models.CASCADE, related_name="values")
    factor = models.ForeignKey(AllocationFactor, models.CASCADE, related_name="values")
    value = models.DecimalField(_("value"), max_digits=18, decimal_places=4)

    class Meta:
        ordering = ["line", "factor"]
        constraints = [
            models.UniqueConstraint(fields=["line", "factor"], name="fund_factor_value_once"),
            models.CheckConstraint(condition=Q(value__gte=0), name="fund_factor_value_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.factor}: {self.value}"


class FundTransfer(models.Model):
    """Money issued to a city or county: passed on by its finance, or recalled."""

    class Mode(models.TextChoices):
        REGULAR = "regular", _("regular")
        URGENT = "urgent", _("urgent, for a disaster or the like")
        ADVANCE = "advance", _("in advance, settled by actual cost")
        INSTALMENT = "instalment", _("by instalments")

    line = models.OneToOneField(AllocationLine, models.PROTECT, related_name="transfer")
    case = models.OneToOneField(Case, models.PROTECT, null=True, related_name="fund_transfer")
    mode = models.CharField(_("how it is issued"), max_length=10, choices=Mode, default=Mode.REGULAR)
    amount = AmountField(_("amount"))
    passed_on = AmountField(_("passed on"), default=NOTHING)
    returned = AmountField(_("recalled"), default=NOTHING)

    class Meta:
        ordering = ["line"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, passed_on__gte=0, returned__gte=0), name="fund_transfer_never_below_zero"
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=F("passed_on") + F("returned")), name="fund_transfer_within_amount"
            ),
        ]

    def __str__(self) -> str:
        return str(self.line)

    @property
    def fund(self) -> Fund:
        return self.line.allocation.year.fund

    @property
    def year(self) -> FundYear:
        return self.line.allocation.year

    @property
    def receiver(self) -> Organization:
        assert self.line.receiver is not None
        return self.line.receiver

    @property
    def left(self) -> Decimal:
        """What is neither passed on nor recalled."""
        return self.amount - self.passed_on - self.returned


class FundEntry(models.Model):
    """A line of a fund's ledger: so much, of this kind, by that event of that case. Lines are only ever added.

    `amount` is signed: what an application does not need is released, which lessens what is allocated.
    """

    class Kind(models.TextChoices):
        BUDGETED = "budgeted", _("budgeted")
        ALLOCATED = "allocated", _("allocated")
        RELEASED = "released", _("released")
        ISSUED = "issued", _("issued")
        PASSED_ON = "passed_on", _("passed on")
        RETURNED = "returned", _("recalled from a city or county")
        PAID = "paid", _("paid")
        CARRIED_OVER = "carried_over", _("carried over")
        RECALLED = "recalled", _("recalled to the provincial budget")

    year = models.ForeignKey(FundYear, models.PROTECT, related_name="ledger")
    kind = models.CharField(_("kind"), max_length=14, choices=Kind)
    amount = AmountField(_("amount"))
    on = models.DateField(_("on"))
    receiver = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="fund_entries")
    application = models.ForeignKey(FundApplication, models.PROTECT, null=True, related_name="ledger")
    case = models.ForeignKey(Case, models.PROTECT, related_name="fund_ledger")
    seq = models.PositiveIntegerField(help_text="event of the case that made it")
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["year", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="released", amount__lt=0) | (~Q(kind="released") & Q(amount__gt=0)),
                name="fund_entry_sign_by_kind",
            ),
            models.UniqueConstraint(
                fields=["case", "seq", "kind", "receiver", "application"],
                name="fund_entry_once",
                nulls_distinct=False,
            ),
        ]
        indexes = [models.Index(fields=["year", "kind", "on"], name="fund_entry_by_kind")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount}"
