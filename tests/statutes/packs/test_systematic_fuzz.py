"""Every key of the real packs with every wrong type; files that are none: always named faults or a pack, in time."""

from __future__ import annotations

import os
import random
import time
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from datetime import time as hour
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from statutes.loader import Report, chain_of, load_library
from statutes.loader.files import DEEPEST, LARGEST_FILE, MOST_FILES
from statutes.loader.packs import LoadedPack, read_pack
from statutes.loader.problems import Problem
from statutes.validation import check_chain, check_library
from tests.laboratory.place import PACKS as LABORATORY
from tests.statutes.packs.support import NATION, TOWN, changed, problems, write

SAMPLE = int(os.environ.get("PROOF_FUZZ", "1"))
CHECKED = 40
FEW = 8
"""How many places of one kind are spoilt, of how many spoilt packs one is checked too, and by how many wrong values."""
MOST_SECONDS = 20
WRONG: list[Any] = [
    *(
        True,
        0,
        -1,
        10**30,
        1.5,
        float("nan"),
        float("inf"),
        "",
        " ",
        "x" * 5000,
        "Ünïcode 名",
        "a\u0001b",
        "a.b.c",
        "*",
    ),
    *([], [[]], [1, "x"], [{}], {}, {"zh": 1}, {"": {}}, {"a": {"b": {"c": {}}}}),
    *(date(2026, 1, 1), datetime(2026, 1, 1, 12, 0), hour(12, 0), date.min, date.max),  # noqa: DTZ001
]
Path_ = tuple[str | int, ...]


@cache
def packs() -> dict[str, LoadedPack]:
    return dict(load_library(str(LABORATORY)).packs)


def places(value: Any, here: Path_ = ()) -> Iterator[Path_]:
    """Every key in a tree of TOML."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*here, key)
        yield from places(inner, (*here, key))


def kind_of(file: str, path: Path_) -> tuple[str, ...]:
    """What a place is, whatever the names: two places of one kind are read by the same lines."""
    named = {"state", "clock", "party", "input", "organ", "instrument", "term", "inputs", "binds"}
    words = [
        "*" if isinstance(key, int) or (path[n - 1 : n] and path[n - 1] in named) else key for n, key in enumerate(path)
    ]
    return (file.partition("/")[0], *(str(word) for word in words))


def spoilt(tree: Any, path: Path_, value: Any) -> Any:
    """The tree with one value put in the place of another, or taken away."""
    if not path:
        return value
    key, *rest = path
    if isinstance(tree, dict):
        return {k: spoilt(v, tuple(rest), value) if k == key else v for k, v in tree.items()}
    return [spoilt(v, tuple(rest), value) if n == key else v for n, v in enumerate(tree)]


def written(value: Any) -> str:
    """TOML, inline."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{quoted(k)} = {written(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list):
        return f"[{', '.join(written(item) for item in value)}]"
    if isinstance(value, str):
        return quoted(value)
    return value.isoformat() if isinstance(value, date | datetime | hour) else str(value)


def quoted(text: str) -> str:
    return '"' + "".join(f"\\u{ord(c):04x}" if ord(c) < 32 or c in '"\\\x7f' else c for c in text) + '"'


def read_again(pack: LoadedPack, file: str, tree: Mapping[str, Any], *, check: bool) -> list[Problem]:
    """What is told of a pack with one file replaced. Anything but problems fails the test that asks."""
    text = "\n".join(f"{quoted(key)} = {written(value)}" for key, value in tree.items())
    report = Report()
    others = pack.source if check else {"pack.toml": pack.source["pack.toml"]}
    found = read_pack({**others, file: text}, pack.name, "test", report)
    if found is not None and check:
        report.problems += check_chain(chain_of(found, {**packs(), found.pack.id: found}, report))
    assert found is not None or report.problems
    for problem in report.problems:
        assert problem.file.startswith(f"{pack.name}/") or "/" in problem.file
        assert problem.message
    return report.problems


def test_every_key_of_the_real_packs_takes_no_wrong_type_without_a_named_fault() -> None:
    """Each kind of place in turn with each wrong value; a place that takes one takes it as a pack without fault."""
    rng = random.Random(809)  # noqa: S311
    kinds: dict[tuple[str, ...], list[tuple[LoadedPack, str, Path_]]] = {}
    trees: dict[tuple[str, str], Any] = {}
    for pack in packs().values():
        for file, text in pack.source.items():
            tree = trees[pack.name, file] = tomllib.loads(text)
            for path in places(tree):
                kinds.setdefault(kind_of(file, path), []).append((pack, file, path))
    assert len(kinds) > 100
    tried = 0
    for found in kinds.values():
        for pack, file, path in rng.sample(found, min(SAMPLE, len(found))):
            small = _around(trees[pack.name, file], path)
            for value in WRONG if SAMPLE > 1 else rng.sample(WRONG, FEW):
                tried += 1
                read_again(pack, file, spoilt(small, _inside(path), value), check=tried % CHECKED == 0)
    assert tried >= len(kinds) * FEW


def _around(tree: dict[str, Any], path: Path_) -> dict[str, Any]:
    """The file with only the one rule, action … of an array that the path lies in: the others are as they were."""
    first = path[0]
    if len(path) > 1 and isinstance(path[1], int):
        return {**tree, first: [tree[first][path[1]]]}  # type: ignore[index, dict-item]
    return tree


def _inside(path: Path_) -> Path_:
    return (path[0], 0, *path[2:]) if len(path) > 1 and isinstance(path[1], int) else path


