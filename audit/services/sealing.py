"""Closing entries into blocks. Any process may try; an advisory lock lets one at a time."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection, transaction
from django.utils import timezone

from audit import merkle
from audit.canonical import BEGINNING, Key, copy_lines, key_of
from audit.errors import EpochNeededError
from audit.headers import NO_BLOCK, header_bytes, header_hash, last_key, pack_ids
from audit.keys import key_id, signing_key
from audit.models import AuditBlock

BLOCK_ROWS = 1024
BLOCKS_AT_ONCE = 64
LOCK = 0x5EA1


def seal() -> int:
    """Seal every entry whose transaction, and all before it, have ended; how many blocks were made.

    Idempotent; 0 when there is nothing to do or another sealer is at work. Works in transactions of at most
    64 blocks. EpochNeededError after a restore without `begin_epoch`; KeyMissingError without a key.
    """
    key, made = signing_key(), 0
    while True:
        with transaction.atomic():
            blocks = _seal_some(key)
        made += blocks
        if blocks < BLOCKS_AT_ONCE:
            return made


def _seal_some(key: Ed25519PrivateKey) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return 0
    last = last_block()
    horizon, ceiling = _horizon()
    if last and _is_ahead(last, ceiling):
        raise EpochNeededError(f"block {last.number} ends with a later transaction than any of this database")
    # Read in a later statement than the horizon: whatever lies below it has ended and is seen.
    return seal_rows(key, last, extra=f"transaction < '{horizon}'::xid8", blocks=BLOCKS_AT_ONCE)


def seal_rows(key: Ed25519PrivateKey, last: AuditBlock | None, *, extra: str = "", blocks: int) -> int:
    """Append at most `blocks` blocks over what follows `last`; the caller holds the lock. How many were appended."""
    lines: list[bytes] = []
    after = last_key(last) if last else BEGINNING
    copy_lines(lines.append, after=after, upto=None, extra=extra, limit=blocks * BLOCK_ROWS)
    starts = range(0, len(lines), BLOCK_ROWS)
    for start in starts:
        last = _append(key, last, lines[start : start + BLOCK_ROWS])
    return len(starts)


def _append(key: Ed25519PrivateKey, last: AuditBlock | None, lines: list[bytes]) -> AuditBlock:
    keys: list[Key] = [key_of(line) for line in lines]
    leaves = [merkle.leaf_hash(line) for line in lines]
    block = AuditBlock(
        number=last.number + 1 if last else 1,
        epoch=keys[0].epoch,
        first_transaction=keys[0].transaction,
        first_id=keys[0].id,
        last_transaction=keys[-1].transaction,
        last_id=keys[-1].id,
        count=len(lines),
        root=merkle.root(leaves),
        previous=header_hash(bytes(last.header)) if last else NO_BLOCK,
        key_id=key_id(key.public_key()),
        sealed_at=timezone.now(),
        ids=pack_ids([place.id for place in keys]),
        leaves=b"".join(leaves),
    )
    block.header = header_bytes(block)
    block.signature = key.sign(block.header)
    block.save(force_insert=True)
    return block


def last_block() -> AuditBlock | None:
    return AuditBlock.objects.defer("ids", "leaves").order_by("-number").first()


def _horizon() -> tuple[int, int]:
    """The oldest transaction still running in the cluster, and the first id not yet given out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_snapshot_xmin(now.snapshot), pg_snapshot_xmax(now.snapshot) "
            "FROM (SELECT pg_current_snapshot() AS snapshot) AS now"
        )
        oldest, ceiling = cursor.fetchone()
    return int(oldest), int(ceiling)


def transaction_ids_began_low() -> bool:
    """Whether the newest block speaks of transactions that this cluster has not come to: a dump was restored."""
    last = last_block()
    return last is not None and _is_ahead(last, _horizon()[1])


def _is_ahead(block: AuditBlock, ceiling: int) -> bool:
    return ceiling <= block.last_transaction and block.epoch == current_epoch()


def current_epoch() -> int:
    """The epoch that new entries get: the default of their column."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_expr(adbin, adrelid)::integer FROM pg_attrdef JOIN pg_attribute ON attrelid = adrelid "
            "AND attnum = adnum WHERE adrelid = 'audit_auditentry'::regclass AND attname = 'epoch'"
        )
        row = cursor.fetchone()
    return int(row[0])
