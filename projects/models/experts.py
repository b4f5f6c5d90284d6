"""Experts who review plans: the library of a place, and each panel drawn from it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.models import Case
from organizations.models import Jurisdiction, Organization, User
from projects.models.register import Project, ProjectReview


class Expert(models.Model):
    """A person in the expert library of a place, with what keeps the person off a panel."""

    class Field(models.TextChoices):
        ARCHITECTURE = "architecture", _("system architecture")
        SECURITY = "security", _("information security")
        DATA = "data", _("data and sharing")
        NETWORK = "network", _("networks")
        BUDGET = "budget", _("cost and budget")
        BUSINESS = "business", _("business of government")
        LAW = "law", _("law and regulation")

    jurisdiction = models.ForeignKey(Jurisdiction, models.PROTECT, related_name="experts")
    user = models.OneToOneField(User, models.PROTECT, related_name="expert", verbose_name=_("person"))
    employer = models.CharField(_("employer"), max_length=200)
    employer_organization = models.ForeignKey(
        Organization,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="experts_employed",
        verbose_name=_("employer as an organization of the portal"),
    )
    title = models.CharField(_("professional title"), max_length=80, blank=True)
    fields = ArrayField(models.CharField(max_length=14, choices=Field), verbose_name=_("fields of expertise"))
    involvement = models.TextField(
        _("projects taken part in"), blank=True, help_text=_("Number or name of a project, one a line.")
    )
    conflicts = models.TextField(
        _("known conflicts"), blank=True, help_text=_("Organizations and firms with full name, one a line.")
    )
    active = models.BooleanField(_("may be drawn"), default=True)
    added_on = models.DateField(default=timezone.localdate)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=~Q(employer=""), name="expert_has_an_employer"),
            models.CheckConstraint(condition=Q(fields__len__gte=1), name="expert_has_a_field"),
        ]
        indexes = [models.Index(fields=["jurisdiction", "active", "id"], name="expert_library")]

    def __str__(self) -> str:
        return self.user.full_name


class ExpertReview(models.Model):
    """One panel for one project. `plan_review`: the review of the plan within which it was begun."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="expert_reviews")
    plan_review = models.ForeignKey(ProjectReview, models.PROTECT, null=True, related_name="panels")
    case = models.OneToOneField(Case, models.PROTECT, null=True, related_name="expert_review")

    class Meta:
        ordering = ["project", "id"]

    def __str__(self) -> str:
        return f"{self.project} · {self.case or ''}"


class PanelDraw(models.Model):
    """One draw of lots, kept so that anybody can do it again: who could be drawn, the random seed, the order.

    `eligible` and `order` hold ids of experts, of whom the first `at_once` were seated by the draw itself; those after
    them follow when somebody leaves. A draw after the first happens when the order is used up.
    """

    review = models.ForeignKey(ExpertReview, models.PROTECT, related_name="draws")
    number = models.PositiveSmallIntegerField()
    seed = models.CharField(max_length=64)
    eligible = ArrayField(models.BigIntegerField())
    order = ArrayField(models.BigIntegerField())
    at_once = models.PositiveSmallIntegerField()
    drawn_at = models.DateTimeField()

    class Meta:
        ordering = ["review", "number"]
        constraints = [models.UniqueConstraint(fields=["review", "number"], name="panel_draw_number")]

    def __str__(self) -> str:
        return f"{self.review} #{self.number}"


class Panellist(models.Model):
    """An expert's seat in a panel. Who left it keeps the row, with the reason, and is not drawn again."""

    class Status(models.TextChoices):
        SEATED = "seated", _("on the panel")
        RECUSED = "recused", _("stood aside")
        REPLACED = "replaced", _("replaced")

    review = models.ForeignKey(ExpertReview, models.PROTECT, related_name="panellists")
    draw = models.ForeignKey(PanelDraw, models.PROTECT, related_name="panellists")
    expert = models.ForeignKey(Expert, models.PROTECT, related_name="seats")
    seat = models.PositiveSmallIntegerField(_("seat"))
    status = models.CharField(max_length=8, choices=Status, default=Status.SEATED)
    reason = models.TextField(_("reason"), blank=True)
    drawn_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["review", "seat", "id"]
        constraints = [
            models.UniqueConstraint(fields=["review", "expert"], name="panellist_drawn_once"),
            models.UniqueConstraint(fields=["review", "seat"], condition=Q(status="seated"), name="panel_seat_once"),
            models.CheckConstraint(
                condition=Q(status="seated", left_at__isnull=True)
                | (~Q(status="seated") & Q(left_at__gte=F("drawn_at"))),
                name="panellist_left_or_seated",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seat}: {self.expert}"
