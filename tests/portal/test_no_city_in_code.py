"""No program text knows a city: neither those whose packs are in the house nor those of the demonstration.

`test_house_rules` reads Python and templates for the packs' names. Here also scripts, styles and translations, the
names in every spelling that the packs and the demonstration use, and jurisdiction ids as words of the engine's code.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tests.portal.test_house_rules import name_of, python_files, template_files

ENGINE_ROOMS = {"statutes", "cases", "sharing", "catalog", "datasets", "reports", "audit", "organizations"}
TEXT = ("*.js", "*.mjs", "*.css", "*.po", "*.svg", "*.typ", "*.toml", "*.sh")
FOLDERS = ("frontend", "locale", "scripts", "templates", "cases", "sharing", "catalog", "datasets", "reports", "portal")
ENDINGS = re.compile(r"(土家族苗族)?(自治州|市|县|省|州)$")


def packs() -> dict[str, dict[str, str]]:
    """Id to names of every city's pack; the nation's has no parent."""
    found = {}
    for path in (settings.ROOT / "statutes" / "packs").glob("*/pack.toml"):
        pack = tomllib.loads(path.read_text(encoding="utf-8"))
        if pack.get("parent"):
            found[pack["id"]] = pack["name"]
    return found


def city_words() -> set[str]:
    """What a city may be called: id, English and Chinese name, with and without the kind of place."""
    words: set[str] = set()
    for pack_id, name in packs().items():
        words |= {pack_id, name["en"], name["zh"], ENDINGS.sub("", name["zh"])}
    return words


@pytest.fixture(scope="module")
def cities() -> re.Pattern[str]:
    words = city_words()
    assert len(words) >= 6, "the packs of the house were not found"
    return re.compile("|".join(re.escape(word) for word in sorted(words)), re.IGNORECASE)


def other_files() -> Iterator[Path]:
    for folder in FOLDERS:
        for pattern in TEXT:
            for path in sorted((settings.ROOT / folder).rglob(pattern)):
                if "demonstration" not in name_of(path) and "node_modules" not in path.parts:
                    yield path


def test_no_program_text_names_a_city(cities: re.Pattern[str]) -> None:
    files = [
        path
        for path in [*python_files(), *template_files(), *other_files()]
        if "demonstration" not in name_of(path) and "packs" not in path.parts[:-1]
    ]
    assert {path.suffix for path in files} >= {".py", ".html", ".js", ".css", ".po"}
    found = [
        f"{name_of(path)}:{number}: {match[0]}"
        for path in files
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (match := cities.search(line))
    ]
    assert found == []


def test_no_literal_of_the_rooms_is_the_id_of_a_jurisdiction() -> None:
    """Not even taken apart from any sentence: the law is found by what a case says, never by a name in code."""
    ids = set(packs())
    found = [
        f"{name_of(path)}:{node.lineno}: {node.value}"
        for path in python_files()
        if path.relative_to(settings.ROOT).parts[0] in ENGINE_ROOMS
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.strip().lower() in ids
    ]
    assert found == []


def test_the_reader_would_see_a_name(cities: re.Pattern[str]) -> None:
    for word in city_words():
        assert cities.search(f'if jurisdiction == "{word}":')
