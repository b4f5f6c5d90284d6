"""Reading entries: of the jurisdictions named and no other; and the trigger helper for other rooms."""

from __future__ import annotations

from datetime import timedelta

import pytest

from audit.models import AuditEntry
from audit.selectors import EntryFilter, blocks, entries
from audit.services import record
from audit.triggers import append_only_sql
from audit.who import Who

pytestmark = pytest.mark.django_db


def entry(jurisdiction: str = "riverton", verb: str = "share_request.refuse", **given: object) -> AuditEntry:
    who = Who(1, str(given.get("person", "张三")), "handler", 3, "民政局", jurisdiction)
    return record(verb=verb, who=who, subject="case", subject_id=str(given.get("subject_id", "1")))


def test_no_jurisdiction_sees_nothing_and_one_sees_its_own() -> None:
    ours, theirs = entry("riverton"), entry("hilltown")
    assert list(entries(jurisdictions=[])) == []
    assert list(entries(jurisdictions=["riverton"])) == [ours]
    assert list(entries(jurisdictions=["riverton", "hilltown"])) == [theirs, ours]


def test_filters_narrow_and_pages_follow_the_number() -> None:
    first, second = entry(), entry(verb="share_request_x.refuse")
    third = entry(person="李四", subject_id="9")
    every = ["riverton"]
    assert list(entries(jurisdictions=every, wanted=EntryFilter(verb="share_request"))) == [third, first]
    assert list(entries(jurisdictions=every, wanted=EntryFilter(verb="share_request.refuse"))) == [third, first]
    assert list(entries(jurisdictions=every, wanted=EntryFilter(subject="case", subject_id="9"))) == [third]
    assert list(entries(jurisdictions=every, wanted=EntryFilter(person="李"))) == [third]
    assert list(entries(jurisdictions=every, wanted=EntryFilter(before_id=third.pk))) == [second, first]
    assert list(entries(jurisdictions=every, wanted=EntryFilter(since=third.recorded_at, organization_id=3))) == [third]
    until = first.recorded_at - timedelta(seconds=1)
    assert list(entries(jurisdictions=every, wanted=EntryFilter(until=until))) == []
    assert list(blocks()) == []


@pytest.mark.parametrize("table", ["", "Cases", "cases; DROP TABLE x", "a" * 60])
def test_only_plain_table_names_are_made_append_only(table: str) -> None:
    with pytest.raises(ValueError, match="plain table name"):
        append_only_sql(table)
