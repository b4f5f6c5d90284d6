"""Asking for data, agreeing on its use, the right that results, and every read under it."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from cases.models import Attachment, Case
from catalog.models import Resource, ResourceItem, SharingMethod
from organizations.models import Organization, OrganizationFunction, User

# Ways of reading by which of the agreed methods. A batch exchange fetches files; an offline package is handed over
# outside the platform.
METHODS_OF = {
    "csv": {SharingMethod.DOWNLOAD, SharingMethod.BATCH_EXCHANGE},
    "api": {SharingMethod.API},
    "online": {SharingMethod.ONLINE_QUERY},
}


def named_methods(methods: Iterable[str]) -> str:
    """Sharing methods in words of the active language."""
    return gettext(", ").join(str(SharingMethod(method).label) for method in methods)


class ShareRequest(models.Model):
    """What a department asks for (Order 809 art. 20: basis, scene, scope, way, time). A draft has no case yet."""

    case = models.OneToOneField(Case, models.PROTECT, null=True, blank=True, related_name="share_request")
    resource = models.ForeignKey(Resource, models.PROTECT, related_name="share_requests")
    applicant = models.ForeignKey(Organization, models.PROTECT, related_name="share_requests")
    drafted_by = models.ForeignKey(User, models.PROTECT, related_name="share_requests")
    function = models.ForeignKey(
        OrganizationFunction, models.PROTECT, null=True, blank=True, related_name="share_requests"
    )
    fits_no_function = models.BooleanField(default=False, help_text="said deliberately, not just left open")
    no_function_reason = models.TextField(blank=True, help_text="why it is asked for although none fits")
    basis = models.TextField(_("basis of use"), blank=True)
    scenario = models.TextField(_("scenario of use"), blank=True)
    scope = models.TextField(_("scope of use"), blank=True)
    items = models.ManyToManyField(ResourceItem, related_name="share_requests", blank=True)
    methods = ArrayField(
        models.CharField(max_length=16, choices=SharingMethod),
        verbose_name=_("sharing methods"),
        default=list,
        blank=True,
    )
    valid_from = models.DateField(_("from"), null=True, blank=True)
    valid_until = models.DateField(_("until"), null=True, blank=True)
    calls_per_day = models.PositiveIntegerField(_("calls a day"), null=True, blank=True)
    attachments = models.ManyToManyField(Attachment, related_name="share_requests", blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-updated_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True)
                | Q(valid_from__isnull=True)
                | Q(valid_until__gte=F("valid_from")),
                name="share_request_period",
            ),
            models.CheckConstraint(
                condition=Q(case__isnull=True)
                | (~Q(basis="") & ~Q(scenario="") & ~Q(scope="") & ~Q(methods=[]) & Q(valid_until__isnull=False)),
                name="share_request_filed_is_complete",
            ),
            models.CheckConstraint(
                condition=Q(function__isnull=True) | Q(fits_no_function=False), name="share_request_one_statement"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.applicant.short_name}: {self.resource.title}"

    @property
    def methods_named(self) -> str:
        """The methods asked for, in words."""
        return named_methods(self.methods)


class Agreement(models.Model):
    """What both sides sign before data flows. The text is fixed when drawn up; `digest` is its SHA-256."""

    class Kind(models.TextChoices):
        USE = "use", _("use and protection agreement")
        CONFIDENTIALITY = "confidentiality", _("confidentiality agreement")

    request = models.ForeignKey(ShareRequest, models.PROTECT, related_name="agreements")
    kind = models.CharField(max_length=16, choices=Kind)
    text_zh = models.TextField()
    text_en = models.TextField()
    digest = models.CharField(max_length=64)
    drawn_up_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True, blank=True)
    pdf = models.FileField(upload_to="agreements/%Y/%m/", blank=True)
    pdf_digest = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["request", "id"]
        constraints = [models.UniqueConstraint(fields=["request", "kind"], name="agreement_kind_unique")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.request_id}"


class Signature(models.Model):
    """One side's signature under an agreement. `side` empty `signed_at` null: still awaited."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="signatures")
    party = models.SlugField(max_length=40)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="signatures")
    person = models.ForeignKey(User, models.PROTECT, null=True, related_name="signatures")
    signed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["agreement", "id"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "party", "organization"], name="signature_once"),
            models.CheckConstraint(
                condition=Q(signed_at__isnull=True, person__isnull=True)
                | Q(signed_at__isnull=False, person__isnull=False),
                name="signature_names_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization} {self.signed_at or ''}"


class Grant(models.Model):
    """The right that results from a request: who may read which columns, for what, how much, until when."""

    class Status(models.TextChoices):
        ACTIVE = "active", pgettext_lazy("grant", "active")
        SUSPENDED = "suspended", _("suspended")
        REVOKED = "revoked", _("revoked")
        EXPIRED = "expired", _("expired")

    request = models.OneToOneField(ShareRequest, models.PROTECT, related_name="grant")
    resource = models.ForeignKey(Resource, models.PROTECT, related_name="grants")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="grants")
    purpose = models.TextField(_("purpose"))
    methods = ArrayField(models.CharField(max_length=16, choices=SharingMethod), verbose_name=_("sharing methods"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.ACTIVE)
    valid_from = models.DateField(_("from"))
    valid_until = models.DateField(_("until"))
    rows_per_call = models.PositiveIntegerField(_("rows a call"))
    rows_total = models.PositiveBigIntegerField(_("rows in total"), null=True, blank=True)
    calls_per_minute = models.PositiveIntegerField(_("calls a minute"))
    calls_per_day = models.PositiveIntegerField(_("calls a day"))
    rows_used = models.PositiveBigIntegerField(default=0)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_because = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-began_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(valid_until__gte=F("valid_from")), name="grant_period"),
            models.CheckConstraint(
                condition=Q(rows_total__isnull=True) | Q(rows_used__lte=F("rows_total")), name="grant_row_budget"
            ),
        ]
        indexes = [
            models.Index(fields=["valid_until"], condition=Q(status="active"), name="grant_expiry"),
            models.Index(fields=["organization", "-began_at", "-id"], name="grant_listing"),
        ]

    def __str__(self) -> str:
        return f"{self.organization.short_name}: {self.resource.title}"

    @property
    def methods_named(self) -> str:
        """The methods agreed on, in words."""
        return named_methods(self.methods)

    @property
    def channels(self) -> list[str]:
        """The ways of reading that the agreed methods allow, by AccessOpened.Channel."""
        return [channel for channel, methods in METHODS_OF.items() if not methods.isdisjoint(self.methods)]

    @property
    def why_ended(self) -> str:
        """Why it ended or is suspended: the reason that was given, or that its period is over; "" while it runs."""
        if self.status == self.Status.EXPIRED:
            return gettext("The period of the grant is over.")
        return self.ended_because if self.status != self.Status.ACTIVE else ""


