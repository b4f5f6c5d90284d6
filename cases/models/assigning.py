"""Who of an organization handles what awaits it. Advice for lists: it gives no right and closes no door."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cases.models.matter import Case, CaseParty
from organizations.models import Organization, Position, User


class Assignment(models.Model):
    """One holder of an awaited hand was named to handle it. At most one is open for a hand; ended ones stay."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="assignments")
    party = models.ForeignKey(CaseParty, models.CASCADE, related_name="assignments")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="assignments")
    position = models.CharField(max_length=16, choices=Position.Kind)
    assignee = models.ForeignKey(User, models.PROTECT, related_name="assignments")
    assigned_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    note = models.CharField(_("note"), max_length=300, blank=True)
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["case", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "party", "position"], condition=Q(ended_at__isnull=True), name="assignment_one_open"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("at")), name="assignment_period"
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization", "assignee"], condition=Q(ended_at__isnull=True), name="assignment_workload"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assignee} {self.position}"
