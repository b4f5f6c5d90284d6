"""The law is stored by version: once each, one of each current, and on the record."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.checks import Error
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from audit.models import AuditEntry
from statutes import checks, selectors, vocabulary
from statutes.loader import InvalidPackError
from statutes.models import PackVersion
from statutes.services import sync_packs
from tests.statutes.packs.support import NATION, TOWN, changed, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path, settings: object) -> Path:
    """A folder in STATUTES_PATH with the nation and the town."""
    write(tmp_path / "nation", NATION)
    write(tmp_path / "town", TOWN)
    settings.STATUTES_PATH = str(tmp_path)  # type: ignore[attr-defined]
    return tmp_path


def test_every_pack_is_stored_with_its_ancestors_and_recorded(folder: Path) -> None:
    stored = {version.pack: version for version in sync_packs()}
    assert {"national", "enshi", "xianyang", "nation", "town"} <= set(stored)
    town = PackVersion.objects.get(pack="town", is_current=True)
    assert {name.partition("/")[0] for name in town.source} == {"town", "nation"}
    entry = AuditEntry.objects.get(verb="statutes.load_pack", subject_id=str(town.pk))
    assert entry.data["digest"] == town.digest
    assert entry.data["origin"] == str(folder)


def test_nothing_changes_when_nothing_changed(folder: Path) -> None:
    sync_packs()
    entries = AuditEntry.objects.count()
    assert sync_packs() == []
    assert AuditEntry.objects.count() == entries


def test_a_changed_pack_is_a_new_version_and_the_old_one_stays(folder: Path) -> None:
    sync_packs()
    before = selectors.current("town")
    write(folder / "town", changed(TOWN, "rules.toml", "amount = 5", "amount = 4"))
    assert [version.pack for version in sync_packs(activate=True)] == ["town"]
    after = selectors.current("town")
    assert after.digest != before.digest
    assert selectors.compiled(before).rule("town.answer").limit.amount == 5
    assert selectors.compiled(after).rule("town.answer").limit.amount == 4
    assert PackVersion.objects.filter(pack="town").count() == 2


def test_a_changed_pack_waits_on_offer_until_it_is_activated(folder: Path) -> None:
    sync_packs()
    before = selectors.current("town")
    write(folder / "town", changed(TOWN, "rules.toml", "amount = 5", "amount = 4"))
    (offered,) = sync_packs()
    offered.refresh_from_db()
    assert offered.offered_at is not None
    assert selectors.current("town") == before
    assert sync_packs() == []
    write(folder / "town", TOWN)
    sync_packs()
    offered.refresh_from_db()
    assert offered.offered_at is None, "what lies on disk no more waits no more"


def test_a_change_of_an_ancestor_makes_a_new_version_of_its_children(folder: Path) -> None:
    sync_packs()
    write(folder / "nation", changed(NATION, "rules.toml", "amount = 10", "amount = 9"))
    assert [version.pack for version in sync_packs()] == ["nation", "town"]


def test_going_back_to_an_earlier_text_makes_that_version_current_again(folder: Path) -> None:
    sync_packs()
    first = selectors.current("town")
    write(folder / "town", changed(TOWN, "rules.toml", "amount = 5", "amount = 4"))
    sync_packs(activate=True)
    write(folder / "town", TOWN)
    sync_packs(activate=True)
    assert selectors.current("town") == first
    assert AuditEntry.objects.filter(verb="statutes.return_to_pack").count() == 1


def test_a_pack_with_a_problem_is_refused_and_nothing_is_stored(folder: Path) -> None:
    write(folder / "town", changed(TOWN, "procedures/permit.toml", "awaits", "awiats"))
    with pytest.raises(InvalidPackError, match="awiats"):
        sync_packs()
    assert not PackVersion.objects.exists()
    assert not AuditEntry.objects.filter(subject="pack_version").exists()


def test_a_pack_has_one_current_version(folder: Path) -> None:
    sync_packs()
    with pytest.raises(IntegrityError), transaction.atomic():
        PackVersion.objects.create(pack="town", version="x", digest="x", source={}, origin="x", is_current=True)


def test_a_stored_source_that_was_tampered_with_is_not_run(folder: Path) -> None:
    """A version is what its digest says, or it is refused."""
    sync_packs()
    version = selectors.current("town")
    version.source = {**version.source, "town/rules.toml": version.source["town/rules.toml"] + "\n# more"}
    version.digest = "0" * 64
    with pytest.raises(InvalidPackError, match="digest"):
        selectors.compiled(version)


def test_the_command_names_file_key_and_mend(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder / "town", changed(TOWN, "procedures/permit.toml", "awaits", "awiats"))
    with pytest.raises(CommandError):
        call_command("check_statutes")
    told = capsys.readouterr().err
    assert "town/procedures/permit.toml: state.examined.awiats (examined)" in told
    assert "Did you mean “awaits”?" in told


def test_the_command_checks_only_the_packs_that_it_is_asked_for(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(folder / "town", changed(TOWN, "procedures/permit.toml", "awaits", "awiats"))
    call_command("check_statutes", "nation", "enshi")
    assert "in order: nation, enshi" in capsys.readouterr().out
    with pytest.raises(CommandError):
        call_command("check_statutes", "twon")


def test_a_fault_in_an_ancestor_is_a_fault_of_the_pack(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder / "nation", changed(NATION, "rules.toml", 'article = "2"', 'artikel = "2"'))
    with pytest.raises(CommandError):
        call_command("check_statutes", "town")
    assert "nation/rules.toml" in capsys.readouterr().err


def test_the_commands_store_and_check_what_is_stored(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("sync_packs")
    call_command("sync_packs")
    call_command("check_statutes", stored=True)
    out = capsys.readouterr().out
    assert "town 1" in out
    assert "up to date" in out
    write(folder / "town", changed(TOWN, "rules.toml", "amount = 5", "amount = 50"))
    with pytest.raises(CommandError, match="Nothing was stored"):
        call_command("sync_packs")


def test_the_portal_refuses_to_start_on_half_a_law(folder: Path) -> None:
    assert checks.packs_on_disk(None) == []
    write(folder / "town", changed(TOWN, "rules.toml", "amount = 5", "amount = 50"))
    errors = checks.packs_on_disk(None)
    assert errors
    assert all(isinstance(error, Error) and error.id == checks.ON_DISK for error in errors)
    assert "laxer than its floor" in errors[0].msg


def test_the_portal_refuses_to_start_when_a_version_in_use_asks_for_a_name_that_is_gone(folder: Path) -> None:
    """Registered names are kept while any stored version with open cases uses them."""
    sync_packs()
    assert checks.packs_in_use(None, databases=["default"]) == []
    vocabulary.register("permit", conditions={}, effects=["issue_permit"], resolvers=[], fields=[])
    errors = checks.packs_in_use(None, databases=["default"])
    assert any("town 1" in error.msg and "complete" in error.msg for error in errors)
    assert checks.packs_in_use(None, databases=None) == []