@pytest.mark.parametrize("file", ["pack.toml", "rules.toml", "procedures/permit.toml"])
def test_a_folder_in_place_of_a_file_is_named(tmp_path: Path, file: str) -> None:
    folder = library_with(tmp_path, {name: text for name, text in TOWN.items() if name != file})
    (folder / file).mkdir(parents=True)
    found = check_library(load_library(own=tmp_path))
    if file == "pack.toml":
        assert "town" not in load_library(own=tmp_path).packs
    else:
        assert any(p.file == f"town/{file}" and "no plain file" in p.message for p in found)


@pytest.mark.parametrize("target", ["/dev/zero", "/dev/null", "nowhere", "procedures", "permit.toml"])
def test_a_link_in_place_of_a_file_is_read_or_named(tmp_path: Path, target: str) -> None:
    """To a device, to nothing, to a folder, or to itself; none hangs or fills the memory."""
    folder = library_with(tmp_path, TOWN)
    path = folder / "procedures" / "permit.toml"
    path.unlink()
    path.symlink_to(target)
    assert any(p.file == "town/procedures/permit.toml" for p in check_library(load_library(own=tmp_path)))


def test_a_pipe_in_place_of_a_file_does_not_hang_the_loader(tmp_path: Path) -> None:
    folder = library_with(tmp_path, TOWN)
    path = folder / "rules.toml"
    path.unlink()
    os.mkfifo(path)
    assert any("no plain file" in p.message for p in check_library(load_library(own=tmp_path)))


def test_a_link_to_a_pack_that_is_there_already_is_a_second_pack_of_its_id(tmp_path: Path) -> None:
    library_with(tmp_path, TOWN)
    (tmp_path / "city").symlink_to(tmp_path / "town")
    assert any("is taken by" in p.message for p in check_library(load_library(own=tmp_path)))


def library_with(root: Path, town: Mapping[str, str]) -> Path:
    write(root / "nation", NATION)
    return write(root / "town", town)


def test_more_files_than_a_pack_may_have_are_named(tmp_path: Path) -> None:
    folder = library_with(tmp_path, TOWN)
    for number in range(MOST_FILES):
        (folder / "procedures" / f"p{number}.toml").write_text("id = 'x'")
    assert any(f"at most {MOST_FILES} files" in p.message for p in check_library(load_library(own=tmp_path)))


LONG = {
    "a text as long as a file": 'summary = { zh = "' + "长" * (LARGEST_FILE // 4) + '", en = "x" }',
    "ten thousand keys": "\n".join(f"k{n} = {n}" for n in range(10_000)),
    "ten thousand rules": "\n".join(f'[[rule]]\nid = "r{n}"' for n in range(10_000)),
    "dotted keys without end": ".".join("a" * 1 for _n in range(DEEPEST * 40)) + " = 1",
    "nested tables": "a = " + "{ a = " * 300 + "1" + " }" * 300,
    "a number without end": "a = 1" + "0" * 4000,
    "a date that is none": "a = 2026-02-30",
    "a NUL in a text": 'a = "\\u0000"',
    "a NUL in a comment": "# \0",
    "half of a pair": 'a = "\\ud800"',
    "a byte order mark in the middle": "a = 1\n\ufeffb = 2",
    "old Mac line ends": "a = 1\rb = 2",
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG.keys())
@pytest.mark.parametrize("file", sorted(TOWN))
def test_what_is_huge_deep_or_strange_ends_in_a_named_fault_in_time(tmp_path: Path, file: str, text: str) -> None:
    begun = time.monotonic()
    found = problems(tmp_path, town={**TOWN, file: f"{text}\n"})
    assert any(p.file == f"town/{file}" for p in found)
    assert time.monotonic() - begun < MOST_SECONDS


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-16-le", "utf-32", "latin-1"])
def test_a_file_of_another_encoding_is_named_by_its_byte_or_its_line(tmp_path: Path, encoding: str) -> None:
    content = TOWN["pack.toml"].encode(encoding, "replace")
    found = problems(tmp_path, town={**TOWN, "pack.toml": content})
    if encoding != "latin-1":
        assert any(p.file == "town/pack.toml" for p in found)
    assert all(p.message for p in found)


def test_a_long_line_of_parents_and_a_circle_of_many_end(tmp_path: Path) -> None:
    for number in range(20):
        named = changed(TOWN, "pack.toml", 'id = "town"', f'id = "town{number}"')
        write(
            tmp_path / f"town{number}",
            changed(named, "pack.toml", 'parent = "nation"', f'parent = "town{(number + 1) % 20}"'),
        )
    found = check_library(load_library(own=tmp_path))
    assert {p.file for p in found if "circle" in p.message} == {f"town{number}/pack.toml" for number in range(20)}


def test_a_pack_of_a_thousand_states_is_checked_in_time(tmp_path: Path) -> None:
    """The walk over states, clocks and ways is no worse than their product."""
    states = "".join(
        f'[state.s{n}]\nlabel = {{ zh = "态", en = "S" }}\nawaits = ["office.reviewer"]\n'
        f'[[action]]\nid = "a{n}"\nlabel = {{ zh = "动", en = "A" }}\nrule = "permit"\nby = ["office.reviewer"]\n'
        f'from = ["{f"s{n - 1}" if n else "examined"}"]\nto = "s{n}"\n'
        for n in range(400)
    )
    begun = time.monotonic()
    found = problems(tmp_path, town={**TOWN, "procedures/permit.toml": TOWN["procedures/permit.toml"] + states})
    assert any("never be closed" in p.message for p in found)
    assert time.monotonic() - begun < MOST_SECONDS * 3
