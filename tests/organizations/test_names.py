"""Chinese names sort by pinyin without help of the database."""

from __future__ import annotations

from organizations.names import SORT_KEY_LENGTH, sort_key


def test_names_sort_by_pinyin() -> None:
    names = ["统计局", "民政局", "大数据管理局", "审计局", "安全局"]
    assert sorted(names, key=sort_key) == ["安全局", "大数据管理局", "民政局", "审计局", "统计局"]


def test_syllables_are_compared_one_by_one() -> None:
    """西安 (xi an) stands before 先 (xian): a dictionary compares syllables, not letters."""
    assert sort_key("西安") < sort_key("先安")


def test_a_long_name_still_fits() -> None:
    assert len(sort_key("双" * 200)) <= SORT_KEY_LENGTH
