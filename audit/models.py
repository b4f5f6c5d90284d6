"""The tamper-evident record: entries, and the signed blocks that close over them.

Rows of both tables are only ever added (a trigger refuses the rest). People and organizations are kept as text
and ids without foreign keys, so that the record outlives what it speaks of. See docs/decisions/0002-audit-record.md.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audit.fields import CurrentTransaction, TransactionIdField


class AuditEntry(models.Model):
    """One thing that somebody did. `at` is when it counts, `recorded_at` when it was written down.

    `epoch` and `transaction` are filled by the database: the position of the row in the order of sealing.
    """

    epoch = models.PositiveIntegerField(db_default=1, editable=False)
    transaction = TransactionIdField(db_default=CurrentTransaction(), editable=False)
    recorded_at = models.DateTimeField(_("recorded at"))
    at = models.DateTimeField(_("at"))
    verb = models.TextField(_("act"))
    person_id = models.BigIntegerField()
    person = models.TextField(_("person"))
    position = models.TextField(_("position"))
    organization_id = models.BigIntegerField()
    organization = models.TextField(_("organization"))
    jurisdiction = models.TextField(_("jurisdiction"))
    address = models.TextField(_("address"))
    subject = models.TextField(_("subject"))
    subject_id = models.TextField(_("subject number"))
    data: models.JSONField[Any, Any] = models.JSONField(_("details"), default=dict)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["epoch", "transaction", "id"], name="audit_entry_sealing"),
            models.Index(fields=["jurisdiction", "-id"], name="audit_entry_listing"),
            models.Index(fields=["subject", "subject_id"], name="audit_entry_subject"),
        ]
        constraints = [models.CheckConstraint(condition=~Q(verb=""), name="audit_entry_has_verb")]

    def __str__(self) -> str:
        return f"{self.pk} {self.verb}"


class AuditBlock(models.Model):
    """A closed run of entries in the order (epoch, transaction, id), chained to the block before and signed.

    `header` is what was signed: deterministic JSON of the columns before it. `ids` (8 bytes each, big endian) and
    `leaves` (hashes, 32 bytes each) keep every row's, so that a difference can be named and a proof needs one row.
    """

    number = models.BigIntegerField(_("number"), primary_key=True)
    epoch = models.PositiveIntegerField(_("epoch"))
    first_transaction = TransactionIdField()
    first_id = models.BigIntegerField()
    last_transaction = TransactionIdField()
    last_id = models.BigIntegerField()
    count = models.PositiveIntegerField(_("entries"))
    root = models.BinaryField(_("root"))
    previous = models.BinaryField(_("previous header's hash"))
    header = models.BinaryField()
    signature = models.BinaryField()
    key_id = models.CharField(_("signing key"), max_length=16)
    sealed_at = models.DateTimeField(_("sealed at"))
    ids = models.BinaryField()
    leaves = models.BinaryField()

    class Meta:
        verbose_name = _("audit block")
        verbose_name_plural = _("audit blocks")
        ordering = ["-number"]
        indexes = [models.Index(fields=["epoch", "last_transaction", "last_id"], name="audit_block_of_entry")]
        constraints = [
            models.CheckConstraint(condition=Q(number__gte=1), name="audit_block_number"),
            models.CheckConstraint(condition=Q(count__gte=1), name="audit_block_not_empty"),
        ]

    def __str__(self) -> str:
        return str(self.number)
