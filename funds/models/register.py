"""Special funds: what each is for and how long it lasts, its rules, and what is changed of it.

Amounts are yuan with two decimals, wherever they are stored.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.models import Attachment, Case
from organizations.models import Jurisdiction, Organization, User


class AmountField(models.DecimalField):
    """Money in yuan."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"max_digits": 16, "decimal_places": 2, **options})


class Fund(models.Model):
    """One special fund, from its first draft on. A draft has no case; its life is the case of procedure `fund`."""

    jurisdiction = models.ForeignKey(Jurisdiction, models.PROTECT, related_name="funds")
    code = models.CharField(_("fund number"), max_length=40, unique=True, null=True, blank=True)
    case = models.OneToOneField(Case, models.PROTECT, null=True, blank=True, related_name="fund")
    department = models.ForeignKey(
        Organization, models.PROTECT, related_name="funds", verbose_name=_("department in charge")
    )
    proposer = models.ForeignKey(Organization, models.PROTECT, related_name="proposed_funds")
    renews = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="renewals", verbose_name=_("goes on from")
    )
    name = models.CharField(_("name of the fund"), max_length=200)
    basis = models.TextField(_("basis in law or provisions"), blank=True)
    purpose = models.TextField(_("purpose and use"), blank=True)
    scope = models.TextField(_("scope of use"), blank=True)
    goal = models.TextField(_("performance goal"), blank=True)
    difference = models.TextField(_("how it differs from similar funds"), blank=True)
    size = AmountField(_("size in yuan a year"), default=Decimal(0), validators=[MinValueValidator(Decimal(0))])
    term_from = models.DateField(_("term from"), null=True, blank=True)
    term_until = models.DateField(_("term until"), null=True, blank=True)
    is_major = models.BooleanField(_("major fund"), default=False)
    central_match = models.BooleanField(_("matches a central transfer"), default=False)
    local_match = models.BooleanField(_("asks matching money of cities and counties"), default=False)
    shared_duty = models.BooleanField(_("is a duty shared by province and localities under the rules"), default=False)
    running_costs = models.BooleanField(_("pays for running costs of a department"), default=False)
    established_on = models.DateField(_("established on"), null=True, blank=True)
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    drafted_by = models.ForeignKey(User, models.PROTECT, related_name="drafted_funds")
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(size__gte=0), name="fund_size_not_negative"),
            models.CheckConstraint(
                condition=Q(term_from__isnull=True) | Q(term_until__isnull=True) | Q(term_until__gte=F("term_from")),
                name="fund_term_in_order",
            ),
            models.CheckConstraint(
                condition=Q(case__isnull=True)
                | (Q(code__isnull=False, term_from__isnull=False, term_until__isnull=False, size__gt=0) & ~Q(name="")),
                name="fund_filed_is_named_and_sized",
            ),
            models.CheckConstraint(
                condition=Q(established_on__isnull=True) | Q(case__isnull=False), name="fund_established_by_a_case"
            ),
            models.CheckConstraint(
                condition=Q(established_on__isnull=True) | Q(local_match=False) | Q(shared_duty=True),
                name="fund_asks_no_local_match",
            ),
            models.CheckConstraint(
                condition=Q(established_on__isnull=True) | Q(running_costs=False), name="fund_pays_no_running_costs"
            ),
            models.UniqueConstraint(
                fields=["department", "name", "term_from"], name="fund_name_of_department_unique", nulls_distinct=False
            ),
        ]
        indexes = [models.Index(fields=["jurisdiction", "-id"], name="fund_register")]

    def __str__(self) -> str:
        return f"{self.code or ''} {self.name}".strip()


