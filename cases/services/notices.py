"""Notices read, and mailed."""

from __future__ import annotations

import logging

from django.core import mail as django_mail
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone, translation

from cases import wording
from cases.models import Notification
from organizations.actors import Actor

logger = logging.getLogger(__name__)

MAIL_CHUNK = 100
MAIL_ATTEMPTS = 5


def read_notices(actor: Actor, *, ids: list[int] | None = None) -> int:
    """Mark the actor's notices as read, all of them without `ids`. Returns how many were unread."""
    rows = Notification.objects.filter(user=actor.user, read_at__isnull=True)
    if ids is not None:
        rows = rows.filter(pk__in=ids)
    return rows.update(read_at=timezone.now())


def send_mail() -> int:
    """Send notices that have not been mailed to people who have an address. Returns how many were sent.

    Rows are claimed and skipped while somebody else holds them; a failure is counted and tried again.
    """
    with transaction.atomic():
        waiting = (
            Notification.objects.filter(_wanted(), mailed_at__isnull=True, mail_attempts__lt=MAIL_ATTEMPTS)
            .exclude(user__email="")
            .select_related("user", "case")
            .select_for_update(of=("self",), skip_locked=True)
            .order_by("id")[:MAIL_CHUNK]
        )
        return sum(_mail(notice) for notice in waiting)


def _wanted() -> Q:
    """Notices of people who want a mail for each: all, but for those who turned that off, and from then on again."""
    chosen = Q(user__mail_preference__immediate=True, created_at__gte=F("user__mail_preference__immediate_from"))
    return Q(user__mail_preference__isnull=True) | chosen


def _mail(notice: Notification) -> bool:
    with translation.override(notice.user.language):
        subject, body = wording.sentence(notice), wording.mail_body(notice)
    notice.mail_attempts += 1
    try:
        django_mail.send_mail(subject, body, None, [notice.user.email])
    except OSError:
        logger.warning("notice %s could not be mailed", notice.pk, exc_info=True)
    else:
        notice.mailed_at = timezone.now()
    notice.save(update_fields=["mailed_at", "mail_attempts"])
    return notice.mailed_at is not None
