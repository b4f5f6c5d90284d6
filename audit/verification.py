"""Deriving every block again from what is stored, and naming what differs."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from itertools import pairwise
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import connection
from django.utils.translation import gettext_lazy as _

from audit import merkle
from audit.canonical import BEGINNING, Key, copy_lines, key_of
from audit.headers import NO_BLOCK, header_bytes, header_hash, last_key, unpack_ids
from audit.keys import trusted_keys
from audit.models import AuditBlock

BLOCKS_AT_ONCE = 32
KINDS = {
    "missing_row": _("a row that was sealed is missing"),
    "added_row": _("a row was added to what was sealed"),
    "changed_row": _("a row was changed after sealing"),
    "missing_block": _("a block is missing"),
    "bad_chain": _("the block does not follow from the one before"),
    "bad_header": _("the block's columns differ from its signed header"),
    "bad_leaves": _("the block's list of rows does not lead to its root"),
    "bad_signature": _("the block's signature is wrong, or by a key that is not trusted"),
    "bad_root": _("the block differs from the root that was sent out"),
}


class Finding(NamedTuple):
    """One difference. `entry_id` is 0 where the block as a whole is meant."""

    kind: str
    block: int
    entry_id: int = 0

    def __str__(self) -> str:
        row = f" row {self.entry_id}" if self.entry_id else ""
        return f"block {self.block}{row}: {self.kind}: {KINDS[self.kind]}"


class Progress(NamedTuple):
    """Where a verification stands: the last block looked at, and entries and blocks so far."""

    block: int
    blocks: int
    entries: int


def verify(
    *, first: int = 1, last: int | None = None, on_progress: Callable[[Progress], object] | None = None
) -> Iterator[Finding]:
    """Every difference in blocks `first` to `last` (the newest if not given), in order, some thousands of rows at once.

    Reads through short statements; memory does not grow with the record. What is not sealed yet is not looked at.
    """
    keys, seen_blocks, seen_entries = trusted_keys(), 0, 0
    before = AuditBlock.objects.defer("ids", "leaves").filter(number__lt=first).order_by("-number").first()
    while chunk := _chunk(before.number + 1 if before else first, last):
        yield from _chain(before, chunk, keys)
        yield from _rows(before, chunk)
        before = chunk[-1]
        seen_blocks, seen_entries = seen_blocks + len(chunk), seen_entries + sum(block.count for block in chunk)
        if on_progress:
            on_progress(Progress(before.number, seen_blocks, seen_entries))
    if last is None:
        yield from _strays(before)


def _chunk(start: int, last: int | None) -> list[AuditBlock]:
    blocks = AuditBlock.objects.filter(number__gte=start).order_by("number")
    return list((blocks.filter(number__lte=last) if last is not None else blocks)[:BLOCKS_AT_ONCE])


def _chain(
    before: AuditBlock | None, chunk: Sequence[AuditBlock], keys: dict[str, Ed25519PublicKey]
) -> Iterator[Finding]:
    for previous, block in pairwise([before, *chunk]):
        assert block is not None
        number = previous.number + 1 if previous else 1
        yield from (Finding("missing_block", missing) for missing in range(number, block.number))
        if block.number == number:
            expected = header_hash(bytes(previous.header)) if previous else NO_BLOCK
            if bytes(block.previous) != expected or (previous and last_key(previous) >= last_key(block)):
                yield Finding("bad_chain", block.number)
        if header_bytes(block) != bytes(block.header):
            yield Finding("bad_header", block.number)
        if not _is_signed(block, keys):
            yield Finding("bad_signature", block.number)


def _is_signed(block: AuditBlock, keys: dict[str, Ed25519PublicKey]) -> bool:
    key = keys.get(block.key_id)
    if key is None:
        return False
    try:
        key.verify(bytes(block.signature), bytes(block.header))
    except InvalidSignature:
        return False
    return True


def _rows(before: AuditBlock | None, chunk: Sequence[AuditBlock]) -> Iterator[Finding]:
    """Rows of the whole chunk in one pass; block by block again only where the pass differs."""
    start = last_key(before) if before else BEGINNING
    digests = _digests(start, last_key(chunk[-1]))
    offset, agrees = 0, len(digests) == sum(block.count for block in chunk)
    for block in chunk:
        leaves = digests[offset : offset + block.count]
        if not (agrees and _is_whole(block, leaves)):
            yield from _differences(start, block)
        start, offset = last_key(block), offset + block.count


def _digests(after: Key, upto: Key) -> list[bytes]:
    digests: list[bytes] = []
    add, digest = digests.append, sha256

    def hash_line(line: bytes) -> None:
        add(digest(b"\0" + line).digest())

    copy_lines(hash_line, after=after, upto=upto)
    return digests


def _is_whole(block: AuditBlock, leaves: list[bytes]) -> bool:
    return b"".join(leaves) == bytes(block.leaves) and merkle.root(leaves) == bytes(block.root)


def _differences(after: Key, block: AuditBlock) -> Iterator[Finding]:
    lines: list[bytes] = []
    copy_lines(lines.append, after=after, upto=last_key(block))
    found = {key_of(line).id: merkle.leaf_hash(line) for line in lines}
    leaves = merkle.split(bytes(block.leaves))
    if merkle.root(leaves) != bytes(block.root) or len(leaves) != block.count:
        yield Finding("bad_leaves", block.number)
    sealed = dict(zip(unpack_ids(bytes(block.ids)), leaves, strict=False))
    for entry_id in sorted(sealed.keys() | found.keys()):
        if entry_id not in found:
            yield Finding("missing_row", block.number, entry_id)
        elif entry_id not in sealed:
            yield Finding("added_row", block.number, entry_id)
        elif sealed[entry_id] != found[entry_id]:
            yield Finding("changed_row", block.number, entry_id)


def _strays(last: AuditBlock | None) -> Iterator[Finding]:
    """Rows that claim a transaction of the future, an epoch that ended, or one that has not begun: never sealed."""
    place = last_key(last) if last else BEGINNING
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM audit_auditentry WHERE (epoch, transaction, id) > (%s, %s::xid8, %s) AND (epoch > ("
            "SELECT pg_get_expr(adbin, adrelid)::integer FROM pg_attrdef JOIN pg_attribute ON attrelid = adrelid "
            "AND attnum = adnum WHERE adrelid = 'audit_auditentry'::regclass AND attname = 'epoch') "
            "OR transaction >= pg_snapshot_xmax(pg_current_snapshot())) ORDER BY id",
            [place.epoch, str(place.transaction), place.id],
        )
        for (entry_id,) in cursor.fetchall():
            yield Finding("added_row", last.number if last else 0, entry_id)


def compare_root(root: dict[str, Any]) -> Finding | None:
    """Whether the block that a daily file speaks of is still the one that was sent out."""
    number = int(root["block"])
    block = AuditBlock.objects.filter(number=number).defer("ids", "leaves").first()
    if block is None:
        return Finding("missing_block", number)
    same = header_hash(bytes(block.header)).hex() == root["header_hash"] and root["header"].encode() == bytes(
        block.header
    )
    return None if same else Finding("bad_root", number)


def read_root(text: str) -> dict[str, Any]:
    """Parse a daily file and check it against itself. ValueError when it is not one."""
    root = json.loads(text)
    try:
        header = root["header"].encode("ascii")
        if header_hash(header).hex() != root["header_hash"] or json.loads(header)["number"] != root["block"]:
            raise ValueError("the file contradicts itself")
        if root["public_key"]:
            key = Ed25519PublicKey.from_public_bytes(base64.b64decode(root["public_key"]))
            key.verify(base64.b64decode(root["signature"]), header)
    except (KeyError, TypeError, AttributeError, InvalidSignature) as error:
        raise ValueError("this is not a root as `audit_roots` writes it") from error
    return dict(root)
