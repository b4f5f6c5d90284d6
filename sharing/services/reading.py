"""Deciding on a read, recording it before the first byte, and closing the record after the last.

Whether a read is allowed follows from the grant: its state, its time, its columns and its budgets. Every
decision leaves a row in the append-only record of reads, refusals included.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.models import Resource
from organizations.actors import Actor
from organizations.errors import BadInput, NotKnown, NotPermitted, Refused, TooMany
from organizations.models import Organization, Position, User
from sharing.models import AccessClosed, AccessOpened, Credential, Grant, GrantUsage
from sharing.services.credentials import digest_of

UNKNOWN_AFTER = timedelta(hours=6)

REFUSALS = {
    "credential_unknown": gettext_lazy("The key is not valid."),
    "credential_revoked": gettext_lazy("The key has been revoked or replaced."),
    "other_resource": gettext_lazy("The key belongs to a grant on other data."),
    "not_granted": gettext_lazy("Your organization holds no grant on this data."),
    "not_active": gettext_lazy("The grant is not active."),
    "not_yet": gettext_lazy("The period of the grant has not begun."),
    "expired": gettext_lazy("The period of the grant is over."),
    "method": gettext_lazy("The agreement does not name this way of reading. Ask for it with a request of its own."),
    "position": gettext_lazy("Data is read by a handler, a data steward or a leader."),
    "columns": gettext_lazy("The grant does not cover all these columns."),
    "minute_budget": gettext_lazy("The calls of this minute are used up."),
    "day_budget": gettext_lazy("The calls of today are used up."),
    "row_budget": gettext_lazy("The rows of this grant are used up."),
}
BUDGETS = {"minute_budget": 60, "day_budget": 3600, "row_budget": None}
READERS = (Position.Kind.HANDLER, Position.Kind.LEADER, Position.Kind.DATA_STEWARD)


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: with a grant's credential, or as a person in a position under one of the unit's grants (`grant`, its
    id). `address` is the client's."""

    secret: str = ""
    actor: Actor | None = None
    grant: int | None = None
    address: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be read: the resource, its columns by item code (empty: all that the grant covers), filters."""

    resource: Resource
    channel: str
    columns: Sequence[str] = ()
    filters: dict[str, Any] | None = None
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A read that was allowed and recorded. `row_limit`: most rows that it may deliver, None without limit."""

    opened: AccessOpened
    grant: Grant
    columns: tuple[str, ...]
    masked: frozenset[str]
    row_limit: int | None
    reserved: int


@dataclass(slots=True)
class _Claim:
    """What is known of a read while it is decided."""

    grant: Grant | None = None
    credential: Credential | None = None
    person: User | None = None
    organization: Organization | None = None


def open_read(reader: Reader, wanted: Wanted) -> Reading:
    """Decide on a read and record it, committed before anything is delivered.

    Raises NotPermitted (no grant, wrong or dead key, time, method, columns) or TooMany (budgets), after recording that.
    """
    claim = _Claim()
    try:
        with transaction.atomic():
            return _open(reader, wanted, claim)
    except ReadRefused as refusal:
        _record(reader, wanted, claim, refused=refusal.code)
        raise refusal.answer() from None


