"""What goes wrong while a project is built, and is ordered to be put right."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cases.models import Case
from projects.models.register import Project


class Rectification(models.Model):
    """An order to the owner of a project to put something right by a date. Open or failed, it stops money."""

    class Kind(models.TextChoices):
        AGAINST_APPROVAL = "against_approval", _("built against its approval")
        UNAPPROVED_CHANGE = "unapproved_change", _("changed without approval")
        ACCEPTANCE_DELAYED = "acceptance_delayed", _("acceptance delayed without reason")
        NOT_SHARING = "not_sharing", _("does not share as required")
        CONTRACTOR = "contractor", _("fault of the contractor")
        OTHER = "other", pgettext_lazy("rectification", "something else")

    project = models.ForeignKey(Project, models.PROTECT, related_name="rectifications")
    case = models.OneToOneField(Case, models.PROTECT, null=True, related_name="rectification")
    kind = models.CharField(_("what has to be put right"), max_length=20, choices=Kind)
    findings = models.TextField(_("findings"))

    class Meta:
        ordering = ["project", "id"]
        constraints = [models.CheckConstraint(condition=~Q(findings=""), name="rectification_says_what")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.findings[:80]}"
