"""Merkle trees: RFC 6962, against the reference implementation's vectors and the RFC's own recursive definition."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit import merkle

INPUTS = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def defined(entries: Sequence[bytes]) -> bytes:
    """RFC 6962 section 2.1, word for word: split at the largest power of two below the count."""
    if not entries:
        return sha256(b"").digest()
    if len(entries) == 1:
        return sha256(b"\0" + entries[0]).digest()
    split = 1 << (len(entries) - 1).bit_length() - 1
    return sha256(b"\1" + defined(entries[:split]) + defined(entries[split:])).digest()


@pytest.mark.parametrize("count", range(1, 9))
def test_roots_are_those_of_the_reference_vectors(count: int) -> None:
    assert merkle.root([merkle.leaf_hash(entry) for entry in INPUTS[:count]]).hex() == ROOTS[count - 1]


def test_an_empty_tree_has_the_hash_of_nothing() -> None:
    assert merkle.root([]) == sha256(b"").digest()


@given(st.lists(st.binary(max_size=8), max_size=70))
def test_roots_follow_the_recursive_definition(entries: list[bytes]) -> None:
    assert merkle.root([merkle.leaf_hash(entry) for entry in entries]) == defined(entries)


@given(st.integers(1, 90), st.data())
def test_every_path_leads_to_the_root_and_no_other_leaf_or_place_does(count: int, data: st.DataObject) -> None:
    leaves = [merkle.leaf_hash(str(number).encode()) for number in range(count)]
    index = data.draw(st.integers(0, count - 1))
    path, root = merkle.path(leaves, index), merkle.root(leaves)
    assert merkle.root_from_path(leaves[index], index, count, path) == root
    assert merkle.root_from_path(merkle.leaf_hash(b"other"), index, count, path) != root
    with pytest.raises(ValueError, match="path is too long"):
        merkle.root_from_path(leaves[index], index, count, [*path, root])
    if path:
        with pytest.raises(ValueError, match="path is too short"):
            merkle.root_from_path(leaves[index], index, count, path[:-1])


@pytest.mark.parametrize("index", [-1, 3])
def test_there_is_no_path_of_a_leaf_outside_of_the_tree(index: int) -> None:
    with pytest.raises(IndexError):
        merkle.path([bytes(32)] * 3, index)
    with pytest.raises(ValueError, match="outside"):
        merkle.root_from_path(bytes(32), index, 3, [])
