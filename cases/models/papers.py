"""What people are told and what they hand in."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.models.matter import Case
from organizations.models import Organization, User


class Notification(models.Model):
    """A line in a person's notices. Text is made when shown, from `kind` and `context`, in the reader's language."""

    user = models.ForeignKey(User, models.CASCADE, related_name="notifications")
    case = models.ForeignKey(Case, models.CASCADE, null=True, related_name="notifications")
    kind = models.SlugField(max_length=40)
    context = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)
    mail_attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["user", "-created_at", "-id"], name="notification_listing"),
            models.Index(fields=["id"], condition=Q(mailed_at__isnull=True), name="notification_unmailed"),
        ]

    def __str__(self) -> str:
        return self.kind


class Attachment(models.Model):
    """A file handed in with an action. Kept by digest; type and size are checked by content."""

    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="attachments")
    name = models.CharField(_("file name"), max_length=200)
    size = models.PositiveBigIntegerField()
    content_type = models.CharField(max_length=100)
    digest = models.CharField(max_length=64)
    scanned_by = models.CharField(
        max_length=200, blank=True, help_text="scanner that found nothing; empty: not scanned"
    )
    file = models.FileField(upload_to="attachments/%Y/%m/")
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="attachments")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="attachments")
    uploaded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name
