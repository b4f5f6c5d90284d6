"""Merkle trees as RFC 6962 section 2.1 defines them: SHA-256, 0x00 before a leaf, 0x01 before a node."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

HASH_SIZE = 32


def leaf_hash(content: bytes) -> bytes:
    return sha256(b"\0" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()


def _level_above(level: Sequence[bytes]) -> list[bytes]:
    """Pair neighbours; a last one without neighbour moves up as it is, which is RFC 6962's split at a power of two."""
    above = [sha256(b"\1" + left + right).digest() for left, right in zip(level[::2], level[1::2], strict=False)]
    if len(level) % 2:
        above.append(level[-1])
    return above


def root(leaves: Sequence[bytes]) -> bytes:
    """Root over leaf hashes; that of an empty tree is the hash of nothing."""
    if not leaves:
        return sha256(b"").digest()
    level = leaves
    while len(level) > 1:
        level = _level_above(level)
    return level[0]


def path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Audit path of the leaf at `index` (from 0), lowest neighbour first. IndexError when there is no such leaf."""
    if not 0 <= index < len(leaves):
        raise IndexError(index)
    found, level = [], leaves
    while len(level) > 1:
        neighbour = index ^ 1
        if neighbour < len(level):
            found.append(level[neighbour])
        level, index = _level_above(level), index // 2
    return found


def root_from_path(leaf: bytes, index: int, count: int, neighbours: Sequence[bytes]) -> bytes:
    """The root that `neighbours` lead to from a leaf hash. ValueError when the path has a wrong length."""
    if not 0 <= index < count:
        raise ValueError("the leaf is outside of the tree")
    remaining, current, last = list(neighbours), leaf, count - 1
    while last > 0:
        if index % 2 or index < last:
            if not remaining:
                raise ValueError("the path is too short")
            neighbour = remaining.pop(0)
            current = node_hash(neighbour, current) if index % 2 else node_hash(current, neighbour)
        index, last = index // 2, last // 2
    if remaining:
        raise ValueError("the path is too long")
    return current


def split(leaves: bytes) -> list[bytes]:
    """Leaf hashes that were kept end to end."""
    return [leaves[start : start + HASH_SIZE] for start in range(0, len(leaves), HASH_SIZE)]
