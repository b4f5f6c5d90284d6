"""Rules that hold for every file of the house, read from the syntax trees."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

ROOMS = [*settings.ROOMS, "portal"]
MAY_WRITE = re.compile(r"^\w+/(services(/|\.py$)|engine(/|\.py$))|^portal/runtime/|/demonstration|^scripts/")
WRITES_WITHOUT_ARGUMENTS = {"save", "delete", "adelete", "asave"}
WRITES_BY_KEYWORD = {"create", "update", "acreate", "aupdate", "save"}
ALWAYS_WRITES = {"bulk_create", "bulk_update", "get_or_create", "update_or_create", "abulk_create"}
LONGEST_FUNCTION = 60
LONGEST_FILE = 500


def python_files() -> Iterator[Path]:
    for room in ROOMS:
        for path in sorted((settings.ROOT / room).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def template_files() -> Iterator[Path]:
    yield from sorted((settings.ROOT / "templates").rglob("*.html"))


def name_of(path: Path) -> str:
    return str(path.relative_to(settings.ROOT))


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def is_write(call: ast.Call) -> bool:
    """Whether a call looks like the ORM's writing: by name, and by arguments that dicts, sets and files do not take."""
    if not isinstance(call.func, ast.Attribute):
        return False
    name, plain = call.func.attr, not call.args and not call.keywords
    return (
        name in ALWAYS_WRITES
        or (name in WRITES_WITHOUT_ARGUMENTS and plain)
        or (name in WRITES_BY_KEYWORD and bool(call.keywords) and not call.args)
    )


def test_only_services_and_the_engine_write() -> None:
    found = [
        f"{name_of(path)}:{node.lineno} .{node.func.attr}("
        for path in python_files()
        if not MAY_WRITE.search(name_of(path))
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and is_write(node)
    ]
    assert found == []


def test_the_reader_of_syntax_trees_knows_a_write_when_it_sees_one() -> None:
    writes = [
        "a.save()",
        "q.update(x=1)",
        "q.delete()",
        "o.create(a=1)",
        "o.bulk_create(rows)",
        "a.save(update_fields=f)",
    ]
    reads = ["d.update(other)", "h.update(b'x')", "cache.delete('k')", "po.save(path)", "q.filter(x=1)"]
    assert all(is_write(ast.parse(text, mode="eval").body) for text in writes)
    assert not any(is_write(ast.parse(text, mode="eval").body) for text in reads)


def test_no_import_stands_inside_a_function() -> None:
    found = [
        f"{name_of(path)}:{node.lineno}"
        for path in python_files()
        for function in ast.walk(tree_of(path))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        and name_of(path) != name_of_ready(path, function)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert found == []


def name_of_ready(path: Path, function: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """`AppConfig.ready` is where Django wants registration to be imported; nothing else may import late."""
    return name_of(path) if path.name == "apps.py" and function.name == "ready" else ""


def test_functions_and_files_can_be_read_at_once() -> None:
    long = [
        f"{name_of(path)}:{node.lineno} {node.name}"
        for path in python_files()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION
    ]
    long += [name_of(p) for p in python_files() if p.read_text(encoding="utf-8").count("\n") > LONGEST_FILE]
    assert long == []


def test_no_date_arithmetic_on_limits_outside_its_module() -> None:
    counted = re.compile(r"timedelta\(days=(?!1\b)")
    found = [
        name_of(p) for p in python_files() if p.parts[-2] in {"cases", "sharing"} and counted.search(p.read_text())
    ]
    assert found == []


def city_names() -> set[str]:
    """Ids and Chinese names of the cities whose packs are in the house, without the nation's."""
    names: set[str] = set()
    for path in (settings.ROOT / "statutes" / "packs").glob("*/pack.toml"):
        pack = tomllib.loads(path.read_text(encoding="utf-8"))
        if pack.get("parent"):
            names.add(pack["id"])
            names.add(re.sub(r"(土家族苗族)?(自治州|市|县|省|州)$", "", pack["name"]["zh"]))
    return names


def test_no_python_and_no_template_names_a_city() -> None:
    words = city_names()
    if not words:
        pytest.fail("no city's pack was found")
    pattern = re.compile("|".join(re.escape(word) for word in sorted(words)), re.IGNORECASE)
    found = [
        f"{name_of(path)}: {match[0]}"
        for path in [*python_files(), *template_files()]
        if "demonstration" not in name_of(path) and "packs" not in path.parts
        if (match := pattern.search(path.read_text(encoding="utf-8")))
    ]
    assert found == []


def test_no_template_has_anything_inline() -> None:
    inline = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>|<style|\sstyle=|\son[a-z]+=\"|javascript:", re.IGNORECASE)
    found = [
        f"{name_of(path)}: {match[0]}"
        for path in template_files()
        if (match := inline.search(path.read_text(encoding="utf-8")))
    ]
    assert found == []


@pytest.mark.django_db
def test_the_models_and_their_migrations_agree() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
