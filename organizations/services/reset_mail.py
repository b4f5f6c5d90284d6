"""Mail with a link for a new password: asked for in a request, sent by a worker.

The request writes the same row whether or not there is such an account, so that neither the answer nor the time that
it takes tells. Rows are the outbox: a lost broker or mail server delays a mail and loses none.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.contrib.auth.tokens import default_token_generator
from django.core.mail import send_mail
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from audit.services import record
from audit.who import Who
from organizations.models import ResetMail, User

PAUSE = timedelta(minutes=5)
KEPT = timedelta(hours=24)
MOST_PER_ADDRESS = 20
CHUNK = 50
LONGEST_WAIT = timedelta(hours=1)

logger = logging.getLogger(__name__)


def ask_for_reset_mail(*, username: str, site: str, language: str, address: str = "") -> None:
    """Note that somebody asked for a link. Says nothing of whether there is an account.

    `site`: the portal's own absolute address as the asker reached it. More than MOST_PER_ADDRESS askings from one
    address within PAUSE are dropped.
    """
    now = timezone.now()
    if ResetMail.objects.filter(address=address, asked_at__gt=now - PAUSE).count() >= MOST_PER_ADDRESS:
        return
    ResetMail.objects.create(
        username=username.strip().lower(), site=site, language=language, address=address, asked_at=now, due_at=now
    )


def send_reset_mails() -> int:
    """Answer what was asked for, forget what is older than a day. Returns how many mails were sent.

    Rows are claimed and skipped while somebody else holds them. A mail that fails is tried again, ever more seldom,
    until it is a day old. One person is sent at most one mail in PAUSE.
    """
    now = timezone.now()
    ResetMail.objects.filter(asked_at__lt=now - KEPT).delete()
    with transaction.atomic():
        waiting = (
            ResetMail.objects.filter(answered_at__isnull=True, due_at__lte=now)
            .select_for_update(skip_locked=True)
            .order_by("id")[:CHUNK]
        )
        return sum(_answer(asked, now) for asked in waiting)


def _answer(asked: ResetMail, now: datetime) -> bool:
    user = User.objects.filter(username=asked.username, is_active=True).exclude(email="").first()
    recent = ResetMail.objects.filter(username=asked.username, sent=True, answered_at__gt=now - PAUSE)
    if user is None or recent.exists():
        asked.answered_at = now
    elif _send(asked, user):
        asked.answered_at, asked.sent = now, True
    else:
        asked.attempts += 1
        asked.due_at = now + min(timedelta(minutes=2 ** min(asked.attempts, 10)), LONGEST_WAIT)
    asked.save(update_fields=["answered_at", "sent", "attempts", "due_at"])
    return asked.sent


def _send(asked: ResetMail, user: User) -> bool:
    with translation.override(asked.language):
        subject = _("A new password for the data sharing portal")
        text = _("Set a new password here within a day:\n\n%(link)s\n\nIf you did not ask for it, ignore this mail.")
    try:
        send_mail(subject, text % {"link": asked.site.rstrip("/") + _path(user)}, None, [user.email])
    except OSError:
        logger.warning("reset mail %s could not be sent", asked.pk, exc_info=True)
        return False
    who = Who(user.pk, user.full_name, "", 0, "", "", asked.address)
    record(verb="account.mail_reset", who=who, subject="user", subject_id=str(user.pk))
    return True


def _path(user: User) -> str:
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    return reverse("organizations:mail-reset", args=[uid, default_token_generator.make_token(user)])
