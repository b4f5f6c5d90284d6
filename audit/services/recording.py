"""Writing the record. Sealing is in `audit.sealing`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.utils import timezone

from audit.errors import OutsideTransactionError
from audit.models import AuditEntry
from audit.who import Who

INSERT = """
INSERT INTO audit_auditentry (recorded_at, at, verb, person_id, person, position, organization_id, organization,
    jurisdiction, address, subject, subject_id, data)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id, epoch, transaction
"""
INSERT_MANY = """
INSERT INTO audit_auditentry (recorded_at, at, verb, person_id, person, position, organization_id, organization,
    jurisdiction, address, subject, subject_id, data)
SELECT %s, v.at, v.verb, %s, %s, %s, %s, %s, %s, %s, v.subject, v.subject_id, v.data
FROM unnest(%s::timestamptz[], %s::text[], %s::text[], %s::text[], %s::jsonb[])
    AS v(at, verb, subject, subject_id, data)
"""
ENCODER = DjangoJSONEncoder(ensure_ascii=False, allow_nan=False)
RETURNED = ("id", "epoch", "transaction")
GIVEN = (
    *("recorded_at", "at", "verb", "person_id", "person", "position", "organization_id", "organization"),
    *("jurisdiction", "address", "subject", "subject_id", "data"),
)


class Entry(NamedTuple):
    """One of many entries by the same hand; as in `record`."""

    verb: str
    subject: str
    subject_id: str | int
    at: datetime
    data: Mapping[str, Any]


def record_many(*, who: Who, entries: Iterable[Entry]) -> int:
    """Add entries in their order by one statement, in the caller's transaction. How many were added.

    OutsideTransactionError outside of `atomic`.
    """
    rows = list(entries)
    if not rows:
        return 0
    if not connection.in_atomic_block:
        raise OutsideTransactionError(f"{rows[0].verb}: acts and their entries belong in one transaction")
    hand = (who.person_id, who.person, who.position, who.organization_id, who.organization, who.jurisdiction)
    arrays = (
        *([row.at for row in rows], [row.verb for row in rows], [row.subject for row in rows]),
        *([str(row.subject_id) for row in rows], [ENCODER.encode(dict(row.data)) for row in rows]),
    )
    with connection.cursor() as cursor:
        cursor.execute(INSERT_MANY, (timezone.now(), *hand, who.address, *arrays))
    return len(rows)


def record(
    *,
    verb: str,
    who: Who,
    subject: str,
    subject_id: str | int,
    data: Mapping[str, Any] | None = None,
    at: datetime | None = None,
) -> AuditEntry:
    """Add one entry to the record, in the caller's transaction.

    `verb`: dotted, `share_request.refuse`. `data`: what Django's JSON encoder takes, without NaN or infinity.
    `at`: when the act counts, an aware moment; now if not given. OutsideTransactionError outside of `atomic`.
    """
    if not connection.in_atomic_block:
        raise OutsideTransactionError(f"{verb}: an act and its entry belong in one transaction")
    now = timezone.now()
    details = dict(data or {})
    encoded = ENCODER.encode(details) if details else "{}"
    given = (
        *(now, at or now, verb, who.person_id, who.person, who.position, who.organization_id, who.organization),
        *(who.jurisdiction, who.address, subject, str(subject_id)),
    )
    with connection.cursor() as cursor:
        cursor.execute(INSERT, (*given, encoded))
        entry_id, epoch, transaction_id = cursor.fetchone()
    return AuditEntry.from_db(
        connection.alias, RETURNED + GIVEN, (entry_id, epoch, int(transaction_id), *given, details)
    )
