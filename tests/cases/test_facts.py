"""A fact entered late counts on its own day, within bounds: not in the future, not before the clock that it ends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from cases import services as cases
from organizations.errors import BadInput
from tests.cast import Place
from tests.laboratory.place import clock, lab, opened
from tests.scenes import act

__all__ = ["lab"]
pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(autouse=True)
def now() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


@pytest.mark.parametrize("day", ["2026-03-01", "2025-12-31"])
def test_a_fact_before_the_start_of_the_clock_that_it_ends_is_refused(lab: Place, day: str) -> None:
    """The field is named, and the mend: the day from which on it may lie. The case stays where it was."""
    case = opened(lab, "clocks")
    seq = case.seq
    with pytest.raises(BadInput) as refused:
        act(lab.bureau_approver, case, "answer", signed_on=day)
    assert "2026-03-02" in str(refused.value.fields["signed_on"])
    case.refresh_from_db()
    assert case.seq == seq
    assert clock(case, "reply").status == "open"


def test_a_fact_in_the_future_is_refused(lab: Place) -> None:
    case = opened(lab, "clocks")
    with pytest.raises(BadInput) as refused:
        act(lab.bureau_approver, case, "answer", signed_on="2026-03-03")
    assert set(refused.value.fields) == {"signed_on"}
    assert clock(case, "reply").status == "open"


def test_a_fact_on_the_day_of_the_start_or_today_counts(lab: Place, now: time_machine.Coordinates) -> None:
    """A day says no hour: the clock began at nine, and the day itself is good."""
    case = opened(lab, "clocks")
    act(lab.bureau_approver, case, "answer", signed_on="2026-03-02")
    assert clock(case, "reply").status == "met"
    other = opened(lab, "clocks")
    now.move_to(MONDAY + timedelta(days=1))
    cases.sweep()
    other.refresh_from_db()
    act(lab.bureau_approver, other, "answer", signed_on="2026-03-03")
    assert clock(other, "reply").status == "met"
