"""The data itself: one typed table per resource, and the batches that filled it."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from catalog.models import Resource, ResourceItem
from organizations.models import User


class Dataset(models.Model):
    """The rows behind a resource. `table` is a generated name in the datasets database, empty before the first load."""

    class Status(models.TextChoices):
        EMPTY = "empty", _("no data")
        READY = "ready", _("data loaded")

    resource = models.OneToOneField(Resource, models.PROTECT, related_name="dataset")
    table = models.CharField(max_length=60, blank=True)
    row_count = models.BigIntegerField(_("rows"), default=0)
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.EMPTY)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["resource"]
        constraints = [
            models.CheckConstraint(condition=Q(status="empty") | ~Q(table=""), name="dataset_ready_has_table"),
            models.CheckConstraint(condition=Q(row_count__gte=0), name="dataset_row_count"),
        ]

    def __str__(self) -> str:
        return f"{self.resource}: {self.row_count}"


class DatasetColumn(models.Model):
    """One column of the current table. `code` is the item's code at the time of loading; `name` is generated."""

    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="columns")
    item = models.ForeignKey(ResourceItem, models.SET_NULL, null=True, related_name="+")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=20)
    code = models.CharField(max_length=40)
    data_type = models.CharField(max_length=12, choices=ResourceItem.DataType)
    is_key = models.BooleanField(default=False)

    class Meta:
        ordering = ["dataset", "position"]
        constraints = [
            models.UniqueConstraint(fields=["dataset", "name"], name="dataset_column_name_unique"),
            models.UniqueConstraint(fields=["dataset", "code"], name="dataset_column_code_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.code}"


class Batch(models.Model):
    """One load of rows: the file as it came, and what became of it."""

    class State(models.TextChoices):
        RECEIVED = "received", _("received, waiting")
        CHECKING = "checking", _("being checked")
        MERGING = "merging", _("being merged")
        MERGED = "merged", _("loaded")
        FAILED = "failed", _("not loaded")

    class Mode(models.TextChoices):
        REPLACE = "replace", _("replace all data")
        APPEND = "append", _("add rows")
        UPSERT = "upsert", _("add, and update rows with the same key")

    OPEN = (State.RECEIVED, State.CHECKING, State.MERGING)

    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    dataset = models.ForeignKey(Dataset, models.PROTECT, related_name="batches")
    mode = models.CharField(_("mode"), max_length=8, choices=Mode)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.RECEIVED)
    file_name = models.CharField(_("file"), max_length=200)
    size = models.BigIntegerField(_("size in bytes"))
    sha256 = models.CharField(max_length=64)
    encoding = models.CharField(_("encoding"), max_length=12, blank=True)
    read = models.BigIntegerField(_("rows read"), default=0)
    accepted = models.BigIntegerField(_("rows accepted"), default=0)
    rejected = models.BigIntegerField(_("rows rejected"), default=0)
    replaced = models.BigIntegerField(_("rows replaced"), default=0)
    reject_entries = models.BigIntegerField(default=0, help_text=_("lines in the file of rejects"))
    bytes_done = models.BigIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    error_code = models.CharField(max_length=40, blank=True)
    error_params = models.JSONField(default=dict, blank=True)
    loaded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    loaded_by_name = models.CharField(_("loaded by"), max_length=120)
    received_at = models.DateTimeField(_("received"), default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="merged") | Q(read=F("accepted") + F("rejected")), name="batch_accounts_for_each_row"
            ),
            models.CheckConstraint(condition=~Q(state="failed") | ~Q(error_code=""), name="batch_failed_says_why"),
        ]
        indexes = [
            models.Index(fields=["id"], name="batch_open", condition=Q(state__in=["received", "checking", "merging"])),
            models.Index(fields=["dataset", "-id"], name="batch_of_dataset"),
        ]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.get_state_display()})"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @cached_property
    def percent(self) -> int:
        """How much of the file has been read, 0 to 100."""
        if not self.is_open:
            return 100
        return min(99, self.bytes_done * 100 // max(self.size, 1))


class Reject(models.Model):
    """One thing wrong with one row; the first ones of a batch. The file of rejects has them all."""

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="rejects")
    line = models.BigIntegerField(_("line"))
    column = models.CharField(_("column"), max_length=40, blank=True)
    value = models.CharField(_("value"), max_length=80, blank=True)
    code = models.CharField(max_length=40)
    params = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["batch", "line", "id"]

    def __str__(self) -> str:
        return f"{self.line}: {self.code}"


class QualityFigure(models.Model):
    """Quality of one batch, percent: cells filled, rows whose key is their own, rows that passed every check."""

    batch = models.OneToOneField(Batch, models.CASCADE, related_name="quality")
    complete = models.DecimalField(_("complete"), max_digits=5, decimal_places=2)
    unique = models.DecimalField(_("unique"), max_digits=5, decimal_places=2)
    valid = models.DecimalField(_("valid"), max_digits=5, decimal_places=2)
    empty_cells = ArrayField(models.BigIntegerField(), default=list, help_text=_("per column, in the table's order"))

    class Meta:
        ordering = ["batch"]

    def __str__(self) -> str:
        return f"{self.batch_id}: {self.complete} / {self.unique} / {self.valid}"
