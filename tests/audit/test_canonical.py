"""Canonical bytes: what the database writes is what anybody can write from the row's values."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit import canonical
from audit.models import AuditEntry
from audit.services import record
from audit.who import Who

text = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=4),
    max_leaves=6,
)
moments = st.datetimes(datetime(1970, 1, 1), datetime(2199, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@pytest.mark.django_db
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text, text, text, st.dictionaries(text, values, max_size=4), moments)
def test_python_and_postgresql_write_the_same_bytes(
    person: str, organization: str, subject_id: str, data: dict[str, object], at: datetime
) -> None:
    who = Who(-1, person, "\\N", 2**40, organization, "riverton", "::1")
    with transaction.atomic():
        entry = record(verb="x.y", who=who, subject="case", subject_id=subject_id, data=data, at=at)
    stored = AuditEntry.objects.get(pk=entry.pk)
    assert canonical.stored_line(entry.pk) == canonical.line(stored)


@pytest.mark.django_db
def test_the_form_is_fixed() -> None:
    """A change of this line would make every sealed block of every site look forged."""
    at = datetime(2026, 3, 2, 9, 30, 0, 250000, tzinfo=UTC)
    row = AuditEntry(
        id=5, epoch=2, transaction=900, recorded_at=at, at=at.replace(microsecond=0), verb="case.act", person_id=7,
        person="张\t三", position="handler", organization_id=3, organization="民政局", jurisdiction="riverton",
        address="", subject="case", subject_id="12", data={"bb": 1.50, "a": ["\n", None, True], "理": "由"},
    )  # fmt: skip
    assert canonical.line(row).decode() == (
        "5\t2\t900\t2026-03-02 09:30:00.25\t2026-03-02 09:30:00\tcase.act\t7\t张\\t三\thandler\t3\t民政局\triverton\t\t"
        'case\t12\t{"a": ["\\\\n", null, true], "bb": 1.5, "理": "由"}\n'
    )


@pytest.mark.django_db
def test_the_session_s_time_zone_does_not_matter() -> None:
    with transaction.atomic():
        entry = record(verb="x.y", who=Who(1, "a", "", 0, "", ""), subject="case", subject_id="1")
    before = canonical.stored_line(entry.pk)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL TimeZone = 'America/Caracas'")
    assert canonical.stored_line(entry.pk) == before