class FundPaper(models.Model):
    """A paper handed in with a fund, by what it is; the newest of a kind counts."""

    class Kind(models.TextChoices):
        FEASIBILITY = "feasibility", _("feasibility study")
        EVALUATION = "evaluation", _("evaluation beforehand")
        CENTRAL = "central", _("document on the central transfer")
        BASIS = "basis", _("document on which the fund rests")
        OTHER = "other", _("other paper")

    fund = models.ForeignKey(Fund, models.CASCADE, related_name="papers")
    kind = models.CharField(_("kind of paper"), max_length=12, choices=Kind)
    attachment = models.OneToOneField(Attachment, models.PROTECT, related_name="fund_paper")
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["fund", "kind", "-id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.attachment}"


class FundChange(models.Model):
    """A change of a fund's scope, or its adjustment or cancellation on one of the four grounds."""

    class Kind(models.TextChoices):
        SCOPE = "scope", _("change of scope")
        ADJUST = "adjust", _("adjustment")
        CANCEL = "cancel", _("cancellation")

    class Ground(models.TextChoices):
        PURPOSE_GONE = "purpose_gone", _("its purpose or task is gone")
        GOAL_MISSED = "goal_missed", _("its performance falls short of the main goal")
        SLOW = "slow", _("it is spent slowly and much is carried over")
        BREACH = "breach", _("its management or use broke law or discipline gravely")

    fund = models.ForeignKey(Fund, models.PROTECT, related_name="changes")
    case = models.OneToOneField(Case, models.PROTECT, null=True, related_name="fund_change")
    kind = models.CharField(_("what is asked"), max_length=8, choices=Kind)
    ground = models.CharField(_("ground"), max_length=14, choices=Ground, blank=True)
    reason = models.TextField(_("reason"))
    new_scope = models.TextField(_("new scope of use"), blank=True)
    new_size = AmountField(_("new size in yuan a year"), null=True, blank=True)
    done_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["fund", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="scope", ground="") | (~Q(kind="scope") & ~Q(ground="")), name="fund_change_has_ground"
            ),
            models.CheckConstraint(
                condition=Q(new_size__isnull=True) | Q(new_size__gt=0), name="fund_change_size_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.fund}: {self.get_kind_display()}"


CONTENTS = (
    "basis", "use", "scope", "duties", "term", "allocation", "spending", "approval", "performance", "inspection",
    "liability",
)  # fmt: skip
"""What the rules of a fund have to say, each in a column of FundRules."""


class FundRules(models.Model):
    """One version of the rules of a fund, in the points that the measures require."""

    fund = models.ForeignKey(Fund, models.PROTECT, related_name="rules")
    number = models.PositiveSmallIntegerField()
    case = models.OneToOneField(Case, models.PROTECT, null=True, blank=True, related_name="fund_rules")
    change = models.OneToOneField(FundChange, models.PROTECT, null=True, blank=True, related_name="rules")
    basis = models.TextField(_("basis"), blank=True)
    use = models.TextField(_("purpose"), blank=True)
    scope = models.TextField(_("scope of use and conditions"), blank=True)
    duties = models.TextField(_("duties of each department"), blank=True)
    term = models.TextField(_("term"), blank=True)
    allocation = models.TextField(_("method of allocation"), blank=True)
    spending = models.TextField(_("management of spending"), blank=True)
    approval = models.TextField(_("procedure of approval"), blank=True)
    performance = models.TextField(_("performance management"), blank=True)
    inspection = models.TextField(_("supervision and inspection"), blank=True)
    liability = models.TextField(_("accountability"), blank=True)
    in_force_on = models.DateField(_("in force from"), null=True, blank=True)
    replaced_on = models.DateField(_("replaced on"), null=True, blank=True)

    class Meta:
        ordering = ["fund", "number"]
        constraints = [
            models.UniqueConstraint(fields=["fund", "number"], name="fund_rules_number"),
            models.UniqueConstraint(
                fields=["fund"],
                condition=Q(in_force_on__isnull=False, replaced_on__isnull=True),
                name="fund_rules_one_in_force",
            ),
            models.CheckConstraint(
                condition=Q(in_force_on__isnull=True)
                | ~(
                    Q(basis="") | Q(use="") | Q(scope="") | Q(duties="") | Q(term="") | Q(allocation="")
                    | Q(spending="") | Q(approval="") | Q(performance="") | Q(inspection="") | Q(liability="")
                ),
                name="fund_rules_in_force_are_complete",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.fund} #{self.number}"

    def missing(self) -> list[str]:
        """Names of the points that say nothing yet."""
        return [name for name in CONTENTS if not getattr(self, name).strip()]
