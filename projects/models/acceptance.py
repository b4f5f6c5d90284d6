"""The acceptance of a project: the step after which it may be used."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cases.models import Case
from projects.models.register import Project


class Acceptance(models.Model):
    """One acceptance of a project; one that was withdrawn may be followed by the next, one that passed may not.

    `accepted_on`: the day on which it passed, from which the warranty counts. `report_filed_on`: when its report was
    filed, where the law asks for that.
    """

    project = models.ForeignKey(Project, models.PROTECT, related_name="acceptances")
    case = models.OneToOneField(Case, models.PROTECT, null=True, related_name="acceptance")
    round = models.PositiveSmallIntegerField(default=1)
    accepted_on = models.DateField(_("accepted on"), null=True, blank=True)
    report_filed_on = models.DateField(_("report filed on"), null=True, blank=True)

    class Meta:
        ordering = ["project", "round"]
        constraints = [
            models.UniqueConstraint(fields=["project", "round"], name="acceptance_round"),
            models.UniqueConstraint(
                fields=["project"], condition=Q(accepted_on__isnull=False), name="acceptance_passed_once"
            ),
            models.CheckConstraint(condition=Q(round__gte=1), name="acceptance_round_counts"),
            models.CheckConstraint(
                condition=Q(report_filed_on__isnull=True)
                | Q(accepted_on__isnull=False, report_filed_on__gte=F("accepted_on")),
                name="acceptance_report_after_it_passed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project} #{self.round}"
