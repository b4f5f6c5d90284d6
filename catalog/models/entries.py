"""The catalogue: resources, their items, directories and versions."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cases.models import Attachment, Case
from organizations.models import Jurisdiction, Organization, User


class Directory(models.TextChoices):
    BASE = "base", _("base directory")
    THEMATIC = "thematic", _("thematic directory")
    DEPARTMENTAL = "departmental", _("departmental directory")


class SharingClass(models.TextChoices):
    UNCONDITIONAL = "unconditional", _("unconditional")
    CONDITIONAL = "conditional", _("conditional")
    WITHHELD = "withheld", _("withheld")


class OpeningClass(models.TextChoices):
    UNCONDITIONAL = "unconditional", pgettext_lazy("to society", "open")
    ON_REQUEST = "on_request", _("open on request")
    CLOSED = "closed", _("not open")


class UpdateCycle(models.TextChoices):
    REAL_TIME = "real_time", _("real time")
    DAILY = "daily", _("daily")
    WEEKLY = "weekly", _("weekly")
    MONTHLY = "monthly", _("monthly")
    QUARTERLY = "quarterly", _("quarterly")
    HALF_YEARLY = "half_yearly", _("half-yearly")
    YEARLY = "yearly", _("yearly")
    IRREGULAR = "irregular", _("irregular")


class SharingMethod(models.TextChoices):
    API = "api", _("API")
    DOWNLOAD = "download", _("file download")
    ONLINE_QUERY = "online_query", _("online query")
    BATCH_EXCHANGE = "batch_exchange", _("batch exchange")
    OFFLINE = "offline", _("offline package")


class ResourceFormat(models.TextChoices):
    """Format groups of the 2017 compilation guide."""

    DOCUMENT = "document", _("electronic document")
    SPREADSHEET = "spreadsheet", _("spreadsheet")
    DATABASE = "database", _("database")
    IMAGE = "image", _("graphics and images")
    STREAM = "stream", _("streaming media")
    SELF_DESCRIBING = "self_describing", _("self-describing format")
    SERVICE = "service", _("service interface")


class Sensitivity(models.TextChoices):
    """Level of data grading (Order 809 art. 13; Data Security Law art. 21)."""

    GENERAL = "general", _("general")
    IMPORTANT = "important", _("important")
    CORE = "core", _("core")


class Category(models.Model):
    """A node of a directory's classification: class, item, entry, sub-entry of the 2017 guide."""

    jurisdiction = models.ForeignKey(Jurisdiction, models.PROTECT, related_name="categories")
    directory = models.CharField(_("directory"), max_length=12, choices=Directory)
    code = models.CharField(_("classification code"), max_length=24)
    title = models.CharField(_("title"), max_length=80)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")

    class Meta:
        ordering = ["jurisdiction", "code"]
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        constraints = [models.UniqueConstraint(fields=["jurisdiction", "code"], name="category_code_unique")]

    def __str__(self) -> str:
        return self.title


