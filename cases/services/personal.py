"""What people set up for themselves: saved filters, the calendar feed, which mails they get."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import services as audit
from cases import agenda, filters
from cases.models import CalendarFeed, MailPreference, SavedFilter
from organizations.actors import Actor
from organizations.errors import BadInput, NotKnown
from organizations.models import User
from organizations.tokens import new_token, token_digest

USE_NOTED_EVERY = timedelta(minutes=5)
MOST_FILTERS = 30


class IssuedFeed(NamedTuple):
    """A feed with its token, which is shown this once."""

    row: CalendarFeed
    token: str


@transaction.atomic
def issue_calendar_feed(actor: Actor) -> IssuedFeed:
    """A new secret address for the person's due dates; the former one ends."""
    revoke_calendar_feed(actor)
    token = new_token()
    row = CalendarFeed.objects.create(user=actor.user, digest=token_digest(token), created_at=timezone.now())
    audit.record(verb="calendar_feed.issue", who=actor.who, subject="calendar_feed", subject_id=str(row.pk))
    return IssuedFeed(row, token)


@transaction.atomic
def revoke_calendar_feed(actor: Actor) -> None:
    """End the secret address, if there is one."""
    User.objects.select_for_update(of=("self",)).get(pk=actor.user.pk)
    row = agenda.feed_of(actor)
    if row is None:
        return
    row.revoked_at = timezone.now()
    row.save(update_fields=["revoked_at"])
    audit.record(verb="calendar_feed.revoke", who=actor.who, subject="calendar_feed", subject_id=str(row.pk))


def note_feed_use(row: CalendarFeed) -> None:
    """Note when the feed was last read, at most every five minutes."""
    now = timezone.now()
    if row.last_used_at is None or now - row.last_used_at > USE_NOTED_EVERY:
        CalendarFeed.objects.filter(pk=row.pk).update(last_used_at=now)


@transaction.atomic
def choose_mail(actor: Actor, *, immediate: bool, digest: bool) -> MailPreference:
    """Which mails the person wants. What was not mailed while mails were off is not mailed later."""
    row, created = MailPreference.objects.select_for_update().get_or_create(
        user=actor.user,
        defaults={"immediate": immediate, "digest": digest, "immediate_from": _mailed_since(actor, immediate)},
    )
    if not created:
        if immediate and not row.immediate:
            row.immediate_from = timezone.now()
        row.immediate, row.digest = immediate, digest
        row.save()
    return row


def _mailed_since(actor: Actor, immediate: bool) -> datetime:
    """From when on notices are mailed: always so far, or, once mails are off, from when they are on again."""
    return actor.user.date_joined if immediate else timezone.now()


@transaction.atomic
def save_filter(actor: Actor, *, listing: str, name: str, query: str) -> SavedFilter:
    """Keep a list's filters under a name; the same name again replaces them. Raises BadInput."""
    name, query = name.strip(), filters.checked(listing, query)
    if not 0 < len(name) <= 40:
        raise BadInput(_("Give the filter a name."), {"name": _("1 to 40 characters.")})
    own = SavedFilter.objects.select_for_update().filter(user=actor.user, listing=listing)
    if own.count() >= MOST_FILTERS and not own.filter(name=name).exists():
        raise BadInput(_("You have too many filters."), {"name": _("Remove one that you do not need.")})
    row, _created = SavedFilter.objects.update_or_create(
        user=actor.user, listing=listing, name=name, defaults={"query": query}
    )
    return row


@transaction.atomic
def delete_filter(actor: Actor, filter_id: int) -> SavedFilter:
    """Forget one of one's own filters. Raises NotKnown."""
    row = _own_filter(actor, filter_id)
    row.delete()
    return row


@transaction.atomic
def choose_default_filter(actor: Actor, filter_id: int, *, chosen: bool | None = None) -> SavedFilter:
    """Let the list begin with this filter, or not. Left open: chosen again, it begins without. Raises NotKnown."""
    row = _own_filter(actor, filter_id)
    chosen = not row.is_default if chosen is None else chosen
    if chosen == row.is_default:
        return row
    SavedFilter.objects.filter(user=actor.user, listing=row.listing, is_default=True).update(is_default=False)
    row.is_default = chosen
    row.save(update_fields=["is_default"])
    return row


def _own_filter(actor: Actor, filter_id: int) -> SavedFilter:
    row = SavedFilter.objects.select_for_update().filter(user=actor.user, pk=filter_id).first()
    if row is None:
        raise NotKnown(_("You have no such filter."))
    return row
