"""What people say to each other about a case, and who follows it. None of it belongs to the record of decisions."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.models.matter import Case
from organizations.models import Organization, Position, User


class Comment(models.Model):
    """A remark on a case, for the author's organization alone or for everybody who may see the case.

    Only added to: a trigger refuses every change but the withdrawal.
    """

    class Audience(models.TextChoices):
        ORGANIZATION = "organization", _("my organization only")
        PARTIES = "parties", _("everybody who may see the case")

    case = models.ForeignKey(Case, models.PROTECT, related_name="comments")
    author = models.ForeignKey(User, models.PROTECT, related_name="comments")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="comments")
    position = models.CharField(max_length=16, choices=Position.Kind)
    audience = models.CharField(_("who reads it"), max_length=12, choices=Audience)
    text = models.TextField(_("comment"))
    created_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["case", "created_at", "id"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="comment_says_something")]

    def __str__(self) -> str:
        return f"{self.author} {self.created_at:%Y-%m-%d %H:%M}"


class Mention(models.Model):
    """Somebody whose attention a comment asks for. The notice is written with it."""

    comment = models.ForeignKey(Comment, models.PROTECT, related_name="mentions")
    user = models.ForeignKey(User, models.PROTECT, related_name="mentions")

    class Meta:
        ordering = ["comment", "id"]
        constraints = [models.UniqueConstraint(fields=["comment", "user"], name="mention_once")]

    def __str__(self) -> str:
        return str(self.user)


class Following(models.Model):
    """A person wants to hear of every event of a case. `told_seq`: the last event that the follower was told of."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="followings")
    user = models.ForeignKey(User, models.CASCADE, related_name="followings")
    since = models.DateTimeField()
    told_seq = models.PositiveIntegerField()

    class Meta:
        ordering = ["-since", "-id"]
        constraints = [models.UniqueConstraint(fields=["user", "case"], name="following_once")]

    def __str__(self) -> str:
        return f"{self.user}: {self.case}"
