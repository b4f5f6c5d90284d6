"""What rules may name beside procedures is registered, described, and leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils.translation import override

from statutes import vocabulary

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "adding-a-rule-pack.md"
EVERY = [(kind, name) for kind in vocabulary.PLACES for name in sorted(vocabulary.places(kind))]


@pytest.mark.parametrize("kind", [*vocabulary.PLACES, "room"])
def test_the_document_names_exactly_what_is_registered(kind: str) -> None:
    known = vocabulary.ROOMS if kind == "room" else vocabulary.places(kind)
    row = re.search(rf"^\| {kind} \| (.*) \|$", DOCUMENT.read_text("utf-8"), re.MULTILINE)
    assert row is not None
    assert re.findall(r"`(\w+)`", row[1]) == sorted(known)


@pytest.mark.parametrize(("kind", "name"), EVERY)
def test_a_place_is_said_in_both_languages_and_its_page_exists(kind: str, name: str) -> None:
    where = vocabulary.places(kind)[name]
    if where.url:
        assert reverse(where.url)
    with override("en"):
        english = str(where.label)
    with override("zh-hans"):
        assert str(where.label) != english
