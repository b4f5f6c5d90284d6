"""Payments, changes of what was approved, and the ledger in which every figure names the act that made it."""

from __future__ import annotations

from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cases.models import Case
from projects.models.contracting import Contract, Milestone
from projects.models.register import AmountField, Project


class Payment(models.Model):
    """One payment to a contractor, or money called back from one. `contract` is whose due it lessens."""

    class Kind(models.TextChoices):
        STAGE = "stage", _("stage of the works")
        OPERATION = "operation", _("operation")
        RECALL = "recall", _("money called back")

    project = models.ForeignKey(Project, models.PROTECT, related_name="payments")
    contract = models.ForeignKey(Contract, models.PROTECT, related_name="payments", verbose_name=_("contract"))
    milestone = models.ForeignKey(
        Milestone, models.PROTECT, null=True, blank=True, related_name="payments", verbose_name=_("stage")
    )
    case = models.OneToOneField(Case, models.PROTECT, null=True, related_name="payment")
    kind = models.CharField(_("kind of payment"), max_length=10, choices=Kind, default=Kind.STAGE)
    amount = AmountField(_("amount"), validators=[MinValueValidator(Decimal("0.01"))])
    posted_on = models.DateField(_("paid on"), null=True, blank=True)

    class Meta:
        ordering = ["project", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_amount_positive"),
            models.CheckConstraint(
                condition=Q(milestone__isnull=True) | Q(kind="stage"), name="payment_of_a_stage_is_a_stage"
            ),
        ]
        indexes = [models.Index(fields=["contract", "posted_on"], name="payment_of_contract")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.amount}"


class Change(models.Model):
    """A change of what was approved. `delta`: what it adds to the investment, or takes from it, in yuan."""

    class Kind(models.TextChoices):
        CONTENT = "content", _("content or design")
        SCALE = "scale", _("scale")
        ESTIMATE = "estimate", _("investment")
        SCHEDULE = "schedule", _("timetable")
        USE = "use", _("use of the money")

    project = models.ForeignKey(Project, models.PROTECT, related_name="changes")
    case = models.OneToOneField(Case, models.PROTECT, null=True, related_name="change")
    kind = models.CharField(_("what changes"), max_length=10, choices=Kind)
    description = models.TextField(_("what is changed"))
    reason = models.TextField(_("why it changes"))
    delta = AmountField(_("change of the investment"), default=Decimal(0))
    moved = AmountField(_("money put to another use"), default=Decimal(0), validators=[MinValueValidator(Decimal(0))])
    approved_on = models.DateField(null=True, blank=True)
    anew = models.BooleanField(_("approved afresh"), default=False)

    class Meta:
        ordering = ["project", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(moved__gte=0), name="change_moved_not_negative"),
            models.CheckConstraint(condition=~Q(description="") & ~Q(reason=""), name="change_says_what_and_why"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.description[:80]}"


class LedgerEntry(models.Model):
    """A line of a project's ledger: so much, of this kind, by that event of that case. Lines are only ever added.

    `amount` is signed: a change may lessen what was approved, and what is called back lessens what was paid.
    """

    class Kind(models.TextChoices):
        APPROVED = "approved", _("approved")
        CHANGED = "changed", pgettext_lazy("ledger", "changed")
        CONTRACTED = "contracted", _("contracted")
        SUPPLEMENTED = "supplemented", _("supplemented")
        PAID = "paid", _("paid")
        RECALLED = "recalled", _("called back")

    project = models.ForeignKey(Project, models.PROTECT, related_name="ledger")
    contract = models.ForeignKey(Contract, models.PROTECT, null=True, related_name="ledger")
    kind = models.CharField(max_length=14, choices=Kind)
    amount = AmountField()
    on = models.DateField()
    case = models.ForeignKey(Case, models.PROTECT, related_name="ledger")
    seq = models.PositiveIntegerField()

    class Meta:
        ordering = ["project", "id"]
        constraints = [
            models.UniqueConstraint(fields=["case", "seq", "kind"], name="ledger_line_once"),
            models.CheckConstraint(condition=~Q(amount=0), name="ledger_amount_not_zero"),
            models.CheckConstraint(
                condition=Q(kind__in=("approved", "changed"), contract__isnull=True)
                | (~Q(kind__in=("approved", "changed")) & Q(contract__isnull=False)),
                name="ledger_of_project_or_contract",
            ),
            models.CheckConstraint(
                condition=Q(kind="changed")
                | Q(kind="recalled", amount__lt=0)
                | (~Q(kind__in=("changed", "recalled")) & Q(amount__gt=0)),
                name="ledger_sign_by_kind",
            ),
        ]
        indexes = [models.Index(fields=["project", "kind", "on"], name="ledger_by_kind")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount}"
