"""Chinese sentences have Chinese punctuation, wherever the portal says them: packs, messages, demonstration."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polib
import pytest
from django.conf import settings

HAN = "\u4e00-\u9fff"
HALF_WIDTH = re.compile(rf"[{HAN}][,;:?!]|,[{HAN}]|[{HAN}] ?\([^)]*\)|\([^)]*\) ?[{HAN}]")
PACKS = sorted((settings.ROOT / "statutes/packs").glob("**/*.toml"))
MESSAGES = sorted((settings.ROOT / "locale").glob("*/zh_Hans/LC_MESSAGES/django.po"))
DEMONSTRATION = sorted((settings.ROOT / "portal/demonstration").glob("*.py"))
IN_CODE = re.compile(rf"[{HAN}][,;:?!][{HAN}]")


def chinese(value: Any) -> Iterator[str]:
    """Every `zh` of a pack, however deep."""
    if isinstance(value, dict):
        yield from (value["zh"] for _ in [0] if isinstance(value.get("zh"), str))
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from chinese(part)


@pytest.mark.parametrize("path", PACKS, ids=lambda path: "/".join(path.parts[-3:]))
def test_the_texts_of_packs_have_chinese_punctuation(path: Path) -> None:
    assert [text for text in chinese(tomllib.loads(path.read_text())) if HALF_WIDTH.search(text)] == []


@pytest.mark.parametrize("path", MESSAGES, ids=lambda path: path.parts[-4])
def test_translated_messages_have_chinese_punctuation(path: Path) -> None:
    texts = [text for entry in polib.pofile(str(path)) for text in (entry.msgstr, *entry.msgstr_plural.values())]
    assert [text for text in texts if HALF_WIDTH.search(text)] == []


@pytest.mark.parametrize("path", DEMONSTRATION, ids=lambda path: path.name)
def test_what_the_demonstration_says_has_chinese_punctuation(path: Path) -> None:
    assert IN_CODE.findall(path.read_text()) == []
