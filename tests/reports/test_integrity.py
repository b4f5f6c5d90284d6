"""The integrity page: lag, blocks, and verifications that run in the background."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from audit.models import AuditBlock, AuditEntry
from audit.services import record
from organizations.actors import Actor
from reports import services
from reports.models import Verification
from reports.tasks import verify_record
from tests.audit.sealed import seal_all
from tests.cast import Cast, Place

pytestmark = pytest.mark.django_db(transaction=True)
ClientFor = Callable[[Actor], Client]


@pytest.fixture
def place(cast: Cast) -> Place:
    return cast.enshi


@pytest.fixture
def sealed(place: Place, monkeypatch: pytest.MonkeyPatch) -> list[AuditEntry]:
    """Twenty entries in blocks of four, and whatever building the cast has written."""
    monkeypatch.setattr("audit.services.sealing.BLOCK_ROWS", 4)
    with transaction.atomic():
        written = [
            record(verb="case.act", who=place.applicant_handler.who, subject="case", subject_id=number)
            for number in range(20)
        ]
    seal_all()
    return written


def asked(place: Place, scope: str) -> tuple[Verification, list[int]]:
    started: list[int] = []
    run = services.request_verification(place.auditor, scope=scope, start=started.append)
    return run, started


def change(entry: AuditEntry) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE audit_auditentry SET verb = 'other' WHERE id = %s", [entry.pk])


def test_a_clean_record_is_said_to_be_so(place: Place, sealed: list[AuditEntry]) -> None:
    run, started = asked(place, "all")
    assert started == [run.pk]
    assert verify_record(run.pk) == Verification.Status.CLEAN
    run.refresh_from_db()
    assert run.blocks_done == run.blocks_total == AuditBlock.objects.count()
    assert run.entries_done >= 20
    assert AuditEntry.objects.get(verb="record.verified").data["differences"] == 0


def test_a_changed_row_is_named_on_the_page(place: Place, sealed: list[AuditEntry], client_for: ClientFor) -> None:
    change(sealed[7])
    run, _started = asked(place, "all")
    services.run_verification(run.pk)
    run.refresh_from_db()
    assert (run.status, run.difference_count) == (Verification.Status.DIFFERENT, 1)
    assert [[kind, row] for kind, _block, row in run.findings] == [["changed_row", sealed[7].pk]]
    page = client_for(place.auditor).get("/reports/integrity/").content.decode()
    assert str(sealed[7].pk) in page


def test_a_sample_looks_at_the_newest_blocks_and_some_others(place: Place, sealed: list[AuditEntry]) -> None:
    change(sealed[19])
    newest = AuditBlock.objects.order_by("-number").first()
    run, _started = asked(place, "sample")
    assert newest.number in run.numbers
    services.run_verification(run.pk)
    run.refresh_from_db()
    assert run.blocks_done == len(run.numbers)
    assert run.status == Verification.Status.DIFFERENT


def test_a_task_delivered_twice_or_cut_short_goes_on_where_it_stood(place: Place, sealed: list[AuditEntry]) -> None:
    change(sealed[0])
    run, _started = asked(place, "sample")
    Verification.objects.filter(pk=run.pk).update(status="running", blocks_done=2, entries_done=8)
    services.run_verification(run.pk)
    services.run_verification(run.pk)
    run.refresh_from_db()
    assert run.blocks_done == len(run.numbers)
    assert AuditEntry.objects.filter(verb="record.verified").count() == 1


def test_one_verification_at_a_time_unless_its_worker_is_gone(place: Place, sealed: list[AuditEntry]) -> None:
    first, _started = asked(place, "all")
    again, started = asked(place, "sample")
    assert (again.pk, started) == (first.pk, [])
    Verification.objects.filter(pk=first.pk).update(heartbeat_at=timezone.now() - timedelta(minutes=5))
    second, started = asked(place, "sample")
    assert started == [second.pk]
    first.refresh_from_db()
    assert first.status == Verification.Status.FAILED


def test_the_page_shows_lag_blocks_and_progress(place: Place, sealed: list[AuditEntry], client_for: ClientFor) -> None:
    run, _started = asked(place, "all")
    client = client_for(place.auditor)
    page = client.get("/reports/integrity/")
    assert [line.block.number for line in page.context["page"].lines][:1] == [AuditBlock.objects.count()]
    fragment = client.get(f"/reports/integrity/verifications/{run.pk}/")
    assert "every 2s" in fragment.content.decode()
    services.run_verification(run.pk)
    fragment = client.get(f"/reports/integrity/verifications/{run.pk}/")
    assert "every 2s" not in fragment.content.decode()
    assert client.get("/reports/integrity/verifications/999999/").status_code == 404


def test_asking_needs_a_known_scope(place: Place, client_for: ClientFor) -> None:
    assert client_for(place.auditor).post("/reports/integrity/verify/", {"scope": "none"}).status_code == 400


def test_an_empty_record_is_clean(place: Place) -> None:
    run, _started = asked(place, "sample")
    assert services.run_verification(run.pk).status == Verification.Status.CLEAN
    assert run.numbers == []