class GrantColumn(models.Model):
    """A column that a grant covers, in the order asked for. `masked`: shown masked as its item says."""

    grant = models.ForeignKey(Grant, models.CASCADE, related_name="columns")
    item = models.ForeignKey(ResourceItem, models.PROTECT, related_name="grant_columns")
    masked = models.BooleanField(default=False)

    class Meta:
        ordering = ["grant", "item__position"]
        constraints = [models.UniqueConstraint(fields=["grant", "item"], name="grant_column_unique")]

    def __str__(self) -> str:
        return self.item.code


class GrantUsage(models.Model):
    """Calls of a grant in one window of time. Raised by one statement per call; a refused call is not counted."""

    class Window(models.TextChoices):
        MINUTE = "minute"
        DAY = "day"

    grant = models.ForeignKey(Grant, models.CASCADE, related_name="usage")
    window = models.CharField(max_length=6, choices=Window)
    starts_at = models.DateTimeField()
    calls = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["grant", "-starts_at"]
        constraints = [models.UniqueConstraint(fields=["grant", "window", "starts_at"], name="grant_usage_window")]

    def __str__(self) -> str:
        return f"{self.window} {self.starts_at:%Y-%m-%d %H:%M}: {self.calls}"


class Credential(models.Model):
    """A grant's own key to the API. Shown once, kept as a hash, never in an address or a log."""

    grant = models.ForeignKey(Grant, models.CASCADE, related_name="credentials")
    digest = models.CharField(max_length=64, unique=True)
    prefix = models.CharField(max_length=8)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.prefix}…"


