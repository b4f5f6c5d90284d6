"""The digest of each working morning: one mail a person and day, if there is something to say."""

from __future__ import annotations

import logging
from datetime import date, datetime, time

from django.core import mail as django_mail
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone, translation

from cases import agenda
from cases.models import DigestMail
from organizations.models import Jurisdiction, Position, User
from statutes.calendars import calendar_for

logger = logging.getLogger(__name__)

MORNING_ENDS = time(12)
ATTEMPTS = 5
CHUNK = 100


def send_digests(now: datetime | None = None) -> int:
    """Mail everybody's digest of this morning who has not had it. Returns how many were sent.

    Between half past eight and noon on days that are working days where the person holds a position. A row by person
    and day is the claim, so that any number of these may run, however often; a day that was missed stays missed.
    """
    now = now or timezone.now()
    local = timezone.localtime(now)
    if not agenda.MORNING <= local.time() < MORNING_ENDS:
        return 0
    sent, last = 0, 0
    while waiting := list(_waiting(local.date()).filter(pk__gt=last).order_by("pk")[:CHUNK]):
        sent += sum(_send(user, local.date(), now) for user in waiting)
        last = waiting[-1].pk
    return sent


def _waiting(day: date) -> QuerySet[User]:
    """People with an address who want the digest, work today and have not had it."""
    working = [place.pk for place in Jurisdiction.objects.all() if calendar_for(place.pk).is_working(day)]
    held = Position.objects.held_on(day).filter(user=OuterRef("pk"), organization__jurisdiction__in=working)
    had = DigestMail.objects.filter(user=OuterRef("pk"), day=day).filter(
        Q(sent_at__isnull=False) | Q(lines=0) | Q(attempts__gte=ATTEMPTS)
    )
    wanting = User.objects.filter(is_active=True).exclude(email="").exclude(mail_preference__digest=False)
    return wanting.filter(Exists(held), ~Exists(had))


@transaction.atomic
def _send(user: User, day: date, now: datetime) -> bool:
    """One person's digest, unless somebody else is at it or was before."""
    DigestMail.objects.bulk_create([DigestMail(user=user, day=day, made_at=now)], ignore_conflicts=True)
    row = DigestMail.objects.select_for_update(skip_locked=True).filter(user=user, day=day, sent_at=None).first()
    if row is None:
        return False
    with translation.override(user.language):
        sections = agenda.digest_of(user, now)
        subject, body = agenda.digest_text(sections, day)
    row.lines = sum(len(section.lines) for section in sections)
    if row.lines:
        row.attempts += 1
        row.sent_at = now if _mailed(user, subject, body) else None
    row.save()
    return row.sent_at is not None


def _mailed(user: User, subject: str, body: str) -> bool:
    try:
        django_mail.send_mail(subject, body, None, [user.email])
    except OSError:
        logger.warning("the digest of person %s could not be mailed", user.pk, exc_info=True)
        return False
    return True
