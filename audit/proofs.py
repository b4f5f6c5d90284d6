"""Showing to somebody outside that one entry is in the record, without showing the others."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from audit import merkle
from audit.canonical import key_of, stored_line
from audit.headers import unpack_ids
from audit.models import AuditBlock


def prove(entry_id: int) -> dict[str, Any] | None:
    """A proof that the entry stands in a signed block, as JSON-able values; None when it is not sealed or not there.

    `line`: canonical bytes, base64. `path`: neighbours' hashes, lowest first. `header` and `signature`: the block's.
    """
    line = stored_line(entry_id)
    block = _block_of(line) if line else None
    if line is None or block is None:
        return None
    index = unpack_ids(bytes(block.ids)).index(entry_id)
    path = merkle.path(merkle.split(bytes(block.leaves)), index)
    return {
        "line": base64.b64encode(line).decode(),
        "index": index,
        "path": [neighbour.hex() for neighbour in path],
        "header": bytes(block.header).decode("ascii"),
        "signature": base64.b64encode(bytes(block.signature)).decode(),
    }


def _block_of(line: bytes) -> AuditBlock | None:
    place = key_of(line)
    blocks = AuditBlock.objects.raw(
        "SELECT * FROM audit_auditblock WHERE epoch = %s AND (last_transaction, last_id) >= (%s::xid8, %s) "
        "ORDER BY last_transaction, last_id LIMIT 1",
        [place.epoch, str(place.transaction), place.id],
    )
    found = next(iter(blocks), None)
    return found if found and place.id in unpack_ids(bytes(found.ids)) else None


def check_proof(proof: Mapping[str, Any], key: Ed25519PublicKey) -> bool:
    """Whether the line in the proof is an entry of a block that `key` signed. Needs no database."""
    try:
        header = proof["header"].encode("ascii")
        key.verify(base64.b64decode(proof["signature"]), header)
        block = json.loads(header)
        leaf = merkle.leaf_hash(base64.b64decode(proof["line"]))
        path = [bytes.fromhex(neighbour) for neighbour in proof["path"]]
        return bool(merkle.root_from_path(leaf, proof["index"], block["count"], path).hex() == block["root"])
    except (InvalidSignature, KeyError, TypeError, ValueError, AttributeError):
        return False
