"""What a person has set up for daily work: saved filters, the calendar feed, which mails to get."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from organizations.models import User


class SavedFilter(models.Model):
    """A list's filters under a name. `query` is the address's query, checked against the keys that the list knows."""

    user = models.ForeignKey(User, models.CASCADE, related_name="saved_filters")
    listing = models.SlugField(max_length=20)
    name = models.CharField(_("name"), max_length=40)
    query = models.CharField(max_length=1000)
    is_default = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["listing", "name"]
        constraints = [
            models.UniqueConstraint(fields=["user", "listing", "name"], name="saved_filter_named_once"),
            models.UniqueConstraint(
                fields=["user", "listing"], condition=Q(is_default=True), name="saved_filter_one_default"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CalendarFeed(models.Model):
    """The secret address of a person's due dates. Only the hash of its token is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="calendar_feeds")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(revoked_at__isnull=True), name="calendar_feed_one")
        ]

    def __str__(self) -> str:
        return str(self.user)


class MailPreference(models.Model):
    """Which mails a person wants; without a row, both. `immediate_from`: older notices are not mailed any more."""

    user = models.OneToOneField(User, models.CASCADE, related_name="mail_preference")
    immediate = models.BooleanField(_("a mail for each notice"), default=True)
    immediate_from = models.DateTimeField()
    digest = models.BooleanField(_("a digest each working morning"), default=True)

    def __str__(self) -> str:
        return str(self.user)


class DigestMail(models.Model):
    """The digest of one person on one day; its row is the claim. `lines` 0: there was nothing to say."""

    user = models.ForeignKey(User, models.CASCADE, related_name="digest_mails")
    day = models.DateField()
    lines = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["-day", "user"]
        constraints = [models.UniqueConstraint(fields=["user", "day"], name="digest_once_a_day")]

    def __str__(self) -> str:
        return f"{self.user} {self.day}"
