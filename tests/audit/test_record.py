"""Recording: one row, in the caller's transaction, and never changed afterwards."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection, transaction

from audit.errors import OutsideTransactionError
from audit.models import AuditEntry
from audit.services import Entry, record, record_many
from audit.who import SYSTEM, Who

WHO = Who(7, "张三", "handler", 3, "民政局", "riverton", "10.0.0.9")


@pytest.mark.django_db
def test_an_entry_keeps_what_it_was_given_and_is_returned_as_it_stands() -> None:
    at = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    entry = record(verb="share_request.refuse", who=WHO, subject="case", subject_id=12, data={"理由": "无职能"}, at=at)
    stored = AuditEntry.objects.get(pk=entry.pk)
    for field in AuditEntry._meta.concrete_fields:
        assert getattr(entry, field.attname) == getattr(stored, field.attname), field.name
    assert (stored.person, stored.subject_id, stored.at, stored.data) == ("张三", "12", at, {"理由": "无职能"})


@pytest.mark.django_db
def test_an_entry_costs_one_statement(django_assert_num_queries: object) -> None:
    with django_assert_num_queries(1):
        record(verb="x.y", who=SYSTEM, subject="case", subject_id="1")


@pytest.mark.django_db
def test_many_entries_cost_one_statement_and_equal_those_recorded_singly(django_assert_num_queries: object) -> None:
    at = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    data: list[dict[str, object]] = [{"理由": "无职能"}, {}, {"day": at.date(), "seq": 4}]
    for number, each in enumerate(data):
        record(verb="x.y", who=WHO, subject="case", subject_id=number, data=each, at=at)
    with django_assert_num_queries(1):
        added = record_many(
            who=WHO, entries=[Entry("x.y", "case", number, at, each) for number, each in enumerate(data)]
        )
    columns = [f.attname for f in AuditEntry._meta.concrete_fields if f.attname not in ("id", "recorded_at")]
    rows = list(AuditEntry.objects.order_by("pk").values(*columns))
    assert added == 3
    assert rows[:3] == rows[3:]


@pytest.mark.django_db(transaction=True)
def test_many_entries_outside_of_a_transaction_are_refused() -> None:
    with pytest.raises(OutsideTransactionError):
        record_many(who=SYSTEM, entries=[Entry("x.y", "case", 1, datetime(2026, 3, 2, tzinfo=UTC), {})])


@pytest.mark.django_db(transaction=True)
def test_recording_outside_of_a_transaction_is_refused() -> None:
    with pytest.raises(OutsideTransactionError):
        record(verb="x.y", who=SYSTEM, subject="case", subject_id="1")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_auditentry SET verb = 'nothing'",
        "DELETE FROM audit_auditentry",
        "TRUNCATE audit_auditentry",
        "TRUNCATE audit_auditblock CASCADE",
    ],
)
def test_not_even_a_superuser_changes_or_removes_entries(statement: str) -> None:
    record(verb="x.y", who=SYSTEM, subject="case", subject_id="1")
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (True,)
        with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
            cursor.execute(statement)
    assert AuditEntry.objects.count() == 1