class AccessOpened(models.Model):
    """A read that began, or was refused: who, by which grant, which columns, for what. Append-only."""

    class Channel(models.TextChoices):
        CSV = "csv", _("file download")
        API = "api", _("API")
        ONLINE = "online", _("online query")

    grant = models.ForeignKey(Grant, models.PROTECT, null=True, related_name="reads")
    resource = models.ForeignKey(Resource, models.PROTECT, related_name="reads")
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="reads")
    person = models.ForeignKey(User, models.PROTECT, null=True, related_name="reads")
    credential = models.ForeignKey(Credential, models.PROTECT, null=True, related_name="reads")
    channel = models.CharField(max_length=8, choices=Channel)
    purpose = models.TextField(blank=True)
    columns = ArrayField(models.CharField(max_length=40), default=list)
    filters = models.JSONField(default=dict)
    address = models.CharField(max_length=64, blank=True)
    opened_at = models.DateTimeField(default=timezone.now)
    refused = models.CharField(max_length=60, blank=True, help_text="reason code of a refusal; empty if allowed")

    class Meta:
        ordering = ["-opened_at", "-id"]
        indexes = [
            models.Index(fields=["resource", "-opened_at", "-id"], name="access_by_resource"),
            models.Index(fields=["organization", "-opened_at", "-id"], name="access_by_organization"),
        ]

    def __str__(self) -> str:
        return f"{self.opened_at:%Y-%m-%d %H:%M} {self.channel}"


class AccessClosed(models.Model):
    """How a read ended. Append-only; a read never closed is closed as unknown by the sweep."""

    class Ending(models.TextChoices):
        COMPLETE = "complete", pgettext_lazy("reading", "complete")
        BROKEN = "broken", _("broken off by the reader")
        STOPPED = "stopped", _("stopped, the grant ended")
        FAILED = "failed", _("failed")
        UNKNOWN = "unknown", _("unknown")

    opened = models.OneToOneField(AccessOpened, models.PROTECT, related_name="closed")
    rows = models.PositiveBigIntegerField(default=0)
    bytes = models.PositiveBigIntegerField(default=0)
    ending = models.CharField(max_length=8, choices=Ending)
    closed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-closed_at"]

    def __str__(self) -> str:
        return f"{self.ending} {self.rows}"


class Objection(models.Model):
    """A consumer says that data is wrong (Order 809 art. 26)."""

    case = models.OneToOneField(Case, models.PROTECT, null=True, blank=True, related_name="objection")
    resource = models.ForeignKey(Resource, models.PROTECT, related_name="objections")
    applicant = models.ForeignKey(Organization, models.PROTECT, related_name="objections")
    raised_by = models.ForeignKey(User, models.PROTECT, related_name="objections")
    items = models.ManyToManyField(ResourceItem, related_name="objections", blank=True)
    record_key = models.CharField(_("record"), max_length=200, blank=True)
    description = models.TextField(_("what is wrong"))
    suggested = models.TextField(_("what would be right"), blank=True)
    attachments = models.ManyToManyField(Attachment, related_name="objections", blank=True)
    correction_batch = models.PositiveBigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.applicant.short_name}: {self.resource.title}"


class ResourceGroupPermission(GroupObjectPermissionBase):
    """Guardian's direct-key mirror of grants: the organization's group may read the resource's data."""

    content_object = models.ForeignKey(Resource, models.CASCADE)

    class Meta(GroupObjectPermissionBase.Meta):
        abstract = False


class ResourceUserPermission(UserObjectPermissionBase):
    """Guardian asks for both; nobody is granted data as a person."""

    content_object = models.ForeignKey(Resource, models.CASCADE)

    class Meta(UserObjectPermissionBase.Meta):
        abstract = False