class Resource(models.Model):
    """A catalogue entry: one body of government data, with the metadata of the 2017 guide and Order 809 art. 13."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        IN_REVIEW = "in_review", _("in review")
        PUBLISHED = "published", _("published")
        WITHDRAWN = "withdrawn", _("withdrawn")

    jurisdiction = models.ForeignKey(Jurisdiction, models.PROTECT, related_name="resources")
    provider = models.ForeignKey(Organization, models.PROTECT, related_name="resources")
    source_department = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="sourced_resources"
    )
    category = models.ForeignKey(Category, models.PROTECT, related_name="resources")
    directory = models.CharField(_("directory"), max_length=12, choices=Directory)
    code = models.CharField(_("resource code"), max_length=40)
    title = models.CharField(_("title"), max_length=200)
    sort_key = models.CharField(max_length=400, editable=False)
    summary = models.TextField(_("summary"))
    keywords = ArrayField(models.CharField(max_length=40), verbose_name=_("keywords"), default=list, blank=True)
    formats = ArrayField(
        models.CharField(max_length=16, choices=ResourceFormat), verbose_name=_("formats"), default=list
    )
    sharing_class = models.CharField(_("sharing class"), max_length=16, choices=SharingClass)
    sharing_condition = models.TextField(_("sharing condition"), blank=True)
    sharing_methods = ArrayField(
        models.CharField(max_length=16, choices=SharingMethod), verbose_name=_("sharing methods"), default=list
    )
    withheld_basis = models.TextField(_("legal basis for withholding"), blank=True)
    usage_terms = models.TextField(_("terms of use"), blank=True)
    named_recipients = models.ManyToManyField(Organization, blank=True, related_name="named_for")
    opening_class = models.CharField(
        _("opening class"), max_length=16, choices=OpeningClass, default=OpeningClass.CLOSED
    )
    opening_condition = models.TextField(_("opening condition"), blank=True)
    update_cycle = models.CharField(_("update cycle"), max_length=12, choices=UpdateCycle)
    holds_personal = models.BooleanField(_("holds personal information"), default=False)
    holds_commercial = models.BooleanField(_("holds commercial secrets"), default=False)
    sensitivity = models.CharField(_("data level"), max_length=12, choices=Sensitivity, default=Sensitivity.GENERAL)
    assessment = models.TextField(_("secrecy and personal-information assessment"), blank=True)
    assessed_on = models.DateField(_("assessed on"), null=True, blank=True)
    assessed_by = models.CharField(_("assessed by"), max_length=60, blank=True)
    collection_channel = models.CharField(_("collection channel"), max_length=120, blank=True)
    related = models.ManyToManyField("self", blank=True)
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.DRAFT)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    data_updated_at = models.DateTimeField(_("data updated"), null=True, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1)
    source_key = models.CharField(max_length=120, blank=True, help_text=_("key in an imported list"))
    source_digest = models.CharField(max_length=64, blank=True, editable=False, help_text="of the row last imported")
    source_updated_at = models.DateTimeField(_("last updated, as the imported list says"), null=True, blank=True)
    search = SearchVectorField(null=True, editable=False)
    search_text = models.TextField(editable=False, default="")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["sort_key", "id"]
        permissions = [("read_data", _("may read the data behind the entry"))]
        constraints = [
            models.UniqueConstraint(fields=["jurisdiction", "code"], name="resource_code_unique"),
            models.UniqueConstraint(
                fields=["jurisdiction", "source_key"], condition=~Q(source_key=""), name="resource_source_key_unique"
            ),
            models.CheckConstraint(
                condition=~Q(sharing_class="conditional", status="published") | ~Q(sharing_condition=""),
                name="resource_conditional_states_condition",
            ),
            models.CheckConstraint(
                condition=~Q(sharing_class="withheld", status="published") | ~Q(withheld_basis=""),
                name="resource_withheld_states_basis",
            ),
        ]
        indexes = [
            GinIndex(fields=["search"], name="resource_search_terms", fastupdate=False),
            models.Index(fields=["jurisdiction", "status", "sort_key", "id"], name="resource_listing"),
            models.Index(fields=["status", "sort_key", "id"], name="resource_listing_all"),
            models.Index(fields=["provider", "status", "sort_key", "id"], name="resource_listing_provider"),
        ]

    def __str__(self) -> str:
        return self.title


class ResourceItem(models.Model):
    """One field of a resource. `code` is the column heading of its data: a plain ASCII identifier."""

    class DataType(models.TextChoices):
        TEXT = "text", _("text")
        INTEGER = "integer", _("integer")
        NUMBER = "number", pgettext_lazy("data type", "number")
        DATE = "date", _("date")
        DATETIME = "datetime", _("date and time")
        BOOLEAN = "boolean", _("yes or no")
        IDENTITY = "identity", _("identity number (GB 11643)")
        CREDIT_CODE = "credit_code", _("unified social credit code (GB 32100)")

    class Mask(models.TextChoices):
        NONE = "none", _("not masked")
        NAME = "name", _("name: first character only")
        IDENTITY = "identity", _("number: first and last characters")
        FULL = "full", _("hidden")

    resource = models.ForeignKey(Resource, models.CASCADE, null=True, related_name="items")
    retired_from = models.ForeignKey(
        Resource,
        models.CASCADE,
        null=True,
        related_name="retired_items",
        help_text="the entry that listed it once; requests and grants still name it",
    )
    position = models.PositiveSmallIntegerField(_("order"))
    code = models.SlugField(_("code"), max_length=40)
    title = models.CharField(_("name"), max_length=120)
    data_type = models.CharField(_("type"), max_length=12, choices=DataType, default=DataType.TEXT)
    length = models.PositiveIntegerField(_("length"), null=True, blank=True)
    required = models.BooleanField(_("required"), default=False)
    is_key = models.BooleanField(_("key"), default=False)
    meaning = models.CharField(_("meaning"), max_length=300, blank=True)
    values = ArrayField(models.CharField(max_length=60), verbose_name=_("allowed values"), default=list, blank=True)
    sensitivity = models.CharField(_("data level"), max_length=12, choices=Sensitivity, default=Sensitivity.GENERAL)
    sharing_class = models.CharField(_("sharing class"), max_length=16, choices=SharingClass, blank=True)
    mask = models.CharField(_("mask"), max_length=10, choices=Mask, default=Mask.NONE)

    class Meta:
        ordering = ["resource", "position"]
        constraints = [
            models.UniqueConstraint(fields=["resource", "code"], name="resource_item_code_unique"),
            models.UniqueConstraint(
                fields=["resource", "position"],
                name="resource_item_position_unique",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(
                condition=Q(resource__isnull=True) ^ Q(retired_from__isnull=True), name="resource_item_of_one_entry"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class ResourceVersion(models.Model):
    """What an entry said at a version: the whole entry with its items, as published."""

    resource = models.ForeignKey(Resource, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    published_at = models.DateTimeField(default=timezone.now)
    published_by = models.CharField(max_length=120)

    class Meta:
        ordering = ["resource", "-number"]
        constraints = [models.UniqueConstraint(fields=["resource", "number"], name="resource_version_unique")]

    def __str__(self) -> str:
        return f"{self.resource_id} v{self.number}"


class Publication(models.Model):
    """A matter of the catalogue: resources handed in together to be published."""

    case = models.OneToOneField(Case, models.PROTECT, null=True, blank=True, related_name="publication")
    title = models.CharField(_("title"), max_length=200)
    provider = models.ForeignKey(Organization, models.PROTECT, related_name="publications")
    submitted_by = models.ForeignKey(User, models.PROTECT, related_name="publications")
    resources = models.ManyToManyField(Resource, related_name="publications")
    attachments = models.ManyToManyField(Attachment, related_name="publications", blank=True)
    imported_from = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return self.title


class Revision(models.Model):
    """A change of a published entry on its way through review (Order 809 art. 17). The entry stays as it is meanwhile.

    `before` and `content`: the whole entry as it is and as proposed (see catalog.services.revisions). `base`: the
    version that it changes.
    """

    class Cause(models.TextChoices):
        LAW = "law", _("a law, regulation or State Council decision changed")
        FUNCTION = "function", _("the department's duties changed")
        CORRECTION = "correction", _("completed, corrected, or the data changed")

    case = models.OneToOneField(Case, models.PROTECT, null=True, blank=True, related_name="revision")
    resource = models.ForeignKey(Resource, models.PROTECT, related_name="revisions")
    base = models.PositiveIntegerField()
    before = models.JSONField()
    content = models.JSONField()
    cause = models.CharField(_("cause of the change"), max_length=12, choices=Cause)
    changed_on = models.DateField(_("day of the change"))
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="revisions")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.resource_id} v{self.base}"


class Withdrawal(models.Model):
    """A published entry on its way out of the catalogue, after those who use it were heard (Order 809 art. 27).

    `reason` and `ends_on`, the last day on which the data is provided, are those last stated in the case.
    `announced_at`: when the authority filed it, so that everybody may know. `withdrawn_at`: when the entry went.
    """

    case = models.OneToOneField(Case, models.PROTECT, null=True, blank=True, related_name="withdrawal")
    resource = models.ForeignKey(Resource, models.PROTECT, related_name="withdrawals")
    reason = models.TextField(_("reason"), blank=True)
    ends_on = models.DateField(_("provided until"), null=True, blank=True)
    announced_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="withdrawals")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.resource_id} {self.ends_on or ''}"


class Consultation(models.Model):
    """What one organization that uses an entry's data is asked before the entry is withdrawn."""

    case = models.OneToOneField(Case, models.PROTECT, null=True, blank=True, related_name="consultation")
    withdrawal = models.ForeignKey(Withdrawal, models.PROTECT, related_name="consultations")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="consultations")

    class Meta:
        ordering = ["withdrawal", "id"]

    def __str__(self) -> str:
        return f"{self.organization}: {self.withdrawal}"


class Synonym(models.Model):
    """Two words that mean one thing to a reader of the catalogue (品质, 质量); applied to the query, not the index."""

    word = models.CharField(_("word"), max_length=40)
    same_as = models.CharField(_("same as"), max_length=40)

    class Meta:
        ordering = ["word", "same_as"]
        constraints = [models.UniqueConstraint(fields=["word", "same_as"], name="synonym_unique")]

    def __str__(self) -> str:
        return f"{self.word} = {self.same_as}"
