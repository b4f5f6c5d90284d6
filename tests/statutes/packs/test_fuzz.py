"""No file, however spoilt, makes the reader fail: it ends in problems, or in a pack."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from statutes.loader import InvalidPackError, Report, chain_of, compile_source, read_pack
from statutes.validation import check_chain
from tests.statutes.packs.support import NATION, TOWN

QUIET = settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
FILES = sorted(TOWN)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=True),
    st.text(max_size=8),
    st.sampled_from(
        ["*", "clock", "due:answer", "office.reviewer", "permit", "examined", "town.answer", "working_day"]
    ),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                ["id", "when", "to", "rule", "limit", "test", "all", "not", "taken", "input", "is", "unit"]
            ),
            inner,
            max_size=3,
        ),
    ),
    max_leaves=6,
)


def survives(town: Mapping[str, str]) -> None:
    """Read and check a pack of these texts; anything but problems is a failure of the reader."""
    report = Report()
    own, parent = read_pack(town, "town", "test", report), read_pack(NATION, "nation", "test", Report())
    assert parent is not None
    if own is None:
        assert report.problems
        return
    check_chain(chain_of(own, {"town": own, "nation": parent}, report))


@QUIET
@given(st.sampled_from(FILES), st.data())
def test_letters_cut_or_put_in_anywhere(file: str, data: st.DataObject) -> None:
    text = TOWN[file]
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 40)))
    put_in = data.draw(st.text(max_size=12))
    survives({**TOWN, file: text[:start] + put_in + text[end:]})


@QUIET
@given(st.sampled_from(FILES), st.data())
def test_any_value_in_any_place(file: str, data: st.DataObject) -> None:
    values = tomllib.loads(TOWN[file])
    _spoil(values, data)
    survives({**TOWN, file: "\n".join(_toml(values))})


@QUIET
@given(st.dictionaries(st.text(max_size=20), st.text(max_size=60), max_size=4))
def test_any_stored_source(source: dict[str, str]) -> None:
    with pytest.raises(InvalidPackError) as raised:
        compile_source(source)
    assert raised.value.problems


def _spoil(values: dict[str, Any], data: st.DataObject) -> None:
    """Put some value in the place of one that stands somewhere in the tree."""
    here: Any = values
    while True:
        keys = list(here) if isinstance(here, dict) else list(range(len(here)))
        if not keys:
            return
        key = data.draw(st.sampled_from(keys))
        if isinstance(here[key], dict | list) and data.draw(st.booleans()):
            here = here[key]
            continue
        here[key] = data.draw(VALUES)
        return


def _toml(values: Mapping[str, Any]) -> list[str]:
    return [f"{_string(key)} = {_inline(value)}" for key, value in values.items() if value is not None]


def _inline(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        inside = ", ".join(f"{_string(k)} = {_inline(v)}" for k, v in value.items() if v is not None)
        return f"{{ {inside} }}"
    if isinstance(value, list):
        return f"[{', '.join(_inline(item) for item in value if item is not None)}]"
    return _string(value) if isinstance(value, str) else str(value)


def _string(text: str) -> str:
    escaped = "".join(f"\\u{ord(c):04x}" if ord(c) < 32 or c in '"\\\x7f' else c for c in text)
    return f'"{escaped}"'
