"""The header of a block: deterministic JSON, signed, and chained by its hash."""

from __future__ import annotations

import json
from datetime import UTC
from hashlib import sha256

from audit.canonical import Key
from audit.models import AuditBlock

NO_BLOCK = bytes(32)


def header_bytes(block: AuditBlock) -> bytes:
    """ASCII JSON with sorted keys and no spaces; hashes in hexadecimal, `sealed_at` in UTC."""
    content = {
        "count": block.count,
        "epoch": block.epoch,
        "first": [block.first_transaction, block.first_id],
        "ids": sha256(bytes(block.ids)).hexdigest(),
        "key": block.key_id,
        "last": [block.last_transaction, block.last_id],
        "number": block.number,
        "previous": bytes(block.previous).hex(),
        "root": bytes(block.root).hex(),
        "sealed_at": block.sealed_at.astimezone(UTC).isoformat(timespec="microseconds"),
    }
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode("ascii")


def header_hash(header: bytes) -> bytes:
    return sha256(header).digest()


def first_key(block: AuditBlock) -> Key:
    return Key(block.epoch, block.first_transaction, block.first_id)


def last_key(block: AuditBlock) -> Key:
    return Key(block.epoch, block.last_transaction, block.last_id)


def pack_ids(ids: list[int]) -> bytes:
    return b"".join(entry_id.to_bytes(8, "big") for entry_id in ids)


def unpack_ids(packed: bytes) -> list[int]:
    return [int.from_bytes(packed[start : start + 8], "big") for start in range(0, len(packed), 8)]
