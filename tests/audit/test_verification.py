"""Verifying: one changed byte anywhere is found, and named by block and row."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from pytest_django import Settings

from audit import merkle, tasks
from audit.canonical import stored_line
from audit.headers import header_bytes, header_hash, unpack_ids
from audit.keys import encode_public, key_id, signing_key
from audit.models import AuditBlock, AuditEntry
from audit.proofs import check_proof, prove
from audit.services import export_roots, sealing
from audit.verification import Finding, Progress, read_root, verify
from tests.audit.sealed import seal_all

pytestmark = pytest.mark.django_db(transaction=True)
Write = Callable[[int], list[AuditEntry]]
Tamper = Callable[..., None]


@pytest.fixture
def entries(write: Write, monkeypatch: pytest.MonkeyPatch) -> list[AuditEntry]:
    """Ten entries in three blocks of 4, 4 and 2."""
    monkeypatch.setattr(sealing, "BLOCK_ROWS", 4)
    written = write(10)
    assert seal_all() == 3
    return written


def test_an_untouched_record_has_no_differences(entries: list[AuditEntry]) -> None:
    seen: list[Progress] = []
    assert list(verify(on_progress=seen.append)) == []
    assert seen[-1] == Progress(block=3, blocks=3, entries=10)


@pytest.mark.parametrize(
    "change",
    [
        "verb = 'share_request.grant'",
        "person = '李四'",
        "at = at + interval '1 microsecond'",
        "data = '{\"n\": 6}'",
        "address = '10.0.0.8'",
        "subject_id = '05'",
        "person_id = 8",
    ],
)
def test_one_changed_value_names_block_and_row(entries: list[AuditEntry], tamper: Tamper, change: str) -> None:
    tamper(f"UPDATE audit_auditentry SET {change} WHERE id = %s", entries[5].pk)  # noqa: S608
    assert list(verify()) == [Finding("changed_row", 2, entries[5].pk)]


def test_a_removed_row_is_named(entries: list[AuditEntry], tamper: Tamper) -> None:
    tamper("DELETE FROM audit_auditentry WHERE id = %s", entries[8].pk)
    assert list(verify()) == [Finding("missing_row", 3, entries[8].pk)]


def test_a_row_slipped_in_is_named(entries: list[AuditEntry], tamper: Tamper) -> None:
    columns = "recorded_at, at, verb, person_id, person, position, organization_id, organization, jurisdiction, address"
    tamper(
        f"INSERT INTO audit_auditentry (id, transaction, {columns}, subject, subject_id, data) "  # noqa: S608
        f"SELECT -1, transaction, {columns}, subject, subject_id, data FROM audit_auditentry WHERE id = %s",
        entries[0].pk,
    )
    assert list(verify()) == [Finding("added_row", 1, -1)]


@pytest.mark.parametrize("values", ["(9, 1)", "(1, 9000000000000000)"])
def test_a_row_that_claims_a_time_to_come_is_named(entries: list[AuditEntry], tamper: Tamper, values: str) -> None:
    """A row of an epoch or transaction that has not begun would never be sealed."""
    epoch, transaction_id = values.strip("()").split(", ")
    tamper(
        "INSERT INTO audit_auditentry (id, epoch, transaction, recorded_at, at, verb, person_id, person, position,"
        " organization_id, organization, jurisdiction, address, subject, subject_id, data)"
        " VALUES (-2, %s, %s::xid8, now(), now(), 'x', 0, '', '', 0, '', '', '', '', '', '{}')",
        epoch,
        transaction_id,
    )
    assert list(verify()) == [Finding("added_row", 3, -2)]


def test_a_row_moved_into_another_block_is_named_in_both(entries: list[AuditEntry], tamper: Tamper) -> None:
    tamper("UPDATE audit_auditentry SET id = 999999 WHERE id = %s", entries[1].pk)
    assert list(verify()) == [Finding("missing_row", 1, entries[1].pk)]
    seal_all()
    assert Finding("missing_row", 1, entries[1].pk) in list(verify())


@pytest.mark.parametrize(
    ("column", "kinds"),
    [
        ("root", {"bad_header", "bad_leaves"}),
        ("previous", {"bad_chain", "bad_header"}),
        ("header", {"bad_header", "bad_signature"}),
        ("signature", {"bad_signature"}),
        ("leaves", {"bad_leaves", "changed_row"}),
        ("ids", {"bad_header"}),
    ],
)
def test_one_byte_of_a_block_names_the_block(
    entries: list[AuditEntry], tamper: Tamper, column: str, kinds: set[str]
) -> None:
    tamper(f"UPDATE audit_auditblock SET {column} = set_byte({column}, 7, get_byte({column}, 7) # 1) WHERE number = 2")  # noqa: S608
    found = [finding for finding in verify() if finding.block == 2]
    assert kinds <= {finding.kind for finding in found}


def test_a_removed_block_is_named(entries: list[AuditEntry], tamper: Tamper) -> None:
    tamper("DELETE FROM audit_auditblock WHERE number = 2")
    assert Finding("missing_block", 2) in list(verify())


def test_a_chain_remade_with_another_key_is_not_believed(entries: list[AuditEntry], tamper: Tamper) -> None:
    """Row, leaf, root and header changed to fit each other: the signature betrays the block, the chain the next."""
    tamper("UPDATE audit_auditentry SET verb = 'other' WHERE id = %s", entries[5].pk)
    block = AuditBlock.objects.get(number=2)
    leaves = [merkle.leaf_hash(stored_line(entry_id) or b"") for entry_id in unpack_ids(bytes(block.ids))]
    block.leaves, block.root = b"".join(leaves), merkle.root(leaves)
    block.header = header_bytes(block)
    tamper(
        "UPDATE audit_auditblock SET leaves = %s, root = %s, header = %s, signature = %s WHERE number = 2",
        block.leaves,
        block.root,
        block.header,
        Ed25519PrivateKey.generate().sign(block.header),
    )
    assert list(verify()) == [Finding("bad_signature", 2), Finding("bad_chain", 3)]


def test_a_key_that_was_in_use_before_stays_trusted_once_named(entries: list[AuditEntry], settings: Settings) -> None:
    former = signing_key().public_key()
    new = Ed25519PrivateKey.generate()
    settings.AUDIT_KEY = base64.b64encode(new.private_bytes_raw()).decode()
    assert {finding.kind for finding in verify()} == {"bad_signature"}
    settings.AUDIT_FORMER_KEYS = [encode_public(former)]
    assert list(verify()) == []


def test_verification_may_begin_and_end_at_a_block(entries: list[AuditEntry], tamper: Tamper) -> None:
    tamper("UPDATE audit_auditentry SET verb = 'x' WHERE id = %s", entries[0].pk)
    assert list(verify(first=2)) == []
    assert list(verify(first=1, last=1)) == [Finding("changed_row", 1, entries[0].pk)]


def test_the_command_prints_every_difference_and_fails(entries: list[AuditEntry], tamper: Tamper) -> None:
    out = StringIO()
    call_command("audit_verify", stdout=out)
    assert "10 entries in 3 blocks: nothing differs" in out.getvalue()
    tamper("UPDATE audit_auditentry SET verb = 'x' WHERE id = %s", entries[9].pk)
    with pytest.raises(CommandError, match="1 differences in 6 entries of 2 blocks"):
        call_command("audit_verify", "--from", "2", stdout=out)
    assert f"block 3 row {entries[9].pk}: changed_row" in out.getvalue()


@pytest.mark.parametrize("statement", ["UPDATE audit_auditblock SET epoch = 2", "DELETE FROM audit_auditblock"])
def test_blocks_are_append_only(entries: list[AuditEntry], statement: str) -> None:
    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


# Proofs


def test_a_proof_convinces_without_the_database(entries: list[AuditEntry]) -> None:
    key = signing_key().public_key()
    for entry in entries:
        proof = prove(entry.pk)
        assert proof is not None
        assert check_proof(json.loads(json.dumps(proof)), key)
        assert str(entry.pk).encode() == base64.b64decode(proof["line"]).split(b"\t")[0]


def test_a_proof_of_something_else_does_not(entries: list[AuditEntry]) -> None:
    key = signing_key().public_key()
    proof, other = prove(entries[2].pk), prove(entries[6].pk)
    assert proof is not None
    assert other is not None
    assert not check_proof({**proof, "line": other["line"]}, key)
    assert not check_proof({**proof, "index": 3}, key)
    assert not check_proof({**proof, "header": other["header"]}, key)
    assert not check_proof({**proof, "path": ["zz"]}, key)
    assert not check_proof({}, key)
    assert not check_proof(proof, Ed25519PrivateKey.generate().public_key())


def test_there_is_no_proof_of_what_is_not_sealed(entries: list[AuditEntry], write: Write) -> None:
    assert prove(write(1)[0].pk) is None
    assert prove(10**12) is None


# Roots


def test_a_day_s_root_leaves_the_house_once(entries: list[AuditEntry], settings: Settings) -> None:
    settings.AUDIT_ROOTS_MAIL_TO = ["auditor@example.org"]
    today = timezone.localdate()
    assert tasks.send_roots() == 0
    files = export_roots(upto=today)
    assert [file.name for file in files] == [f"audit-root-{today}.json"]
    root = read_root(files[0].read_text())
    assert (root["block"], root["entries"]) == (3, 10)
    assert export_roots(upto=today) == []
    call_command("audit_roots", "--send", "--until", str(today + timedelta(days=2)), stdout=StringIO())
    assert len(mail.outbox) == 1
    assert len(mail.outbox[0].attachments) == 2


def test_a_failed_mail_is_tried_again(
    entries: list[AuditEntry], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.AUDIT_ROOTS_MAIL_TO = ["auditor@example.org"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    with pytest.raises(OSError, match="refused"):
        call_command("audit_roots", "--send", "--until", str(timezone.localdate()))
    assert not list(Path(settings.AUDIT_ROOTS_DIRECTORY).glob("*.json"))


def test_a_chain_remade_by_its_owner_differs_from_the_root_sent_out(
    entries: list[AuditEntry], tamper: Tamper, tmp_path: Path
) -> None:
    """With the site's own key everything can be signed anew; only what is kept outside tells."""
    file = str(export_roots(upto=timezone.localdate())[0])
    call_command("audit_verify", "--root", file, stdout=StringIO())
    tamper("UPDATE audit_auditentry SET verb = 'other' WHERE id = %s", entries[9].pk)
    block = AuditBlock.objects.get(number=3)
    leaves = [merkle.leaf_hash(stored_line(entry_id) or b"") for entry_id in unpack_ids(bytes(block.ids))]
    block.leaves, block.root = b"".join(leaves), merkle.root(leaves)
    block.header = header_bytes(block)
    tamper(
        "UPDATE audit_auditblock SET leaves = %s, root = %s, header = %s, signature = %s WHERE number = 3",
        block.leaves,
        block.root,
        block.header,
        signing_key().sign(block.header),
    )
    assert list(verify()) == []
    out = StringIO()
    with pytest.raises(CommandError, match="1 differences"):
        call_command("audit_verify", "--root", file, stdout=out)
    assert "block 3: bad_root" in out.getvalue()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"header": "{}", "header_hash": "00", "block": 1}'])
def test_what_is_no_root_is_refused(text: str, tmp_path: Path) -> None:
    file = tmp_path / "root.json"
    file.write_text(text)
    with pytest.raises(CommandError, match=r"root\.json"):
        call_command("audit_verify", "--root", str(file))


def test_a_root_signed_by_nobody_is_refused(entries: list[AuditEntry]) -> None:
    root = json.loads(export_roots(upto=timezone.localdate())[0].read_text())
    header = root["header"].replace('"count":2', '"count":3')
    root |= {"header": header, "header_hash": header_hash(header.encode()).hex()}
    with pytest.raises(ValueError, match="not a root"):
        read_root(json.dumps(root))


def test_no_root_is_due_before_the_first_block() -> None:
    out = StringIO()
    call_command("audit_roots", "--until", str(date.max.replace(year=2200)), stdout=out)
    assert "no root is due" in out.getvalue()


def test_the_block_names_its_key(entries: list[AuditEntry]) -> None:
    assert set(AuditBlock.objects.values_list("key_id", flat=True)) == {key_id(signing_key().public_key())}
