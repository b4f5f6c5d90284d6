"""After a restored dump: its transaction ids are from another cluster, and those of this one begin low again."""

from __future__ import annotations

from django.db import connection, transaction

from audit.keys import signing_key
from audit.services.recording import record
from audit.services.sealing import BLOCKS_AT_ONCE, LOCK, current_epoch, last_block, seal_rows, transaction_ids_began_low
from audit.who import SYSTEM


def begin_epoch() -> int:
    """Seal all that the old epoch left open and let new entries count in the next one, whose number is returned.

    Waits for writers and holds them for a moment. The new epoch's first entry says so. Call it after every restore.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        cursor.execute("LOCK TABLE audit_auditentry IN ACCESS EXCLUSIVE MODE")
        # No writer is left, so nothing can be running: whatever is there is complete.
        key = signing_key()
        while seal_rows(key, last_block(), blocks=BLOCKS_AT_ONCE):
            continue
        epoch = current_epoch() + 1
        cursor.execute(f"ALTER TABLE audit_auditentry ALTER COLUMN epoch SET DEFAULT {epoch}")
        record(verb="audit.begin_epoch", who=SYSTEM, subject="epoch", subject_id=epoch)
    return epoch


def begin_epoch_if_needed() -> int | None:
    """Begin an epoch when the newest block is from another cluster; the new epoch's number, or None."""
    return begin_epoch() if transaction_ids_began_low() else None
