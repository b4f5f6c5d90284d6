"""A city keeps its packs outside the code: STATUTES_PATH."""

from __future__ import annotations

import os
import shutil
from datetime import date
from pathlib import Path

from statutes.loader import OWN_PACKS, compile_source, join, load_library, source_of
from statutes.resolution import resolve_limit
from statutes.validation import check_library

DAY = date(2026, 3, 2)


def copied(folder: Path, new_id: str, amount: int) -> Path:
    """The Enshi pack under another id, with another number of days to answer in."""
    shutil.copytree(OWN_PACKS / "enshi", folder)
    header, rules = folder / "pack.toml", folder / "rules.toml"
    header.write_text(header.read_text("utf-8").replace('id = "enshi"', f'id = "{new_id}"'), "utf-8")
    rules.write_text(rules.read_text("utf-8").replace("amount = 5,", f"amount = {amount},"), "utf-8")
    return folder


def test_a_copy_with_four_days_instead_of_five_moves_the_limit_and_no_code(tmp_path: Path) -> None:
    copied(tmp_path / "packs" / "newtown", "newtown", 4)
    library = load_library(str(tmp_path / "packs"))
    assert check_library(library) == []
    assert library.packs["newtown"].origin == str(tmp_path / "packs")
    answer = {name: resolve_limit(join(library.chain(name)), "share.reply", DAY) for name in ("enshi", "newtown")}
    assert (answer["enshi"].limit.amount, answer["newtown"].limit.amount) == (5, 4)


def test_the_path_names_folders_of_packs_or_packs_themselves(tmp_path: Path) -> None:
    copied(tmp_path / "many" / "one", "one", 3)
    copied(tmp_path / "two", "two", 2)
    library = load_library(os.pathsep.join([str(tmp_path / "many"), "", str(tmp_path / "two")]))
    assert {"one", "two", "national"} <= set(library.packs)
    assert library.problems == ()


def test_a_pack_of_the_path_may_not_hide_one_of_the_portal(tmp_path: Path) -> None:
    shutil.copytree(OWN_PACKS / "enshi", tmp_path / "enshi")
    library = load_library(str(tmp_path))
    assert any("taken" in problem.message for problem in library.problems)
    assert library.packs["enshi"].origin == "portal"


def test_a_stored_source_compiles_to_the_same_law() -> None:
    library = load_library()
    chain = library.chain("enshi")
    again = compile_source(dict(reversed(list(source_of(chain).items()))))
    assert again == join(chain)
    assert compile_source(source_of(chain)) is again


def test_the_digest_moves_with_every_file_of_the_chain() -> None:
    library = load_library()
    source = source_of(library.chain("enshi"))
    digests = {compile_source(source).digest}
    for name, text in source.items():
        digests.add(compile_source({**source, name: text + "\n# changed\n"}).digest)
    assert len(digests) == len(source) + 1
