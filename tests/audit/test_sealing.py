"""Sealing: every committed entry once, none skipped, whatever else runs."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from audit import tasks
from audit.canonical import key_of, stored_line
from audit.errors import EpochNeededError
from audit.headers import unpack_ids
from audit.keys import signing_key
from audit.models import AuditBlock, AuditEntry
from audit.selectors import seal_lag, totals
from audit.services import begin_epoch, begin_epoch_if_needed, record, seal, sealing
from audit.verification import verify
from audit.who import SYSTEM
from tests.audit.sealed import seal_all

pytestmark = pytest.mark.django_db(transaction=True)
Write = Callable[[int], list[AuditEntry]]


def sealed_ids() -> list[int]:
    return [entry_id for block in AuditBlock.objects.order_by("number") for entry_id in unpack_ids(bytes(block.ids))]


@pytest.fixture
def first_epoch_again() -> Any:
    yield
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditentry ALTER COLUMN epoch SET DEFAULT 1")


def test_sealing_twice_seals_once(write: Write) -> None:
    written = write(3)
    assert (seal_all(), seal()) == (1, 0)
    assert sealed_ids() == [entry.pk for entry in written]


def test_a_block_holds_no_more_rows_than_a_proof_can_bear(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BLOCK_ROWS", 4)
    monkeypatch.setattr(sealing, "BLOCKS_AT_ONCE", 2)
    written = write(22)
    assert seal_all(tasks.seal) == 6
    assert list(AuditBlock.objects.order_by("number").values_list("count", flat=True)) == [4, 4, 4, 4, 4, 2]
    assert sealed_ids() == [entry.pk for entry in written]
    assert list(verify()) == []


def test_a_transaction_that_commits_after_a_later_one_was_ready_is_not_skipped(write: Write, elsewhere: Any) -> None:
    """The slow writer has the lower transaction id; nothing above it is sealed until it has ended."""
    slow = elsewhere.cursor()
    slow.execute(
        "INSERT INTO audit_auditentry (recorded_at, at, verb, person_id, person, position, organization_id,"
        " organization, jurisdiction, address, subject, subject_id, data)"
        " VALUES (now(), now(), 'slow.one', 0, '', '', 0, '', '', '', 'case', '1', '{}') RETURNING id"
    )
    slow_id = slow.fetchone()[0]
    quick = write(1)[0]
    assert seal() == 0
    assert seal_lag() > timedelta()
    elsewhere.commit()
    assert seal_all() == 1
    assert sealed_ids() == [slow_id, quick.pk]
    assert list(verify()) == []


def test_what_was_rolled_back_leaves_nothing(write: Write) -> None:
    with transaction.atomic():
        record(verb="x.y", who=SYSTEM, subject="case", subject_id=1)
        transaction.set_rollback(True)
    written = write(1)
    seal_all()
    assert sealed_ids() == [written[0].pk]


def test_a_savepoint_counts_as_its_transaction(write: Write) -> None:
    with transaction.atomic():
        outer = record(verb="x.y", who=SYSTEM, subject="case", subject_id=1)
        with transaction.atomic():
            inner = record(verb="x.y", who=SYSTEM, subject="case", subject_id=1)
    assert inner.transaction == outer.transaction


def test_sealers_at_the_same_time_never_double(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BLOCK_ROWS", 5)
    signing_key()

    def work(number: int) -> int:
        try:
            if number % 2:
                write(7)
            return seal()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(24)))
    seal_all()
    assert sorted(sealed_ids()) == sorted(AuditEntry.objects.values_list("pk", flat=True))
    assert len(set(sealed_ids())) == 84
    assert list(AuditBlock.objects.order_by("number").values_list("number", flat=True)) == list(
        range(1, AuditBlock.objects.count() + 1)
    )
    assert list(verify()) == []


def test_another_sealer_at_work_is_left_alone(write: Write, elsewhere: Any) -> None:
    write(1)
    elsewhere.cursor().execute("SELECT pg_advisory_xact_lock(%s)", [sealing.LOCK])
    assert seal() == 0
    elsewhere.rollback()
    assert seal_all() == 1


def test_seal_lag_is_the_age_of_the_oldest_unsealed_entry(write: Write) -> None:
    assert seal_lag() == timedelta()
    first = write(2)[0]
    assert seal_lag(first.recorded_at + timedelta(seconds=40)) == timedelta(seconds=40)
    seal_all()
    assert seal_lag() == timedelta()
    assert totals() == (1, 2)


def restored(count: int) -> list[int]:
    """Entries and a block as a dump from another, busier cluster brings them: with ids not come to here."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_auditentry (transaction, recorded_at, at, verb, person_id, person, position,"
            " organization_id, organization, jurisdiction, address, subject, subject_id, data)"
            " SELECT (1000000000000 + n)::text::xid8, now(), now(), 'old.one', 0, '', '', 0, '', '', '', '', n, '{}'"
            " FROM generate_series(1, %s) AS n RETURNING id",
            [count],
        )
        ids = [row[0] for row in cursor.fetchall()]
        sealing.seal_rows(signing_key(), None, extra=f"id < {ids[-1]}", blocks=1)
    return ids


@pytest.mark.usefixtures("first_epoch_again")
def test_a_restored_dump_is_sealed_to_its_end_and_counts_on_in_a_new_epoch(write: Write) -> None:
    old = restored(3)
    with pytest.raises(EpochNeededError):
        seal()
    assert begin_epoch_if_needed() == 2
    assert begin_epoch_if_needed() is None
    new = write(2)
    assert [entry.epoch for entry in new] == [2, 2]
    seal_all()
    began = AuditEntry.objects.get(verb="audit.begin_epoch")
    assert sealed_ids() == [*old, began.pk, new[0].pk, new[1].pk]
    assert [key_of(stored_line(entry_id) or b"").epoch for entry_id in sealed_ids()] == [1, 1, 1, 2, 2, 2]
    assert list(verify()) == []


@pytest.mark.usefixtures("first_epoch_again")
def test_an_epoch_may_begin_at_any_time_and_on_an_empty_record(write: Write) -> None:
    assert begin_epoch() == 2
    write(1)
    assert begin_epoch() == 3
    seal_all()
    assert list(verify()) == []
    assert sorted(sealed_ids()) == sorted(AuditEntry.objects.values_list("pk", flat=True))
