"""A verification of the audit record that somebody asked for: how far it is and what it found."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from organizations.models import User

QUIET = timedelta(minutes=2)


class Verification(models.Model):
    """One run over all blocks, or over a sample (`numbers`). Kept as a page's progress; the proof is in the record.

    `findings`: the first differences as [kind, block, row]; `difference_count` counts all of them.
    """

    class Scope(models.TextChoices):
        SAMPLE = "sample", _("a sample of blocks")
        ALL = "all", _("every block")

    class Status(models.TextChoices):
        WAITING = "waiting", _("waiting for a worker")
        RUNNING = "running", _("being verified")
        CLEAN = "clean", _("nothing differs")
        DIFFERENT = "different", _("differences found")
        FAILED = "failed", _("broken off")

    requested_by = models.ForeignKey(User, models.PROTECT, related_name="verifications")
    scope = models.CharField(_("scope"), max_length=8, choices=Scope)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.WAITING)
    numbers: models.JSONField[Any, Any] = models.JSONField(default=list)
    next_block = models.PositiveBigIntegerField(default=1)
    blocks_total = models.PositiveBigIntegerField(default=0)
    blocks_done = models.PositiveBigIntegerField(default=0)
    entries_done = models.PositiveBigIntegerField(default=0)
    findings: models.JSONField[Any, Any] = models.JSONField(default=list)
    difference_count = models.PositiveBigIntegerField(default=0)
    requested_at = models.DateTimeField(default=timezone.now)
    heartbeat_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("verification of the record")
        verbose_name_plural = _("verifications of the record")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.get_scope_display()} {self.requested_at:%Y-%m-%d %H:%M}"

    @property
    def is_open(self) -> bool:
        return self.status in (self.Status.WAITING, self.Status.RUNNING)

    def is_quiet(self, now: datetime) -> bool:
        """Open, but nothing was heard of it for two minutes: its worker is gone, or there is none."""
        return self.is_open and now - self.heartbeat_at > QUIET
