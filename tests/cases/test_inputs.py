"""Inputs of actions: values that no number or text of a case can be."""

from __future__ import annotations

import pytest

from cases.inputs import _number, _text
from statutes.definitions import Input, Text


@pytest.mark.parametrize("value", ["1e999999999", "1e15", "-1e400", "Infinity", "NaN", "²", "", "0x10"])
def test_a_number_out_of_all_measure_is_refused_before_it_is_counted(value: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        _number(None, Input(id="days", type="number", label=Text("天数", "days")), value)  # type: ignore[arg-type]


def test_a_text_never_holds_what_the_database_cannot_keep() -> None:
    assert _text(" 理由\0 ") == "理由"