class ReadRefused(Exception):
    """A read is refused; `code` is one of REFUSALS."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    def answer(self) -> Refused:
        """The refusal as the API and the pages answer it."""
        sentence = str(REFUSALS[self.code])
        if self.code in BUDGETS:
            return TooMany(sentence, BUDGETS[self.code])
        return NotPermitted(sentence)


def _open(reader: Reader, wanted: Wanted, claim: _Claim) -> Reading:
    now = timezone.now()
    grant = _by_credential(reader, wanted, claim, now) if reader.secret else _by_position(reader, wanted, claim)
    if reason := standing(grant, now):
        raise ReadRefused(reason)
    if wanted.channel not in grant.channels:
        raise ReadRefused("method")
    covered = {column.item.code: column.masked for column in grant.columns.select_related("item")}
    columns = tuple(wanted.columns) or tuple(covered)
    if not set(columns) <= covered.keys():
        raise ReadRefused("columns")
    _spend_calls(grant, now)
    reserved = _reserve_rows(grant, wanted)
    opened = _record(reader, wanted, claim, columns=columns)
    return Reading(
        opened=opened,
        grant=grant,
        columns=columns,
        masked=frozenset(code for code, masked in covered.items() if masked),
        row_limit=reserved if grant.rows_total is not None else wanted.rows,
        reserved=reserved,
    )


def _by_credential(reader: Reader, wanted: Wanted, claim: _Claim, now: datetime) -> Grant:
    rows = Credential.objects.select_related("grant__organization", "grant__resource")
    credential = rows.filter(digest=digest_of(reader.secret)).first()
    if credential is None:
        raise ReadRefused("credential_unknown")
    grant = credential.grant
    claim.credential, claim.organization = credential, grant.organization
    claim.grant = grant if grant.resource_id == wanted.resource.pk else None
    if credential.revoked_at is not None:
        raise ReadRefused("credential_revoked")
    if claim.grant is None:
        raise ReadRefused("other_resource")
    Credential.objects.filter(pk=credential.pk).update(last_used_at=now)
    return grant


def _by_position(reader: Reader, wanted: Wanted, claim: _Claim) -> Grant:
    actor = reader.actor
    if actor is None or actor.organization is None:
        raise ReadRefused("not_granted")
    claim.person, claim.organization = actor.user, actor.organization
    own = Grant.objects.select_related("organization", "resource").filter(
        resource=wanted.resource, organization=actor.organization
    )
    if reader.grant is not None:
        own = own.filter(pk=reader.grant)
    grant = own.filter(status=Grant.Status.ACTIVE).first() or own.first()
    if grant is None:
        raise ReadRefused("not_granted")
    claim.grant = grant
    if actor.kind not in READERS:
        raise ReadRefused("position")
    return grant


def standing(grant: Grant, now: datetime) -> str:
    """Why a grant gives nothing at a moment: not_active, not_yet, expired; "" when it does."""
    day = timezone.localdate(now)
    if grant.status == Grant.Status.EXPIRED or day > grant.valid_until:
        return "expired"
    if grant.status != Grant.Status.ACTIVE:
        return "not_active"
    return "not_yet" if day < grant.valid_from else ""


def still_allowed(grant_id: int) -> bool:
    """Whether a read in progress may go on: asked between chunks, so that a revoked grant ends the stream."""
    grant = Grant.objects.filter(pk=grant_id).only("status", "valid_from", "valid_until").first()
    return grant is not None and not standing(grant, timezone.now())


def _spend_calls(grant: Grant, now: datetime) -> None:
    """Count one call in the windows of this minute and this day; a refusal takes both back with the transaction."""
    local = timezone.localtime(now)
    minute = local.replace(second=0, microsecond=0)
    windows = [
        (GrantUsage.Window.MINUTE, minute, grant.calls_per_minute, "minute_budget"),
        (GrantUsage.Window.DAY, minute.replace(hour=0, minute=0), grant.calls_per_day, "day_budget"),
    ]
    for window, starts_at, budget, reason in windows:
        if _count_call(grant, window, starts_at) > budget:
            raise ReadRefused(reason)


def _count_call(grant: Grant, window: str, starts_at: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO sharing_grantusage (grant_id, "window", starts_at, calls) VALUES (%s, %s, %s, 1)'
            ' ON CONFLICT (grant_id, "window", starts_at)'
            " DO UPDATE SET calls = sharing_grantusage.calls + 1 RETURNING calls",
            [grant.pk, window, starts_at],
        )
        (calls,) = cursor.fetchone()
    return int(calls)


def _reserve_rows(grant: Grant, wanted: Wanted) -> int:
    """Take rows out of the grant's total before they are read; what was not read is given back at the end."""
    if grant.rows_total is None:
        return 0
    locked = Grant.objects.select_for_update().get(pk=grant.pk)
    left = (locked.rows_total or 0) - locked.rows_used
    if left <= 0:
        raise ReadRefused("row_budget")
    reserved = min(left, wanted.rows) if wanted.rows else left
    Grant.objects.filter(pk=grant.pk).update(rows_used=F("rows_used") + reserved)
    return reserved


def _record(
    reader: Reader, wanted: Wanted, claim: _Claim, *, columns: Sequence[str] = (), refused: str = ""
) -> AccessOpened:
    return AccessOpened.objects.create(
        grant=claim.grant,
        resource=wanted.resource,
        organization=claim.organization,
        person=claim.person,
        credential=claim.credential,
        channel=wanted.channel,
        purpose=claim.grant.purpose if claim.grant else "",
        columns=list(columns or wanted.columns),
        filters=wanted.filters or {},
        address=reader.address,
        refused=refused,
    )


def close_read(reading: Reading, *, rows: int, size: int, ending: str) -> AccessClosed:
    """Record how a read ended, and give back rows that were reserved and not read. Doing it twice changes nothing."""
    with transaction.atomic():
        closed, created = AccessClosed.objects.get_or_create(
            opened=reading.opened, defaults={"rows": rows, "bytes": size, "ending": ending}
        )
        if created:
            spent = rows - reading.reserved if reading.grant.rows_total is not None else rows
            Grant.objects.filter(pk=reading.grant.pk).update(rows_used=F("rows_used") + spent)
    return closed


def close_unknown(now: datetime | None = None) -> int:
    """Close reads that never said how they ended (a process was killed). Returns how many."""
    before = (now or timezone.now()) - UNKNOWN_AFTER
    lost = AccessOpened.objects.filter(closed__isnull=True, refused="", opened_at__lt=before)
    rows = [AccessClosed(opened=opened, ending=AccessClosed.Ending.UNKNOWN) for opened in lost[:1000]]
    return len(AccessClosed.objects.bulk_create(rows, ignore_conflicts=True))


def readable(resource_id: int) -> Resource:
    """The resource whose data is asked for. Raises NotKnown when it was never published."""
    resource = Resource.objects.exclude(status=Resource.Status.DRAFT).filter(pk=resource_id).first()
    if resource is None:
        raise NotKnown(_("There is no such data."))
    return resource


def positive(value: str | None, name: str, most: int) -> int:
    """A count from a query parameter, at most `most`. Raises BadInput."""
    if not value:
        return most
    if not value.isdecimal() or not 1 <= int(value) <= most:
        raise BadInput(_("Some parameters are wrong."), {name: _("From 1 to %(most)s.") % {"most": most}})
    return int(value)
