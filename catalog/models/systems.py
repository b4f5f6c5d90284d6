"""The register of information systems: what each organization runs, builds or has retired."""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalog.models.entries import Resource
from organizations.models import Jurisdiction, Organization


class InformationSystem(models.Model):
    """One information system of an organization. `yearly_cost`: yuan a year for its operation."""

    class Status(models.TextChoices):
        PLANNED = "planned", pgettext_lazy("system", "planned")
        BUILDING = "building", _("being built")
        IN_USE = "in_use", _("in use")
        RETIRED = "retired", _("retired")

    class Hosting(models.TextChoices):
        CLOUD = "cloud", _("government cloud")
        OWN_ROOM = "own_room", _("own machine room")
        SUPERIOR = "superior", _("platform of a superior organ")

    class Network(models.TextChoices):
        EXTRANET = "extranet", _("government extranet")
        INTRANET = "intranet", _("internal network")
        INTERNET = "internet", _("internet")

    class Grade(models.IntegerChoices):
        """Levels of classified protection of network security."""

        ONE = 1, _("level 1")
        TWO = 2, _("level 2")
        THREE = 3, _("level 3")
        FOUR = 4, _("level 4")

    jurisdiction = models.ForeignKey(Jurisdiction, models.PROTECT, related_name="information_systems")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="information_systems")
    code = models.CharField(_("system code"), max_length=40)
    name = models.CharField(_("system name"), max_length=200)
    name_en = models.CharField(_("English name"), max_length=200, blank=True)
    purpose = models.TextField(_("purpose and functions"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.IN_USE)
    hosting = models.CharField(_("hosting"), max_length=10, choices=Hosting, default=Hosting.CLOUD)
    network = models.CharField(_("network"), max_length=10, choices=Network, default=Network.EXTRANET)
    security_grade = models.PositiveSmallIntegerField(_("security level"), choices=Grade, null=True, blank=True)
    docked_with_exchange = models.BooleanField(_("connected with the exchange platform"), default=False)
    of_superior = models.BooleanField(_("system of a superior organ"), default=False)
    taken_into_use = models.DateField(_("taken into use on"), null=True, blank=True)
    retired_on = models.DateField(_("retired on"), null=True, blank=True)
    yearly_cost = models.DecimalField(
        _("yearly operating cost"),
        max_digits=16,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    contact = models.CharField(_("contact"), max_length=80, blank=True)
    resources = models.ManyToManyField(Resource, related_name="systems", blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["organization", "name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["jurisdiction", "code"], name="system_code_unique"),
            models.UniqueConstraint(fields=["organization", "name"], name="system_name_of_owner_unique"),
            models.CheckConstraint(
                condition=Q(status="retired", retired_on__isnull=False)
                | (~Q(status="retired") & Q(retired_on__isnull=True)),
                name="system_retired_has_day",
            ),
            models.CheckConstraint(
                condition=Q(retired_on__isnull=True)
                | Q(taken_into_use__isnull=True)
                | Q(retired_on__gte=F("taken_into_use")),
                name="system_days_in_order",
            ),
            models.CheckConstraint(
                condition=Q(yearly_cost__isnull=True) | Q(yearly_cost__gte=0), name="system_cost_not_negative"
            ),
        ]
        indexes = [models.Index(fields=["jurisdiction", "-id"], name="system_register")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"
